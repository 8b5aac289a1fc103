from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest

from functions.platforms.reddit import Reddit
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import AppRefused, PublishingError, Refused, Throttled, Unauthorized
from publishing.model import Channel, Content, Media, Metric, Outcome, Pending, Post, Receipt
from tests.sandbox.application import Application
from tests.sandbox.faults import Fault, Faults, Kind
from tests.sandbox.films import FILM, URL, Films
from tests.sandbox.platforms import reddit
from tests.sandbox.wall import Wall

API = "https://oauth.reddit.com"
PNG = b"\x89PNG\r\n\x1a\n..."
AGENT = "server:test:v1 (by /u/ada)"
SECRET = ("client_secret", "refresh_token", "access_token")
PICTURE = Media("https://images.example.com/a.png")
T = TypeVar("T")


@dataclass(frozen=True)
class _Pictured(httpx.BaseTransport):
    """Answers for a host of pictures itself."""

    stand_in: httpx.BaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "images.example.com":
            return httpx.Response(200, content=PNG)
        return self.stand_in.handle_request(request)


@dataclass(frozen=True)
class Site:
    """The stand-in without a network: nothing here is about connections."""

    wall: Wall
    faults: Faults
    transport: httpx.BaseTransport
    channel: Channel

    def hold(self, conversation: Conversation[T]) -> T:
        outside = _Pictured(Films(self.transport))
        return Conversations(outside, outside, lambda _request, _service: None).hold(conversation, within_s=10)

    def ask(self, method: str, path: str, **content: object) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.channel.secrets['access_token']}", "user-agent": AGENT}
        with httpx.Client(transport=self.transport, base_url=API, headers=headers) as client:
            return client.request(method, path, **content)  # type: ignore[arg-type]

    def error_of(self, **form: object) -> object:
        given = {"api_type": "json", "kind": "self", "sr": "rivers", "title": "Rivers", **form}
        return self.ask("POST", "/api/submit", data=given).json()["json"]["errors"][0][0]

    def published(self, content: Content) -> Outcome:
        """What comes of it, gone on with to its end."""
        outcome = self.hold(Reddit().publish(post(content), self.channel))
        while isinstance(outcome, Pending):
            time.sleep(min(outcome.after_s, reddit.PROCESSED_S))
            outcome = self.hold(Reddit().resume(outcome, post(content), self.channel))
        return outcome

    def found(self, content: Content) -> Receipt | None:
        since = datetime.now(UTC) - timedelta(minutes=1)
        return self.hold(Reddit().find(post(content), self.channel, since))


@pytest.fixture
def site() -> Site:
    wall, faults = Wall(), Faults()
    transport = httpx.WSGITransport(app=Application(reddit.STAND_IN(wall), wall, faults))
    with httpx.Client(transport=transport, base_url=API) as client:
        fields = client.post("/_sandbox/accounts", json={"name": "ada"}).json()
    given = {name: fields.pop(name) for name in SECRET}
    return Site(wall, faults, transport, Channel("chn_1", "wsp_1", "reddit", settings=fields, secrets=given))


def post(content: Content) -> Post:
    return Post("dlv_1", content, datetime.now(UTC))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (Content("Rivers", "All *rivers*"), "self"),
        (Content("Rivers", link="https://example.org/rivers"), "link"),
        (Content("Rivers", "Leaves", media=(PICTURE,)), "image"),
        (Content("Rivers", "Leaves", media=(PICTURE, PICTURE)), "gallery"),
        (Content("Rivers", media=(Media(URL, type="video/mp4", size_bytes=len(FILM)),)), "video"),
    ],
)
def test_the_adapter_publishes_finds_and_removes_it(site: Site, content: Content, kind: str) -> None:
    receipt = site.published(content)
    (notice,) = site.wall.notices("reddit", "ada")
    assert isinstance(receipt, Receipt)
    assert (notice.id, notice.document["kind"]) == (receipt.id, kind)
    found = site.found(content)
    assert found == replace(receipt, published_at=found.published_at if found else "")
    assert "Rivers" in site.ask("GET", httpx.URL(receipt.url).path).text
    site.hold(Reddit().remove(receipt, site.channel))
    assert site.wall.notices() == []
    site.hold(Reddit().remove(receipt, site.channel))


def test_the_same_link_again_is_what_is_out(site: Site) -> None:
    content = Content("Rivers", link="https://example.org/rivers")
    assert site.published(content).id == site.published(content).id  # type: ignore[union-attr]
    assert len(site.wall.notices()) == 1


def test_a_post_on_the_users_own_profile_is_taken(site: Site) -> None:
    channel = replace(site.channel, settings={**site.channel.settings, "subreddit": "u_ada"})
    site.hold(Reddit().publish(post(Content("Rivers", "Leaves")), channel))
    assert site.wall.notices()[0].document["sr"] == "u_ada"


def test_the_access_token_is_renewed(site: Site) -> None:
    fresh = site.hold(Reddit().refresh(site.channel))
    renewed = replace(site.channel, secrets={**site.channel.secrets, **fresh.secrets})
    assert site.hold(Reddit().verify(renewed)).name == "ada"


@pytest.mark.parametrize(("name", "error"), [("client_secret", AppRefused), ("refresh_token", Unauthorized)])
def test_a_token_is_renewed_for_whom_it_was_given_to_only(site: Site, name: str, error: type[PublishingError]) -> None:
    stranger = replace(site.channel, secrets={**site.channel.secrets, name: "wrong"})
    with pytest.raises(error):
        site.hold(Reddit().refresh(stranger))


def test_counts_are_told_of_what_is_there(site: Site) -> None:
    receipt = site.published(Content("Rivers", "Leaves"))
    assert isinstance(receipt, Receipt)
    assert site.hold(Reddit().metrics(receipt, site.channel))[Metric.LIKES] == 1
    with pytest.raises(Refused, match="any more"):
        site.hold(Reddit().metrics(Receipt("t3_x"), site.channel))


def test_faults_are_told_in_reddits_words(site: Site) -> None:
    for kind in (Kind.THROTTLE, Kind.REFUSE, Kind.EXPIRE):
        site.faults.switch_on(Fault(platform="reddit", account="ada", kind=kind, seconds=9))
    content = Content("Rivers", "Leaves")
    with pytest.raises(Throttled) as error:
        site.published(content)
    assert error.value.retry_after_s == 9.0
    with pytest.raises(Refused, match="allowed to post there"):
        site.published(content)
    with pytest.raises(Unauthorized):
        site.published(content)


def test_without_a_token_nobody_is_authorized(site: Site) -> None:
    stranger = replace(site.channel, secrets={"access_token": "wrong"})
    with pytest.raises(Unauthorized):
        site.hold(Reddit().verify(stranger))


def test_who_does_not_say_what_it_is_is_not_listened_to(site: Site) -> None:
    assert site.ask("GET", "/api/v1/me", headers={"user-agent": "python-httpx/0.28"}).status_code == 429


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"sr": "leaves"}, "SUBREDDIT_NOEXIST"),
        ({"title": " "}, "NO_TEXT"),
        ({"title": "x" * 301}, "TOO_LONG"),
        ({"text": "x" * 40_001}, "TOO_LONG"),
        ({"kind": "poll"}, "INVALID_OPTION"),
        ({"api_type": "xml"}, "INVALID_OPTION"),
        ({"kind": "link", "url": "example.org"}, "BAD_URL"),
        ({"kind": "image", "url": "https://example.org/a.png"}, "BAD_URL"),
        ({"kind": "video", "url": "https://example.org/a.mp4"}, "BAD_URL"),
    ],
)
def test_what_breaks_a_rule_is_told_inside_a_200(site: Site, form: dict[str, object], code: str) -> None:
    assert site.error_of(**form) == code


def test_a_gallery_needs_pictures(site: Site) -> None:
    body = {"api_type": "json", "sr": "rivers", "title": "Rivers", "items": []}
    answer = site.ask("POST", "/api/submit_gallery_post.json", json=body)
    assert answer.json()["json"]["errors"][0][0] == "BAD_URL"


def test_only_pictures_and_videos_get_a_place(site: Site) -> None:
    assert (
        site.ask("POST", "/api/media/asset.json", data={"filepath": "a", "mimetype": "text/plain"}).status_code == 400
    )


def test_nothing_is_stored_where_nothing_was_leased(site: Site) -> None:
    answer = site.ask("POST", "/", data={"key": "x"}, files={"file": PNG})
    assert (answer.status_code, "AccessDenied" in answer.text) == (403, True)


def test_an_address_without_a_post_is_not_found(site: Site) -> None:
    assert site.ask("GET", "/r/rivers/comments/x/").status_code == 404
