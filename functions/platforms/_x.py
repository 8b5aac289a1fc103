"""How X is asked, and what its answers mean.

Source: https://docs.x.com/x-api/fundamentals/response-codes-and-errors and …/rate-limits (read 2026-11-21). The headers
of daily limits and the words for duplicates and spent credits are as X is seen to answer:
github.com/plhery/node-twitter-api-v2 issue 495, github.com/akrherz/iembot issue 163.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from publishing.errors import PublishingError, QuotaSpent, Refused, Throttled, Unauthorized
from publishing.model import Channel
from publishing.replies import Reply, bounded_wait_s, error_for, quoted, read_if_readable, retry_after_s

BASE = "https://api.x.com/2"
DUPLICATE = "duplicate content"
SPENT = frozenset({"usage-capped", "credits"})
SHUT = frozenset(
    {
        "client-forbidden",
        "not-authorized-for-resource",
        "oauth1-permissions",
        "unsupported-authentication",
        "user-suspended",
    }
)
ENDED = frozenset({"invalid_request"})  # "Value passed for the token was invalid.", where one is renewed
DAILY = ("x-user-limit-24hour", "x-app-limit-24hour")


class _Fault(Reply):
    message: str = ""
    detail: str = ""


class _Trouble(Reply):
    type: str = ""
    title: str = ""
    detail: str = ""
    errors: tuple[_Fault, ...] = ()

    @property
    def told(self) -> str:
        """The most telling of X's words."""
        said = (fault.message or fault.detail for fault in self.errors)
        return next(filter(None, said), "") or self.detail or self.title


def request(method: str, path: str, channel: Channel, **content: Any) -> httpx.Request:
    """A request in the name of the channel's account."""
    token = channel.secrets.get("access_token", "").strip()
    if not (token and token.isascii() and token.isprintable()):
        raise Unauthorized("The channel has no access token yet, or one that none could be.")
    asked = httpx.Request(method, f"{BASE}/{path}", **content)
    asked.headers["authorization"] = f"Bearer {token}"
    return asked


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if X did what it was asked for.

    Raises:
        PublishingError: it did not. Of something it was told already, `code` is `DUPLICATE`.
    """
    if reply.is_success:
        return reply
    raise _objection(reply, channel)


def spent_s(reply: httpx.Response, limit: str = "x-rate-limit") -> float:
    """For how many seconds nothing more is allowed under one of X's limits; 0 where something is."""
    spent = reply.headers.get(f"{limit}-remaining", "").strip() == "0"
    return (_reset_s(reply, limit) or 0.0) if spent else 0.0


def _reset_s(reply: httpx.Response, limit: str) -> float | None:
    at = reply.headers.get(f"{limit}-reset", "").strip()
    return bounded_wait_s(float(at) - time.time(), 0.0) if at.isdecimal() else None


def _objection(reply: httpx.Response, channel: Channel) -> PublishingError:
    trouble, status = read_if_readable(_Trouble, reply), reply.status_code
    told = quoted(trouble.told, channel)
    message, kind = f"X answered: {told}" if told else "", trouble.type.rpartition("/")[2]
    if kind in SPENT or status == httpx.codes.PAYMENT_REQUIRED:  # credits are bought: tomorrow is as good as any day
        return QuotaSpent(message, until=datetime.now(UTC) + timedelta(days=1), status=status)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return _limit(reply, message)
    if kind in SHUT:
        return Unauthorized(message, code=kind, status=status)
    if status == httpx.codes.FORBIDDEN and told:  # of this post; a refusal of the account has a type of its own
        return Refused(message, code=DUPLICATE if DUPLICATE in told.lower() else "", status=status)
    return error_for(reply, message)


def _limit(reply: httpx.Response, message: str) -> QuotaSpent | Throttled:
    wait_s = max(spent_s(reply, limit) for limit in DAILY)
    if wait_s:
        return QuotaSpent(message, until=datetime.now(UTC) + timedelta(seconds=wait_s), status=reply.status_code)
    soon_s = bounded_wait_s(_reset_s(reply, "x-rate-limit"))
    return Throttled(message, retry_after_s=retry_after_s(reply, soon_s), status=reply.status_code)
