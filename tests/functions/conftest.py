from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cloud import Cloud, leave
from tests.functions.ours import Ours
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


@pytest.fixture
def ours(service: Service) -> Ours:
    """A workspace with one of everything."""
    return Ours(service)


@pytest.fixture(scope="module")
def kept() -> list[Ours]:
    """What the module's tests share, once the first of them has made it."""
    return []


@pytest.fixture
def looked_at(deployment: Cloud, kept: list[Ours]) -> Ours:
    """A workspace with one of everything, for tests that change nothing in it."""
    kept += [] if kept else [Ours(Service(deployment))]
    return kept[0]
