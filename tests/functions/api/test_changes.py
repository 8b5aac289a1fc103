from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publishing import ids
from publishing.change import Change
from publishing.model import DeliveryState, utc_text
from tests.functions.service import Service
from tests.web.gateway import Reply

TOMORROW = datetime.now(UTC) + timedelta(days=1)
CONTENT = {"title": "Title", "text": "Old", "tags": ["a"]}


@pytest.fixture
def submitted(service: Service) -> Any:
    return service.submitted(service.connected()["id"], content=CONTENT, publish_at=TOMORROW.isoformat())


def change(service: Service, submitted: Any, body: dict[str, Any], **request: Any) -> Reply:
    return service.ask("PATCH", f"/v1/publications/{submitted['id']}", body=body, **request)


def test_what_is_named_changes_and_what_is_left_out_stays(service: Service, submitted: Any) -> None:
    reply = change(service, submitted, {"content": {"text": "New"}})
    assert (reply.status, reply.json["content"]["title"], reply.json["content"]["text"]) == (200, "Title", "New")
    kept = ("id", "publish_at", "zone", "priority", "expires_at", "created_at", "created_by", "status")
    assert {name: reply.json[name] for name in kept} == {name: submitted[name] for name in kept}
    assert service.ask("GET", f"/v1/publications/{submitted['id']}").json == reply.json


def test_a_field_of_the_content_can_be_emptied(service: Service, submitted: Any) -> None:
    assert change(service, submitted, {"content": {"title": "", "tags": []}}).json["content"]["tags"] == []


def test_a_targets_overrides_are_given_anew(service: Service, submitted: Any) -> None:
    channel = submitted["deliveries"][0]["channel"]
    change(service, submitted, {"targets": [{"channel": channel, "overrides": {"text": "Own"}}]})
    assert service.stored(submitted["id"]).targets[0].overrides == {"text": "Own"}
    change(service, submitted, {"targets": [{"channel": channel}]})
    assert service.stored(submitted["id"]).targets[0].overrides == {}


def test_it_is_rescheduled_on_the_clocks_of_its_zone(service: Service, submitted: Any) -> None:
    at = TOMORROW.replace(hour=12, minute=0, second=0, microsecond=0, tzinfo=None)
    reply = change(service, submitted, {"publish_at": at.isoformat(), "zone": "Asia/Tokyo"})
    assert (reply.json["publish_at"], reply.json["zone"]) == (at.strftime("%Y-%m-%dT03:00:00.000Z"), "Asia/Tokyo")
    later = change(service, submitted, {"publish_at": (at + timedelta(hours=1)).isoformat()})
    assert later.json["publish_at"] == at.strftime("%Y-%m-%dT04:00:00.000Z")


def test_without_a_time_it_is_published_now(service: Service, submitted: Any) -> None:
    service.sent("webhook")
    reply = change(service, submitted, {"publish_at": None})
    assert (reply.status, reply.json["status"]) == (200, "publishing")
    assert [(each["publication"], each["version"]) for each in service.sent("webhook")] == [(submitted["id"], 2)]


def test_it_becomes_urgent_and_gets_an_end(service: Service, submitted: Any) -> None:
    end = TOMORROW + timedelta(hours=1)
    reply = change(service, submitted, {"priority": "urgent", "expires_at": end.isoformat()})
    assert (reply.json["priority"], reply.json["expires_at"]) == ("urgent", utc_text(end))
    assert change(service, submitted, {"expires_at": None}).json["expires_at"] is None


def test_where_nothing_changes_nothing_is_written(service: Service, submitted: Any) -> None:
    assert change(service, submitted, {"content": {"text": "Old"}}).json == submitted
    assert service.stored(submitted["id"]).version == 1


def test_who_has_seen_an_older_state_is_refused(service: Service, submitted: Any) -> None:
    tag = service.ask("GET", f"/v1/publications/{submitted['id']}").headers["ETag"]
    first = change(service, submitted, {"content": {"text": "1"}}, headers={"if-match": tag})
    second = change(service, submitted, {"content": {"text": "2"}}, headers={"if-match": tag})
    assert (first.status, second.status, second.problem) == (200, 412, "precondition-failed")
    third = change(service, submitted, {"content": {"text": "3"}}, headers={"if-match": first.headers["ETag"]})
    assert (third.status, third.json["content"]["text"]) == (200, "3")


def test_once_something_has_left_it_is_refused_with_the_reason(service: Service, submitted: Any) -> None:
    service.attempted(submitted["id"], Change(DeliveryState.PUBLISHED))
    reply = change(service, submitted, {"content": {"text": "New"}})
    assert (reply.status, reply.problem) == (409, "wrong-state")
    assert "has left: It is published." in reply.json["detail"]


def test_a_canceled_publication_is_not_changed(service: Service, submitted: Any) -> None:
    service.ask("DELETE", f"/v1/publications/{submitted['id']}")
    assert change(service, submitted, {"content": {"text": "New"}}).problem == "wrong-state"


def test_what_would_not_fit_is_refused(service: Service) -> None:
    channel = service.connected(platform="discord", credentials=DISCORD)["id"]
    submitted = service.submitted(channel, publish_at=TOMORROW.isoformat())
    reply = change(service, submitted, {"content": {"text": ""}})
    assert (reply.status, reply.problem) == (422, "unfit-content")
    assert service.stored(submitted["id"]).version == 1


DISCORD = {"webhook_url": "https://discord.com/api/webhooks/1234567890123456789/" + "a" * 68}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"publish_at": "yesterday"}, "publish_at"),
        ({"publish_at": "2020-01-01T00:00:00Z"}, "publish_at"),
        ({"publish_at": "2120-01-01T00:00:00Z"}, "publish_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"publish_at": "2027-01-01T00:00:00", "zone": "Mars/Base"}, "zone"),
        ({"zone": "Europe/Zurich"}, "zone"),
        ({"targets": [{"channel": ids.new("chn")}]}, "targets[0].channel"),
        ({"created_by": "me"}, "created_by"),
    ],
)
def test_a_wrong_change_is_refused(service: Service, submitted: Any, body: dict[str, Any], field: str) -> None:
    reply = change(service, submitted, body)
    assert (reply.status, reply.fields) == (422, [field])


def test_an_end_before_the_beginning_is_refused(service: Service, submitted: Any) -> None:
    reply = change(service, submitted, {"expires_at": (TOMORROW - timedelta(hours=1)).isoformat()})
    assert (reply.status, reply.fields) == (422, ["expires_at"])
