"""What OpenAPI says of events, held against what is really sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from channels.records import item_of
from notifying import payload
from notifying.endpoint_events import notices as endpoint_notices
from notifying.events import changed, notices
from notifying.model import Answered, EventKind, Notice
from notifying.publication_events import settled
from notifying.records import item_of as endpoint_item
from notifying.replaying import probe
from notifying.schedule import next_attempt
from publishing.model import DeliveryState, utc_text
from publishing.publication import Whole
from publishing.records import delivery_of
from tests import cloud
from tests.notifying import samples
from tests.web.conformance import described
from web.notices import DESCRIBED

LATER = cloud.START + timedelta(hours=2)
RISK = [{"publication": samples.PUBLICATION, "publish_at": utc_text(LATER)}]


def of(old: Any, new: Any) -> Iterator[Notice]:
    yield from notices(changed(samples.record(old, new)))


def delivery(state: str) -> dict[str, Any]:
    """The item of a delivery that came into that state, with all it may hold."""
    return {
        "pk": f"{samples.WORKSPACE}#{samples.PUBLICATION}",
        "sk": f"DELIVERY#{samples.CHANNEL}",
        "platform": "webhook",
        "state": state,
        "attempt": 1,
        "updated_at": utc_text(LATER),
        "next_at": utc_text(LATER),
        "receipt": {"id": "1", "url": "https://example.org/1"},
        "trouble": {"kind": "refused", "message": "Too long.", "code": "E1", "status": 400},
        "history": [{"at": utc_text(LATER), "state": state, "why": "refused", "by": "person"}],
    }


def sent() -> Iterator[Notice]:
    """An event of every kind, made as they are made."""
    for state in DeliveryState:
        yield from of(None, delivery(state.value))
    yield from of(None, samples.published(series="ser_1"))
    yield from of(samples.published(), samples.published(version=2))
    yield from of(samples.published(), samples.published(version=2, publish_at=LATER))
    yield from of(samples.published(), samples.published(version=2, canceled_at=LATER))
    failed = delivery_of(delivery("failed"))
    over = settled(Whole(samples.publication, {samples.CHANNEL: failed}))
    yield from [over] if over else []
    connected, made = samples.connected(), item_of(samples.channel)
    lost = connected | {"connection": "reconnect", "reason": "Revoked.", "at_risk": RISK, "at_risk_count": 1}
    ending = connected | {"ending_told_for": utc_text(LATER), "secrets_end_at": utc_text(LATER)}
    paused = connected | {"paused": True}
    for old, new in [
        *((None, made), (made, connected), (connected, lost), (connected, paused), (paused, connected)),
        *((connected, ending), (connected, None)),
    ]:
        yield from of(old, new)
    failing = replace(samples.endpoint, failing_since=cloud.START, warned_at=LATER, version=2)
    stopped = replace(samples.endpoint, disabled_at=LATER, disabled_why="person", version=2)
    for each in (failing, stopped):
        yield from endpoint_notices(endpoint_item(samples.endpoint), endpoint_item(each), utc_text(LATER))
    yield probe(samples.WORKSPACE, samples.endpoint.id, utc_text(LATER))


SENT = {notice.kind: notice for notice in sent()}


def schema(kind: EventKind) -> dict[str, Any]:
    """What the document says of one kind of event."""
    post = described()["webhooks"][kind.value]["post"]
    found: dict[str, Any] = post["requestBody"]["content"]["application/json"]
    return found


def insist(kind: EventKind, document: Any) -> None:
    whole = {**schema(kind)["schema"], "components": described()["components"]}
    Draft202012Validator(whole).validate(document)


def test_every_kind_of_event_is_described_once() -> None:
    assert [each.kind for each in DESCRIBED] == list(EventKind)
    assert list(described()["webhooks"]) == [kind.value for kind in EventKind]


@pytest.mark.parametrize("kind", list(EventKind))
def test_what_is_sent_is_what_is_described(kind: EventKind) -> None:
    insist(kind, json.loads(payload.body(SENT[kind])))


@pytest.mark.parametrize("kind", list(EventKind))
def test_an_example_is_what_is_described(kind: EventKind) -> None:
    insist(kind, schema(kind)["example"])


def test_what_is_not_described_is_missed() -> None:
    with pytest.raises(Exception, match="surprise"):
        insist(EventKind.WEBHOOK_TEST, {"type": "webhook.test", "timestamp": "now", "data": {}, "surprise": 1})


def test_no_event_holds_content_settings_or_secrets() -> None:
    assert "anary" not in "".join(payload.body(notice) for notice in SENT.values())


@pytest.mark.parametrize("kind", list(EventKind))
def test_how_often_and_how_long_it_is_called_again_is_said_as_it_is(kind: EventKind) -> None:
    said = described()["webhooks"][kind.value]["post"]["responses"]["default"]["description"]
    again = [tried for tried in range(1, 20) if next_attempt(tried, Answered(500), cloud.START)]
    assert said.startswith(f"Called again, {len(again)} times at the most, over 75 to 84 h, or longer")
