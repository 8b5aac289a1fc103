"""The contract the services in memory keep, on MiniStack: the same cases, but for its differences."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.world import World
from tests.simulation.contract import differences
from tests.simulation.contract.emulated import Emulated
from tests.simulation.contract.services import Services
from tests.simulation.contract.suite import Contract

FIRES_WITHIN_S = 20  # it looks at its schedules every ten seconds


@pytest.fixture(scope="module")
def ministack(world: World) -> Emulated:
    """Beside the stack, with tables and queues whose names are not the stack's."""
    client: Any = world.cloud.emulator.client
    return Emulated(client, FIRES_WITHIN_S)


@pytest.fixture
def services(ministack: Emulated, request: pytest.FixtureRequest) -> Services:
    """What a case gets."""
    differences.expect(request, differences.MINISTACK)
    return ministack.services()


class TestServices(Contract):
    """The contract on MiniStack."""
