from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from functions.platforms.facebook import Facebook
from publishing.model import Channel, Content, Media, Metric, Outcome, Pending, Post, Receipt
from publishing.transport import Detoured
from tests.functions.platforms.conversing import NOON, hold
from tests.sandbox.graph import READY_S
from tests.sandbox.indoors import Indoors, indoors
from tests.sandbox.platforms import facebook as stand_ins
from tests.sandbox.server import Sandbox

PHOTO = {"url": "https://example.org/a.jpg", "published": False}
POST = Post("dlv_1", Content(title="Rivers", text="All *rivers*", link="https://example.org", tags=("water",)), NOON)
PHOTOS = replace(POST, content=replace(POST.content, media=(Media("https://example.org/a.jpg", "A river"),) * 2))


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    return dict(httpx.post(f"{sandbox.addresses['facebook']}/_sandbox/accounts", json={"name": "ada"}).json())


@pytest.fixture
def api(sandbox: Sandbox, fields: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {fields['access_token']}"}
    with httpx.Client(base_url=f"{sandbox.addresses['facebook']}/v25.0", headers=headers) as client:
        yield client


@pytest.fixture
def transport(sandbox: Sandbox) -> Iterator[httpx.BaseTransport]:
    with httpx.HTTPTransport() as plain:
        yield Detoured(plain, {"graph.facebook.com": sandbox.addresses["facebook"]})


@pytest.fixture
def channel(fields: dict[str, str]) -> Channel:
    settings, secrets = {"page_id": fields["page_id"]}, {"access_token": fields["access_token"]}
    return Channel("chn_1", "wsp_1", "facebook", settings=settings, secrets=secrets)


def test_without_a_token_nobody_is_authorized(api: httpx.Client) -> None:
    answer = api.get("me", headers={"Authorization": ""})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, 190)


def test_a_token_tells_its_page(api: httpx.Client, fields: dict[str, str]) -> None:
    assert api.get("me").json() == {"id": fields["page_id"], "name": "ada"}


def test_another_page_is_not_published_to(api: httpx.Client) -> None:
    assert api.post("4711/feed", json={"message": "Hello"}).json()["error"]["error_subcode"] == 33


def test_posts_are_listed_newest_first(api: httpx.Client) -> None:
    for message in ("Hello", "Again"):
        api.post("me/feed", json={"message": message})
    assert [post["message"] for post in api.get("me/published_posts").json()["data"]] == ["Again", "Hello"]


@pytest.mark.parametrize(
    "post",
    [
        {},
        {"text": "Hello"},
        {"message": "x" * 63_207},
        {"message": "Hello", "link": "example.org"},
        {"message": "Hello", "attached_media": [{"media_fbid": "1"}]},
        {"message": "Hello", "attached_media": [{"id": "1"}]},
    ],
)
def test_a_post_that_breaks_a_rule_is_refused(api: httpx.Client, post: dict[str, Any]) -> None:
    answer = api.post("me/feed", json=post)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 100)


@pytest.mark.parametrize(
    "photo", [{}, PHOTO | {"url": "https://example.org/a.mp4"}, PHOTO | {"published": True}, PHOTO | {"alt": "x"}]
)
def test_a_photo_that_breaks_a_rule_is_refused(api: httpx.Client, photo: dict[str, Any]) -> None:
    assert api.post("me/photos", json=photo).status_code == 400


def test_a_photo_is_not_seen_before_it_is_posted(api: httpx.Client) -> None:
    photo = api.post("me/photos", json=PHOTO).json()["id"]
    assert api.get("me/published_posts").json()["data"] == []
    assert api.post("me/feed", json={"attached_media": [{"media_fbid": photo}]}).status_code == 200


def test_a_post_that_is_not_there_is_not_found(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.addresses['facebook']}/1_1").status_code == 404


@pytest.mark.parametrize("post", [POST, PHOTOS])
def test_the_adapter_publishes_and_finds(
    sandbox: Sandbox, channel: Channel, transport: httpx.BaseTransport, post: Post
) -> None:
    receipt = hold(Facebook().publish(post, channel), transport)
    assert isinstance(receipt, Receipt)
    (notice,) = sandbox.wall.notices("facebook", "ada")
    assert notice.id == receipt.id
    found = hold(Facebook().find(post, channel, NOON), transport)
    assert found is not None
    assert found.id == receipt.id
    assert "All rivers" in httpx.get(found.url).text


def test_the_adapter_knows_whose_token_it_is(channel: Channel, transport: httpx.BaseTransport) -> None:
    assert hold(Facebook().verify(channel), transport).name == "ada"


@pytest.fixture
def inside() -> Indoors:
    return indoors(stand_ins.STAND_IN)


REEL = replace(POST, content=replace(POST.content, media=(Media("https://example.org/r.mp4"),)))


def connected(inside: Indoors, **settings: str) -> Channel:
    settings = {"page_id": inside.fields["page_id"], **settings}
    return Channel(
        "chn_1", "wsp_1", "facebook", settings=settings, secrets={"access_token": inside.fields["access_token"]}
    )


def steps(inside: Indoors, waiting: Outcome | None = None, **settings: str) -> list[Outcome]:
    """All that comes of the reel, from the beginning or from what was written down."""
    channel, adapter = connected(inside, **settings), Facebook()
    outcomes = [waiting or inside.hold(adapter.publish(REEL, channel))]
    while isinstance(outcomes[-1], Pending):
        time.sleep(READY_S if "looks" in outcomes[-1].state else 0)
        outcomes.append(inside.hold(adapter.resume(outcomes[-1], REEL, channel)))
    return outcomes


@pytest.mark.parametrize("version", ["v25.0", "v24.0"])
def test_the_adapter_publishes_and_finds_a_reel(inside: Indoors, version: str) -> None:
    receipt = steps(inside, api_version=version)[-1]
    assert isinstance(receipt, Receipt)
    (notice,) = inside.wall.notices("facebook")
    assert (notice.id, notice.document["description"]) == (
        receipt.id,
        "Rivers\n\nAll rivers\n\nhttps://example.org\n\n#water",
    )
    found = inside.hold(Facebook().find(REEL, connected(inside), NOON))
    assert found is not None
    assert (found.id, found.url) == (receipt.id, receipt.url)


def test_a_reel_is_out_once_wherever_its_worker_dies(inside: Indoors) -> None:
    written = steps(inside)[:-1]
    again = [steps(inside, each)[-1] for each in written]
    (notice,) = inside.wall.notices("facebook")
    assert [each.id for each in again if isinstance(each, Receipt)] == [notice.id] * len(written)


def test_a_reel_is_finished_once(inside: Indoors) -> None:
    receipt = steps(inside)[-1]
    assert isinstance(receipt, Receipt)
    finish = {"upload_phase": "finish", "video_id": receipt.id, "video_state": "PUBLISHED"}
    assert inside.ask("POST", "/v25.0/me/video_reels", json=finish).status_code == 400


def test_a_reel_is_not_finished_before_it_is_fetched(inside: Indoors) -> None:
    video = inside.ask("POST", "/v25.0/me/video_reels", json={"upload_phase": "start"}).json()["video_id"]
    finish = {"upload_phase": "finish", "video_id": video, "video_state": "PUBLISHED"}
    answer = inside.ask("POST", "/v25.0/me/video_reels", json=finish)
    assert answer.json()["error"]["error_subcode"] == 1363041
    assert inside.ask("POST", "/v25.0/me/video_reels", json={**finish, "video_state": "DRAFT"}).status_code == 400


@pytest.mark.parametrize("address", ["", "https://example.org/a.jpg"])
def test_what_is_no_video_is_not_fetched(inside: Indoors, address: str) -> None:
    video = inside.ask("POST", "/v25.0/me/video_reels", json={"upload_phase": "start"}).json()["video_id"]
    answer = inside.ask("POST", f"/video-upload/v25.0/{video}", headers={"file_url": address})
    assert (answer.status_code, answer.json()["debug_info"]["retriable"]) == (400, False)


def test_the_adapter_counts_and_removes_a_post(inside: Indoors) -> None:
    channel = connected(inside)
    receipt = inside.hold(Facebook().publish(POST, channel))
    assert isinstance(receipt, Receipt)
    assert inside.hold(Facebook().metrics(receipt, channel)) == {
        Metric.VIEWS: 30,
        Metric.LIKES: 5,
        Metric.CLICKS: 6,
        Metric.COMMENTS: 2,
        Metric.SHARES: 1,
    }
    inside.hold(Facebook().remove(receipt, channel))
    assert inside.wall.notices("facebook") == []
    inside.hold(Facebook().remove(receipt, channel))  # gone is as good as removed


def test_the_adapter_counts_and_removes_a_reel(inside: Indoors) -> None:
    receipt = steps(inside)[-1]
    assert isinstance(receipt, Receipt)
    assert inside.hold(Facebook().metrics(receipt, connected(inside)))[Metric.VIEWS] == 90
    inside.hold(Facebook().remove(receipt, connected(inside)))
    inside.hold(Facebook().remove(receipt, connected(inside)))
    assert inside.wall.notices("facebook") == []
