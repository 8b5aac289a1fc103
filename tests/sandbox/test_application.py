from __future__ import annotations

import httpx
import pytest

from functions import platforms
from tests.sandbox.faults import Kind
from tests.sandbox.server import MEDIA, Sandbox

MESSAGE = {"content": "Hello"}


def opened(sandbox: Sandbox, platform: str, name: str = "first") -> dict[str, str]:
    answer = httpx.post(f"{sandbox.addresses[platform]}/_sandbox/accounts", json={"name": name})
    fields: dict[str, str] = answer.raise_for_status().json()
    return fields


def switched_on(sandbox: Sandbox, kind: Kind, **more: object) -> None:
    fault = {"platform": "discord", "account": "first", "kind": kind, **more}
    httpx.post(f"{sandbox.addresses['discord']}/_sandbox/faults", json=fault).raise_for_status()


def sent(webhook: dict[str, str]) -> httpx.Response:
    return httpx.post(webhook["webhook_url"], params={"wait": "true"}, json=MESSAGE)


def test_every_answer_says_that_it_is_a_stand_ins(sandbox: Sandbox) -> None:
    answer = httpx.get(f"{sandbox.addresses['devto']}/api/users/me")
    assert "not the real platform" in answer.headers["X-Stand-In"]


@pytest.mark.parametrize("platform", ["devto", "discord", "webhook"])
def test_an_account_answers_the_fields_its_adapter_asks_for(sandbox: Sandbox, platform: str) -> None:
    declared = platforms.load(platform).credentials.fields
    required = {field.name for field in declared if field.required}
    assert required <= opened(sandbox, platform).keys() <= {field.name for field in declared}


def test_what_was_published_is_shown_with_its_account(sandbox: Sandbox) -> None:
    sent(opened(sandbox, "discord"))
    (post,) = httpx.get(f"{sandbox.addresses['webhook']}/_sandbox/posts").json()
    assert (post["platform"], post["account"], post["document"]["content"]) == ("discord", "first", "Hello")


def test_posts_are_shown_by_account(sandbox: Sandbox) -> None:
    sent(opened(sandbox, "discord"))
    assert httpx.get(f"{sandbox.addresses['discord']}/_sandbox/posts?account=second").json() == []


def test_a_throttled_account_is_told_how_long_to_wait(sandbox: Sandbox) -> None:
    webhook = opened(sandbox, "discord")
    switched_on(sandbox, Kind.THROTTLE, seconds=2.5)
    assert sent(webhook).json()["retry_after"] == 2.5


def test_a_fault_is_used_up(sandbox: Sandbox) -> None:
    webhook = opened(sandbox, "discord")
    switched_on(sandbox, Kind.THROTTLE, times=2)
    assert [sent(webhook).status_code for _ in range(3)] == [429, 429, 200]


def test_a_fault_leaves_requests_alone_that_publish_nothing(sandbox: Sandbox) -> None:
    webhook = opened(sandbox, "discord")
    switched_on(sandbox, Kind.ERROR)
    assert httpx.get(webhook["webhook_url"]).status_code == 200


def test_a_fault_everywhere_hits_them_too(sandbox: Sandbox) -> None:
    webhook = opened(sandbox, "discord")
    switched_on(sandbox, Kind.ERROR, everywhere=True)
    assert httpx.get(webhook["webhook_url"]).status_code == 500


def test_expired_credentials_are_refused_wherever_they_are_shown(sandbox: Sandbox) -> None:
    webhook = opened(sandbox, "discord")
    switched_on(sandbox, Kind.EXPIRE)
    assert httpx.get(webhook["webhook_url"]).status_code == 401


def test_a_fault_hits_one_account_alone(sandbox: Sandbox) -> None:
    switched_on(sandbox, Kind.ERROR)
    assert sent(opened(sandbox, "discord", "second")).status_code == 200


def test_faults_can_be_switched_off(sandbox: Sandbox) -> None:
    webhook = opened(sandbox, "discord")
    switched_on(sandbox, Kind.ERROR)
    httpx.delete(f"{sandbox.addresses['discord']}/_sandbox/faults").raise_for_status()
    assert sent(webhook).status_code == 200


def test_an_answer_lost_after_the_effect_was_published(sandbox: Sandbox) -> None:
    webhook = opened(sandbox, "discord")
    switched_on(sandbox, Kind.LOSE_AFTER)
    with pytest.raises(httpx.RemoteProtocolError):
        sent(webhook)
    assert len(sandbox.wall.notices("discord")) == 1


def test_an_answer_lost_before_the_effect_was_not(sandbox: Sandbox) -> None:
    webhook = opened(sandbox, "discord")
    switched_on(sandbox, Kind.LOSE_BEFORE)
    with pytest.raises(httpx.RemoteProtocolError):
        sent(webhook)
    assert sandbox.wall.notices("discord") == []


def test_garbage_is_status_200_for_something_published(sandbox: Sandbox) -> None:
    webhook = opened(sandbox, "discord")
    switched_on(sandbox, Kind.GARBAGE)
    answer = sent(webhook)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert len(sandbox.wall.notices("discord")) == 1


def test_a_slow_answer_comes_late(sandbox: Sandbox) -> None:
    webhook = opened(sandbox, "discord")
    switched_on(sandbox, Kind.SLOW, seconds=0.3)
    assert sent(webhook).elapsed.total_seconds() >= 0.3


def test_an_unknown_fault_is_refused(sandbox: Sandbox) -> None:
    fault = {"platform": "discord", "account": "first", "kind": "gremlins"}
    assert httpx.post(f"{sandbox.addresses['discord']}/_sandbox/faults", json=fault).status_code == 422


def test_a_route_the_platform_does_not_have_is_not_found(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.addresses['discord']}/api/v10/gateway").status_code == 404


def test_there_is_a_picture_to_publish(sandbox: Sandbox) -> None:
    answer = httpx.get(f"{sandbox.hosts[MEDIA]}/any.png")
    assert (answer.headers["Content-Type"], answer.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
