from __future__ import annotations

import pytest

from tests.cloud import Cloud
from tests.functions.conftest import deployment, service
from tests.functions.service import Service
from tests.functions.test_roles import Ours, ours
from tests.infra.conftest import synthesised

__all__ = ["deployment", "ours", "service", "synthesised"]


@pytest.fixture(scope="module")
def kept() -> list[Ours]:
    """What the module's tests share, once the first of them has made it."""
    return []


@pytest.fixture
def looked_at(deployment: Cloud, kept: list[Ours]) -> Ours:
    """A workspace with one of everything, for tests that change nothing in it."""
    kept += [] if kept else [Ours(Service(deployment))]
    return kept[0]
