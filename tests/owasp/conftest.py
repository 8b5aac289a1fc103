from __future__ import annotations

from tests.functions.conftest import deployment, kept, looked_at, ours, service
from tests.infra.conftest import synthesised

__all__ = ["deployment", "kept", "looked_at", "ours", "service", "synthesised"]
