from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publishing.week import DAYS
from tests.functions.service import WEBHOOK, Service
from tests.web.gateway import Reply

TWICE_A_DAY = {"zone": "Europe/Zurich", "weekly": {day: ["09:00", "17:30"] for day in DAYS}}


@pytest.fixture
def channel(service: Service) -> str:
    return str(service.connected(slots=TWICE_A_DAY)["id"])


def submit(service: Service, queue: str, target: str = "", **changes: Any) -> Reply:
    body = {"content": {"text": "Hi"}, "targets": [{"channel": target or queue}], "next_slot_of": queue, **changes}
    return service.ask("POST", "/v1/publications", body=body)


def slots(service: Service, channel: str, **query: str) -> Any:
    return service.ask("GET", f"/v1/channels/{channel}/slots", query=query).json


def holders(service: Service, channel: str) -> list[str | None]:
    return [slot["publication"] for slot in slots(service, channel, limit="3")["items"]]


def test_a_channel_is_connected_with_its_slots(service: Service, channel: str) -> None:
    assert service.ask("GET", f"/v1/channels/{channel}").json["slots"] == {
        "zone": "Europe/Zurich",
        "weekly": {day: ["09:00", "17:30"] for day in DAYS},
    }


def test_slots_are_given_anew_and_taken_away(service: Service) -> None:
    path = f"/v1/channels/{service.connected()['id']}"
    given = {"zone": "UTC", "weekly": {"wed": ["12:30", "08:00"]}}
    changed = service.ask("PATCH", path, body={"slots": given}).json["slots"]
    assert (changed["zone"], changed["weekly"]["wed"], changed["weekly"]["mon"]) == ("UTC", ["08:00", "12:30"], [])
    assert service.ask("PATCH", path, body={"name": "Renamed"}).json["slots"] == changed
    assert service.ask("PATCH", path, body={"slots": None}).json["slots"] is None


MANY = [f"{minute // 60:02}:{minute % 60:02}" for minute in range(51)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"zone": "Mars/Base", "weekly": {"mon": ["09:00"]}}, "slots.zone"),
        ({"zone": "", "weekly": {"mon": ["09:00"]}}, "slots.zone"),
        ({"zone": "UTC", "weekly": {"monday": ["09:00"]}}, "slots.weekly.monday"),
        ({"zone": "UTC", "weekly": {"mon": ["9:00"]}}, "slots.weekly.mon[0]"),
        ({"zone": "UTC", "weekly": {"mon": ["24:00"]}}, "slots.weekly.mon[0]"),
        ({"zone": "UTC", "weekly": {"mon": ["09:00", "09:00"]}}, "slots.weekly.mon"),
        ({"zone": "UTC", "weekly": {"mon": MANY, "tue": MANY}}, "slots.weekly"),
        ({"zone": "UTC", "weekly": {}}, "slots.weekly"),
        ({"weekly": {"mon": ["09:00"]}}, "slots.zone"),
    ],
)
def test_wrong_slots_are_refused(service: Service, given: dict[str, Any], field: str) -> None:
    body = {"platform": "webhook", "name": "Site", "credentials": WEBHOOK, "slots": given}
    reply = service.ask("POST", "/v1/channels", body=body)
    assert (reply.status, reply.fields) == (422, [field])


def test_the_coming_slots_are_listed_with_their_publications(service: Service, channel: str) -> None:
    publication = submit(service, channel).json
    found = slots(service, channel)
    assert (found["zone"], len(found["items"])) == ("Europe/Zurich", 20)
    first, second = found["items"][:2]
    assert (first["at"], first["free"], first["publication"]) == (publication["publish_at"], False, publication["id"])
    assert (second["free"], second["publication"], second["local"][11:] in {"09:00", "17:30"}) == (True, None, True)


def test_a_channel_without_slots_has_none_to_list(service: Service) -> None:
    assert slots(service, service.connected()["id"]) == {"zone": None, "items": []}


def test_a_publication_takes_the_next_free_slot_of_a_channel_that_need_not_be_a_target(
    service: Service, channel: str
) -> None:
    other = service.connected()["id"]
    first, second = (submit(service, channel, other) for _ in range(2))
    assert (first.status, first.json["status"], first.json["slot_of"]) == (202, "scheduled", channel)
    assert first.json["publish_at"] < second.json["publish_at"]
    assert first.json["zone"] == "Europe/Zurich"


def test_slots_just_given_can_be_taken_at_once(service: Service) -> None:
    channel = service.connected()["id"]
    service.submitted(channel)  # remembered from now on, without slots
    service.ask("PATCH", f"/v1/channels/{channel}", body={"slots": TWICE_A_DAY})
    assert submit(service, channel).status == 202


def test_a_channel_without_slots_is_refused_with_what_would_help(service: Service) -> None:
    reply = submit(service, service.connected()["id"])
    (error,) = reply.json["errors"]
    assert (reply.status, error["field"], "PATCH" in error["remedy"]) == (422, "next_slot_of", True)


def test_another_workspaces_slots_are_not_taken(service: Service, channel: str) -> None:
    neighbour = Service(service.cloud)
    reply = submit(neighbour, channel, neighbour.connected()["id"])
    assert (reply.status, reply.fields) == (404, ["next_slot_of"])


def test_a_dry_run_and_validating_tell_the_slot_and_take_none(service: Service, channel: str) -> None:
    dry = submit(service, channel, dry_run=True)
    body = {"content": {"text": "Hi"}, "targets": [{"channel": channel}], "next_slot_of": channel}
    validated = service.ask("POST", "/v1/publications/validate", body=body)
    assert (dry.status, validated.status, holders(service, channel)) == (200, 200, [None, None, None])
    assert dry.json["publish_at"] == validated.json["publish_at"] == submit(service, channel).json["publish_at"]


def test_what_is_canceled_gives_its_slot_back(service: Service, channel: str) -> None:
    first = submit(service, channel).json
    service.ask("DELETE", f"/v1/publications/{first['id']}")
    second = submit(service, channel).json
    assert (second["publish_at"], holders(service, channel)[0]) == (first["publish_at"], second["id"])


def test_what_is_called_off_target_by_target_gives_its_slot_back_with_the_last(service: Service, channel: str) -> None:
    targets = [{"channel": channel}, {"channel": service.connected()["id"]}]
    first, second = submit(service, channel, targets=targets).json["deliveries"]
    service.ask("POST", f"/v1/deliveries/{first['id']}/cancel")
    taken = slots(service, channel)["items"][0]["free"]
    service.ask("POST", f"/v1/deliveries/{second['id']}/cancel")
    assert (taken, slots(service, channel)["items"][0]["free"]) == (False, True)


def test_what_is_rescheduled_gives_its_slot_back(service: Service, channel: str) -> None:
    first, at = submit(service, channel).json, datetime.now(UTC) + timedelta(days=9)
    moved = service.ask("PATCH", f"/v1/publications/{first['id']}", body={"publish_at": at.isoformat()}).json
    assert (moved["slot_of"], holders(service, channel)) == (None, [None, None, None])


def test_what_is_edited_otherwise_keeps_its_slot(service: Service, channel: str) -> None:
    first = submit(service, channel).json
    edited = service.ask("PATCH", f"/v1/publications/{first['id']}", body={"content": {"text": "New"}}).json
    assert (edited["slot_of"], holders(service, channel)[0]) == (channel, first["id"])


def test_the_late_policy_is_shown_kept_and_changed(service: Service, channel: str) -> None:
    policy = {"after_s": 900, "then": "hold"}
    assert submit(service, channel, late=policy, dry_run=True).json["late"] == policy
    submitted = submit(service, channel, late=policy).json
    path = f"/v1/publications/{submitted['id']}"
    assert (submitted["late"], service.ask("GET", path).json["late"]) == (policy, policy)
    assert service.ask("PATCH", path, body={"content": {"text": "New"}}).json["late"] == policy
    assert service.ask("PATCH", path, body={"late": None}).json["late"] is None
