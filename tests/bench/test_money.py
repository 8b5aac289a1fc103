from __future__ import annotations

import boto3
import pytest

from channels import aws as channels_aws
from channels.connecting import Doors
from channels.hindering import Hindrance
from channels.registry import Registry, Remembered
from channels.vault import Vault
from identity import workspaces
from identity.workspaces import Workspaces
from publishing import aws, costs
from publishing.prices import Charge
from publishing.store import SHARDS
from tests import cloud
from tests.bench import flow, logs, money
from tests.bench.flow import Cost
from tests.bench.meter import Meter

TARGETS = 10
COUNTED = [
    *(Charge.QUEUE_REQUESTS, Charge.FAIR_QUEUE_REQUESTS, Charge.API_REQUESTS),
    *(Charge.INVOCATIONS, Charge.GB_SECONDS, Charge.TRACES),
]


@pytest.fixture(scope="module")
def cost() -> Cost:
    """Ten publications to one platform, metered."""
    return flow.measure(TARGETS, ("alpha",))


@pytest.mark.parametrize("charge", COUNTED)
def test_dry_runs_count_what_the_bench_meters(cost: Cost, charge: Charge) -> None:
    assert money.foretold(cost)[charge] == pytest.approx(money.bill(cost).used[charge])


def test_dry_runs_count_the_bytes_that_are_logged(cost: Cost) -> None:
    told, logged = (use[Charge.LOGGED_BYTES] for use in (money.foretold(cost), money.bill(cost).used))
    assert told == pytest.approx(logged, rel=0.02)


def test_dry_runs_count_the_units_that_are_written(cost: Cost) -> None:
    told, metered = money.foretold(cost)[Charge.WRITE_UNITS], cost.publishing
    assert told * TARGETS == pytest.approx(metered.write_units + metered.index_units)


def test_dry_runs_count_the_units_that_are_read_and_one_for_the_sweep(cost: Cost) -> None:
    assert money.foretold(cost)[Charge.READ_UNITS] * TARGETS == cost.publishing.read_units + TARGETS
    assert cost.closing.calls["dynamodb.Query"] - SHARDS == cost.closed_targets


def test_dry_runs_count_the_lines_that_lambda_writes() -> None:
    assert logs.around(1) == costs.AROUND_BYTES


def test_a_warm_function_asks_no_key_and_makes_no_schedule(cost: Cost) -> None:
    used = money.bill(cost).used
    assert (used[Charge.KEY_REQUESTS], used[Charge.SCHEDULES]) == (0, 0)


def test_the_parts_add_up(cost: Cost) -> None:
    bill = money.bill(cost)
    watching = bill.parts_usd["logs"] + bill.parts_usd["traces"]
    assert bill.published_usd + watching == pytest.approx(bill.watched_usd)


@pytest.mark.usefixtures("cloud_in_moto")
def test_a_channel_that_rested_is_read_twice_its_workspace_once_and_its_key_is_asked_for() -> None:
    vault = Vault(boto3.client("kms", region_name=cloud.REGION).create_key()["KeyMetadata"]["Arn"])
    channel, counted = flow.connected("alpha", vault), Meter()
    with counted.attached(aws.dynamodb(), channels_aws.kms()):
        Remembered(Registry("channels")).find_many(flow.WORKSPACE, [channel.id])
        hindrance = Hindrance(standing=workspaces.Remembered(Workspaces("channels")).standing)
        doors = Doors(Remembered(Registry("channels")), vault, flow.ADAPTERS["alpha"], hindrance=hindrance)
        doors.open(flow.WORKSPACE, channel.id)
    used = {Charge.KEY_REQUESTS: counted.calls["kms.Decrypt"], Charge.READ_UNITS: counted.read_units}
    assert used == costs.RESTED
