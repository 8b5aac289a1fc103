"""Slack messages in one channel, sent by an app's bot.

Source: https://docs.slack.dev/reference/methods/chat.postMessage (auth.test, conversations.history; read 2026-11-21).
Contract by documentation: never run against Slack itself. Each message carries the delivery's id as metadata, by which
`find` knows it where the app may read the channel.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

import httpx
from pydantic import Field as Reads
from pydantic import JsonValue

from functions.platforms._checks import insist, problems
from functions.platforms._mrkdwn import image_problems, length, message
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Limits, Rate, Resource
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Identity, Post, Problem, Receipt, utc_text
from publishing.replies import Reply, error_for, parsed, publishes, quoted, read_if_readable, retry_after_s

API = "https://slack.com/api"
PAGE, PAGES = 15, 20  # as much as Slack gives apps that are distributed outside its Marketplace
CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{6,20}")
APP_HELP = "OAuth & Permissions of your app at api.slack.com/apps; scopes chat:write and, to look again, *:history."
TS = r"^[0-9]{10}\.[0-9]{6}$"

UNAUTHORIZED = frozenset(
    {"token_expired", "invalid_auth", "not_authed", "account_inactive", "token_revoked", "org_login_required"}
    | {"missing_scope", "no_permission", "access_denied", "ekm_access_denied", "not_allowed_token_type"}
    | {"team_access_not_granted", "accesslimited"}
)
THROTTLED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
UNAVAILABLE = frozenset({"service_unavailable", "request_timeout", "team_added_to_org"})  # refused before anything
UNSURE = frozenset({"internal_error", "fatal_error"})  # of which something may have been done, Slack says
UNREADABLE = frozenset({"missing_scope", "not_in_channel", "channel_not_found", "no_permission", "access_denied"})
REMEDIES = {
    "not_in_channel": "Invite the app to the channel.",
    "channel_not_found": "Check the channel's ID; the app must be invited to a private channel.",
    "invalid_blocks": "Slack may not have reached an image.",
}


class Slack:
    """Posts a message of blocks."""

    name = "slack"
    title = "Slack"
    # One section takes 3,000 characters, all blocks of a message together about 13,200 with what surrounds them, which
    # Slack does not document (bolt-js#2509, #2867): 10,000 of text leave room for title, link and images. One message
    # a second is what its page on rate limits allows a channel.
    limits = Limits(text_chars=10_000, title_chars=150, media=10, rate=Rate(requests=1, per_s=1.0))
    credentials = Credentials(
        (
            Field("bot_token", label="Bot token", secret=True, help=APP_HELP, max_chars=400, sample="xoxb-hidden"),
            Field("channel", label="Channel ID", help="At the foot of the channel's details, as in C0123456789."),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here; the text counts as mrkdwn, escaped."""
        found = problems(post, self.limits, count=length)
        return [*found, *image_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Post the message; the workspace's address, which begins its link, is asked before: nothing may follow."""
        insist(self.check(post))
        home = yield from _home(channel)
        metadata = {"event_type": "postroom_post", "event_payload": {"post_id": post.id}}
        body = {"channel": _channel_id(channel), **message(post.content), "metadata": metadata}
        reply = yield _request("POST", "chat.postMessage", channel, json=body, extensions=PUBLISHES)
        return _receipt(home, channel, parsed(_Posted, _taken(reply, channel)).ts)

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of the message with this post's id in its metadata, among what was posted after `since`."""
        home, cursor, bare = (yield from _home(channel)), "", False
        for _ in range(PAGES):
            page = yield from _page(channel, since, cursor)
            found = next((seen for seen in page.messages if seen.is_of(post)), None)
            if found:
                return _receipt(home, channel, found.ts)
            bare = bare or any(seen.is_bare(home) for seen in page.messages)
            cursor = page.response_metadata.next_cursor
            if not cursor:
                break
        if cursor or bare:
            raise OutcomeUnknown("There are too many messages to look at all, or some without metadata.")
        return None

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Any workspace."""
        home = {"ok": True, "url": "https://hidden.slack.com/", "user_id": "U0"}
        return httpx.Response(200, json=home, request=request)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is; whether it may write in the channel, only writing tells."""
        home = yield from _home(channel)
        return Identity(home.user_id, f"{home.user} at {home.team}", f"{home.url}archives/{_channel_id(channel)}")


class _Home(Reply):
    ok: Literal[True]
    url: str = Reads(pattern=r"^https?://\S+/$")
    team: str = ""
    user: str = ""
    user_id: str = Reads(min_length=1)


class _Posted(Reply):
    ok: Literal[True]
    ts: str = Reads(pattern=TS)


class _Metadata(Reply):
    event_payload: dict[str, JsonValue] = Reads({})


class _Seen(Reply):
    ts: str = Reads(pattern=TS)
    user: str = ""
    subtype: str = ""
    metadata: _Metadata | None = None

    def is_of(self, post: Post) -> bool:
        return self.metadata is not None and self.metadata.event_payload.get("post_id") == post.id

    def is_bare(self, home: _Home) -> bool:
        """Whether it is a message of the app's own that cannot be told from any other."""
        return self.user == home.user_id and not self.subtype and not (self.metadata and self.metadata.event_payload)


class _Beside(Reply):
    messages: tuple[str, ...] = ()
    next_cursor: str = ""


class _Page(Reply):
    ok: Literal[True]
    messages: tuple[_Seen, ...]
    response_metadata: _Beside = _Beside()


class _Trouble(Reply):
    """What Slack says of a request it did not take, whatever the status; nothing where a proxy answered instead."""

    error: str = Reads("", pattern="^[a-z_0-9]{0,80}$")
    needed: str = ""
    response_metadata: _Beside = _Beside()

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


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    trouble = read_if_readable(_Trouble, reply)
    if reply.is_success and not trouble.error:
        return reply
    raise trouble.error_of(reply, channel)


def _request(method: str, path: str, channel: Channel, **content: Any) -> httpx.Request:
    token = channel.secrets["bot_token"].strip()
    if not (token.isascii() and token.isprintable()):
        raise Unauthorized("This is no token: it holds characters that none has.")
    return httpx.Request(method, f"{API}/{path}", headers={"authorization": f"Bearer {token}"}, **content)


def _home(channel: Channel) -> Conversation[_Home]:
    return parsed(_Home, _taken((yield _request("POST", "auth.test", channel)), channel))


def _page(channel: Channel, since: datetime, cursor: str) -> Conversation[_Page]:
    """Some of the channel's messages; not to be allowed to read them says nothing about the channel's credentials."""
    asked = {"channel": _channel_id(channel), "oldest": f"{since.timestamp():.6f}", "limit": str(PAGE)}
    params = {**asked, "include_all_metadata": "true"} | ({"cursor": cursor} if cursor else {})
    reply = yield _request("GET", "conversations.history", channel, params=params)
    if read_if_readable(_Trouble, reply).error in UNREADABLE:
        raise OutcomeUnknown("The app may not read the channel: give it the scope channels:history, and invite it.")
    return parsed(_Page, _taken(reply, channel))


def _receipt(home: _Home, channel: Channel, ts: str) -> Receipt:
    link = f"{home.url}archives/{_channel_id(channel)}/p{ts.replace('.', '')}"  # as chat.getPermalink would say
    return Receipt(
        f"{_channel_id(channel)}:{ts}", link, utc_text(datetime.fromtimestamp(int(ts.partition(".")[0]), UTC))
    )


def _channel_id(channel: Channel) -> str:
    given = channel.settings["channel"].strip()
    if not CHANNEL_ID.fullmatch(given):
        raise Unauthorized("This is no channel ID: it is like C0123456789.")
    return given


ADAPTER: Adapter = Slack()
