"""TikTok's open API: every answer is an envelope whose error code says more than its status; tokens last a day.

Source: https://developers.tiktok.com/doc/tiktok-api-v2-error-handling, …/oauth-user-access-token-management and
…/content-posting-api-reference-direct-post (read 2026-11-21, stored copies)
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

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
from publishing.replies import Reply, error_for, parsed, publishes, quoted, read_if_readable, retry_after_s

R = TypeVar("R", bound=Reply)

API = "https://open.tiktokapis.com/v2/"
DAY = timedelta(days=1)
SCOPELESS = frozenset({"scope_not_authorized", "scope_permission_missed"})
BARRED = frozenset(  # what a person must see to: at TikTok, or in how the channel is set up
    {"spam_risk_user_banned_from_posting", "unaudited_client_can_only_post_to_private_accounts", "auth_removed"}
)
SPENT = frozenset({"spam_risk_too_many_posts", "spam_risk_too_many_pending_share", "reached_active_user_cap"})
AILING = frozenset({"internal_error", "internal"})
REFUSING = frozenset(
    {
        "spam_risk",
        "spam_risk_text",
        "url_ownership_unverified",
        "privacy_level_option_mismatch",
        "app_version_check_failed",
        "invalid_param",
        "invalid_params",
        "invalid_publish_id",
        "token_not_authorized_for_specified_publish_id",
    }
)


class _Error(Reply):
    code: str = ""
    message: str = ""


class _Envelope(Reply):
    error: _Error = _Error()


def request(method: str, path: str, channel: Channel, **content: Any) -> httpx.Request:
    """A request in the name of whoever connected the channel.

    Raises:
        Unauthorized: there is no access token yet, or none that HTTP can carry.
    """
    token = channel.secrets.get("access_token", "").strip()
    if not token:
        raise Unauthorized("There is no access token yet; the refresh token brings one.")
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no access token: it holds characters that none has.")
    asked = httpx.Request(method, f"{API}{path}", **content)
    asked.headers["authorization"] = f"Bearer {token}"
    if method == "POST":
        asked.headers["content-type"] = "application/json; charset=UTF-8"
    return asked


def read(model: type[R], reply: httpx.Response, channel: Channel) -> R:
    """The envelope of a successful reply, as `model`.

    Raises:
        PublishingError: what its code says it is.
    """
    code = read_if_readable(_Envelope, reply).error.code
    if reply.is_success and code in {"", "ok"}:
        return parsed(model, reply)
    raise objection(reply, channel)


def objection(reply: httpx.Response, channel: Channel) -> PublishingError:
    """What an envelope with another code than `ok` means; some of them come with status 200."""
    error, status = read_if_readable(_Envelope, reply).error, reply.status_code
    code, words = quoted(error.code, channel), quoted(error.message or error.code, channel)
    message = f"TikTok answered: {words}" if words else ""
    if code in SPENT:
        return QuotaSpent(message, until=datetime.now(UTC) + DAY, code=code, status=status)
    if code == "rate_limit_exceeded":
        return Throttled(message, retry_after_s=retry_after_s(reply), code=code, status=status)
    if code in AILING:
        return (OutcomeUnknown if publishes(reply) else Unavailable)(message, code=code, status=status)
    if code in BARRED or code in SCOPELESS or code == "access_token_invalid":
        return Unauthorized(message, code=code, status=status)
    if code in REFUSING or reply.is_success:
        return Refused(message, code=code, status=status)
    return error_for(reply, message, code=code)
