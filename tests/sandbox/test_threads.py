from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from functions.platforms.threads import Threads
from publishing.errors import OutcomeUnknown
from publishing.model import Channel, Content, Media, Outcome, Pending, Post, Receipt
from publishing.transport import Detoured
from tests.functions.platforms.conversing import NOON, hold, outcome_of
from tests.sandbox.faults import Fault, Kind
from tests.sandbox.graph import READY_S
from tests.sandbox.server import Sandbox

TEXT = {"media_type": "TEXT", "text": "Hello"}
ITEM = {"media_type": "IMAGE", "image_url": "https://example.org/a.jpg", "is_carousel_item": True}
POST = Post("dlv_1", Content(title="Rivers", text="All *rivers*", link="https://example.org", tags=("water",)), NOON)
CAROUSEL = Post("dlv_2", Content(media=(Media("https://example.org/a.jpg", "A river"),) * 2, text="Two"), NOON)


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    return dict(httpx.post(f"{sandbox.addresses['threads']}/_sandbox/accounts", json={"name": "ada"}).json())


@pytest.fixture
def api(sandbox: Sandbox, fields: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {fields['access_token']}"}
    with httpx.Client(base_url=f"{sandbox.addresses['threads']}/v1.0", headers=headers) as client:
        yield client


@pytest.fixture
def transport(sandbox: Sandbox) -> Iterator[httpx.BaseTransport]:
    with httpx.HTTPTransport() as plain:
        yield Detoured(plain, {"graph.threads.net": sandbox.addresses["threads"]})


@pytest.fixture
def channel(fields: dict[str, str]) -> Channel:
    return Channel("chn_1", "wsp_1", "threads", secrets=fields)


def made(api: httpx.Client, **container: Any) -> str:
    return str(api.post("me/threads", json=container).json()["id"])


def published(api: httpx.Client, container: str) -> httpx.Response:
    return api.post("me/threads_publish", json={"creation_id": container})


def resumed(outcome: Outcome, post: Post, channel: Channel, transport: httpx.BaseTransport) -> Outcome:
    assert isinstance(outcome, Pending)
    return hold(Threads().resume(outcome, post, channel), transport)


def joined(channel: Channel, transport: httpx.BaseTransport) -> Pending:
    """The carousel's one container, written down."""
    outcome = resumed(hold(Threads().publish(CAROUSEL, channel), transport), CAROUSEL, channel, transport)
    assert isinstance(outcome, Pending)
    return outcome


def test_without_a_token_nobody_is_authorized(api: httpx.Client) -> None:
    answer = api.get("me", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)


def test_a_token_tells_its_profile(api: httpx.Client) -> None:
    assert api.get("me").json()["username"] == "ada"


def test_a_strangers_profile_is_not_published_to(api: httpx.Client) -> None:
    assert api.post("4711/threads", json=TEXT).json()["error"]["error_subcode"] == 33


def test_nothing_is_out_before_its_container_is_published(api: httpx.Client) -> None:
    container = made(api, **TEXT)
    assert api.get(container).json()["status"] == "FINISHED"
    assert api.get("me/threads").json()["data"] == []
    published(api, container)
    assert api.get(container).json()["status"] == "PUBLISHED"
    assert [post["text"] for post in api.get("me/threads").json()["data"]] == ["Hello"]


def test_a_container_is_published_once(api: httpx.Client) -> None:
    container = made(api, **TEXT)
    assert published(api, container).status_code == 200
    assert published(api, container).json()["error"]["error_subcode"] == 4279009


def test_an_item_of_a_carousel_is_not_published_by_itself(api: httpx.Client) -> None:
    assert published(api, made(api, **ITEM)).status_code == 400


def test_a_carousel_takes_a_while(api: httpx.Client) -> None:
    container = made(api, media_type="CAROUSEL", children=",".join([made(api, **ITEM), made(api, **ITEM)]))
    assert api.get(container).json()["status"] == "IN_PROGRESS"
    assert published(api, container).json()["error"]["error_subcode"] == 4279009


@pytest.mark.parametrize(
    "changes",
    [
        {"text": ""},
        {"text": "x" * 501},
        {"media_type": "GIF"},
        {"media_type": "IMAGE"},
        {"media_type": "IMAGE", "image_url": "https://example.org/a.mp4"},
        {"media_type": "IMAGE", "image_url": "https://example.org/a.jpg", "link_attachment": "https://example.org"},
        {"media_type": "CAROUSEL", "children": "1,2"},
        {"topic_tag": "a.b"},
        {"caption": "Hello"},
    ],
)
def test_what_breaks_a_rule_is_refused(api: httpx.Client, changes: dict[str, Any]) -> None:
    answer = api.post("me/threads", json=TEXT | changes)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "OAuthException")


def test_parameters_may_stand_in_the_address(api: httpx.Client) -> None:
    assert api.post("me/threads", params=TEXT).status_code == 200


def test_the_quota_is_told(api: httpx.Client) -> None:
    published(api, made(api, **TEXT))
    (usage,) = api.get("me/threads_publishing_limit").json()["data"]
    assert (usage["quota_usage"], usage["config"]["quota_total"]) == (1, 250)


def test_what_is_not_there_is_not_found(api: httpx.Client, sandbox: Sandbox) -> None:
    assert api.get("4711").json()["error"]["error_subcode"] == 33
    assert httpx.get(f"{sandbox.addresses['threads']}/@ada/post/1").status_code == 404


def test_the_adapter_publishes_a_text(sandbox: Sandbox, channel: Channel, transport: httpx.BaseTransport) -> None:
    waiting = hold(Threads().publish(POST, channel), transport)
    assert sandbox.wall.notices("threads") == []
    receipt = resumed(resumed(waiting, POST, channel, transport), POST, channel, transport)
    assert isinstance(receipt, Receipt)
    (notice,) = sandbox.wall.notices("threads", "ada")
    assert (notice.id, notice.document["text"]) == (receipt.id, "Rivers\n\nAll rivers")
    assert "All rivers" in httpx.get(receipt.url).text


def test_the_adapter_publishes_a_carousel_once_it_is_ready(
    sandbox: Sandbox, channel: Channel, transport: httpx.BaseTransport
) -> None:
    waiting = joined(channel, transport)
    assert sandbox.wall.notices("threads") == []
    time.sleep(READY_S)
    receipt = resumed(resumed(waiting, CAROUSEL, channel, transport), CAROUSEL, channel, transport)
    assert isinstance(receipt, Receipt)
    assert resumed(waiting, CAROUSEL, channel, transport) == hold(Threads().find(CAROUSEL, channel, NOON), transport)
    (notice,) = sandbox.wall.notices("threads", "ada")
    assert (notice.id, len(notice.document["children"])) == (receipt.id, 2)


@pytest.mark.parametrize("kind", [Kind.LOSE_AFTER, Kind.LOSE_BEFORE, Kind.GARBAGE, Kind.ERROR])
def test_the_adapter_publishes_once_whatever_becomes_of_the_answer(
    sandbox: Sandbox, channel: Channel, transport: httpx.BaseTransport, kind: Kind
) -> None:
    ready = joined(channel, transport)
    time.sleep(READY_S)
    sandbox.faults.switch_on(Fault(platform="threads", account="ada", kind=kind))
    assert isinstance(outcome_of(Threads().resume(ready, CAROUSEL, channel), transport), OutcomeUnknown)
    resumed(ready, CAROUSEL, channel, transport)  # as after a crash: what was written down has not changed
    receipt = resumed(ready, CAROUSEL, channel, transport)
    assert isinstance(receipt, Receipt)
    assert [notice.id for notice in sandbox.wall.notices("threads")] == [receipt.id]


def test_the_adapter_knows_whose_token_it_is(channel: Channel, transport: httpx.BaseTransport) -> None:
    assert hold(Threads().verify(channel), transport).name == "ada"
