from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from functions.platforms.instagram import Instagram
from publishing.errors import OutcomeUnknown
from publishing.model import Channel, Content, Media, Metric, Outcome, Pending, Post, Receipt
from publishing.transport import Detoured
from tests.functions.platforms.conversing import NOON, hold, outcome_of
from tests.sandbox.faults import Fault, Kind
from tests.sandbox.graph import READY_S
from tests.sandbox.indoors import Indoors, indoors
from tests.sandbox.platforms import instagram as stand_ins
from tests.sandbox.server import Sandbox

IMAGE = {"image_url": "https://example.org/a.jpg", "caption": "Hello"}
ITEM = {"image_url": "https://example.org/a.jpg", "is_carousel_item": True}
RIVER = Media("https://example.org/a.jpg", "A river")
POST = Post("dlv_1", Content(title="Rivers", text="All *rivers*", tags=("water",), media=(RIVER,)), NOON)
CAROUSEL = Post("dlv_2", Content(media=(RIVER, RIVER), text="Two"), NOON)


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    return dict(httpx.post(f"{sandbox.addresses['instagram']}/_sandbox/accounts", json={"name": "ada"}).json())


@pytest.fixture
def api(sandbox: Sandbox, fields: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {fields['access_token']}"}
    with httpx.Client(base_url=f"{sandbox.addresses['instagram']}/v25.0", headers=headers) as client:
        yield client


@pytest.fixture
def transport(sandbox: Sandbox) -> Iterator[httpx.BaseTransport]:
    with httpx.HTTPTransport() as plain:
        yield Detoured(plain, {"graph.instagram.com": sandbox.addresses["instagram"]})


@pytest.fixture
def channel(fields: dict[str, str]) -> Channel:
    settings, secrets = {"account_id": fields["account_id"]}, {"access_token": fields["access_token"]}
    return Channel("chn_1", "wsp_1", "instagram", settings=settings, secrets=secrets)


def resumed(outcome: Outcome, post: Post, channel: Channel, transport: httpx.BaseTransport) -> Outcome:
    assert isinstance(outcome, Pending)
    return hold(Instagram().resume(outcome, post, channel), transport)


def joined(channel: Channel, transport: httpx.BaseTransport) -> Pending:
    """The carousel's one container, written down."""
    outcome = resumed(hold(Instagram().publish(CAROUSEL, channel), transport), CAROUSEL, channel, transport)
    assert isinstance(outcome, Pending)
    return outcome


def test_without_a_token_nobody_is_authorized(api: httpx.Client) -> None:
    assert api.get("me/media", headers={"Authorization": "Bearer wrong"}).json()["error"]["code"] == 190


def test_an_account_tells_its_name(api: httpx.Client, fields: dict[str, str]) -> None:
    assert api.get(fields["account_id"]).json() == {"id": fields["account_id"], "username": "ada"}


def test_a_container_is_published_once(api: httpx.Client, fields: dict[str, str]) -> None:
    container = api.post(f"{fields['account_id']}/media", json=IMAGE).json()["id"]
    assert api.get(container).json()["status_code"] == "FINISHED"
    published = [api.post(f"{fields['account_id']}/media_publish", json={"creation_id": container}) for _ in range(2)]
    assert [answer.status_code for answer in published] == [200, 400]
    assert api.get(container).json()["status_code"] == "PUBLISHED"
    assert [post["caption"] for post in api.get("me/media").json()["data"]] == ["Hello"]


@pytest.mark.parametrize(
    ("container", "subcode"),
    [
        ({"caption": "No image"}, 2207052),
        ({"image_url": "https://example.org/a.mp4"}, 2207052),
        (IMAGE | {"caption": "x" * 2201}, 2207010),
        (IMAGE | {"caption": "#a " * 31}, 2207010),
        (ITEM | {"caption": "Hello"}, 2207028),
        ({"media_type": "IMAGE"}, 2207023),
        ({"media_type": "CAROUSEL", "children": "1"}, 2207028),
        ({"media_type": "CAROUSEL"}, 2207028),
        ({"media_type": "VIDEO", "video_url": "https://example.org/a.mp4"}, 2207023),
        ({"media_type": "REELS", "video_url": "https://example.org/a.jpg"}, 2207052),
    ],
)
def test_what_breaks_a_rule_is_refused(api: httpx.Client, container: dict[str, Any], subcode: int) -> None:
    answer = api.post("me/media", json=container)
    assert (answer.status_code, answer.json()["error"]["error_subcode"]) == (400, subcode)


def test_an_unknown_parameter_is_refused(api: httpx.Client) -> None:
    assert "Unknown parameter: text" in api.post("me/media", json=IMAGE | {"text": "x"}).text


def test_the_quota_is_told(api: httpx.Client) -> None:
    (usage,) = api.get("me/content_publishing_limit").json()["data"]
    assert (usage["quota_usage"], usage["config"]["quota_total"]) == (0, 100)


def test_the_quota_ends_publishing(api: httpx.Client, sandbox: Sandbox) -> None:
    for number in range(100):
        sandbox.wall.hang("instagram", "ada", str(number), {})
    container = api.post("me/media", json=IMAGE).json()["id"]
    answer = api.post("me/media_publish", json={"creation_id": container})
    assert answer.json()["error"]["error_subcode"] == 2207042


def test_the_adapter_publishes_an_image(sandbox: Sandbox, channel: Channel, transport: httpx.BaseTransport) -> None:
    waiting = hold(Instagram().publish(POST, channel), transport)
    assert sandbox.wall.notices("instagram") == []
    receipt = resumed(resumed(waiting, POST, channel, transport), POST, channel, transport)
    assert isinstance(receipt, Receipt)
    (notice,) = sandbox.wall.notices("instagram", "ada")
    assert (notice.id, notice.document["caption"]) == (receipt.id, "Rivers\n\nAll rivers\n\n#water")
    assert "All rivers" in httpx.get(receipt.url).text


def test_the_adapter_publishes_a_carousel_once_it_is_ready(
    sandbox: Sandbox, channel: Channel, transport: httpx.BaseTransport
) -> None:
    waiting = joined(channel, transport)
    assert sandbox.wall.notices("instagram") == []
    time.sleep(READY_S)
    receipt = resumed(resumed(waiting, CAROUSEL, channel, transport), CAROUSEL, channel, transport)
    assert isinstance(receipt, Receipt)
    assert resumed(waiting, CAROUSEL, channel, transport) == hold(Instagram().find(CAROUSEL, channel, NOON), transport)
    (notice,) = sandbox.wall.notices("instagram", "ada")
    assert (notice.id, len(notice.document["children"])) == (receipt.id, 2)


@pytest.mark.parametrize("kind", [Kind.LOSE_AFTER, Kind.LOSE_BEFORE, Kind.GARBAGE, Kind.ERROR])
def test_the_adapter_publishes_once_whatever_becomes_of_the_answer(
    sandbox: Sandbox, channel: Channel, transport: httpx.BaseTransport, kind: Kind
) -> None:
    ready = joined(channel, transport)
    time.sleep(READY_S)
    sandbox.faults.switch_on(Fault(platform="instagram", account="ada", kind=kind))
    assert isinstance(outcome_of(Instagram().resume(ready, CAROUSEL, channel), transport), OutcomeUnknown)
    resumed(ready, CAROUSEL, channel, transport)  # as after a crash: what was written down has not changed
    receipt = resumed(ready, CAROUSEL, channel, transport)
    assert isinstance(receipt, Receipt)
    assert [notice.id for notice in sandbox.wall.notices("instagram")] == [receipt.id]


def test_the_adapter_knows_whose_token_it_is(channel: Channel, transport: httpx.BaseTransport) -> None:
    assert hold(Instagram().verify(channel), transport).name == "ada"


@pytest.fixture
def inside() -> Indoors:
    return indoors(stand_ins.STAND_IN)


RAPIDS = Media("https://example.org/r.mp4")
VIDEO = replace(POST, content=replace(POST.content, media=(RAPIDS,)))
MIXED = replace(POST, content=replace(POST.content, media=(RIVER, RAPIDS)))


def connected(inside: Indoors, **settings: str) -> Channel:
    settings = {"account_id": inside.fields["account_id"], **settings}
    secrets = {"access_token": inside.fields["access_token"]}
    return Channel("chn_1", "wsp_1", "instagram", settings=settings, secrets=secrets)


def published(inside: Indoors, post: Post, **settings: str) -> Receipt:
    channel, adapter = connected(inside, **settings), Instagram()
    outcome = inside.hold(adapter.publish(post, channel))
    while isinstance(outcome, Pending):
        time.sleep(READY_S if "looks" in outcome.state else 0)
        outcome = inside.hold(adapter.resume(outcome, post, channel))
    assert isinstance(outcome, Receipt)
    return outcome


@pytest.mark.parametrize(("post", "kind"), [(VIDEO, "REELS"), (MIXED, "CAROUSEL")])
def test_the_adapter_publishes_videos(inside: Indoors, post: Post, kind: str) -> None:
    receipt = published(inside, post)
    (notice,) = inside.wall.notices("instagram")
    assert (notice.id, notice.document["media_type"]) == (receipt.id, kind)


def test_the_adapter_speaks_the_version_a_channel_is_pinned_to(inside: Indoors) -> None:
    assert published(inside, POST, api_version="v24.0").id


def test_the_adapter_counts_and_removes(inside: Indoors) -> None:
    receipt, channel = published(inside, POST), connected(inside, api="https://graph.facebook.com")
    assert inside.hold(Instagram().metrics(receipt, channel))[Metric.SAVES] == 2
    inside.hold(Instagram().remove(receipt, channel))
    assert inside.wall.notices("instagram") == []
    inside.hold(Instagram().remove(receipt, channel))  # gone is as good as removed


def test_the_adapter_renews_its_token(inside: Indoors) -> None:
    fresh = inside.hold(Instagram().refresh(connected(inside)))
    channel = replace(connected(inside), secrets=fresh.secrets)
    assert inside.hold(Instagram().verify(channel)).name == "ada"
