from __future__ import annotations

from tests.functions.conftest import deployment, service

__all__ = ["deployment", "service"]
