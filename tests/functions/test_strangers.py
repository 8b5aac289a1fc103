"""Hosts that customers choose are reached through the guard alone, whichever platform's adapter asks for them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from functions import platforms
from functions.publish import handler
from publishing.adapter import Adapter
from publishing.conversation import Conversations
from publishing.errors import PublishingError, Refused
from publishing.model import Channel, Content, Media, Post
from publishing.transport import Detoured, GuardedTransport, plain_transport
from tests import cloud
from tests.functions.platforms.conversing import NOON, platform, recorded
from tests.publishing.single import asks, get
from tests.sandbox.server import Sandbox

INSIDE = "10.11.12.13"
STRANGER = "media.stranger.example"
OUTSIDE = "The host leads to an address outside the public internet."
PICTURE = Media(f"https://{STRANGER}/river.jpg", "A river")
FILM = Media(f"https://{STRANGER}/river.mp4", type="video/mp4", width=1280, height=720, seconds=9.2, codec="AVC")
UPLOADED = Media(PICTURE.url, id="upl_1", type="image/jpeg", size_bytes=9, width=1280, height=720)
MEDIA = {"picture": PICTURE, "film": FILM, "uploaded": UPLOADED}
# Who fetches what; all others hand the address on, and their platforms fetch it.
FETCHING = {
    "picture": {"bluesky", "douyin", "linkedin", "mastodon", "reddit", "weibo", "wordpress", "x"},
    "film": {"bilibili", "bluesky", "discord", "douyin", "linkedin", "mastodon", "pinterest", "reddit", "slack",
             "telegram", "tiktok", "x", "youtube"},
    "uploaded": {"bluesky", "douyin", "ghost", "hashnode", "linkedin", "mastodon", "reddit", "weibo", "wordpress", "x"},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _everything_leads_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *rest: Any, **more: Any) -> Any:
        return resolve(host if host == "127.0.0.1" else INSIDE, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@dataclass
class Half(httpx.BaseTransport):
    """Leads what is meant for the stranger to the guard, and all else to the stand-ins."""

    guard: httpx.BaseTransport
    stand_ins: httpx.BaseTransport
    strangers: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != STRANGER:
            return self.stand_ins.handle_request(request)
        self.strangers.append(request)
        return self.guard.handle_request(request)


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def unsigned(_request: httpx.Request, _service: str) -> None:
    """Nothing is meant for AWS."""


def channel_at(stand_ins: Sandbox, adapter: Adapter) -> Channel:
    """A channel that the platform's stand-in knows."""
    given = httpx.post(f"{stand_ins.addresses[adapter.name]}/_sandbox/accounts", json={"name": "ada"}, trust_env=False)
    return Channel("chn_1", "wsp_1", adapter.name, settings=given.json(), secrets=given.json())


def strangers_asked(stand_ins: Sandbox, name: str, *media: Media) -> tuple[list[httpx.Request], object]:
    """What the stranger was asked for while a post with these media was published, and what came of it."""
    asked = platform(name)
    asked = replace(asked, channel=channel_at(stand_ins, asked.adapter))
    link = "https://example.com/rivers"
    content = Content(title="Rivers", text="All rivers carry leaves.", link=link, tags=("rivers",), media=media)
    half = Half(GuardedTransport(), Detoured(plain_transport(), stand_ins.hosts))
    held = Conversations(half, half, sign=unsigned, plain_http=True)
    try:
        outcome = held.hold(asked.publication(recorded(), Post("dlv_1", content, NOON)), within_s=20)
    except PublishingError as error:
        return half.strangers, error
    return half.strangers, outcome


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in FETCHING.items() for name in sorted(names)])
def test_no_media_is_fetched_from_inside(
    stand_ins: Sandbox, dialled_too: list[tuple[str, int]], kind: str, name: str
) -> None:
    asked, outcome = strangers_asked(stand_ins, name, MEDIA[kind])
    assert len(asked) == 1
    assert isinstance(outcome, Refused)
    assert str(outcome) == OUTSIDE
    assert {address for address, _ in dialled_too} <= {"127.0.0.1"}


@pytest.mark.parametrize("kind", list(MEDIA))
def test_nobody_else_fetches_media(stand_ins: Sandbox, kind: str) -> None:
    others = set(stand_ins.addresses) - FETCHING[kind]
    assert [name for name in others if strangers_asked(stand_ins, name, MEDIA[kind])[0]] == []


@pytest.fixture(params=["dev", "prod"])
def deployed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Conversations]:
    """What a publish function holds its conversations with, put together as on that stage."""
    told = {**cloud.environment(), "stage": request.param, "platform": "webhook", "credentials_key_arn": "arn"}
    for name, value in told.items():
        monkeypatch.setenv(name.upper(), value)
    handler.desk.cache_clear()
    yield handler.desk().courier.conversations
    handler.desk.cache_clear()


@pytest.mark.parametrize("name", platforms.names())
def test_deployed_no_platform_reaches_anything_inside(
    deployed: Conversations, dialled_too: list[tuple[str, int]], name: str
) -> None:
    asked = platform(name)
    held = replace(deployed, inside=deployed.outside, sign=unsigned)  # AWS is another matter
    for conversation in (asked.adapter.publish(asked.post, asked.channel), asked.adapter.verify(asked.channel)):
        with suppress(PublishingError):
            held.hold(conversation, within_s=5)
    assert dialled_too == []


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://127.0.0.1:9001/", "https://169.254.169.254/", "https://[::1]/"]
)
def test_deployed_neither_loopback_nor_plain_http_is_spoken_to(
    deployed: Conversations, dialled_too: list[tuple[str, int]], url: str
) -> None:
    with pytest.raises(Refused):
        deployed.hold(asks(get(url)), within_s=5)
    assert dialled_too == []
