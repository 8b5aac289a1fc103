"""The one S3 object a feed is, read whole and replaced under the condition that it is what was read.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html (read 2026-11-20)
and, for what a deleted feed answers, https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from functions.platforms import _feeds
from functions.platforms._feeds import Document, Item
from publishing.adapter import Conversation
from publishing.errors import PublishingError, Refused, Unauthorized, Unavailable
from publishing.model import Channel
from publishing.replies import error_for

DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Stored:
    """A feed as it was read, and the condition under which it may be replaced."""

    items: tuple[Item, ...]
    condition: dict[str, str]


def read(channel: Channel) -> Conversation[Stored]:
    """The feed as it is; without items where there is none yet.

    Raises:
        Refused: it was deleted (`DELETED`), or is damaged. Unavailable: its store has trouble.
    """
    reply = yield httpx.Request("GET", _place(channel), extensions={"aws": "s3"})
    if _code(reply) == "NoSuchKey":
        if reply.headers.get("x-amz-delete-marker"):  # its channel is remembered for a while: it is not to come back
            raise Refused("This feed was deleted, with its channel.", code=DELETED)
        return Stored((), {"If-None-Match": "*"})
    if not reply.is_success:
        raise _error(reply)
    if not reply.headers.get("etag"):
        raise Unavailable("The feed store did not say which version it answered with.")
    return Stored(_items(reply.content), {"If-Match": reply.headers["etag"]})


def _items(content: bytes) -> tuple[Item, ...]:
    try:
        return _feeds.read(content).items
    except ValueError as error:  # never overwritten: what is there may be all that is left of the feed
        raise Refused("This channel's stored feed is damaged and must be restored first.", code="damaged") from error


def write(channel: Channel, stored: Stored, document: Document, marks: dict[str, bool]) -> httpx.Request:
    """The request that puts `document` in the place of what was read; `marks` are its further extensions."""
    return httpx.Request(
        "PUT",
        _place(channel),
        headers={"Content-Type": "application/feed+json", **stored.condition},
        content=_feeds.write(document),
        extensions={**marks, "aws": "s3"},
    )


def written(reply: httpx.Response) -> bool:
    """Whether the write was done; if not, the feed has changed or gone since it was read."""
    if reply.is_success:
        return True
    if reply.status_code in {409, 412} or _code(reply) == "NoSuchKey":
        return False
    raise _error(reply)


def _error(reply: httpx.Response) -> PublishingError:
    """A refusal is the store's trouble, neither the post's nor the channel's: nothing was written, so try later."""
    error = error_for(reply, code=_code(reply))
    if isinstance(error, Refused | Unauthorized):
        return Unavailable("The feed store refused the request.", code=error.code, status=error.status)
    return error


def _code(reply: httpx.Response) -> str:
    found = re.search(rb"<Code>(\w+)</Code>", reply.content[:2_000]) if reply.is_error else None
    return found[1].decode() if found else ""


def _place(channel: Channel) -> str:
    return f"{channel.aws['feeds']}/{_feeds.key(channel.id)}"
