"""Requests to Slack's Web API, and what its words for errors mean.

Source: https://docs.slack.dev/reference/methods/chat.postMessage, …/auth.test and https://docs.slack.dev/apis/web-api/
(read 2026-11-21)
"""

from __future__ import annotations

import re
from typing import Any, Literal

import httpx
from pydantic import Field as Reads

from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel
from publishing.replies import Reply, error_for, parsed, publishes, quoted, read_if_readable, retry_after_s

API = "https://slack.com/api"
CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,20}")

UNAUTHORIZED = frozenset(
    {"token_expired", "invalid_auth", "not_authed", "account_inactive", "token_revoked", "org_login_required"}
    | {"missing_scope", "no_permission", "access_denied", "ekm_access_denied", "not_allowed_token_type"}
    | {"team_access_not_granted", "accesslimited"}
)
THROTTLED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
UNAVAILABLE = frozenset({"service_unavailable", "request_timeout", "team_added_to_org"})  # refused before anything
UNSURE = frozenset({"internal_error", "fatal_error"})  # of which something may have been done, Slack says
REMEDIES = {
    "not_in_channel": "Invite the app to the channel.",
    "channel_not_found": "Check the channel's ID; the app must be invited to a private channel.",
    "invalid_blocks": "Slack may not have reached an image.",
}


class Home(Reply):
    """The workspace, and whose token it is."""

    ok: Literal[True]
    url: str = Reads(pattern=r"^https?://\S+/$")
    team: str = ""
    user: str = ""
    user_id: str = Reads(min_length=1)


class Beside(Reply):
    """What stands beside an answer."""

    messages: tuple[str, ...] = ()
    next_cursor: str = ""


class Trouble(Reply):
    """What Slack says of a request it did not take, whatever the status; nothing where a proxy answered instead."""

    error: str = Reads("", pattern="^[a-z_0-9]{0,80}$")
    needed: str = ""
    response_metadata: Beside = Beside()

    def error_of(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by Slack's own word first, by the status where that says nothing."""
        code, status = self.error, reply.status_code
        details = [code, self.needed, *self.response_metadata.messages, REMEDIES.get(code, "")]
        message = f"Slack answered: {quoted(' '.join(filter(None, details)), channel)}" if code else ""
        if code in THROTTLED:
            return Throttled(message, retry_after_s=retry_after_s(reply), code=code, status=status)
        kind = _kind(code, reply)
        return kind(message, code=code, status=status) if kind else error_for(reply, message, code=code)


def _kind(code: str, reply: httpx.Response) -> type[PublishingError] | None:
    """What a word of Slack's means; nothing where only the status tells."""
    if code in UNAUTHORIZED or code.startswith("restricted_action"):
        return Unauthorized
    if code in UNAVAILABLE or (code in UNSURE and not publishes(reply)):
        return Unavailable
    if code in UNSURE:
        return OutcomeUnknown
    return Refused if code and reply.is_success else None


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if it is no error: these come in a 200, too."""
    trouble = read_if_readable(Trouble, reply)
    if reply.is_success and not trouble.error:
        return reply
    raise trouble.error_of(reply, channel)


def request(method: str, path: str, channel: Channel, **content: Any) -> httpx.Request:
    """A request with the channel's token."""
    token = channel.secrets["bot_token"].strip()
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no token: it holds characters that none has.")
    return httpx.Request(method, f"{API}/{path}", headers={"authorization": f"Bearer {token}"}, **content)


def home(channel: Channel) -> Conversation[Home]:
    """Whose token it is, and where its workspace is."""
    return parsed(Home, taken((yield request("POST", "auth.test", channel)), channel))


def channel_id(channel: Channel) -> str:
    """The channel's id, as it was given."""
    given = channel.settings["channel"].strip()
    if not CHANNEL_ID.fullmatch(given):
        raise Unauthorized("This is no channel ID: it is like C0123456789.")
    return given
