from __future__ import annotations

from tests.functions.conftest import deployment, kept, looked_at, ours, service

__all__ = ["deployment", "kept", "looked_at", "ours", "service"]
