from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from functions.platforms.facebook import Facebook
from publishing.model import Channel, Content, Media, Post
from publishing.transport import Detoured
from tests.functions.platforms.conversing import NOON, hold
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
    (notice,) = sandbox.wall.notices("facebook", "ada")
    assert notice.id == receipt.id
    found = hold(Facebook().find(post, channel, NOON), transport)
    assert found is not None
    assert found.id == receipt.id
    assert "All rivers" in httpx.get(found.url).text


def test_the_adapter_knows_whose_token_it_is(channel: Channel, transport: httpx.BaseTransport) -> None:
    assert hold(Facebook().verify(channel), transport).name == "ada"
