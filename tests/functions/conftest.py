from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cloud import Cloud, leave
from tests.functions.service import Service, deployed


@pytest.fixture(scope="module")
def deployment() -> Iterator[Cloud]:
    """What the functions behind API Gateway need, on moto."""
    with deployed() as made:
        yield made


@pytest.fixture
def service(deployment: Cloud) -> Iterator[Service]:
    """The functions behind API Gateway, asked from workspaces nobody else has."""
    made = Service(deployment)
    yield made
    leave(made.ours, made.theirs, made.person)
