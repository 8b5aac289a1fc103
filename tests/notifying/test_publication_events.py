from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from notifying.events import changed, notices
from notifying.model import Notice
from notifying.publication_events import settled
from publishing.editing import Editing
from publishing.model import DeliveryState, Receipt, Target, utc_text
from publishing.publication import Delivery, Event, Trouble, Whole
from publishing.store import Publications
from tests import cloud
from tests.notifying import samples
from tests.publishing.tables import Tables

LATER = cloud.START + timedelta(hours=2)
OTHER = "chn_01kagwz9r3a1b2c3d4e5f6g7h9"


def told(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[Notice]:
    return list(notices(changed(samples.record(dict(old) if old else None, dict(new)))))


def test_what_is_accepted_tells_which_deliveries_there_will_be() -> None:
    (accepted,) = told(None, samples.published())
    assert (accepted.kind, accepted.subject, accepted.sequence) == (
        "publication.accepted",
        samples.PUBLICATION,
        1_000_000,
    )
    assert accepted.data["deliveries"] == [
        {"delivery": samples.DELIVERY, "channel": samples.CHANNEL, "platform": "webhook"}
    ]
    assert "anary" not in json.dumps(accepted.data)


def test_a_publication_with_another_time_is_rescheduled() -> None:
    (moved,) = told(samples.published(), samples.published(version=2, publish_at=LATER))
    assert (moved.kind, moved.data["publish_at"]) == ("publication.rescheduled", utc_text(LATER))


def test_a_publication_with_other_content_is_edited() -> None:
    (edited,) = told(samples.published(), samples.published(version=2))
    assert (edited.kind, edited.sequence) == ("publication.edited", 2_000_000)


def test_what_the_sweep_writes_is_no_event() -> None:
    assert told(samples.published(), samples.published(sweeps=3, due_at=utc_text(LATER))) == []


def test_a_publication_is_canceled_once() -> None:
    canceled = samples.published(version=2, canceled_at=LATER)
    (once,) = told(samples.published(), canceled)
    assert (once.kind, once.at) == ("publication.canceled", utc_text(LATER))
    assert told(canceled, samples.published(version=2, canceled_at=LATER, sweeps=1)) == []


def test_an_edit_says_when_it_was_made() -> None:
    tables: Any = Tables()
    watch = cloud.Watch()
    publications = Publications("publications", watch, tables)
    publications.accept(replace(samples.publication, publish_at=LATER))
    sender: Any = type("Sender", (), {"start": lambda *_: None, "again": lambda *_: None})()
    watch.forward(60)
    seen = publications.whole(samples.WORKSPACE, samples.PUBLICATION)
    assert seen
    Editing(publications, sender, watch, tables).edit(seen, replace(seen.publication, fingerprint="g"))
    key = {"pk": {"S": f"{samples.WORKSPACE}#{samples.PUBLICATION}"}, "sk": {"S": "PUBLICATION"}}
    item = tables.get_item(TableName="publications", Key=key, ConsistentRead=True)["Item"]
    assert item["edited_at"] == {"S": utc_text(watch.moment)}


def delivered(state: DeliveryState, transitions: int, *, channel: str = samples.CHANNEL) -> Delivery:
    """A delivery in that state after so many transitions, a second each."""
    at = [utc_text(cloud.START + timedelta(seconds=number)) for number in range(1, transitions + 1)]
    return Delivery(
        channel,
        "webhook",
        state,
        updated_at=at[-1],
        receipt=Receipt("1", "https://example.org/1") if state == "published" else None,
        trouble=Trouble("refused", "Too long.") if state == "failed" else None,
        history=tuple(Event(each, state.value) for each in at),
    )


def whole(*deliveries: Delivery) -> Whole:
    targets = tuple(Target(each.channel, each.platform) for each in deliveries)
    return Whole(replace(samples.publication, targets=targets), {each.channel: each for each in deliveries})


def test_what_is_under_way_is_not_settled() -> None:
    moving = delivered(DeliveryState.QUEUED, 2, channel=OTHER)
    assert settled(whole(delivered(DeliveryState.PUBLISHED, 2), moving)) is None


def test_what_settled_says_what_that_amounts_to() -> None:
    over = settled(whole(delivered(DeliveryState.PUBLISHED, 2), delivered(DeliveryState.FAILED, 4, channel=OTHER)))
    assert over
    assert (over.data["status"], over.sequence, over.at) == ("partial", 1_000_006, "2026-11-20T12:00:04.000Z")
    outcomes: Any = over.data["deliveries"]
    assert [(each["state"], each["url"], each["error"]) for each in outcomes] == [
        ("published", "https://example.org/1", None),
        ("failed", None, {"kind": "refused", "code": "", "message": "Too long."}),
    ]


def test_whichever_delivery_was_last_it_is_one_event() -> None:
    first, last = delivered(DeliveryState.PUBLISHED, 2), delivered(DeliveryState.PUBLISHED, 3, channel=OTHER)
    once, again = settled(whole(first, last)), settled(whole(last, first))
    assert once
    assert again
    assert once.id == again.id


def test_what_was_tried_again_settles_anew() -> None:
    before, after = (
        settled(whole(delivered(DeliveryState.FAILED, 2))),
        settled(whole(delivered(DeliveryState.FAILED, 5))),
    )
    assert before
    assert after
    assert (before.id != after.id, before.sequence < after.sequence) == (True, True)
