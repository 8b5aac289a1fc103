from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from publishing import aws
from publishing.model import DeliveryState, PublicationStatus, utc_text
from publishing.records import Publication, Trouble
from publishing.sweep import Swept
from tests.cloud import START
from tests.publishing.workbench import ReadableAlpha, Workbench


def unsent(workbench: Workbench, *channels: str) -> Publication:
    """A publication that was stored by a submit that died before it sent anything."""
    publication = workbench.submit(*channels).publication
    workbench.cloud.received("alpha")
    workbench.cloud.received("beta")
    return publication


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


def test_what_is_settled_is_taken_off_the_list(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.deliver(publication)
    workbench.cloud.watch.forward(46)
    assert workbench.sweep() == Swept(looked=1, settled=1)
    assert workbench.stored(publication).publication.due_at == ""
    assert workbench.sweep() == Swept()


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
    garbage = {":garbage": {"S": "garbage"}}
    key = {"pk": {"S": f"ws_1#{publication.id}"}, "sk": {"S": "PUBLICATION"}}
    aws.dynamodb().update_item(
        TableName="publications", Key=key, UpdateExpression="SET content = :garbage", ExpressionAttributeValues=garbage
    )
    workbench.cloud.watch.forward(61)
    assert workbench.sweep() == Swept(looked=15, sent=15, failed=1)


def test_it_goes_on_past_the_first_page(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publishing.sweep.PAGE", 3)
    for number in range(20):
        publication = workbench.submit(key=f"bulk-{number:04}").publication
        workbench.deliver(publication)
    workbench.cloud.watch.forward(61)
    assert workbench.sweep().settled == 20
