from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from botocore.exceptions import EndpointConnectionError

from publishing import aws
from publishing.model import DeliveryState, PublicationStatus, utc_text
from publishing.publication import Publication, Trouble, Whole
from publishing.store import SHARDS, Publications
from publishing.sweep import OVERLAP, Sweep, Swept
from tests.cloud import START
from tests.publishing.workbench import ReadableAlpha, Workbench


def unsent(workbench: Workbench, *channels: str) -> Publication:
    """A publication that was stored by a submit that died before it sent anything."""
    publication = workbench.submit(*channels).publication
    workbench.cloud.received("alpha")
    workbench.cloud.received("beta")
    return publication


def spoiled(publication: Publication) -> None:
    """Make it unreadable."""
    aws.dynamodb().update_item(
        TableName="publications",
        Key={"pk": {"S": f"ws_1#{publication.id}"}, "sk": {"S": "PUBLICATION"}},
        UpdateExpression="SET content = :garbage",
        ExpressionAttributeValues={":garbage": {"S": "garbage"}},
    )


def unreachable(*_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.test")


def cursors(workbench: Workbench) -> list[str]:
    """How far the shards were swept."""
    items = aws.dynamodb().scan(TableName=workbench.cloud.settings.operations_table)["Items"]
    return sorted(item["swept_to"]["S"] for item in items if "swept_to" in item)


def swept(sweeper: Sweep) -> Swept:
    """Once more in the same environment, with all the time there is."""
    return sweeper.run(until=lambda: False)


def test_it_leaves_alone_what_was_just_accepted(workbench: Workbench) -> None:
    workbench.submit()
    workbench.cloud.watch.forward(44)
    assert workbench.sweep() == Swept()


def test_messages_that_were_never_sent_are_sent(workbench: Workbench) -> None:
    publication = unsent(workbench, "chn_1", "chn_b")
    workbench.cloud.watch.forward(61)
    assert workbench.sweep() == Swept(looked=1, sent=2)
    assert len(workbench.cloud.received("alpha")) == 1
    assert workbench.deliver(publication).state is DeliveryState.PUBLISHED


def test_it_looks_less_and_less_often(workbench: Workbench) -> None:
    publication = unsent(workbench)
    looks = []
    for _ in range(7):
        workbench.cloud.watch.forward(901)
        workbench.sweep()
        due_at = workbench.stored(publication).publication.due_at
        looks.append((due_at > utc_text(workbench.cloud.watch()), due_at))
    first, last = looks[0][1], looks[-1][1]
    assert first == utc_text(START + timedelta(seconds=901 + 60))
    assert last == utc_text(START + timedelta(seconds=901 * 7 + 900))


def test_what_is_settled_is_passed_by_without_a_write(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.deliver(publication)
    workbench.cloud.watch.forward(46)
    before = workbench.stored(publication)
    assert workbench.sweep() == Swept(looked=1, settled=1)
    assert workbench.stored(publication) == before


def test_within_the_overlap_what_was_seen_settled_is_not_read_again(workbench: Workbench) -> None:
    workbench.deliver(workbench.submit().publication)
    workbench.cloud.watch.forward(46)
    sweeper = workbench.sweeper
    assert swept(sweeper) == Swept(looked=1, settled=1)
    assert swept(sweeper) == Swept()


def test_beyond_the_overlap_what_was_settled_is_not_read_again_by_anybody(workbench: Workbench) -> None:
    workbench.deliver(workbench.submit().publication)
    workbench.cloud.watch.forward(46)
    workbench.sweep()
    workbench.cloud.watch.forward(OVERLAP.total_seconds())
    assert workbench.sweep() == Swept(looked=1, settled=1)
    workbench.cloud.watch.forward(60)
    assert workbench.sweep() == Swept()


def test_what_the_index_showed_late_is_found_behind_the_cursor(workbench: Workbench) -> None:
    workbench.cloud.watch.forward(OVERLAP.total_seconds())
    workbench.sweep()
    late = replace(workbench.submit().publication, id="pub_late", due_at=utc_text(START + timedelta(seconds=1)))
    workbench.publications.accept(late)
    assert workbench.sweep().looked == 1


def test_what_failed_is_read_on_for_it_may_be_tried_again(workbench: Workbench) -> None:
    workbench.platform.answers = [lambda request: httpx.Response(400, request=request)]
    publication = workbench.submit().publication
    assert workbench.deliver(publication).state is DeliveryState.FAILED
    workbench.cloud.watch.forward(46)
    sweeper = workbench.sweeper
    assert swept(sweeper) == swept(sweeper) == Swept(looked=1, settled=1)


def test_the_cursor_never_moves_back(workbench: Workbench) -> None:
    workbench.cloud.watch.forward(120)
    workbench.sweep()
    ahead = cursors(workbench)
    workbench.cloud.watch.forward(-60)
    workbench.sweep()
    assert cursors(workbench) == ahead == [utc_text(START + timedelta(seconds=120))] * SHARDS


def test_what_is_unsettled_is_told_to_who_observes(workbench: Workbench) -> None:
    settled, waiting = workbench.submit().publication, unsent(workbench)
    workbench.deliver(settled)
    workbench.cloud.watch.forward(61)
    observed: list[str] = []
    swept(replace(workbench.sweeper, observe=lambda whole: observed.append(whole.publication.id)))
    assert observed == [waiting.id]


def test_a_dead_workers_delivery_gets_a_message_and_becomes_uncertain(workbench: Workbench) -> None:
    workbench.adapter = ReadableAlpha()
    publication = unsent(workbench)
    workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)
    workbench.cloud.watch.forward(61)
    assert workbench.sweep().sent == 1
    assert workbench.deliver(publication).state is DeliveryState.UNCERTAIN
    assert workbench.platform.asked == []


def test_a_live_workers_delivery_is_left_to_it(workbench: Workbench) -> None:
    publication = unsent(workbench)
    workbench.cloud.watch.forward(50)
    workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)
    assert workbench.sweep() == Swept(looked=1)


def test_a_retry_whose_message_was_lost_is_sent_again(workbench: Workbench) -> None:
    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("gone", request=request)

    workbench.platform.answers = [gone]
    publication = unsent(workbench)
    workbench.deliver(publication)
    workbench.cloud.watch.forward(90)
    assert workbench.sweep().sent == 1


def test_what_waits_for_a_person_is_not_sent(workbench: Workbench) -> None:
    workbench.platform.answers = [lambda request: httpx.Response(500, request=request)]
    publication = unsent(workbench)
    workbench.deliver(publication)
    workbench.cloud.watch.forward(3_600)
    assert workbench.sweep() == Swept(looked=1)


def test_what_is_held_is_asked_about_now_and_then(workbench: Workbench) -> None:
    publication = unsent(workbench)
    workbench.door.shut = Trouble("reconnect", "Reconnect it.")
    workbench.deliver(publication)
    workbench.cloud.watch.forward(120)
    assert workbench.sweep().sent == 1


def test_an_interrupted_cancellation_is_finished(workbench: Workbench) -> None:
    publication = unsent(workbench, "chn_1", "chn_2")
    workbench.publications.cancel(publication)
    workbench.cloud.watch.forward(61)
    assert workbench.sweep() == Swept(looked=1, settled=1)
    assert workbench.stored(publication).status(workbench.cloud.watch()) is PublicationStatus.CANCELED
    assert workbench.cloud.received("alpha") == []


def test_a_timed_publication_whose_schedule_was_lost_still_goes_out(workbench: Workbench) -> None:
    workbench.submit(publish_at=START + timedelta(hours=1))
    workbench.cloud.watch.forward(3_600 + 46)
    assert workbench.sweep().sent == 1


def test_a_publication_that_cannot_be_read_keeps_no_other_from_being_swept(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publishing.sweep.PAGE", 2)
    for _ in range(16):
        publication = unsent(workbench)
    spoiled(publication)
    workbench.cloud.watch.forward(61)
    assert workbench.sweep() == Swept(looked=15, sent=15, failed=1)


def test_what_cannot_be_read_holds_up_no_cursor_and_is_tried_each_minute(workbench: Workbench) -> None:
    spoiled(unsent(workbench))
    workbench.cloud.watch.forward(61)
    assert [workbench.sweep(), workbench.sweep()] == [Swept(failed=1), Swept()]
    assert cursors(workbench) == [utc_text(START + timedelta(seconds=61))] * SHARDS
    workbench.cloud.watch.forward(60)
    assert workbench.sweep() == Swept(failed=1)


def test_the_cursor_waits_for_what_could_not_even_be_put_ahead(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = unsent(workbench)
    workbench.cloud.watch.forward(61)
    with monkeypatch.context() as away:
        away.setattr(Publications, "whole", unreachable)
        away.setattr(Publications, "look_later", unreachable)
        assert workbench.sweep() == Swept(failed=1, stuck=1)
    assert len(cursors(workbench)) == SHARDS - 1
    workbench.cloud.watch.forward(3_600)
    assert workbench.sweep() == Swept(looked=1, sent=1)
    assert workbench.deliver(publication).state is DeliveryState.PUBLISHED


def test_out_of_time_the_cursor_stops_where_the_sweep_did(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publishing.sweep.PAGE", 1)
    accepted = workbench.submit().publication
    for name in ("pub_a0", "pub_b0", "pub_c0"):  # all in one shard
        workbench.cloud.watch.forward(1)
        workbench.publications.accept(replace(accepted, id=name, due_at=utc_text(workbench.cloud.watch())))
    workbench.cloud.watch.forward(40)
    observed: list[Whole] = []
    sweeper = replace(workbench.sweeper, observe=observed.append)
    assert sweeper.run(until=lambda: bool(observed)) == Swept(looked=1, sent=1)
    assert utc_text(START + timedelta(seconds=1)) in cursors(workbench)
    assert swept(sweeper) == Swept(looked=2, sent=2)


def test_it_goes_on_past_the_first_page(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publishing.sweep.PAGE", 3)
    for number in range(20):
        publication = workbench.submit(key=f"bulk-{number:04}").publication
        workbench.deliver(publication)
    workbench.cloud.watch.forward(61)
    assert workbench.sweep().settled == 20
