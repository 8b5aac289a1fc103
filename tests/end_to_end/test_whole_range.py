"""One content to every platform there is, and media that were uploaded: whatever their shape, each settles."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Mapping, Sequence

import httpx
import pytest

from functions import platforms
from postroom_client.schemas import Delivery, NewPublication, UploadedMedia
from publishing.adapter import Adapter
from tests.end_to_end.conftest import Slow
from tests.end_to_end.whole_range import ACCOUNT
from tests.end_to_end.world import SETTLED, World
from tests.media.films import film
from tests.media.test_looking import picture

SETTLED_S = 180.0  # every platform's function starts once, and some platforms work on for a while
OUT = {"published", "handoff"}  # with `handoff` our part is done


@pytest.fixture(scope="module")
def channels(slow: Slow) -> Mapping[str, str]:
    """A channel of every platform."""
    return slow.whole_range.channels


@pytest.fixture(scope="module")
def everywhere(world: World, slow: Slow) -> Sequence[Delivery]:
    """What became of one content on all of them; those that did not settle tell for themselves."""

    def deliveries() -> list[Delivery]:
        return world.api.read_publication(slow.whole_range.publication)["deliveries"]

    end_s = time.monotonic() + SETTLED_S
    while time.monotonic() < end_s and any(each["state"] not in SETTLED | OUT for each in deliveries()):
        time.sleep(1.0)
    return deliveries()


@pytest.mark.parametrize("platform", platforms.names())
def test_one_content_is_out_on_every_platform(everywhere: Sequence[Delivery], platform: str) -> None:
    (delivery,) = (each for each in everywhere if each["platform"] == platform)
    assert delivery["state"] in OUT, delivery
    assert delivery["post_id"] or delivery["state"] == "handoff"
    assert delivery["url"] or delivery["state"] == "published"


@pytest.mark.parametrize("platform", platforms.names())
def test_it_is_out_once(world: World, everywhere: Sequence[Delivery], platform: str) -> None:
    if platform not in world.cloud.stand_ins.addresses:
        pytest.skip("AWS itself is published to")
    (delivery,) = (each for each in everywhere if each["platform"] == platform)
    assert len(world.posts(platform, ACCOUNT)) == (1 if delivery["state"] == "published" else 0)


def uploaded(world: World, content: bytes) -> UploadedMedia:
    """Media, announced, sent to the address that was answered, and complete."""
    made = world.api.create_media({"size_bytes": len(content)})
    upload = made["upload"]
    assert upload
    sent = httpx.request(upload["method"], upload["url"], headers=upload["headers"], content=content, trust_env=False)
    assert sent.status_code == 200, sent.text
    return world.api.complete_media(made["id"])


def taking_films(adapter: Adapter) -> bool:
    """Whether a platform is handed the film itself, in pieces or whole, and not its address."""
    return adapter.limits.video is not None and adapter.name in {"youtube", "mastodon"}


def test_an_upload_is_looked_at_and_handed_over(world: World, channels: Mapping[str, str]) -> None:
    media = uploaded(world, film(seconds=12.0) + os.urandom(300_000))
    assert (media["type"], media["seconds"]) == ("video/mp4", 12.0)
    names = [name for name in channels if taking_films(platforms.load(name))]
    body: NewPublication = {
        "content": {"title": "A film", "text": "A film of a river.", "media": [{"id": media["id"], "alt": "A river"}]},
        "targets": [{"channel": channels[name]} for name in names],
    }
    deliveries = world.settled(world.api.publish(body)["id"], within_s=90.0)
    assert {each["state"] for each in deliveries} == {"published"}, deliveries


def test_what_was_uploaded_is_not_replaced(world: World) -> None:
    upload = world.api.create_media({"size_bytes": 5})["upload"]
    assert upload
    first, second = (
        httpx.put(upload["url"], headers=upload["headers"], content=content, trust_env=False).status_code
        for content in (b"first", b"other")
    )
    assert (first, second) == (200, 412)


def test_a_platforms_callback_reaches_its_own_function_and_nothing_forged_is_taken(
    world: World, channels: Mapping[str, str]
) -> None:
    shown = world.api.read_channel(channels["slack"])
    reply = httpx.post(f"{world.cloud.api_url}{shown['callback']}", json={"type": "x"}, trust_env=False)
    assert (reply.status_code, reply.json()["status"]) == (401, 401)
    elsewhere = httpx.post(f"{world.cloud.api_url}/v1/inbound/slack", json={"type": "x"}, trust_env=False)
    assert elsewhere.status_code == 404


def test_what_a_feed_says_of_an_upload_leads_to_it(world: World, channels: Mapping[str, str]) -> None:
    content = picture("PNG")
    media = uploaded(world, content)
    body: NewPublication = {
        "content": {"title": "A picture", "text": "Of a river.", "media": [{"id": media["id"], "alt": "A river"}]},
        "targets": [{"channel": channels["rss"]}],
    }
    world.settled(world.api.publish(body)["id"])
    feed = httpx.get(f"{world.cloud.outputs['FeedsUrl']}/{channels['rss']}/feed.json", trust_env=False).json()
    (said,) = (each for each in feed["items"] if each["title"] == "A picture")
    address = re.search(r'http[^"]*/v1/files/[^"]+', json.dumps(said))
    assert address, said
    assert httpx.get(address[0], follow_redirects=True, trust_env=False).content == content
