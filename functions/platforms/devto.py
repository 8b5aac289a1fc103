"""Articles on DEV, or on any other site that runs Forem.

Source: https://developers.forem.com/api/v1 and github.com/forem/forem: app/models/article.rb,
app/controllers/concerns/api/articles_controller.rb (read 2026-11-20). Contract by documentation: never run against
DEV itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

import httpx

from functions.platforms._checks import insist, problems
from functions.platforms._forem import Article, Own, Owns
from functions.platforms._markdown import without_front_matter
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Rate, Resource
from publishing.errors import OutcomeUnknown, Unauthorized
from publishing.model import Channel, Identity, Metric, Post, Problem, Receipt
from publishing.replies import Reply, accepted, error_for, parsed, quoted, read_if_readable

SITE = "https://dev.to"
TAG_CHARS = 30
PAGE = 30  # articles come with their whole text: many more could be a longer answer than is read
PAGES = 10

DUPLICATE = re.compile(r"canonical url has already been taken|title has already been used", re.IGNORECASE)


class DevTo:
    """Publishes articles, with the content's own address as canonical URL."""

    name = "devto"
    title = "DEV"
    # 800 kB and 128 code points: validations of Forem's Article. Settings::RateLimit allows 9 articles in 30 s, and
    # accounts of less than three days one in five minutes; a site may have set other numbers.
    limits = Limits(
        text_chars=819_200,
        title_chars=128,
        tags=4,
        media=1,
        timeout_s=30.0,
        in_flight=2,
        rate=Rate(requests=9, per_s=30.0),
        own_hosts=True,
        embeds=True,
    )
    credentials = Credentials(
        (
            Field("api_key", label="API key", secret=True, help="Settings → Extensions → DEV Community API Keys."),
            Field("base_url", Kind.URL, "Site", required=False, help=f"Any Forem site; {SITE} where none is given."),
            Field("organization_id", label="Organization id", required=False, help="A number.", max_chars=20),
            Field("series", label="Series", required=False, max_chars=200),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        found = problems(post, self.limits, count=lambda text: len(text.encode(errors="surrogatepass")), unit="bytes")
        return [*found, *_missing(post), *_unspeakable_tags(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Create the article; where DEV says it has it already, find it."""
        insist(self.check(post))
        reply = yield _request("POST", "articles", channel, json={"article": _article(post, channel)})
        told = "" if reply.is_success else read_if_readable(_Trouble, reply).error
        twin = (yield from _twin(post, channel)) if DUPLICATE.search(told) else None
        return (twin or parsed(Article, _taken(reply, channel))).receipt()

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its canonical URL or else its title, among what was published after `since`."""
        for page in range(1, PAGES + 1):
            articles = yield from _page(page, channel)
            recent = [article for article in articles if article.published_at and article.published_at >= since]
            found = next((article for article in recent if article.has_address_or_title_of(post)), None)
            if found or len(recent) < PAGE:
                return found.receipt() if found else None
        raise OutcomeUnknown(f"It is not among the last {PAGE * PAGES} articles, and there are more.")

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Unpublish the article: it stays among its author's drafts, for DEV has no deleting by key."""
        reply = yield _request("PUT", f"articles/{receipt.id}", channel, json={"article": {"published": False}})
        if reply.status_code != httpx.codes.NOT_FOUND:
            _taken(reply, channel)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """Its counts; of views, DEV tells in the author's own list alone, of which the last articles are read."""
        for page in range(1, PAGES + 1):
            articles = yield from _page(page, channel)
            own = next((article for article in articles if str(article.id) == receipt.id), None)
            if own or len(articles) < PAGE:
                break
        if not own:
            own = parsed(Own, _taken((yield _request("GET", f"articles/{receipt.id}", channel)), channel))
        return own.counts()

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose key this is."""
        reply = yield _request("GET", "users/me", channel)
        user = parsed(_User, accepted(reply))
        return Identity(str(user.id), user.username, f"{_site(channel)}/{user.username}")


class _User(Reply):
    id: int
    username: str


class _Trouble(Reply):
    error: str = ""


def _request(method: str, path: str, channel: Channel, *, json: object = None) -> httpx.Request:
    key = channel.secrets["api_key"].strip()
    if not (key.isascii() and key.isprintable()):
        raise Unauthorized("This is no API key: it holds characters that none has.")
    extensions = PUBLISHES if method == "POST" else {}
    headers = {"api-key": key, "accept": "application/vnd.forem.api-v1+json"}
    return httpx.Request(method, f"{_site(channel)}/api/{path}", headers=headers, json=json, extensions=extensions)


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    if reply.is_success:
        return reply
    told = quoted(read_if_readable(_Trouble, reply).error, channel)
    raise error_for(reply, f"DEV answered: {told}" if told else "")


def _site(channel: Channel) -> str:
    return (channel.settings.get("base_url") or SITE).rstrip("/")


def _page(page: int, channel: Channel) -> Conversation[tuple[Own, ...]]:
    reply = yield _request("GET", f"articles/me/published?page={page}&per_page={PAGE}", channel)  # newest first
    return parsed(Owns, accepted(reply)).root


def _twin(post: Post, channel: Channel) -> Conversation[Own | None]:
    """What DEV takes `post` for a duplicate of, if it is the very same and the channel's own.

    A canonical URL is unique on a site. A title is refused for five minutes whoever's text stands below it, so there
    the text must be the same too, lest one of two articles be called published that is not.
    """
    for page in range(1, PAGES + 1):
        articles = yield from _page(page, channel)
        twin = next((article for article in articles if article.is_twin_of(post)), None)
        if twin or len(articles) < PAGE or not post.content.link:
            return twin
    return None


def _article(post: Post, channel: Channel) -> dict[str, object]:
    content, settings = post.content, channel.settings
    optional = {
        "description": content.summary,
        "canonical_url": content.link,
        "main_image": content.media[0].url if content.media else "",
        "series": settings.get("series"),
        "organization_id": _number(settings.get("organization_id", "")),
    }
    body = without_front_matter(content.text)  # which on DEV would override what is sent beside it
    required = {"title": content.title, "body_markdown": body, "published": True}
    return required | {"tags": list(content.tags)} | {name: value for name, value in optional.items() if value}


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{0,18}", text):
        raise Unauthorized("The organization id of this channel is not a number.")
    return int(text or 0)


def _missing(post: Post) -> list[Problem]:
    return [
        Problem(f"content.{what}", f"An article on DEV needs a {what}.", f"Give it a {what}.")
        for what, given in (("title", post.content.title), ("text", without_front_matter(post.content.text)))
        if not given.strip()
    ]


def _unspeakable_tags(post: Post) -> list[Problem]:
    message = f"Tags on DEV are letters and digits only, {TAG_CHARS} at most."
    return [
        Problem(f"content.tags[{place}]", message, "Override the tags for this channel.")
        for place, tag in enumerate(post.content.tags)
        if not tag.isalnum() or len(tag) > TAG_CHARS
    ]


ADAPTER: Adapter = DevTo()
