from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
import pytest

from functions.platforms.bluesky import Bluesky
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.model import Channel, Content, Media, Metric, Outcome, Pending, Post, Receipt
from tests.functions.platforms.conversing import NOON
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.films import FILM, URL, Films
from tests.sandbox.platforms import bluesky
from tests.sandbox.server import Sandbox
from tests.sandbox.wall import Wall

T = TypeVar("T")
SITE = "https://pds.example.org"
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


@dataclass(frozen=True)
class Site:
    """The stand-in without a network: nothing here is about connections."""

    wall: Wall
    transport: httpx.BaseTransport
    channel: Channel

    def hold(self, conversation: Conversation[T]) -> T:
        return Conversations(self.transport, self.transport, lambda _request, _service: None).hold(
            conversation, within_s=10
        )

    def published(self, post: Post) -> tuple[Outcome, int]:
        """What it comes to in the end, and in how many steps."""
        outcome, steps = self.hold(Bluesky().publish(post, self.channel)), 1
        while isinstance(outcome, Pending):
            outcome, steps = self.hold(Bluesky().resume(outcome, post, self.channel)), steps + 1
        return outcome, steps

    def ask(self, method: str, path: str, **asked: Any) -> httpx.Response:
        with httpx.Client(transport=self.transport, base_url=f"{SITE}/xrpc/") as client:
            return client.request(method, path, **asked)


@pytest.fixture
def site() -> Site:
    wall = Wall()
    transport = Films(httpx.WSGITransport(app=Application(bluesky.STAND_IN(wall), wall, Faults())))
    with httpx.Client(transport=transport, base_url=SITE) as client:
        fields = client.post("/_sandbox/accounts", json={"name": "ada"}).json()
    settings = {"handle": fields["handle"], "service": SITE}
    return Site(wall, transport, Channel("chn_1", "wsp_1", "bluesky", settings=settings, secrets=fields))


def test_a_video_is_handed_over_waited_for_and_shown(site: Site) -> None:
    post = Post("dlv_1", Content(text="Leaves", media=(Media(URL, "A river"),)), NOON)
    receipt, steps = site.published(post)
    assert isinstance(receipt, Receipt)
    (notice,) = site.wall.notices("bluesky")
    assert (notice.id, steps) == (receipt.id, 3)
    assert notice.document["embed"]["alt"] == "A river"
    assert notice.document["embed"]["video"]["size"] == len(FILM)


def test_the_same_video_again_is_the_same_post(site: Site) -> None:
    post = Post("dlv_1", Content(text="Leaves", media=(Media(URL),)), NOON)
    assert site.published(post)[0] == site.published(post)[0]
    (notice,) = site.wall.notices("bluesky")
    assert notice.received == 2


THREAD = Post("dlv_2", Content(text="All rivers carry leaves. " * 30, thread=True), NOON)


def test_a_thread_is_put_post_by_post_and_removed_as_a_whole(site: Site) -> None:
    receipt, steps = site.published(THREAD)
    assert isinstance(receipt, Receipt)
    assert steps == 3
    first, second, third = site.wall.notices("bluesky")
    assert first.id == receipt.id
    assert third.document["reply"]["parent"]["uri"] == second.id
    assert {each.document["reply"]["root"]["uri"] for each in (second, third)} == {first.id}
    assert site.hold(Bluesky().find(THREAD, site.channel, NOON)) == receipt
    site.published(Post("dlv_3", Content(text="Leaves"), NOON))
    site.hold(Bluesky().remove(receipt, site.channel))
    site.hold(Bluesky().remove(receipt, site.channel))
    assert [each.document["text"] for each in site.wall.notices("bluesky")] == ["Leaves"]


def test_of_a_thread_that_was_broken_off_the_rest_is_put(site: Site) -> None:
    begun = site.hold(Bluesky().publish(THREAD, site.channel))
    assert site.hold(Bluesky().find(THREAD, site.channel, NOON)) == begun
    assert site.published(THREAD)[1] == 3
    assert [each.received for each in site.wall.notices("bluesky")] == [2, 1, 1]


def test_a_post_has_counts(site: Site) -> None:
    receipt, _ = site.published(Post("dlv_3", Content(text="Leaves"), NOON))
    assert isinstance(receipt, Receipt)
    counts = site.hold(Bluesky().metrics(receipt, site.channel))
    assert counts == {Metric.LIKES: 3, Metric.SHARES: 3, Metric.COMMENTS: 4, Metric.SAVES: 5}


def token(site: Site, aud: str, lxm: str) -> dict[str, str]:
    login = {"identifier": site.channel.settings["handle"], "password": site.channel.secrets["app_password"]}
    session = site.ask("POST", "com.atproto.server.createSession", json=login).json()["accessJwt"]
    asked = {"aud": aud, "lxm": lxm}
    answer = site.ask(
        "GET", "com.atproto.server.getServiceAuth", params=asked, headers={"authorization": f"Bearer {session}"}
    )
    return {"authorization": f"Bearer {answer.json().get('token')}"}


@pytest.mark.parametrize(
    ("aud", "lxm"),
    [
        ("did:web:video.bsky.app", "com.atproto.repo.uploadBlob"),
        ("did:web:pds.test", "app.bsky.video.uploadVideo"),
        ("pds.test", "com.atproto.repo.uploadBlob"),
    ],
)
def test_a_video_is_taken_with_a_token_for_the_pds_only(site: Site, aud: str, lxm: str) -> None:
    answer = site.ask("POST", "app.bsky.video.uploadVideo", content=FILM, headers=token(site, aud, lxm))
    assert (answer.status_code, answer.json()["error"]) == (401, "InvalidToken")


def test_what_is_no_video_is_not_taken(site: Site) -> None:
    headers = {**token(site, "did:web:pds.test", "com.atproto.repo.uploadBlob"), "content-type": "video/mp4"}
    assert site.ask("POST", "app.bsky.video.uploadVideo", content=b"x", headers=headers).status_code == 401
    record = site.ask("GET", "app.bsky.video.getJobStatus", params={"jobId": "x"})
    assert record.json()["message"] == "Job not found"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"reply": {"root": {"uri": "at://x/y/z"}, "parent": {}}}, "reply/root is none"),
        ({"embed": {"$type": "app.bsky.embed.video"}}, "Could not find blob"),
    ],
)
def test_what_leads_nowhere_is_told(pds: httpx.Client, changes: dict[str, Any], complaint: str) -> None:
    assert complaint in put(pds, **changes).json()["message"]


def test_a_picture_is_no_video(pds: httpx.Client) -> None:
    embed = {"$type": "app.bsky.embed.video", "video": uploaded(pds)}
    assert "blob is no video" in put(pds, embed=embed).json()["message"]


def test_only_ones_own_records_are_deleted(pds: httpx.Client) -> None:
    answer = pds.post("com.atproto.repo.deleteRecord", json={"repo": "eve.test", "collection": POSTS, "rkey": KEY})
    assert answer.status_code == 400
