"""Google's APIs as they authorize and refuse: tokens that end, and errors that are told by their reason.

Source: https://developers.google.com/identity/protocols/oauth2/web-server, https://developers.google.com/youtube/v3/
docs/errors and …/getting-started#quota (read 2026-11-21, stored copies)
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from publishing.errors import (
    OutcomeUnknown,
    PublishingError,
    QuotaSpent,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)
from publishing.model import Channel
from publishing.replies import Reply, error_for, publishes, quoted, read_if_readable, retry_after_s

TOKENS = "https://oauth2.googleapis.com/token"
PACIFIC = ZoneInfo("America/Los_Angeles")  # at its midnight every project's quota begins anew
DAY = timedelta(days=1)
SPENT = frozenset({"quotaExceeded", "dailyLimitExceeded"})
HURRIED = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
AILING = frozenset({"backendError", "internalError"})
OF_THE_POST = frozenset({"forbiddenPrivacySetting", "forbiddenLicenseSetting", "forbiddenEmbedSetting"})
OF_THE_APP = frozenset({"deleted_client", "disabled_client"})  # who renews an access token


class _Reason(Reply):
    reason: str = ""


class _Error(Reply):
    message: str = ""
    status: str = ""
    errors: tuple[_Reason, ...] = ()


class _Trouble(Reply):
    error: _Error = _Error()


def request(method: str, url: str, channel: Channel, **content: Any) -> httpx.Request:
    """A request in the name of whoever connected the channel.

    Raises:
        Unauthorized: there is no access token yet, or none that HTTP can carry.
    """
    token = channel.secrets.get("access_token", "").strip()
    if not token:
        raise Unauthorized("There is no access token yet; the refresh token brings one.")
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no access token: it holds characters that none has.")
    asked = httpx.Request(method, url, **content)
    asked.headers["authorization"] = f"Bearer {token}"
    return asked


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if its status is 2xx.

    Raises:
        PublishingError: what its reason says it is.
    """
    if reply.is_success:
        return reply
    raise objection(reply, channel)


def objection(reply: httpx.Response, channel: Channel) -> PublishingError:
    """What an unsuccessful reply means: its first reason says more than its status."""
    told, status = read_if_readable(_Trouble, reply).error, reply.status_code
    reason = quoted(told.errors[0].reason if told.errors else told.status, channel)
    words = quoted(told.message, channel)
    message = f"Google answered: {words}" if words else ""
    if reason in SPENT:
        return QuotaSpent(message, until=_midnight(datetime.now(UTC)), code=reason, status=status)
    if reason == "uploadLimitExceeded":  # of the channel, not of the project; of a day, it seems
        return QuotaSpent(message, until=datetime.now(UTC) + DAY, code=reason, status=status)
    if reason in HURRIED:
        return Throttled(message, retry_after_s=retry_after_s(reply), code=reason, status=status)
    if reason in AILING:
        return (OutcomeUnknown if publishes(reply) else Unavailable)(message, code=reason, status=status)
    if reason in OF_THE_POST:
        return Refused(message, code=reason, status=status)
    return error_for(reply, message, code=reason)


def seconds_until(moment: datetime) -> float:
    """How long it is until then; 0 where it is past."""
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _midnight(now: datetime) -> datetime:
    tomorrow = now.astimezone(PACIFIC).date() + DAY
    return datetime.combine(tomorrow, time(), PACIFIC).astimezone(UTC)
