from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from functions.platforms.threads import Threads
from publishing.errors import OutcomeUnknown
from publishing.model import Channel, Content, Media, Metric, Outcome, Pending, Post, Receipt
from publishing.transport import Detoured
from tests.functions.platforms.conversing import NOON, hold, outcome_of
from tests.sandbox.faults import Fault, Kind
from tests.sandbox.graph import READY_S
from tests.sandbox.indoors import Indoors, indoors
from tests.sandbox.platforms import threads as stand_ins
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
        {"media_type": "VIDEO", "video_url": "https://example.org/a.jpg"},
        {"reply_to_id": "4711"},
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


@pytest.fixture
def inside() -> Indoors:
    return indoors(stand_ins.STAND_IN)


THREAD = Post("dlv_3", Content(text=" ".join(f"{n} rivers carry leaves." for n in range(50)), thread=True), NOON)
VIDEO = Post("dlv_4", Content(text="Rapids", media=(Media("https://example.org/a.mp4", "Rapids"),)), NOON)


def connected(inside: Indoors) -> Channel:
    return Channel("chn_1", "wsp_1", "threads", secrets=inside.fields)


def steps(inside: Indoors, post: Post, waiting: Outcome | None = None) -> list[Outcome]:
    """All that comes of it, from the beginning or from what was written down."""
    channel, adapter = connected(inside), Threads()
    outcomes = [waiting or inside.hold(adapter.publish(post, channel))]
    while isinstance(outcomes[-1], Pending):
        time.sleep(READY_S if "looks" in outcomes[-1].state else 0)
        outcomes.append(inside.hold(adapter.resume(outcomes[-1], post, channel)))
    return outcomes


def test_the_adapter_publishes_a_video_once_it_is_ready(inside: Indoors) -> None:
    receipt = steps(inside, VIDEO)[-1]
    assert isinstance(receipt, Receipt)
    (notice,) = inside.wall.notices("threads")
    assert (notice.id, notice.document["alt_text"]) == (receipt.id, "Rapids")


def test_the_adapter_publishes_a_thread_whose_posts_answer_each_other(inside: Indoors) -> None:
    receipt = steps(inside, THREAD)[-1]
    assert isinstance(receipt, Receipt)
    first, second, third = inside.wall.notices("threads")
    assert receipt.id == f"{first.id},{second.id},{third.id}"
    assert [second.document["reply_to_id"], third.document["reply_to_id"]] == [first.id, second.id]
    assert " ".join(each.document["text"] for each in (first, second, third)) == THREAD.content.text.strip()
    found = inside.hold(Threads().find(THREAD, connected(inside), NOON))
    assert isinstance(found, Receipt)
    assert (found.id, found.url) == (receipt.id, receipt.url)


def test_a_thread_is_out_once_if_its_worker_dies_after_every_step(inside: Indoors) -> None:
    adapter, channel = Threads(), connected(inside)
    outcome: Outcome = inside.hold(adapter.publish(THREAD, channel))
    while isinstance(outcome, Pending):
        inside.hold(adapter.resume(outcome, THREAD, channel))  # what came of it was never written down
        outcome = inside.hold(adapter.resume(outcome, THREAD, channel))
    assert isinstance(outcome, Receipt)
    assert [notice.id for notice in inside.wall.notices("threads")] == outcome.id.split(",")


def test_the_adapter_goes_on_with_what_it_finds_of_a_thread(inside: Indoors) -> None:
    adapter, channel = Threads(), connected(inside)
    waiting = inside.hold(adapter.publish(THREAD, channel))
    assert isinstance(waiting, Pending)
    inside.hold(adapter.resume(waiting, THREAD, channel))
    found = inside.hold(adapter.find(THREAD, channel, NOON))
    assert isinstance(found, Pending)
    assert isinstance(steps(inside, THREAD, found)[-1], Receipt)
    assert len(inside.wall.notices("threads")) == 3


def test_the_adapter_counts_and_removes_all_of_a_thread(inside: Indoors) -> None:
    receipt = steps(inside, THREAD)[-1]
    assert isinstance(receipt, Receipt)
    assert inside.hold(Threads().metrics(receipt, connected(inside)))[Metric.VIEWS] == 90
    inside.hold(Threads().remove(receipt, connected(inside)))
    assert inside.wall.notices("threads") == []
    inside.hold(Threads().remove(receipt, connected(inside)))  # gone is as good as removed


def test_the_adapter_renews_its_token(inside: Indoors) -> None:
    fresh = inside.hold(Threads().refresh(connected(inside)))
    assert fresh.lasts_s == 5_184_000
    channel = replace(connected(inside), secrets=fresh.secrets)
    assert inside.hold(Threads().verify(channel)).name == "ada"


def test_a_token_is_renewed_by_its_own_grant(inside: Indoors) -> None:
    assert inside.ask("GET", "/refresh_access_token", params={"grant_type": "ig_refresh_token"}).status_code == 400


def test_what_nobody_counts_is_refused(inside: Indoors) -> None:
    notice = inside.wall.hang("threads", "ada", "1", {})
    assert inside.ask("GET", f"/v1.0/{notice.id}/insights", params={"metric": "views,saved"}).status_code == 400
    assert inside.ask("GET", "/v1.0/2/insights", params={"metric": "views"}).json()["error"]["error_subcode"] == 33
