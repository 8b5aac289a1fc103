from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from functions.platforms.bluesky import Bluesky
from publishing.conversation import Conversations
from publishing.model import Channel, Content, Post, Receipt
from tests.sandbox.server import Sandbox

POSTS = "app.bsky.feed.post"
KEY = "3n2qjwzwumnka"
RECORD = {"$type": POSTS, "text": "Hello", "createdAt": "2026-11-20T12:00:00.000Z"}


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    opened = httpx.post(f"{sandbox.addresses['bluesky']}/_sandbox/accounts", json={"name": "ada"})
    given: dict[str, str] = opened.json()
    return given


@pytest.fixture
def pds(fields: dict[str, str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{fields['service']}/xrpc/") as client:
        login = {"identifier": fields["handle"], "password": fields["app_password"]}
        session = client.post("com.atproto.server.createSession", json=login).json()
        client.headers["Authorization"] = f"Bearer {session['accessJwt']}"
        yield client


def put(pds: httpx.Client, /, rkey: str = KEY, repo: str = "ada.test", **changes: object) -> httpx.Response:
    body = {"repo": repo, "collection": POSTS, "rkey": rkey, "record": {**RECORD, **changes}}
    return pds.post("com.atproto.repo.putRecord", json=body)


def uploaded(pds: httpx.Client) -> dict[str, object]:
    answer = pds.post("com.atproto.repo.uploadBlob", content=b"\x89PNG", headers={"Content-Type": "image/png"})
    blob: dict[str, object] = answer.json()["blob"]
    return blob


@pytest.mark.parametrize(
    ("login", "status"),
    [
        ({"identifier": "ada.test", "password": "wrong"}, 401),
        ({"handle": "ada.test", "password": "x"}, 400),
    ],
)
def test_without_the_password_there_is_no_session(pds: httpx.Client, login: dict[str, str], status: int) -> None:
    assert pds.post("com.atproto.server.createSession", json=login).status_code == status


@pytest.mark.parametrize(("token", "error"), [("", "AuthMissing"), ("Bearer wrong", "InvalidToken")])
def test_without_a_session_nothing_is_put(pds: httpx.Client, token: str, error: str) -> None:
    pds.headers["Authorization"] = token
    assert put(pds).json()["error"] == error


def test_a_record_is_shown_to_everybody(pds: httpx.Client) -> None:
    uri = put(pds).json()["uri"]
    record = httpx.get(f"{pds.base_url}com.atproto.repo.getRecord?repo=ada.test&collection={POSTS}&rkey={KEY}").json()
    page = httpx.get(pds.base_url.join(f"/profile/ada.test/post/{KEY}"))
    assert (record["uri"], record["value"]) == (uri, RECORD)
    assert (page.status_code, "Hello" in page.text) == (200, True)


def test_what_is_not_there_is_not_found(pds: httpx.Client) -> None:
    answer = pds.get(f"com.atproto.repo.getRecord?repo=ada.test&collection={POSTS}&rkey={KEY}")
    assert (answer.status_code, answer.json()["error"]) == (400, "RecordNotFound")
    assert httpx.get(pds.base_url.join(f"/profile/ada.test/post/{KEY}")).status_code == 404


def test_the_same_record_is_put_once_however_often_it_is_sent(pds: httpx.Client, sandbox: Sandbox) -> None:
    assert put(pds).json() == put(pds).json()
    (notice,) = sandbox.wall.notices("bluesky")
    assert notice.received == 2


def test_another_record_does_not_take_its_place(pds: httpx.Client) -> None:
    put(pds)
    assert put(pds, text="Else").json()["error"] == "InvalidSwap"


def test_a_picture_is_shown_with_its_post(pds: httpx.Client) -> None:
    images = [{"image": uploaded(pds), "alt": "A river"}]
    assert put(pds, embed={"$type": "app.bsky.embed.images", "images": images}).status_code == 200


def test_a_blob_has_a_type(pds: httpx.Client) -> None:
    assert pds.post("com.atproto.repo.uploadBlob", content=b"\x89PNG").status_code == 400


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"repo": "eve.test"}, "Could not find repo"),
        ({"rkey": "my-post"}, "Invalid record key"),
        ({"$type": "app.bsky.feed.like"}, "Invalid $type"),
        ({"text": None, "body": "Hello"}, "Missing required key text"),
        ({"createdAt": "yesterday"}, "Missing required key text or createdAt"),
        ({"text": "x" * 301}, "maximum 300 graphemes"),
        ({"text": ""}, "text is empty"),
        ({"facets": [{"index": {"byteStart": 3, "byteEnd": 9}, "features": []}]}, "facet out of the text"),
        ({"facets": [{"index": {"byteStart": 0, "byteEnd": 5}, "features": [{"tag": "x"}]}]}, "facet leads nowhere"),
        ({"embed": {"$type": "app.bsky.embed.external", "external": {"uri": "https://x.org"}}}, "none of the known"),
        ({"embed": {"$type": "app.bsky.embed.gallery"}}, "none of the known"),
        (
            {"embed": {"$type": "app.bsky.embed.external", "external": {"uri": "x", "title": "", "description": ""}}},
            "must be a uri",
        ),
        ({"embed": {"$type": "app.bsky.embed.images", "images": [{"image": {}, "alt": ""}]}}, "Could not find blob"),
        ({"embed": {"$type": "app.bsky.embed.images", "images": [{"image": {}}]}}, "Missing required key alt"),
    ],
)
def test_what_breaks_a_rule_is_told(pds: httpx.Client, changes: dict[str, str], complaint: str) -> None:
    answer = put(pds, **changes)
    assert (answer.status_code, complaint in answer.json()["message"]) == (400, True)


def test_the_adapter_publishes_here_and_finds_what_it_published(fields: dict[str, str], sandbox: Sandbox) -> None:
    content = Content("Rivers", "All *rivers* & [leaves](https://example.org/a).", link="https://example.org/")
    post = Post("dlv_1", content, datetime.now(UTC))
    channel = Channel("chn_1", "wsp_1", "bluesky", settings=fields, secrets=fields)
    with httpx.HTTPTransport() as transport:
        conversations = Conversations(transport, transport, sign=lambda _request, _service: None, plain_http=True)
        published = [conversations.hold(Bluesky().publish(post, channel), within_s=10) for _ in range(2)]
        found = conversations.hold(Bluesky().find(post, channel, post.at), within_s=10)
    assert isinstance(found, Receipt)
    assert published == [found, found]
    assert [(notice.id, notice.received) for notice in sandbox.wall.notices("bluesky")] == [(found.id, 2)]
