"""Publishes for real: to Ghost, a Bluesky PDS and WordPress on this machine. Only `make test-live-local` runs it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest

from functions import platforms
from publishing.abilities import Finds, Removes
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import Unauthorized
from publishing.model import Content, Identity, Media, Post, Receipt
from tests.functions.platforms.test_contract import HOSTILE
from tests.live import servers
from tests.live.install import PLACE
from tests.live.servers import MEDIA, Loopback, Site

pytestmark = pytest.mark.live
T = TypeVar("T")

CONTENT = Content(
    title="Rivers in autumn",
    text="All *rivers* carry [leaves](https://example.org/leaves).\n\n- one\n- two\n",
    summary="On leaves",
    link="https://example.org/rivers",
    tags=("rivers", "autumn"),
)
PICTURED = replace(
    CONTENT, media=(Media(f"https://{MEDIA}/a.png", "A river"), Media(f"https://{MEDIA}/b.png", "Its mouth"))
)


@pytest.fixture(scope="module", params=["ghost", "bluesky", "wordpress"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    name = str(request.param)
    if request.config.option.markexpr != "live":
        pytest.skip("only `make test-live-local` starts servers")
    if not (PLACE / ("pds" if name == "bluesky" else name) / ".ready").exists():
        pytest.skip(f"`make test-live-local` installs what {name} needs")
    with getattr(servers, name)(tmp_path_factory.mktemp(name)) as up:
        yield up


def hold(conversation: Conversation[T], site: Site) -> T:
    with httpx.HTTPTransport() as inner:
        transport = Loopback(site.port, inner)
        driver = Conversations(transport, transport, sign=lambda _request, _service: None)
        return driver.hold(conversation, within_s=60.0)


def a_post(content: Content = CONTENT) -> Post:
    return Post(f"dlv_{secrets.token_hex(8)}", content, datetime.now(UTC))


def published(post: Post, site: Site) -> Receipt:
    outcome = hold(platforms.load(site.channel.platform).publish(post, site.channel), site)
    assert isinstance(outcome, Receipt)
    return outcome


def found(post: Post, site: Site) -> object:
    adapter = platforms.load(site.channel.platform)
    assert isinstance(adapter, Finds)
    return hold(adapter.find(post, site.channel, post.at - timedelta(minutes=5)), site)


def test_the_credentials_are_good(site: Site) -> None:
    adapter = platforms.load(site.channel.platform)
    assert isinstance(hold(adapter.verify(site.channel), site), Identity)


def test_credentials_nobody_gave_out_are_refused(site: Site) -> None:
    adapter = platforms.load(site.channel.platform)
    with pytest.raises(Unauthorized):
        hold(adapter.verify(site.stranger), site)


def test_a_post_is_published_shown_found_and_removed(site: Site) -> None:
    adapter, post = platforms.load(site.channel.platform), a_post()
    assert isinstance(adapter, Removes)
    assert found(post, site) is None

    receipt = published(post, site)
    assert "carry" in site.shown(receipt).text
    again = found(post, site)
    assert isinstance(again, Receipt)
    assert again.id == receipt.id

    hold(adapter.remove(receipt, site.channel), site)
    assert found(post, site) is None
    assert not site.shown(receipt).is_success
    hold(adapter.remove(receipt, site.channel), site)


def test_pictures_are_shown_with_their_words(site: Site) -> None:
    shown = site.shown(published(a_post(PICTURED), site)).text
    assert [alt for alt in ("A river", "Its mouth") if alt not in shown] == []


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_taken_of_hostile_texts_is_found_again(site: Site, text: str) -> None:
    post = a_post(replace(CONTENT, text=f"All rivers {text}"))
    problems = platforms.load(site.channel.platform).check(post)
    again = published(post, site) if not problems else None
    assert getattr(found(post, site), "id", None) == getattr(again, "id", None)
