from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from identity.model import Role
from publishing import aws, ids
from publishing.clock import now
from publishing.series import Series
from publishing.series_store import SeriesStore
from tests.functions.service import Service, weekly
from tests.web.gateway import Reply

DISCORD = {"webhook_url": "https://discord.com/api/webhooks/1234567890123456789/" + "a" * 68}
KEY = {"idempotency-key": "every-monday"}


@pytest.fixture
def channel(service: Service) -> str:
    return str(service.connected()["id"])


def create(service: Service, channel: str, *, headers: dict[str, str] | None = None, **changes: Any) -> Reply:
    return service.ask("POST", "/v1/series", body={**weekly(channel), **changes}, headers=headers or {})


def change(service: Service, series: Any, body: dict[str, Any], **options: Any) -> Reply:
    return service.ask("PATCH", f"/v1/series/{series['id']}", body=body, **options)


def read(service: Service, series: Any) -> Any:
    return service.ask("GET", f"/v1/series/{series['id']}").json


def stored(service: Service, series: Any) -> Series:
    found = SeriesStore("publications", now).read(service.ours, series["id"])
    assert found is not None
    return found


def publications(service: Service) -> list[Any]:
    found: list[Any] = service.ask("GET", "/v1/publications").json["items"]
    return found


def test_it_is_made_with_the_publication_of_its_next_occurrence(service: Service, channel: str) -> None:
    reply = create(service, channel)
    assert (reply.status, reply.json["status"]) == (201, "active")
    assert reply.headers["Location"] == f"/v1/series/{reply.json['id']}"
    (made,) = reply.json["made"]
    (publication,) = publications(service)
    assert (made["publication"], made["status"]) == (publication["id"], "scheduled")
    assert reply.json["next"][0] == {name: made[name] for name in ("local", "at", "publication")}
    assert [each["publication"] for each in reply.json["next"][1:]] == [None] * 4


def test_what_is_coming_is_shown_on_the_clocks_of_its_zone_and_in_utc(service: Service, channel: str) -> None:
    coming = create(service, channel).json["next"]
    assert len(coming) == 5
    assert {each["local"][10:19] for each in coming} == {"T09:00:00"}
    assert [datetime.fromisoformat(each["at"]) for each in coming] == [
        datetime.fromisoformat(each["local"]).astimezone(UTC) for each in coming
    ]


def test_a_publication_tells_its_series_and_is_canceled_by_itself(service: Service, channel: str) -> None:
    series = create(service, channel).json
    identifier = series["made"][0]["publication"]
    publication = service.ask("GET", f"/v1/publications/{identifier}").json
    assert (publication["series"], publication["occurrence"]) == (series["id"], series["made"][0]["local"][:19])
    service.ask("DELETE", f"/v1/publications/{identifier}")
    assert read(service, series)["made"][0]["status"] == "canceled"


def test_with_a_key_it_is_made_once(service: Service, channel: str) -> None:
    first, second = (create(service, channel, headers=KEY) for _ in range(2))
    assert (first.json["id"], first.status) == (second.json["id"], second.status)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(service.ask("GET", "/v1/series").json["items"]) == 1


def test_a_key_belongs_to_one_request(service: Service, channel: str) -> None:
    create(service, channel, headers=KEY)
    assert create(service, channel, headers=KEY, rule="FREQ=DAILY").problem == "idempotency-key-reused"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": "FREQ=MINUTELY"}, "rule"),
        ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rule"),
        ({"rule": "FREQ=DAILY;UNTIL=20261103"}, "rule"),
        ({"rule": "FREQ=HOURLY;BYMINUTE=0,5"}, "rule"),
        ({"zone": "Mars/Base"}, "zone"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"starts_at": "2026-11-02T09:00:00+01:00"}, "starts_at"),
        ({"starts_at": "2026-11-02T09:00:00.5"}, "starts_at"),
        ({"starts_at": "1999-11-02T09:00:00"}, "starts_at"),
        ({"starts_at": "2999-11-02T09:00:00"}, "starts_at"),
        ({"publish_at": "2026-12-24T18:00:00Z"}, "publish_at"),
        ({"targets": []}, "targets"),
    ],
)
def test_what_is_wrong_is_refused_and_named(
    service: Service, channel: str, changes: dict[str, Any], field: str
) -> None:
    reply = create(service, channel, **changes)
    assert (reply.status, reply.problem, reply.json["errors"][0]["field"]) == (422, "invalid-request", field)
    assert service.items("publications") == []


def test_a_channel_that_is_not_there_is_refused(service: Service) -> None:
    assert create(service, ids.new("chn")).status == 404


def test_what_no_target_could_take_is_refused(service: Service) -> None:
    channel = service.connected(platform="discord", credentials=DISCORD)["id"]
    assert create(service, channel, content={"text": ""}).problem == "unfit-content"


def test_a_list_shows_the_newest_first_and_goes_on(service: Service, channel: str) -> None:
    made = [create(service, channel).json["id"] for _ in range(3)]
    first = service.ask("GET", "/v1/series", query={"limit": "2"}).json
    second = service.ask("GET", "/v1/series", query={"limit": "2", "cursor": first["next"]}).json
    assert [each["id"] for each in (*first["items"], *second["items"])] == made[::-1]
    assert second["next"] is None


def test_series_and_publications_are_listed_apart(service: Service, channel: str) -> None:
    series = create(service, channel).json
    assert [each["id"] for each in publications(service)] == [series["made"][0]["publication"]]


def test_a_change_leaves_what_was_made(service: Service, channel: str) -> None:
    series = create(service, channel).json
    reply = change(service, series, {"content": {"title": "New"}, "priority": "urgent"})
    assert (reply.status, reply.json["content"]["title"], reply.json["priority"]) == (200, "New", "urgent")
    assert reply.json["made"] == series["made"]
    (publication,) = publications(service)
    assert (publication["title"], publication["priority"]) == ("Hello", "normal")


def test_a_new_rule_counts_from_now_beside_what_was_made(service: Service, channel: str) -> None:
    series = create(service, channel, rule="FREQ=YEARLY").json
    reply = change(service, series, {"rule": "FREQ=DAILY", "zone": "Asia/Tokyo"}).json
    assert len(reply["made"]) == 2
    assert reply["next"][0]["publication"] in {each["publication"] for each in reply["made"]}
    assert reply["next"][0]["local"].endswith("+09:00")


def test_a_zone_of_another_name_doubles_nothing(service: Service, channel: str) -> None:
    series = create(service, channel).json
    change(service, series, {"zone": "Europe/Busingen"})
    assert len(publications(service)) == 1


def test_targets_are_given_anew(service: Service, channel: str) -> None:
    series, other = create(service, channel).json, service.connected()["id"]
    reply = change(service, series, {"targets": [{"channel": other, "overrides": {"text": "Own"}}]})
    assert [(each["channel"], each["overrides"]["text"]) for each in reply.json["targets"]] == [(other, "Own")]


def test_where_nothing_changes_nothing_is_written(service: Service, channel: str) -> None:
    series = create(service, channel).json
    before = stored(service, series)
    assert change(service, series, {"rule": series["rule"]}).status == 200
    assert stored(service, series) == before


def test_paused_it_makes_nothing_and_resumed_it_goes_on_from_now(service: Service, channel: str) -> None:
    series = create(service, channel).json
    paused = change(service, series, {"paused": True}).json
    assert (paused["status"], paused["next"], stored(service, series).due_at) == ("paused", [], "")
    assert [each["status"] for each in paused["made"]] == ["scheduled"]
    resumed = change(service, series, {"paused": False}).json
    assert (resumed["status"], resumed["paused_at"]) == ("active", None)
    assert stored(service, series).due_at > ""
    assert len(publications(service)) == 1


def test_ended_it_stays_so_and_what_was_made_stays_too(service: Service, channel: str) -> None:
    series = create(service, channel).json
    ended = service.ask("DELETE", f"/v1/series/{series['id']}").json
    assert (ended["status"], ended["next"], ended["made"]) == ("ended", [], series["made"])
    assert service.ask("DELETE", f"/v1/series/{series['id']}").json == ended
    assert change(service, series, {"paused": False}).problem == "wrong-state"
    assert [each["status"] for each in publications(service)] == ["scheduled"]


def test_who_has_seen_an_older_state_is_refused(service: Service, channel: str) -> None:
    series = create(service, channel).json
    tag = service.ask("GET", f"/v1/series/{series['id']}").headers["ETag"]
    first = change(service, series, {"content": {"title": "1"}}, headers={"if-match": tag})
    second = change(service, series, {"content": {"title": "2"}}, headers={"if-match": tag})
    assert (first.status, second.problem) == (200, "precondition-failed")


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_only_its_owner_or_an_admin_changes_or_ends_it(service: Service, channel: str, method: str) -> None:
    series = create(service, channel).json
    editor = {"workspace": service.ours, "subject": "another", "role": "editor"}
    body = {"paused": True} if method == "PATCH" else None
    reply = service.ask(method, f"/v1/series/{series['id']}", body=body, context=editor)
    assert (reply.status, reply.problem) == (403, "forbidden")
    owner = {"workspace": service.ours, "subject": "tester", "role": "author"}
    assert service.ask(method, f"/v1/series/{series['id']}", body=body, context=owner).status == 200


def test_where_scheduling_fails_it_is_made_nevertheless_and_planned_soon(
    service: Service, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> Any:
        raise aws.scheduler().exceptions.ThrottlingException({"Error": {"Code": "ThrottlingException"}}, "x")

    monkeypatch.setattr(aws.scheduler(), "create_schedule", fails)
    reply = create(service, channel)
    assert reply.status == 201
    assert stored(service, reply.json).due_at <= (now() + timedelta(minutes=2)).isoformat()


def test_a_change_during_planning_first_has_that_brought_to_its_end(
    service: Service, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> Any:
        raise aws.scheduler().exceptions.ThrottlingException({"Error": {"Code": "ThrottlingException"}}, "x")

    with monkeypatch.context() as failing:
        failing.setattr(aws.scheduler(), "create_schedule", fails)
        series = create(service, channel).json
    assert len(stored(service, series).unsent) == 1
    change(service, series, {"content": {"title": "New"}})
    assert stored(service, series).unsent == ()
    assert [each["title"] for each in publications(service)] == ["Hello"]


def test_viewers_read_and_make_nothing(service: Service, channel: str) -> None:
    series = create(service, channel).json
    assert service.ask("GET", f"/v1/series/{series['id']}", role=Role.VIEWER).status == 200
    assert service.ask("POST", "/v1/series", body=weekly(channel), role=Role.VIEWER).status == 403


def test_while_what_is_being_made_cannot_be_sent_nothing_is_changed(
    service: Service, channel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_taken(**asked: Any) -> Any:
        return {"Failed": [{"Id": each["Id"], "Code": "Busy"} for each in asked["Entries"]]}

    monkeypatch.setattr(aws.sqs(), "send_message_batch", none_taken)
    soon = (now() + timedelta(seconds=60)).strftime("%Y-%m-%dT%H:%M:%S")
    series = create(service, channel, zone="UTC", starts_at=soon, rule="FREQ=DAILY").json
    assert change(service, series, {"paused": True}).problem == "unavailable"
    assert read(service, series)["status"] == "active"
