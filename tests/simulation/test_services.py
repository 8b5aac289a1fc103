"""The services in memory and moto's keep the contract, but for their differences; MiniStack's in end_to_end."""

from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from tests import cloud
from tests.simulation.contract import differences
from tests.simulation.contract.emulated import Emulated
from tests.simulation.contract.services import Services, in_memory
from tests.simulation.contract.suite import Contract
from tests.simulation.world import World


@pytest.fixture(scope="module")
def moto() -> Iterator[Emulated]:
    """Made once: each case has names of its own."""
    with mock_aws():
        yield Emulated(lambda service: boto3.client(service, region_name=cloud.REGION))  # type: ignore[call-overload]


@pytest.fixture(params=["memory", "moto"])
def services(request: pytest.FixtureRequest) -> Iterator[Services]:
    """Each implementation in turn."""
    if request.param == "moto":
        differences.expect(request, differences.MOTO)
        emulated: Emulated = request.getfixturevalue("moto")
        yield emulated.services()
        return
    differences.expect(request, differences.MEMORY)
    world = World(seed=1, scale=0.0)
    with world.open():
        yield in_memory(world)


class TestServices(Contract):
    """The contract on both."""
