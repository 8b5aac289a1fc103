"""Requests to a Discord webhook's own address, and what Discord's codes for errors mean.

Source: https://discord.com/developers/docs/topics/opcodes-and-status-codes and …/resources/webhook (read 2026-11-20)
"""

from __future__ import annotations

import re

import httpx
from pydantic import Field as Reads
from pydantic import JsonValue

from publishing.adapter import Conversation
from publishing.errors import PublishingError, Refused, Throttled, Unauthorized
from publishing.model import Channel
from publishing.replies import Reply, bounded_wait_s, error_for, parsed, quoted, read_if_readable, retry_after_s

SNOWFLAKE = "^[0-9]{15,21}$"
WEBHOOK_PATH = re.compile(r"/api(?:/v\d+)?/webhooks/(\d{15,21})/([\w-]{20,120})/?", re.ASCII)

UNAUTHORIZED = frozenset({10015, 50027, 50001, 50005, 50013, 40333})  # unknown, bad token; access, permissions, agent
THROTTLED = frozenset({20016, 20022, 20028, 20029, 30046})  # slow mode and write rates of a channel or server
REFUSED = frozenset(
    {10003, 10004, 10008, 40005, 40067, 50006, 50035, 50045, 50109, 50146}  # no such channel; content it will not take
    | {200000, 200001, 240000}  # automatic moderation, harmful links
    | {220001, 220002, 220003, 220004}  # threads of forums
)
REMEDIES = {
    220001: "This is a forum: connect a webhook of a text channel, or add ?thread_id=… of one of its threads.",
    40067: "This forum wants a tag: connect a webhook of a text channel.",
}


class Webhook(Reply):
    """A webhook's own description."""

    id: str = Reads(pattern=SNOWFLAKE)
    guild_id: str = Reads(pattern=SNOWFLAKE)
    channel_id: str = Reads(pattern=SNOWFLAKE)
    name: str | None = None


class Trouble(Reply):
    """What Discord says of a request it did not take; nothing where a proxy answered in its stead."""

    code: int = 0
    message: str = ""
    errors: JsonValue = None
    retry_after: float | None = None

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by Discord's own code first, by the status where that says nothing."""
        told = quoted(f"{self.message} {_first_of(self.errors)} {REMEDIES.get(self.code, '')}", channel)
        message, code, status = f"Discord answered: {told}" if told else "", str(self.code), reply.status_code
        if self.code in UNAUTHORIZED:
            return Unauthorized(message, code=code, status=status)
        if self.code in REFUSED:
            return Refused(message, code=code, status=status)
        if self.code in THROTTLED or status == httpx.codes.TOO_MANY_REQUESTS:
            wait_s = bounded_wait_s(self.retry_after, retry_after_s(reply))
            return Throttled(message, retry_after_s=wait_s, code=code, status=status)
        return error_for(reply, message, code=code)


def home(channel: Channel) -> Conversation[Webhook]:
    """Ask the webhook for its description."""
    reply = yield httpx.Request("GET", address(channel))
    return parsed(Webhook, taken(reply, channel))


def address(channel: Channel, *below: str) -> httpx.URL:
    """The webhook's own address, or one below it."""
    given = httpx.URL(channel.secrets["webhook_url"])
    parts = WEBHOOK_PATH.fullmatch(given.path)
    if not parts:
        raise Unauthorized("This is not the address of a Discord webhook.")
    path = "/".join(["/api/v10/webhooks", parts[1], parts[2], *below])
    return given.copy_with(path=path, query=None, fragment=None, userinfo=b"")


def link(channel: Channel, *ids: str) -> str:
    """Where people see a channel, or a message."""
    return str(address(channel).copy_with(path=f"/channels/{'/'.join(ids)}"))


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if it is no error."""
    if reply.is_success:
        return reply
    raise read_if_readable(Trouble, reply).error(reply, channel)


def _first_of(errors: JsonValue, path: str = "") -> str:
    """The first complaint in a tree of them, as `embeds.0.description: Must be 4096 or fewer in length.`."""
    match errors:
        case {"_errors": [{"message": str(message)}, *_]}:
            return f"{path}: {message}".lstrip(".")
        case dict():
            return next((told for name, below in errors.items() if (told := _first_of(below, f"{path}.{name}"))), "")
    return ""
