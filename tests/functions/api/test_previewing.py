from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from publishing import aws
from tests.bench.meter import Meter
from tests.functions.service import Service
from tests.web.gateway import Reply

PATH = "/v1/publications"
DAY = (datetime.now(UTC) + timedelta(days=2)).date()
Preview = Callable[..., Any]


def at(time: str) -> str:
    return f"{DAY}T{time}:00Z"


def ask(service: Service, path: str, channels: tuple[str, ...], **changes: Any) -> Reply:
    body = {"content": {"text": "Hello"}, "targets": [{"channel": each} for each in channels], **changes}
    return service.ask("POST", path, body=body)


@pytest.fixture
def channel(service: Service) -> str:
    return str(service.connected()["id"])


@pytest.fixture(params=["dry_run", "validate"])
def preview(request: pytest.FixtureRequest, service: Service) -> Preview:
    """What a publication would be, through either route."""
    path, how = (PATH, {"dry_run": True}) if request.param == "dry_run" else (f"{PATH}/validate", {})
    return lambda *channels, **changes: ask(service, path, channels, **how, **changes).json


def test_the_cost_is_told_for_each_target_and_in_all(service: Service, channel: str, preview: Preview) -> None:
    found = preview(channel, service.connected()["id"])
    one, other = (Decimal(target["cost_usd"]) for target in found["targets"])
    assert Decimal(found["cost_usd"]) == one + other
    assert Decimal("0.000001") < one == other < Decimal("0.000010")


def test_what_is_timed_costs_more(channel: str, preview: Preview) -> None:
    assert Decimal(preview(channel, publish_at=at("12:00"))["cost_usd"]) > Decimal(preview(channel)["cost_usd"])


def test_what_cannot_be_published_has_its_problems_and_its_cost(channel: str, preview: Preview) -> None:
    (target,) = preview(channel, content={})["targets"]
    assert [problem["field"] for problem in target["problems"]] == ["content.text"]
    assert Decimal(target["cost_usd"]) > 0


def test_nothing_speaks_against_the_first(channel: str, preview: Preview) -> None:
    assert preview(channel)["targets"][0]["warnings"] == []


def test_the_same_content_on_the_same_day_is_warned_of(service: Service, channel: str, preview: Preview) -> None:
    other = service.submitted(channel, publish_at=at("09:00"))["id"]
    (warning,) = preview(channel, publish_at=at("12:00"))["targets"][0]["warnings"]
    assert warning == {
        "code": "repeated-content",
        "field": "content",
        "message": "“Hello” has the same content for this channel, 3 h earlier.",
        "remedy": "Change the title, text, link or media for this channel, or leave the channel out.",
        "publication": other,
    }


def test_what_is_close_in_time_is_warned_of(service: Service, channel: str, preview: Preview) -> None:
    other = service.submitted(channel, content={"title": "Other", "text": "Text"}, publish_at=at("12:03"))["id"]
    (warning,) = preview(channel, publish_at=at("12:00"))["targets"][0]["warnings"]
    assert warning == {
        "code": "close-in-time",
        "field": "publish_at",
        "message": "“Other” goes to this channel, too, 3 min later.",
        "remedy": "Choose a time more than 5 minutes away from it.",
        "publication": other,
    }


def test_a_warning_is_of_the_content_a_channel_would_get(service: Service, channel: str, preview: Preview) -> None:
    other = service.connected()["id"]
    same = {"channel": other, "overrides": {"text": "Of its own"}}
    service.submitted(channel, targets=[{"channel": channel}, same], publish_at=at("09:00"))
    targets = [{"channel": channel, "overrides": {"text": "Of its own"}}, {"channel": other}]
    found = preview(targets=targets, publish_at=at("12:00"))["targets"]
    assert [target["warnings"] for target in found] == [[], []]


def test_a_warning_is_of_that_channel_alone(service: Service, channel: str, preview: Preview) -> None:
    service.submitted(channel)
    found = preview(service.connected()["id"], channel)["targets"]
    assert [[each["code"] for each in target["warnings"]] for target in found] == [
        [],
        ["repeated-content", "close-in-time"],
    ]


def test_what_is_warned_of_can_be_published(service: Service, channel: str) -> None:
    codes = [ask(service, PATH, (channel,)).status for _ in range(2)]
    assert codes == [202, 202]


def test_a_repeated_request_is_not_warned_of_itself(service: Service, channel: str) -> None:
    body = {"content": {"text": "Hello"}, "targets": [{"channel": channel}], "publish_at": at("12:00")}
    headers = {"idempotency-key": "previewed-1"}
    service.ask("POST", PATH, body=body, headers=headers)
    found = service.ask("POST", PATH, body={**body, "dry_run": True}, headers=headers)
    assert found.json["targets"][0]["warnings"] == []


def test_what_is_being_edited_is_not_warned_of(service: Service, channel: str) -> None:
    ours = service.submitted(channel, publish_at=at("12:00"))["id"]
    found = ask(service, f"{PATH}/validate", (channel,), publish_at=at("12:01"), edits=ours)
    assert found.json["targets"][0]["warnings"] == []


@pytest.mark.parametrize("dry_run", [True, False])
def test_what_is_submitted_edits_nothing(service: Service, channel: str, dry_run: bool) -> None:  # noqa: FBT001
    reply = ask(service, PATH, (channel,), dry_run=dry_run, edits="pub_1")
    assert (reply.status, reply.fields) == (422, ["edits"])


def test_only_dry_runs_look_for_what_is_near(service: Service, channel: str) -> None:
    service.submitted(channel)
    counted = Meter()
    with counted.attached(aws.dynamodb()):
        ask(service, PATH, (channel,))
    assert counted.calls["dynamodb.Query"] == 0
    with counted.attached(aws.dynamodb()):
        ask(service, PATH, (channel,), dry_run=True)
    assert counted.calls["dynamodb.Query"] == 1
