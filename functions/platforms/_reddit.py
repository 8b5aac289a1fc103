"""How Reddit is asked, and what its answers mean.

Source: https://www.reddit.com/dev/api, github.com/reddit-archive/reddit/wiki/API and …/wiki/OAuth2; for errors inside
of answers and their waits github.com/praw-dev/praw: praw/reddit.py and its issues 1704 and 1954 (read 2026-11-21)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import Field as Reads
from pydantic import JsonValue

from publishing.errors import PublishingError, QuotaSpent, Refused, Throttled, Unauthorized
from publishing.model import Channel
from publishing.replies import Reply, bounded_wait_s, error_for, parsed, quoted, read_if_readable, retry_after_s

API = "https://oauth.reddit.com"
QUOTA = timedelta(hours=1)
DUPLICATE, SLOW_DOWN, QUOTA_FILLED = "ALREADY_SUB", "RATELIMIT", "QUOTA_FILLED"
DEAD = frozenset({"USER_REQUIRED", "SUBREDDIT_OUTBOUND_LINKING_DISABLED_USER", "USER_BLOCKED"})
ENDED, OF_THE_APP = frozenset({"400"}), frozenset({"401"})  # where tokens are renewed its errors are statuses
CODE = re.compile(r"[A-Z][A-Z_]{2,60}")
BREAK = re.compile(r"(\d+) (millisecond|second|minute|hour)")
UNITS_S = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3_600.0}
NAME = re.compile(r"[A-Za-z0-9_-]{2,30}")


class Made(Reply):
    """What Reddit says of something it made: nothing of itself where that is still being processed."""

    id: str = Reads("", pattern=r"^(?:t3_)?[a-z0-9]{0,20}$")
    url: str = ""


class _Body(Reply):
    errors: tuple[Sequence[JsonValue], ...] = ()
    data: Made | None = None
    ratelimit: float | None = None


class _Answer(Reply):
    said: _Body = Reads(validation_alias="json")


class _Trouble(Reply):
    message: str = ""
    explanation: str = ""


def agent(channel: Channel) -> dict[str, str]:
    """The User-Agent Reddit asks for: one that is nobody else's, and tells whom to talk to."""
    return {"user-agent": f"server:{_field(channel, 'client_id')}:v0.1 (by /u/{name_of(channel, 'username')})"}


def name_of(channel: Channel, field: str) -> str:
    """The name of a user or subreddit, without the `r/` or `u/` people write before it."""
    name = re.sub(r"^/?[ru]/", "", _field(channel, field))
    if not NAME.fullmatch(name):
        raise Unauthorized(f"The {field} of this channel is no name on Reddit.")
    return name


def _field(channel: Channel, field: str) -> str:
    text = channel.settings.get(field, "").strip()
    if not (text and text.isascii() and text.isprintable()):
        raise Unauthorized(f"The {field} of this channel holds characters that none has.")
    return text


def request(method: str, path: str, channel: Channel, **content: Any) -> httpx.Request:
    """A request in the name of the channel's account."""
    token = channel.secrets.get("access_token", "").strip()
    if not (token and token.isascii() and token.isprintable()):
        raise Unauthorized("The channel has no access token yet, or one that none could be.")
    headers = {**agent(channel), "authorization": f"Bearer {token}"}
    return httpx.Request(method, f"{API}/{path}", headers=headers, **content)


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if its status says that Reddit did what it was asked for.

    Raises:
        PublishingError: it did not.
    """
    if reply.is_success:
        return reply
    trouble, status = read_if_readable(_Trouble, reply), reply.status_code
    told = quoted(trouble.explanation or trouble.message, channel)
    message = f"Reddit answered: {told}" if told else ""
    if status == httpx.codes.TOO_MANY_REQUESTS:
        reset_s = bounded_wait_s(_number(reply, "x-ratelimit-reset"))
        raise Throttled(message, retry_after_s=retry_after_s(reply, reset_s), status=status)
    raise error_for(reply, message)


def made(reply: httpx.Response, channel: Channel) -> Made:
    """What was made.

    Raises:
        PublishingError: nothing was, which Reddit says with status 200, too.
    """
    body = parsed(_Answer, taken(reply, channel)).said
    for error in body.errors:
        raise _objection([str(each or "") for each in error], body.ratelimit, channel)
    return body.data or Made()


def spent_s(reply: httpx.Response) -> float:
    """For how many seconds Reddit takes no more requests; 0 where it does."""
    left = _number(reply, "x-ratelimit-remaining")
    return bounded_wait_s(_number(reply, "x-ratelimit-reset"), 0.0) if left is not None and left < 1 else 0.0


def _objection(error: Sequence[str], wait_s: float | None, channel: Channel) -> PublishingError:
    code = error[0] if error and CODE.fullmatch(error[0]) else ""
    told = quoted(": ".join(filter(None, error[:2])), channel)
    message = f"Reddit answered: {told}"
    if code == SLOW_DOWN:
        return Throttled(message, retry_after_s=bounded_wait_s(wait_s or _break_s(told)), code=code)
    if code == QUOTA_FILLED:
        return QuotaSpent(message, until=datetime.now(UTC) + QUOTA, code=code)
    return (Unauthorized if code in DEAD else Refused)(message, code=code)


def _break_s(told: str) -> float | None:
    found = BREAK.search(told)
    return (int(found[1]) + 1) * UNITS_S[found[2]] if found else None  # it is rounded down


def _number(reply: httpx.Response, header: str) -> float | None:
    try:
        return float(reply.headers.get(header, ""))
    except ValueError:
        return None
