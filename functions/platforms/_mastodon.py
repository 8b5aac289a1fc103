"""Requests to a server that speaks Mastodon's API, what it answers, and what its errors mean.

Source: https://docs.joinmastodon.org/api/, https://docs.joinmastodon.org/entities/Status/ and
github.com/mastodon/mastodon: rate_limiter.rb, config/locales/en.yml (read 2026-11-21)
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import httpx
from pydantic import AwareDatetime, ConfigDict, JsonValue, RootModel
from pydantic import Field as Reads

from functions.platforms._mastodon_text import essence, parts, shown
from publishing.adapter import Conversation
from publishing.errors import Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Post, utc_text
from publishing.replies import Reply, bounded_wait_s, error_for, parsed, quoted, read_if_readable, retry_after_s


class Thing(Reply):
    """An account, an uploaded picture or video, a post."""

    id: str = Reads(pattern=r"^[\w-]{1,64}$")
    url: str | None = None
    acct: str = ""
    created_at: AwareDatetime | None = None

    @property
    def at(self) -> str:
        """When it was made, as far as it is told."""
        return utc_text(self.created_at) if self.created_at else ""


class Status(Thing):
    """A post, as its author's list shows it."""

    content: str = ""
    media_attachments: tuple[dict[str, JsonValue], ...] = ()
    in_reply_to_id: str | None = None

    def says(self, text: str, alts: Sequence[str], answered: str | None) -> bool:
        """Whether it has these words and pictures' texts, in answer to that post."""
        seen = [str(picture.get("description") or "").strip() for picture in self.media_attachments]
        return self.in_reply_to_id == answered and essence(shown(self.content)) == essence(text) and seen == list(alts)


class Statuses(RootModel[tuple[Status, ...]]):
    """Posts, the newest first."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    def since(self, moment: datetime) -> list[Status]:
        """Those that are not older."""
        return [status for status in self.root if status.created_at and status.created_at >= moment]


def chain(post: Post, among: Sequence[Status]) -> list[Status]:
    """So much of the post, or of its thread, as is out."""
    out: list[Status] = []
    alts = [media.alt.strip() for media in post.content.media]
    for text in parts(post):
        answered = out[-1].id if out else None
        found = next((each for each in among if each.says(text, [] if out else alts, answered)), None)
        if found is None:
            break
        out.append(found)
    return out


class _Trouble(Reply):
    error: str = ""


def request(method: str, path: str, channel: Channel, **content: Any) -> httpx.Request:
    """A request to the channel's server; `path` is below `/api/`."""
    token = channel.secrets["access_token"].strip()
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no access token: it holds characters that none has.")
    address = httpx.URL(channel.settings["base_url"]).copy_with(path=f"/api/{path}", query=None, fragment=None)
    asked = httpx.Request(method, address, **content)
    asked.headers["authorization"] = f"Bearer {token}"
    return asked


def account(channel: Channel) -> Conversation[Thing]:
    """Whose token it is."""
    reply = yield request("GET", "v1/accounts/verify_credentials", channel)
    return parsed(Thing, taken(reply, channel))


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if it is no error."""
    if reply.is_success:
        return reply
    told, status = quoted(read_if_readable(_Trouble, reply).error, channel), reply.status_code
    message = f"Mastodon answered: {told}" if told else ""
    if status == httpx.codes.TOO_MANY_REQUESTS:
        reset_s = None
        with suppress(ValueError):
            reset_s = datetime.fromisoformat(reply.headers.get("x-ratelimit-reset", "")).timestamp() - time.time()
        raise Throttled(message, retry_after_s=retry_after_s(reply, bounded_wait_s(reset_s)), status=status)
    if "not finished processing" in told:  # in English, that is: it is told in the account's language
        raise Unavailable(message, status=status)
    raise error_for(reply, message)
