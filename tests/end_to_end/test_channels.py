from __future__ import annotations

from pathlib import Path

import feedparser  # type: ignore[import-untyped]  # it has no types
import httpx
import pytest

from infra.local import article
from infra.local.__main__ import EXAMPLE
from postroom_client.schemas import DeliveryWithHistory, NewTarget
from tests.end_to_end.world import World

CONTENT = article.read(Path(EXAMPLE))
Everywhere = dict[str, DeliveryWithHistory]  # by platform
LINK = "https://example.com/articles/one-article-everywhere"


@pytest.fixture(scope="module")
def everywhere(world: World) -> Everywhere:
    """The example article's deliveries to a channel of each platform, by platform."""
    platforms = ("webhook", "rss", "email", "discord", "devto")
    targets: list[NewTarget] = [{"channel": world.connected(platform, "everywhere")} for platform in platforms]
    publication = world.api.publish({"content": CONTENT, "targets": targets})
    return {delivery["platform"]: delivery for delivery in world.settled(publication["id"])}


@pytest.mark.parametrize("platform", ["webhook", "rss", "email", "discord", "devto"])
def test_one_article_is_published_at_the_first_attempt(everywhere: Everywhere, platform: str) -> None:
    delivery = everywhere[platform]
    assert (delivery["state"], delivery["attempts"], delivery["trouble"]) == ("published", 1, None)


def test_the_webhook_is_called_with_the_article_in_text_and_html(world: World, everywhere: Everywhere) -> None:
    (post,) = world.posts("webhook", "everywhere")
    assert (post["id"], post["document"]["type"]) == (everywhere["webhook"]["id"], "post.published")
    assert post["document"]["data"]["title"] == CONTENT["title"]
    assert "<strong>It should go out once, too</strong>" in post["document"]["data"]["html"]


def test_discord_shows_a_rich_embed_with_link_and_image(world: World, everywhere: Everywhere) -> None:
    (post,) = world.posts("discord", "everywhere")
    (embed,) = post["document"]["embeds"]
    assert (embed["title"], embed["url"]) == (CONTENT["title"], LINK)
    assert embed["image"]["url"] == CONTENT["media"][0]["url"]
    assert str(everywhere["discord"]["url"]).endswith(f"/{post['id']}")


def test_dev_gets_an_article_whose_canonical_address_is_the_link(world: World, everywhere: Everywhere) -> None:
    (post,) = world.posts("devto", "everywhere")
    made = post["document"]
    assert (made["title"], made["canonical_url"], made["tags"]) == (CONTENT["title"], LINK, CONTENT["tags"])
    assert everywhere["devto"]["post_id"] == post["id"]


def test_the_mail_has_a_text_and_an_html_part_and_a_way_to_unsubscribe(world: World, everywhere: Everywhere) -> None:
    answer = httpx.get(f"{world.cloud.emulator.endpoint}/_ministack/ses/messages", trust_env=False)
    sent = [mail for account in answer.json()["messages"].values() for mail in account]
    (mail,) = [mail for mail in sent if mail["MessageId"] == everywhere["email"]["post_id"]]
    assert (mail["Subject"], mail["BCC"]) == (CONTENT["title"], ["ada@example.com", "grace@example.com"])
    assert "You wrote it once. It should go out once, too" in mail["BodyText"]
    assert "<strong>It should go out once, too</strong>" in mail["BodyHtml"]
    assert "unsubscribe" in mail["BodyText"]
    assert "mailto:newsroom@example.com?subject=unsubscribe" in mail["BodyHtml"]


@pytest.mark.parametrize("form", ["rss.xml", "atom.xml", "feed.json"])
def test_the_feed_is_public_in_all_its_forms(world: World, everywhere: Everywhere, form: str) -> None:
    url = f"{world.cloud.outputs['FeedsUrl']}/{everywhere['rss']['channel']}/{form}"
    feed = httpx.get(url, trust_env=False).raise_for_status()
    assert CONTENT["title"] in feed.text
    assert feed.headers["Cache-Control"].startswith("public, max-age=")


def test_the_feed_parses_to_the_article(world: World, everywhere: Everywhere) -> None:
    url = f"{world.cloud.outputs['FeedsUrl']}/{everywhere['rss']['channel']}/rss.xml"
    parsed = feedparser.parse(httpx.get(url, trust_env=False).content)
    (entry,) = parsed.entries
    assert not parsed.bozo
    assert (entry.title, entry.link) == (CONTENT["title"], LINK)


def test_a_feed_that_has_not_changed_is_not_sent_again(world: World, everywhere: Everywhere) -> None:
    url = f"{world.cloud.outputs['FeedsUrl']}/{everywhere['rss']['channel']}/atom.xml"
    tag = httpx.get(url, trust_env=False).headers["ETag"]
    again = httpx.get(url, headers={"If-None-Match": tag}, trust_env=False)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
