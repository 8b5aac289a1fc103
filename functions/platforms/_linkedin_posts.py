"""Posts as LinkedIn is given them and as it shows them to their author.

Source: https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api (read 2026-11-21, stored
copy). That a refused twin is named is seen by others, and not documented.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

import httpx
from pydantic import AliasPath, JsonValue
from pydantic import Field as Reads

from functions.platforms._linkedin import Trouble, author_of, request, taken
from functions.platforms._little_text import texts, words
from publishing.adapter import PUBLISHES, Conversation
from publishing.errors import OutcomeUnknown
from publishing.model import Channel, Post, Receipt
from publishing.replies import Reply, parsed, read_if_readable

LINK = "https://www.linkedin.com/feed/update/"
PAGE, SLACK = 50, timedelta(minutes=5)  # LinkedIn's clock and ours
TWIN = re.compile(r"duplicate of (urn:li:(?:share|ugcPost):[0-9]+)")


class Own(Reply):
    """A post as its author's list has it."""

    id: str
    commentary: str | None = None
    article: str | None = Reads(default=None, validation_alias=AliasPath("content", "article", "title"))
    picture: JsonValue = Reads(default=None, validation_alias=AliasPath("content", "media"))
    pictures: tuple[JsonValue, ...] = Reads(default=(), validation_alias=AliasPath("content", "multiImage", "images"))
    created: datetime = Reads(validation_alias="createdAt")  # in milliseconds, like the next
    touched: datetime = Reads(validation_alias="lastModifiedAt")

    def is_of(self, post: Post) -> bool:
        """Whether it has the words of `post`, and as many pictures or videos."""
        commentary, article = texts(post)
        expected = words(commentary) + article.get("title", "").split()
        same = words(self.commentary or "") + (self.article or "").split() == expected
        return same and (len(self.pictures) or int(bool(self.picture))) == len(post.content.media)


class Owns(Reply):
    """A page of that list."""

    elements: tuple[Own, ...]


def listed(channel: Channel, *, start: int) -> httpx.Request:
    """What asks for a page of what the author published, the last touched first."""
    query = f"q=author&author={quote(author_of(channel)[0], safe='')}&start={start}&count={PAGE}&sortBy=LAST_MODIFIED"
    return request("GET", f"rest/posts?{query}", channel)


def created(post: Post, channel: Channel, shown: list[dict[str, str]], *, late: bool = False) -> Conversation[Receipt]:
    """Create the post; where LinkedIn has its text already, see whose that is."""
    reply = yield request("POST", "rest/posts", channel, json=_body(post, channel, shown), extensions=PUBLISHES)
    named = reply.headers.get("x-restli-id", "")  # there is nothing in the body
    urn = unquote(named) if reply.is_success else (yield from _out_already(reply, post, channel, late=late))
    if not re.fullmatch(r"urn:li:(share|ugcPost):[0-9]+", urn):
        raise OutcomeUnknown("The platform's answer names no post.", status=reply.status_code)
    return Receipt(urn, LINK + urn)


def _out_already(reply: httpx.Response, post: Post, channel: Channel, *, late: bool) -> Conversation[str]:
    """The post that LinkedIn says has the same text, if it is still there and not from before this one was due.

    Raises:
        OutcomeUnknown: it may not be read, and this attempt is not the first (`late`): it may be an earlier one's.
    """
    trouble = read_if_readable(Trouble, reply)
    error, named = trouble.error(reply, channel), TWIN.search(trouble.message)
    if named:
        there = yield request("GET", f"rest/posts/{quote(named[1], safe='')}", channel)
        if late and there.status_code == httpx.codes.FORBIDDEN:
            raise OutcomeUnknown(str(error), code=error.code, status=error.status)
        if there.status_code not in {403, 404} and parsed(Own, taken(there, channel)).created >= post.at - SLACK:
            return named[1]
    raise error


def _body(post: Post, channel: Channel, images: list[dict[str, str]]) -> dict[str, object]:
    commentary, article = texts(post)
    picture = {"media": images[0]} if len(images) == 1 else {"multiImage": {"images": images}}
    content: dict[str, object] = {"content": {"article": article} if article else picture} if article or images else {}
    feed = {"feedDistribution": "MAIN_FEED", "targetEntities": [], "thirdPartyDistributionChannels": []}
    who_and_what = {"author": author_of(channel)[0], "commentary": commentary, "visibility": "PUBLIC", **content}
    return {**who_and_what, "distribution": feed, "lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": False}
