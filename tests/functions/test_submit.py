from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.submit import handler
from identity.model import Role
from publishing import ids
from publishing.clock import now
from publishing.operations import Operations
from publishing.settings import BACKLOG_LIMIT
from tests.functions.service import Service
from tests.web import conformance, gateway
from tests.web.gateway import Reply

PATH = "/v1/publications"
KEY = "first-light-1"


def tomorrow(zone: str = "Z") -> str:
    return f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}T12:00:00{zone}"


@pytest.fixture
def channel(service: Service) -> str:
    return str(service.connected()["id"])


def submit(
    service: Service, channel: str, *, role: Role = Role.AUTHOR, key: str | None = None, **changes: Any
) -> Reply:
    body = {"content": {"title": "First light", "text": "We are *live*."}, "targets": [{"channel": channel}], **changes}
    headers = {"idempotency-key": key} if key else {}
    return service.ask("POST", PATH, body=body, headers=headers, role=role)


def test_an_accepted_publication_is_told_with_each_targets_state(service: Service, channel: str) -> None:
    reply = submit(service, channel)
    assert (reply.status, reply.headers["Location"]) == (202, f"/v1/publications/{reply.json['id']}")
    assert (reply.json["status"], reply.json["content"]["title"]) == ("publishing", "First light")
    (delivery,) = reply.json["deliveries"]
    assert (delivery["channel"], delivery["platform"], delivery["state"]) == (channel, "webhook", "queued")


def test_an_accepted_publication_is_on_its_platforms_queue(service: Service, channel: str) -> None:
    publication = submit(service, channel, role=Role.AUTHOR).json["id"]
    (message,) = service.sent("webhook")
    assert (message["kind"], message["publication"], message["channel"]) == ("deliver", publication, channel)


def test_the_correlation_id_goes_along(service: Service, channel: str) -> None:
    body = {"content": {"text": "Hi"}, "targets": [{"channel": channel}]}
    service.ask("POST", PATH, body=body, headers={"x-correlation-id": "order-4711"})
    assert [message["correlation_id"] for message in service.sent("webhook")] == ["order-4711"]


def test_an_urgent_publication_takes_the_urgent_queue(service: Service, channel: str) -> None:
    service.sent("webhook-urgent")
    submit(service, channel, priority="urgent")
    assert [message["kind"] for message in service.sent("webhook-urgent")] == ["deliver"]


def test_an_accepted_publication_is_counted_once(
    service: Service, channel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        submit(service, channel, key="counted-once")
    assert capsys.readouterr().out.count('"PublicationAccepted":[1.0]') == 1


def test_a_publication_may_be_timed_on_the_clocks_of_a_zone(service: Service, channel: str) -> None:
    reply = submit(service, channel, publish_at=tomorrow(""), zone="Europe/Zurich")
    assert (reply.status, reply.json["status"], reply.json["zone"]) == (202, "scheduled", "Europe/Zurich")
    assert reply.json["publish_at"] < tomorrow("")


def test_overrides_replace_content_for_one_channel(service: Service, channel: str) -> None:
    other = service.connected()["id"]
    overrides = {"text": "Shorter", "tags": ["a"], "media": [{"url": "https://example.org/a.png"}]}
    targets = [{"channel": channel}, {"channel": other, "overrides": overrides}]
    previews = submit(service, channel, targets=targets, dry_run=True).json["targets"]
    assert [preview["content"]["text"] for preview in previews] == ["We are *live*.", "Shorter"]
    assert previews[1]["content"]["media"] == [{"url": "https://example.org/a.png", "id": None, "alt": ""}]
    assert previews[1]["content"]["title"] == "First light"
    assert submit(service, channel, targets=targets).status == 202


def test_a_dry_run_tells_what_would_be_published_and_when(service: Service, channel: str) -> None:
    at = tomorrow()
    reply = submit(service, channel, dry_run=True, publish_at=at)
    assert (reply.status, reply.json["publish_at"][:19]) == (200, at[:19])
    (target,) = reply.json["targets"]
    assert (target["platform"], target["problems"]) == ("webhook", [])


def test_a_dry_run_tells_each_targets_problems(service: Service, channel: str) -> None:
    article = service.connected(platform="devto", credentials={"api_key": "k"})["id"]
    targets = [{"channel": channel}, {"channel": article}]
    reply = submit(service, channel, targets=targets, content={"text": "No title"}, dry_run=True)
    assert [[problem["field"] for problem in target["problems"]] for target in reply.json["targets"]] == [
        [],
        ["content.title"],
    ]


def test_a_dry_run_leaves_nothing_behind(service: Service, channel: str) -> None:
    submit(service, channel, dry_run=True)
    assert service.items("publications") == []
    assert service.sent("webhook") == []


def backlogged(service: Service, waiting: int) -> None:
    """What the sweep writes of a workspace of which so many publications wait."""
    operations = Operations("operations", now)
    values = {":waiting": waiting, ":now": operations.now_ms}
    key = f"backlog#{service.ours}"
    operations.write(key, "waiting = :waiting, taken_ms = :now", "attribute_not_exists(pk)", values, lasts_s=180)


def test_past_the_limit_of_what_may_wait_no_more_is_accepted(
    service: Service, channel: str, capsys: pytest.CaptureFixture[str]
) -> None:
    backlogged(service, BACKLOG_LIMIT)
    reply = submit(service, channel)
    assert (reply.status, reply.json["type"]) == (429, "urn:postroom:problem:backlog-full")
    assert reply.headers["Retry-After"] == "60"
    assert "cancel" in reply.json["detail"]
    assert service.items("publications") == []
    assert '"BacklogRefused":[1.0]' in capsys.readouterr().out


def test_short_of_the_limit_more_is_accepted(service: Service, channel: str) -> None:
    backlogged(service, BACKLOG_LIMIT - 1)
    assert [submit(service, channel).status for _ in range(2)] == [202, 429]


def test_past_the_limit_a_dry_run_is_answered(service: Service, channel: str) -> None:
    backlogged(service, BACKLOG_LIMIT)
    assert submit(service, channel, dry_run=True).status == 200


def test_past_the_limit_what_was_accepted_before_is_answered_with_what_it_led_to(
    service: Service, channel: str
) -> None:
    backlogged(service, BACKLOG_LIMIT - 1)
    first, again = submit(service, channel, key=KEY), submit(service, channel, key=KEY)
    assert (first.status, again.status) == (202, 202)
    assert (again.json["id"], again.headers["Idempotent-Replayed"]) == (first.json["id"], "true")


@pytest.mark.parametrize("form", [KEY, f'"{KEY}"'])
def test_a_repeated_request_is_answered_with_the_same_publication(service: Service, channel: str, form: str) -> None:
    first, second = submit(service, channel, key=KEY), submit(service, channel, key=form)
    assert (first.status, second.status) == (202, 202)
    assert second.json["id"] == first.json["id"]
    assert ("Idempotent-Replayed" in first.headers, second.headers["Idempotent-Replayed"]) == (False, "true")
    assert len(service.items("publications")) == 1
    assert len(service.sent("webhook")) == 1


def test_a_key_that_came_with_another_request_is_refused(service: Service, channel: str) -> None:
    submit(service, channel, key=KEY)
    reply = submit(service, channel, key=KEY, content={"text": "Other"})
    assert (reply.status, reply.problem) == (422, "idempotency-key-reused")
    assert len(service.items("publications")) == 1


def test_one_key_in_two_workspaces_is_two_publications(service: Service, channel: str) -> None:
    neighbour = Service(service.cloud)
    ours = submit(service, channel, key=KEY).json["id"]
    theirs = submit(neighbour, neighbour.connected()["id"], key=KEY).json["id"]
    assert ours != theirs


def test_without_a_key_two_requests_are_two_publications(service: Service, channel: str) -> None:
    assert submit(service, channel).json["id"] != submit(service, channel).json["id"]


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"contnt": 1}, "422 invalid-request", "contnt"),
    ({"workspace": "ws_1"}, "422 invalid-request", "workspace"),
    ({"targets": []}, "422 invalid-request", "targets"),
    ({"targets": [{"channel": "chn_made_up"}]}, "404 not-found", "targets[0].channel"),
    ({"targets": [{"channel": "a#b"}]}, "404 not-found", "targets[0].channel"),
    ({"content": {}}, "422 unfit-content", "content.text"),
    ({"content": {"text": " \n"}}, "422 unfit-content", "content.text"),
    ({"content": {"text": "x" * 100_001}}, "422 unfit-content", "content.text"),
    ({"content": {"text": "a\0b"}}, "422 invalid-request", "content.text"),
    ({"content": {"title": "\ud83d", "text": "x"}}, "422 invalid-request", "content.title"),
    ({"content": {"text": "x", "link": "javascript:1"}}, "422 unfit-content", "content.link"),
    ({"publish_at": "2020-01-01T00:00:00Z"}, "422 invalid-request", "publish_at"),
    ({"publish_at": "2099-01-01T00:00:00Z"}, "422 invalid-request", "publish_at"),
    ({"publish_at": tomorrow("")}, "422 invalid-request", "publish_at"),
    ({"publish_at": "tomorrow"}, "422 invalid-request", "publish_at"),
    ({"publish_at": ""}, "422 invalid-request", "publish_at"),
    ({"publish_at": tomorrow(""), "zone": "Europe/Zürich"}, "422 invalid-request", "zone"),
    ({"publish_at": tomorrow(""), "zone": "../../etc/passwd"}, "422 invalid-request", "zone"),
    ({"zone": "Mars/Olympus"}, "422 invalid-request", "zone"),
    ({"publish_at": tomorrow(), "zone": "Mars/Olympus"}, "422 invalid-request", "zone"),
    ({"expires_at": "2020-01-01T00:00:00Z"}, "422 invalid-request", "expires_at"),
    ({"publish_at": tomorrow(), "expires_at": tomorrow()}, "422 invalid-request", "expires_at"),
    ({"priority": "highest"}, "422 invalid-request", "priority"),
    ({"late": {"after_s": 59, "then": "hold"}}, "422 invalid-request", "late.after_s"),
    ({"late": {"after_s": 604_801, "then": "hold"}}, "422 invalid-request", "late.after_s"),
    ({"late": {"after_s": 60, "then": "drop"}}, "422 invalid-request", "late.then"),
    ({"late": {"then": "skip"}}, "422 invalid-request", "late.after_s"),
    ({"next_slot_of": "chn_made_up"}, "404 not-found", "next_slot_of"),
    ({"next_slot_of": "chn_made_up", "publish_at": tomorrow()}, "422 invalid-request", "next_slot_of"),
]


@pytest.mark.parametrize(("changes", "problem", "field"), WRONG, ids=lambda value: str(value)[:60])
def test_what_is_wrong_is_refused_and_nothing_is_written(
    service: Service, channel: str, changes: dict[str, Any], problem: str, field: str
) -> None:
    reply = submit(service, channel, **changes)
    assert (f"{reply.status} {reply.problem}", reply.fields[0]) == (problem, field)
    assert service.items("publications") == []
    assert service.sent("webhook") == []


def test_one_channel_twice_is_refused(service: Service, channel: str) -> None:
    reply = submit(service, channel, targets=[{"channel": channel}, {"channel": channel}])
    assert (reply.status, reply.fields) == (422, ["targets[1].channel"])


def test_a_text_that_is_too_long_is_told_by_how_much(service: Service, channel: str) -> None:
    (error,) = submit(service, channel, content={"text": "x" * 100_001}).json["errors"]
    assert "100001" in error["message"]
    assert "1 too many" in error["message"]


def test_a_time_that_clocks_skip_is_refused(service: Service, channel: str) -> None:
    skipped = next_gap()
    reply = submit(service, channel, publish_at=skipped, zone="Europe/Zurich")
    assert (reply.status, reply.fields) == (422, ["publish_at"])


def next_gap() -> str:
    """Half past two on the next last Sunday of March, which clocks in Zurich skip."""
    now = datetime.now(UTC)
    lasts = (datetime(year, 3, 31, 2, 30, tzinfo=UTC) for year in (now.year, now.year + 1))
    sundays = (last - timedelta(days=(last.weekday() + 1) % 7) for last in lasts)
    return f"{next(sunday for sunday in sundays if sunday > now):%Y-%m-%dT%H:%M:%S}"


@pytest.mark.parametrize(
    ("request_", "status", "problem"),
    [
        ({"raw": "{"}, 400, "malformed-request"),
        ({"raw": "[" * 10_000}, 400, "malformed-request"),
        ({"raw": '{"a": 1, "a": 2}'}, 400, "malformed-request"),
        ({"raw": b"\xff"}, 400, "malformed-request"),
        ({"raw": ""}, 422, "invalid-request"),
        ({"raw": "[]"}, 422, "invalid-request"),
        ({"raw": '"' + "x" * 262_144 + '"'}, 413, "too-large"),
        ({"raw": "{}", "headers": {"content-type": "text/plain"}}, 415, "unsupported-media-type"),
        (
            {"raw": "a=b", "headers": {"content-type": "application/x-www-form-urlencoded"}},
            415,
            "unsupported-media-type",
        ),
        ({"raw": "{}", "query": {"dry_run": "true"}}, 422, "invalid-request"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_cannot_be_read_is_refused(service: Service, request_: dict[str, Any], status: int, problem: str) -> None:
    reply = service.ask("POST", PATH, **request_)
    assert (reply.status, reply.problem) == (status, problem)


@pytest.mark.parametrize("key", ["short", "with blank", "x" * 256, '"unclosed'])
def test_a_malformed_key_is_refused_by_name_and_nothing_is_written(service: Service, channel: str, key: str) -> None:
    reply = submit(service, channel, key=key)
    assert (reply.status, reply.problem, reply.fields) == (400, "malformed-request", ["Idempotency-Key"])
    assert service.items("publications") == []


def test_another_workspaces_channel_is_not_found_and_nothing_is_written(service: Service) -> None:
    neighbour = Service(service.cloud)
    reply = submit(service, neighbour.connected()["id"])
    assert (reply.status, reply.problem, reply.fields) == (404, "not-found", ["targets[0].channel"])
    assert service.items("publications") == []


def test_one_wrong_target_keeps_all_back(service: Service, channel: str) -> None:
    reply = submit(service, channel, targets=[{"channel": channel}, {"channel": ids.new("chn")}])
    assert (reply.status, reply.fields) == (404, ["targets[1].channel"])
    assert service.items("publications") == []


def test_the_event_document_is_served(service: Service) -> None:
    event = gateway.document("submit")
    event["requestContext"]["authorizer"]["lambda"]["workspace"] = service.ours
    event["body"] = json.dumps({**json.loads(event["body"]), "targets": [{"channel": service.connected()["id"]}]})
    reply = gateway.reply(handler.handle(event, None))
    conformance.insist("POST", PATH, reply)
    assert reply.status == 202


def test_the_event_document_names_a_channel_nobody_has(service: Service) -> None:
    assert gateway.reply(handler.handle(gateway.document("submit"), None)).status == 404
    assert service.items("publications") == []


@pytest.fixture
def closed(service: Service, channel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The file of flags, which says that this workspace's publications are not taken in."""
    _ = channel
    conditions = [{"action": "EQUALS", "key": "workspace", "value": service.ours}]
    rules = {"maintenance": {"when_match": False, "conditions": conditions}}
    file = tmp_path / "flags.json"
    file.write_text(json.dumps({"accepting": {"default": True, "rules": rules}}))
    monkeypatch.setenv("STAGE", "local")
    monkeypatch.setenv("FLAGS_FILE", str(file))
    handler.router.cache_clear()
    yield file
    handler.router.cache_clear()


def test_where_nothing_is_taken_in_the_answer_says_when_to_come_again_and_nothing_is_stored(
    service: Service, channel: str, closed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert closed.exists()
    reply = submit(service, channel)
    assert (reply.status, reply.problem, reply.headers["Retry-After"]) == (503, "unavailable", "60")
    assert service.items("publications") == []
    assert service.sent("webhook") == []
    assert '"AcceptingRefused":[1.0]' in capsys.readouterr().out


def test_other_workspaces_are_not_refused(service: Service, closed: Path) -> None:
    assert closed.exists()
    neighbour = Service(service.cloud)
    assert submit(neighbour, str(neighbour.connected()["id"])).status == 202


def test_what_was_accepted_before_is_answered_and_a_dry_run_is_too(
    service: Service, channel: str, closed: Path
) -> None:
    closed.write_text(json.dumps({"accepting": {"default": True}}))
    first = submit(service, channel, key="closed-later")
    closed.write_text(json.dumps({"accepting": {"default": False}}))
    handler.router.cache_clear()
    again = submit(service, channel, key="closed-later")
    assert (again.status, again.json["id"]) == (202, first.json["id"])
    assert submit(service, channel, dry_run=True).status == 200
    assert submit(service, channel, key="closed-new").status == 503
