from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web import logs
from tests.web.logs import Log


@pytest.fixture
def log() -> Iterator[Log]:
    """What is logged during a test."""
    with logs.caught() as made:
        yield made
