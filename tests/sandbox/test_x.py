from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest

from functions.platforms.x import X
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import AppRefused, Refused, Throttled, Unauthorized
from publishing.model import Channel, Content, Media, Metric, Outcome, Pending, Post, Receipt
from tests.sandbox.application import Application
from tests.sandbox.faults import Fault, Faults, Kind
from tests.sandbox.films import FILM, URL, Films
from tests.sandbox.platforms import x
from tests.sandbox.wall import Wall

API = "https://api.x.com"
PNG = b"\x89PNG\r\n\x1a\n..."
PART = "All rivers carry leaves, each of them as many as there are trees that stand beside it in autumn. "
T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """The stand-in without a network: nothing here is about connections."""

    wall: Wall
    faults: Faults
    transport: httpx.BaseTransport
    channel: Channel

    def hold(self, conversation: Conversation[T]) -> T:
        outside = Films(self.transport)
        return Conversations(outside, outside, lambda _request, _service: None).hold(conversation, within_s=10)

    def ask(self, method: str, path: str, **content: object) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.channel.secrets['access_token']}"}
        with httpx.Client(transport=self.transport, base_url=API, headers=headers) as client:
            return client.request(method, path, **content)  # type: ignore[arg-type]

    def created(self, **body: object) -> httpx.Response:
        return self.ask("POST", "/2/tweets", json=body)

    def published(self, content: Content) -> Outcome:
        """What comes of it, gone on with to its end."""
        outcome = self.hold(X().publish(post(content), self.channel))
        while isinstance(outcome, Pending):
            outcome = self.hold(X().resume(outcome, post(content), self.channel))
        return outcome

    def found(self, content: Content) -> object:
        since = datetime.now(UTC) - timedelta(minutes=1)
        return self.hold(X().find(post(content), self.channel, since))


@pytest.fixture
def site() -> Site:
    wall, faults = Wall(), Faults()
    transport = httpx.WSGITransport(app=Application(x.STAND_IN(wall), wall, faults))
    with httpx.Client(transport=transport, base_url=API) as client:
        fields = client.post("/_sandbox/accounts", json={"name": "ada"}).json()
    settings = {"client_id": fields.pop("client_id")}
    return Site(wall, faults, transport, Channel("chn_1", "wsp_1", "x", settings=settings, secrets=fields))


def post(content: Content) -> Post:
    return Post("dlv_1", content, datetime.now(UTC))


def test_the_adapter_publishes_and_finds_it(site: Site) -> None:
    content = Content("Rivers", "Leaves & [more](https://example.org/a).", link="https://example.org/b", tags=("x",))
    receipt = site.published(content)
    (notice,) = site.wall.notices("x", "ada")
    assert isinstance(receipt, Receipt)
    assert notice.id == receipt.id
    assert notice.document["text"].startswith("Rivers\n\nLeaves & more (https://example.org/a).")
    assert site.found(content) == receipt
    assert "Rivers" in site.ask("GET", f"/i/web/status/{receipt.id}").text


def test_a_thread_is_published_found_and_removed(site: Site) -> None:
    content = Content(text=f"{PART * 2}\n\n{PART.upper() * 2}\n\nThe end. {PART * 2}", thread=True)
    receipt = site.published(content)
    assert isinstance(receipt, Receipt)
    first, second, third = site.wall.notices("x")
    assert receipt.id == f"{first.id},{second.id},{third.id}"
    assert [each.document["in_reply_to"] for each in (first, second, third)] == ["", first.id, second.id]
    assert site.found(content) == receipt
    site.hold(X().remove(receipt, site.channel))
    assert site.wall.notices() == []
    site.hold(X().remove(receipt, site.channel))


def test_a_thread_is_gone_on_with_where_it_broke_off(site: Site) -> None:
    content = Content(text=f"{PART * 2}\n\n{PART.upper() * 2}", thread=True)
    site.hold(X().publish(post(content), site.channel))
    outcome = site.found(content)
    assert isinstance(outcome, Pending)
    site.hold(X().resume(outcome, post(content), site.channel))
    again = site.hold(X().resume(outcome, post(content), site.channel))
    assert [each.id for each in site.wall.notices()] == again.id.split(",")  # type: ignore[union-attr]


def test_a_picture_is_shown_with_its_text(site: Site) -> None:
    content = Content(text="Leaves", media=(Media("https://images.example.com/a.png", "A river"),))
    pictured = replace(site, transport=_Pictured(site.transport))
    receipt = pictured.published(content)
    (notice,) = site.wall.notices()
    assert [each["alt"] for each in notice.document["media"]] == ["A river"]
    assert pictured.found(content) == receipt


def test_a_video_is_shown_when_it_is_ready(site: Site) -> None:
    content = Content(text="Leaves", media=(Media(URL, type="video/mp4", size_bytes=len(FILM)),))
    receipt = site.published(content)
    (notice,) = site.wall.notices()
    assert [each["kind"] for each in notice.document["media"]] == ["tweet_video"]
    assert site.found(content) == receipt


@dataclass(frozen=True)
class _Pictured(httpx.BaseTransport):
    """Answers for a host of pictures itself."""

    stand_in: httpx.BaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "images.example.com":
            return httpx.Response(200, content=PNG)
        return self.stand_in.handle_request(request)


def test_the_same_again_is_what_is_out(site: Site) -> None:
    content = Content(text="Leaves")
    assert site.published(content) == site.published(content)
    assert len(site.wall.notices()) == 1


def test_tokens_are_renewed_once_each(site: Site) -> None:
    fresh = site.hold(X().refresh(site.channel))
    renewed = replace(site.channel, secrets={**site.channel.secrets, **fresh.secrets})
    assert site.hold(X().verify(renewed)).name == "ada"
    with pytest.raises(Unauthorized, match="token was invalid"):
        site.hold(X().refresh(site.channel))
    with pytest.raises(AppRefused, match="Missing valid authorization"):
        site.hold(X().refresh(replace(renewed, settings={"client_id": "other"})))


def test_counts_are_told_of_what_is_there(site: Site) -> None:
    receipt = site.published(Content(text="Leaves"))
    assert isinstance(receipt, Receipt)
    assert site.hold(X().metrics(receipt, site.channel))[Metric.VIEWS] == 1
    with pytest.raises(Refused, match="any more"):
        site.hold(X().metrics(Receipt("1"), site.channel))


def test_faults_are_told_in_xs_words(site: Site) -> None:
    for kind in (Kind.THROTTLE, Kind.REFUSE, Kind.EXPIRE):
        site.faults.switch_on(Fault(platform="x", account="ada", kind=kind, seconds=9))
    with pytest.raises(Throttled) as error:
        site.published(Content(text="Leaves"))
    assert 8 < error.value.retry_after_s <= 10
    with pytest.raises(Refused, match="not permitted"):
        site.published(Content(text="Leaves"))
    with pytest.raises(Unauthorized):
        site.published(Content(text="Leaves"))


def test_without_a_token_nobody_is_authorized(site: Site) -> None:
    stranger = replace(site.channel, secrets={"access_token": "wrong"})
    with pytest.raises(Unauthorized):
        site.hold(X().verify(stranger))


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({}, 400, "parameters"),
        ({"text": "x", "title": "y"}, 400, "parameters"),
        ({"text": "x", "media": {"media_ids": ["1"]}}, 400, "media IDs are invalid"),
        ({"text": "x" * 281}, 403, "not permitted"),
        ({"text": "葉" * 141}, 403, "not permitted"),
        ({"text": "x", "reply": {"in_reply_to_tweet_id": "1"}}, 403, "reply to a Tweet that is deleted"),
    ],
)
def test_what_breaks_a_rule_is_told(site: Site, body: dict[str, object], status: int, told: str) -> None:
    answer = site.created(**body)
    assert (answer.status_code, told in answer.json()["detail"]) == (status, True)


def test_posts_are_listed_in_pages(site: Site) -> None:
    for number in range(6):
        site.created(text=f"Post {number}")
    user = site.ask("GET", "/2/users/me").json()["data"]["id"]
    first = site.ask("GET", f"/2/users/{user}/tweets?max_results=5").json()
    second = site.ask("GET", f"/2/users/{user}/tweets?max_results=5&pagination_token={first['meta']['next_token']}")
    assert [each["text"] for each in first["data"]] == [f"Post {number}" for number in (5, 4, 3, 2, 1)]
    assert [each["text"] for each in second.json()["data"]] == ["Post 0"]


def test_nobody_elses_posts_are_listed_and_no_odd_page(site: Site) -> None:
    assert site.ask("GET", "/2/users/1/tweets").status_code == 400


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/2/media/upload", {"data": {"media_category": "tweet_image"}, "files": {"media": b"GIF8"}}),
        ("/2/media/upload/initialize", {"json": {"media_category": "tweet_video", "media_type": "image/png"}}),
        ("/2/media/upload/1/append", {"data": {"segment_index": "0"}, "files": {"media": b"x"}}),
        ("/2/media/upload/1/finalize", {}),
        ("/2/media/metadata", {"json": {"id": "1"}}),
    ],
)
def test_media_that_break_a_rule_are_not_taken(site: Site, path: str, content: dict[str, object]) -> None:
    assert site.ask("POST", path, **content).status_code == 400


def begun(site: Site, size: int) -> str:
    body = {"media_category": "tweet_video", "media_type": "video/mp4", "total_bytes": size}
    return str(site.ask("POST", "/2/media/upload/initialize", json=body).json()["data"]["id"])


def test_a_piece_may_not_be_too_large(site: Site) -> None:
    content = {"data": {"segment_index": "0"}, "files": {"media": b"x" * (2**20 + 1)}}
    assert site.ask("POST", f"/2/media/upload/{begun(site, 9)}/append", **content).status_code == 413


def test_pieces_must_be_the_whole(site: Site) -> None:
    answer = site.ask("POST", f"/2/media/upload/{begun(site, 9)}/finalize")
    assert "do not add up" in answer.json()["detail"]


def test_what_is_not_whole_has_no_status(site: Site) -> None:
    assert site.ask("GET", f"/2/media/upload?command=STATUS&media_id={begun(site, 9)}").status_code == 404


def test_an_address_without_a_post_is_not_found(site: Site) -> None:
    assert site.ask("GET", "/i/web/status/1").status_code == 404
