"""What stands on X: a post of ours as text and as X tells it, and which of an account's posts are ours.

Source: https://docs.x.com/x-api/posts/timelines/introduction, …/x-api/fundamentals/data-dictionary/reference and
github.com/xdevplatform/docs: openapi.json (read 2026-11-21)
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import AliasChoices
from pydantic import Field as Reads

from functions.platforms._markdown import to_plain
from functions.platforms._split import split
from functions.platforms._weighted import addresses, weight
from functions.platforms._x import request, taken
from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown
from publishing.model import Channel, Metric, Post
from publishing.replies import Reply, parsed

CHARS = 280
PAGE, PAGES = 100, 5
SCHEME = re.compile("https?://")


def text_of(post: Post) -> str:
    """All that is said: title, text, link and hashtags."""
    content, text = post.content, to_plain(post.content.text)
    link = "" if content.link in addresses(text) else content.link
    said = (content.title, text, link, " ".join(f"#{tag}" for tag in content.tags))
    return "\n\n".join(part.strip() for part in said if part.strip())


def parts_of(post: Post) -> tuple[str, ...]:
    """The texts of the posts it takes."""
    return cut(post, text_of(post))


def cut(post: Post, text: str) -> tuple[str, ...]:
    """Its whole text in parts that each fit, where its author asked for that."""
    return (post.content.thread and split(text, CHARS, weight)) or (text,)


class Thing(Reply):  # a user, or a post that was made
    id: str = Reads(pattern=r"^\d{1,19}$")
    username: str = ""


class Answer(Reply):
    data: Thing


class _Counts(Reply):  # the second names are of X's OpenAPI document since August 2026, the first of all that is said
    retweet_count: int = Reads(0, validation_alias=AliasChoices("retweet_count", "repost_count"))
    quote_count: int = 0
    reply_count: int = 0
    like_count: int = 0
    bookmark_count: int = 0
    impression_count: int = 0

    def counted(self) -> dict[Metric, int]:
        return {
            Metric.VIEWS: self.impression_count,
            Metric.LIKES: self.like_count,
            Metric.COMMENTS: self.reply_count,
            Metric.SHARES: self.retweet_count + self.quote_count,
            Metric.SAVES: self.bookmark_count,
        }


class _Address(Reply):
    url: str = ""
    expanded_url: str = ""
    media_key: str = ""


class _Entities(Reply):
    urls: tuple[_Address, ...] = ()


class _Post(Thing):
    text: str = ""
    conversation_id: str = ""
    entities: _Entities = _Entities()
    public_metrics: _Counts = _Counts()

    def is_part(self, part: str, out: Sequence[str]) -> bool:
        """Whether it has these words, and stands where it would: first, or in the thread of what is out."""
        text = html.unescape(self.text)
        for address in self.entities.urls:
            text = text.replace(address.url, "" if address.media_key else address.expanded_url)
        place = out[0] if out else self.id
        return _essence(text) == _essence(part) and self.conversation_id in {"", place}


class _Meta(Reply):
    next_token: str = ""


class Posts(Reply):
    data: tuple[_Post, ...] = ()
    meta: _Meta = _Meta()


def me(channel: Channel) -> Conversation[Thing]:
    reply = yield request("GET", "users/me", channel)
    return parsed(Answer, taken(reply, channel)).data


def out_of(post: Post, channel: Channel, user: str, ids: str, since: datetime) -> Conversation[list[str]]:
    """The ids of what is out of `post`, of which `ids` are known."""
    out = ids.split(",") if ids else []
    begin = {"since_id": out[-1]} if out else {"start_time": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
    posts = yield from _listed(channel, user, begin)
    for part in parts_of(post)[len(out) :]:
        found = next((each.id for each in posts if each.is_part(part, out) and each.id not in out), None)
        if found is None:
            break
        if not _essence(part):
            raise OutcomeUnknown("Something without a text was posted; it has no text to be told apart by, either.")
        out.append(found)
    return out


def _listed(channel: Channel, user: str, begin: Mapping[str, str]) -> Conversation[list[_Post]]:
    """The account's posts and answers, the oldest first."""
    posts: list[_Post] = []
    asked = {"max_results": str(PAGE), "tweet.fields": "conversation_id,entities", "exclude": "retweets", **begin}
    for _ in range(PAGES):
        reply = yield request("GET", f"users/{user}/tweets", channel, params=asked)
        page = parsed(Posts, taken(reply, channel))
        posts += page.data
        if not page.meta.next_token:
            return posts[::-1]
        asked["pagination_token"] = page.meta.next_token
    raise OutcomeUnknown(f"It is not among the last {PAGE * PAGES} posts, and there are more.")


def _essence(text: str) -> str:
    """A text without what X changes: blanks, an address's scheme and slashes."""
    return "".join(SCHEME.sub("", unicodedata.normalize("NFC", text)).replace("/", "").split()).casefold()
