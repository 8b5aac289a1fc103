from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from publishing import aws, costs, ids, records
from publishing.adapter import Resource
from publishing.due import Dispatch
from publishing.message import Due
from publishing.model import Content, Target
from publishing.prices import PRICES, Charge
from publishing.publication import Publication
from tests.bench import meter
from tests.cloud import START, Cloud
from tests.publishing.workbench import Connected, Platform, Workbench

HOUR = timedelta(hours=1)
CHANNELS = [ids.new("chn") for _ in range(3)]


@pytest.fixture
def bench(cloud_in_moto: Cloud) -> Workbench:
    """A workbench whose channels have ids as long as real ones."""
    return Workbench(cloud_in_moto, Platform(), channels={each: Connected("alpha") for each in CHANNELS})


def draft(**changes: object) -> Publication:
    made = Publication(
        id=ids.new("pub"),
        workspace="ws_1",
        content=Content(text="Hello"),
        targets=(Target("chn_1", "alpha"),),
        created_at=START,
        created_by="tester",
        publish_at=START,
        fingerprint="f" * 64,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def cost_usd(publication: Publication, *uses: Resource) -> float:
    return sum(costs.in_usd(publication, [list(uses)] * len(publication.targets), START))


@pytest.mark.parametrize("chars", [10, 2_000, 50_000])
def test_the_units_of_accepting_are_those_dynamodb_counts(bench: Workbench, chars: int) -> None:
    counted = meter.Meter()
    with counted.attached(aws.dynamodb()):
        stored = bench.submit_overriding({CHANNELS[0]: {}}, content=Content(title="x" * chars))
    written = costs.shared(replace(stored, written_by=""), START)[Charge.WRITE_UNITS]
    written -= costs.ASKED[Charge.WRITE_UNITS]  # what the router writes, which nobody went through
    assert written == pytest.approx(counted.write_units + counted.index_units)


def test_what_stands_in_the_plan_is_counted_as_dynamodb_counts_it(bench: Workbench) -> None:
    counted = meter.Meter()
    with counted.attached(aws.dynamodb()):
        stored = bench.submit_overriding({CHANNELS[0]: {}}, publish_at=START + HOUR)
    written = costs.shared(replace(stored, written_by=""), START)[Charge.WRITE_UNITS]
    written -= costs.ASKED[Charge.WRITE_UNITS]
    assert written == pytest.approx(counted.write_units + counted.index_units)


def test_the_bytes_of_a_delivery_are_those_dynamodb_counts(bench: Workbench) -> None:
    publication = bench.submit_overriding({CHANNELS[0]: {}})
    bench.deliver(publication, CHANNELS[0])
    (item,) = [item for item in bench.cloud.items() if item["sk"]["S"] != "PUBLICATION"]
    assert meter.size_bytes(item) == pytest.approx(costs.DELIVERY_BYTES, rel=0.15)


def test_sizes_are_counted_as_the_bench_counts_them() -> None:
    publication = draft(targets=(Target("chn_1", "alpha", {"title": "Ä", "tags": ["a", "b"]}),))
    item = records.publication_item(publication, shards=1)
    assert costs.size_bytes(item) == meter.size_bytes(aws.marshal(item))


def test_one_request_takes_ten_messages_to_a_queue() -> None:
    targets = [Target(f"chn_{number}", "alpha") for number in range(11)]
    assert costs.shared(draft(targets=targets), START)[Charge.QUEUE_REQUESTS] == 2


def test_what_is_timed_costs_its_schedule_and_its_dispatch(bench: Workbench) -> None:
    counted = meter.Meter()
    with counted.attached(aws.dynamodb(), aws.sqs(), aws.scheduler()):
        stored = bench.submit_overriding({CHANNELS[0]: {}}, publish_at=START + HOUR)
        due = Due(workspace="ws_1", publication=stored.id, version=1)
        Dispatch(bench.publications, bench.sender).dispatch(due)
    timed, now = costs.shared(stored, START), costs.shared(stored, START + HOUR)
    assert timed[Charge.SCHEDULES] == counted.calls["scheduler.CreateSchedule"] == 1
    assert timed[Charge.READ_UNITS] - now[Charge.READ_UNITS] == counted.read_units
    assert now[Charge.QUEUE_REQUESTS] == counted.calls["sqs.SendMessageBatch"] == 1


def test_what_is_timed_costs_more() -> None:
    assert cost_usd(draft(publish_at=START + HOUR)) > cost_usd(draft())


def test_a_mail_and_a_feed_cost_what_they_use() -> None:
    mail, feed = (cost_usd(draft(), used) - cost_usd(draft()) for used in (Resource.MAIL, Resource.FEEDS))
    assert mail == pytest.approx(PRICES[Charge.MAILS].usd / 1_000)
    assert feed == pytest.approx(0.0004 / 1_000 + 0.005 / 1_000, abs=1e-9)


def test_targets_share_what_all_of_them_need() -> None:
    one, both = draft(), draft(targets=(Target("chn_1", "alpha"), Target("chn_2", "alpha")))
    assert cost_usd(one) < cost_usd(both) < 2 * cost_usd(one)


def test_an_amount_is_told_in_billionths_of_a_dollar() -> None:
    assert costs.text(3.4121e-06) == "0.000003412"
