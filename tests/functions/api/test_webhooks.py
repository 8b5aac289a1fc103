from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.api.webhooks import Webhooks
from identity.model import Principal, Role
from notifying import payload
from notifying.endpoints import MOST, Endpoints
from notifying.log import Log
from notifying.model import Attempt, DisabledWhy, Endpoint, Entry, EventKind, Notice, NoticeState
from notifying.post import Laters
from publishing.clock import now
from publishing.model import utc_text
from tests.functions.service import Service
from web.problems import Refusal
from web.request import Request
from web.schemas.base import Nothing


def told(service: Service, webhook: str, *, ago: timedelta = timedelta(0), number: int = 1) -> Entry:
    """Something a webhook was told, and took."""
    at = utc_text(now() - ago)
    notice = Notice(EventKind.DELIVERY_FAILED, service.ours, "dlv_1", at, number, {"state": "failed"})
    log = Log("notices", now)
    log.record(payload.entry(notice, webhook))
    taken, _ = log.claim(service.ours, webhook, notice.id, 0)
    assert taken
    log.settle(taken, NoticeState.DELIVERED, Attempt(at, 204, 12))
    return taken


def stored(service: Service, webhook: str) -> Endpoint:
    """How a webhook stands in the table."""
    found = Endpoints("channels", now).find(service.ours, webhook)
    assert found
    return found


def disabled(service: Service, webhook: str, why: DisabledWhy) -> None:
    """It is called no more."""
    Endpoints("channels", now).disable(stored(service, webhook), why)


def test_a_webhook_is_made_and_its_secret_shown_this_once(service: Service) -> None:
    made = service.ask("POST", "/v1/webhooks", body={"url": "https://example.org/h", "events": ["delivery.*"]})
    assert made.headers["Location"] == f"/v1/webhooks/{made.json['id']}"
    assert len(base64.b64decode(made.json["secret"].removeprefix("whsec_"))) == 32
    read = service.ask("GET", made.headers["Location"])
    assert (read.json["url"], read.json["events"], read.json["state"]) == (
        "https://example.org/h",
        ["delivery.*"],
        "active",
    )
    assert "secret" not in read.json
    assert made.json["secret"] not in str(service.items("channels"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "http://example.org/h"}, "url"),
        ({"url": "https://user:pass@example.org/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://[::1]/"}, "url"),
        ({"url": ""}, "url"),
        ({"url": " \n"}, "url"),
        ({"url": "https://xn--a.example/hook"}, "url"),
        ({"url": "https://example.org:65561/hook"}, "url"),
        ({"events": ["delivery.eaten"]}, "events[0]"),
        ({"secret": "whsec_mine"}, "secret"),
    ],
)
def test_what_cannot_be_called_is_refused(service: Service, wrong: dict[str, Any], field: str) -> None:
    reply = service.ask("POST", "/v1/webhooks", body={"url": "https://example.org/h", **wrong})
    assert (reply.status, reply.json["errors"][0]["field"]) == (422, field)


def test_a_workspace_has_so_many_webhooks_and_no_more(service: Service) -> None:
    for _ in range(MOST):
        service.webhook()
    reply = service.ask("POST", "/v1/webhooks", body={"url": "https://example.org/h"})
    assert (reply.status, reply.problem) == (409, "wrong-state")
    assert len(service.ask("GET", "/v1/webhooks").json["items"]) == MOST


def test_a_webhook_is_changed_as_it_was_seen(service: Service) -> None:
    made = service.webhook()
    path = f"/v1/webhooks/{made['id']}"
    tag = service.ask("GET", path).headers["ETag"]
    body = {"url": "https://example.org/new", "name": "New", "events": ["channel.*"]}
    changed = service.ask("PATCH", path, body=body, headers={"if-match": tag})
    assert {name: changed.json[name] for name in body} == body
    assert service.ask("PATCH", path, body={"name": "Late"}, headers={"if-match": tag}).status == 412


def test_a_new_address_is_looked_at_too(service: Service) -> None:
    path = f"/v1/webhooks/{service.webhook()['id']}"
    assert service.ask("PATCH", path, body={"url": "https://127.0.0.1/"}).status == 422


@pytest.mark.parametrize("url", [" https://example.org/h", "https://example.org/h\n", "\t\x1chttps://example.org/h "])
def test_blanks_around_an_address_are_not_kept_since_it_could_not_be_called_with_them(
    service: Service, url: str
) -> None:
    made = service.ask("POST", "/v1/webhooks", body={"url": url}).json["id"]
    assert stored(service, made).url == "https://example.org/h"
    service.ask("PATCH", f"/v1/webhooks/{made}", body={"url": url.replace("/h", "/new")})
    assert stored(service, made).url == "https://example.org/new"


def test_nothing_to_change_changes_nothing(service: Service) -> None:
    made = service.webhook()
    changed = service.ask("PATCH", f"/v1/webhooks/{made['id']}", body={"enabled": True, "name": ""})
    assert changed.json["updated_at"] == made["updated_at"]


def test_a_webhook_is_stopped_and_called_again(service: Service) -> None:
    path = f"/v1/webhooks/{service.webhook()['id']}"
    stopped = service.ask("PATCH", path, body={"enabled": False}).json
    assert (stopped["state"], stopped["disabled_why"]) == ("disabled", "person")
    assert service.ask("POST", f"{path}/test", body={}).problem == "wrong-state"
    again = service.ask("PATCH", path, body={"enabled": True}).json
    assert (again["state"], again["disabled_at"], again["disabled_why"]) == ("active", None, None)


def test_a_webhook_that_was_disabled_says_why(service: Service) -> None:
    made = service.webhook()
    disabled(service, made["id"], DisabledWhy.GONE)
    shown = service.ask("GET", f"/v1/webhooks/{made['id']}").json
    assert (shown["state"], shown["disabled_why"]) == ("disabled", "gone")


def test_a_webhook_that_fails_says_since_when(service: Service) -> None:
    made, endpoints = service.webhook(), Endpoints("channels", now)
    ailing = endpoints.ails(stored(service, made["id"]))
    assert ailing
    endpoints.warn(ailing)
    shown = service.ask("GET", f"/v1/webhooks/{made['id']}").json
    assert shown["state"] == "failing"
    assert shown["failing_since"] is not None


def test_a_webhook_is_deleted(service: Service) -> None:
    path = f"/v1/webhooks/{service.webhook()['id']}"
    assert service.ask("DELETE", path).status == 204
    assert [service.ask(method, path).status for method in ("GET", "DELETE")] == [404, 404]


def test_another_secret_is_shown_this_once_and_both_count_for_a_day(service: Service) -> None:
    made = service.webhook()
    rotated = service.ask("POST", f"/v1/webhooks/{made['id']}/rotate", body={}).json
    assert rotated["secret"] != made["secret"]
    until = datetime.fromisoformat(rotated["previous_secret_until"])
    assert timedelta(hours=23) < until - datetime.now(UTC) <= timedelta(hours=24)


def test_a_test_is_asked_for_by_message(service: Service) -> None:
    made = service.webhook()
    asked = service.ask("POST", f"/v1/webhooks/{made['id']}/test", body={})
    (sent,) = service.sent("notify")
    assert (sent["kind"], sent["endpoint"]) == ("probe", made["id"])
    assert asked.json["event"].startswith("evt_")


def test_the_log_shows_what_was_told_newest_first_page_by_page(service: Service) -> None:
    made = service.webhook()
    entries = [told(service, made["id"], ago=timedelta(minutes=10 - number), number=number) for number in range(3)]
    path = f"/v1/webhooks/{made['id']}/log"
    first = service.ask("GET", path, query={"limit": "2"}).json
    rest = service.ask("GET", path, query={"limit": "2", "cursor": first["next"]}).json
    events = [each["event"] for each in (*first["items"], *rest["items"])]
    assert (events, rest["next"]) == ([each.event for each in reversed(entries)], None)
    attempt = first["items"][0]["attempts"][0]
    assert (attempt["status"], attempt["ms"], attempt["why"]) == (204, 12, "")


def test_the_log_is_asked_for_a_range_of_time(service: Service) -> None:
    made = service.webhook()
    old, new = told(service, made["id"], ago=timedelta(hours=3)), told(service, made["id"])
    path, hour_ago = f"/v1/webhooks/{made['id']}/log", (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    since = service.ask("GET", path, query={"since": hour_ago}).json["items"]
    until = service.ask("GET", path, query={"until": hour_ago}).json["items"]
    assert ([each["event"] for each in since], [each["event"] for each in until]) == ([new.event], [old.event])


@pytest.mark.parametrize(
    "query", [{"since": "yesterday"}, {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}]
)
def test_a_range_that_is_none_is_refused(service: Service, query: dict[str, str]) -> None:
    assert service.ask("GET", f"/v1/webhooks/{service.webhook()['id']}/log", query=query).status == 422


def test_a_cursor_of_another_log_is_refused(service: Service) -> None:
    made = service.webhook()
    for number in range(2):
        told(service, made["id"], number=number)
    following = service.ask("GET", f"/v1/webhooks/{made['id']}/log", query={"limit": "1"}).json["next"]
    other = f"/v1/webhooks/{service.webhook()['id']}/log"
    assert service.ask("GET", other, query={"cursor": following}).status == 422


def test_one_event_is_told_again(service: Service) -> None:
    made = service.webhook()
    entry = told(service, made["id"])
    reply = service.ask("POST", f"/v1/webhooks/{made['id']}/replay", body={"event": entry.event})
    assert (reply.status, reply.json) == (202, {"events": 1, "complete": True})
    (sent,) = service.sent("notify")
    assert (sent["kind"], sent["first"], sent["last"]) == ("replay", entry.event, entry.event)


def test_a_range_is_counted_and_told_again_by_one_message(service: Service) -> None:
    made = service.webhook()
    for number in range(3):
        told(service, made["id"], number=number)
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    reply = service.ask("POST", f"/v1/webhooks/{made['id']}/replay", body={"since": since, "undelivered": True})
    assert reply.json == {"events": 3, "complete": True}
    (sent,) = service.sent("notify")
    assert sent["undelivered"] is True


def test_where_there_is_nothing_nothing_is_sent(service: Service) -> None:
    path = f"/v1/webhooks/{service.webhook()['id']}/replay"
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    assert service.ask("POST", path, body={"since": since}).json == {"events": 0, "complete": True}
    assert service.ask("POST", path, body={"event": f"evt_{'0' * 26}"}).status == 404
    assert service.sent("notify") == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"event": f"evt_{'0' * 26}", "since": "2026-11-20T12:00:00Z"},
        {"until": "2026-11-20T12:00:00Z"},
        {"event": "x"},
    ],
)
def test_it_is_one_event_or_a_range(service: Service, body: dict[str, str]) -> None:
    assert service.ask("POST", f"/v1/webhooks/{service.webhook()['id']}/replay", body=body).status == 422


def test_a_disabled_webhook_is_told_nothing_again(service: Service) -> None:
    made = service.webhook()
    disabled(service, made["id"], DisabledWhy.PERSON)
    body = {"since": "2026-11-20T12:00:00Z"}
    assert service.ask("POST", f"/v1/webhooks/{made['id']}/replay", body=body).problem == "wrong-state"


def test_an_attempt_that_failed_shows_when_the_next_is(service: Service) -> None:
    made, log = service.webhook(), Log("notices", now)
    entry = payload.entry(Notice(EventKind.WEBHOOK_TEST, service.ours, made["id"], utc_text(now()), 1), made["id"])
    at = utc_text(now() + timedelta(minutes=5))
    failed = Attempt(utc_text(now()), 503, 7, "status", "Out of order.")
    log.record(replace(entry, tried=1, attempts=(failed,), next_at=at))
    (shown,) = service.ask("GET", f"/v1/webhooks/{made['id']}/log").json["items"]
    assert (shown["state"], shown["next_attempt_at"], shown["attempts"][0]["excerpt"]) == (
        "waiting",
        at,
        "Out of order.",
    )


class Refusing:
    """A queue that takes nothing. It is its own factory."""

    def __call__(self) -> Any:
        return self

    def send_message_batch(self, **_: Any) -> Any:
        """Take nothing."""
        return {"Failed": [{"Id": "0", "Code": "Throttled"}]}


def test_where_a_test_cannot_be_sent_it_is_to_be_asked_for_again(service: Service) -> None:
    made = service.webhook()
    unused: Any = None
    webhooks = Webhooks(Endpoints("channels", now), unused, unused, Laters("url", Refusing()), now)
    caller = Principal(service.ours, "tester", Role.EDITOR)
    with pytest.raises(Refusal) as refused:
        webhooks.test(Request(Nothing(), caller, {"webhook": made["id"]}, {}, "c"))
    assert refused.value.kind.status == 503
