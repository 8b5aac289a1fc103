"""How Ghost's Admin API is asked with an integration's key, and what its refusals mean.

Source: https://docs.ghost.org/admin-api and github.com/TryGhost/Ghost: core/server/services/auth/api-key/admin.js
(read 2026-11-21)
"""

from __future__ import annotations

import re
import time

import httpx
import jwt

from publishing.adapter import PUBLISHES
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Unauthorized, Unavailable
from publishing.model import Channel
from publishing.replies import Reply, error_for, quoted, read_if_readable

KEY = re.compile(r"([0-9a-f]{24}):((?:[0-9a-f]{2}){32})", re.IGNORECASE)
TOKEN_S, STEP_S = 300, 60  # the longest Ghost takes; tokens of one minute are the same, whatever the clocks' skew
LONG_ANSWER = {"answer_bytes": 20_000_000}  # a post comes back as Lexical, which is many times its text

ACCESS = ("UnauthorizedError", "NoPermissionError", "HostLimitError")  # the last: a plan without integrations
KEYS = ("INVALID_JWT", "INVALID_AUTH_HEADER", "MISSING_ADMIN_API_KID", "UNKNOWN_ADMIN_API_KEY", "INVALID_API_KEY_TYPE")
SORTED: dict[str, type[PublishingError]] = {
    **dict.fromkeys((*ACCESS, *KEYS), Unauthorized),
    **dict.fromkeys(("ValidationError", "RequestEntityTooLargeError", "BadRequestError"), Refused),
    "MaintenanceError": Unavailable,  # Ghost says so itself before it does anything
    "UpdateCollisionError": OutcomeUnknown,  # somebody else was faster: read it again
}


class Told(Reply):
    """One of its complaints."""

    message: str = ""
    context: str | None = None
    type: str = ""
    code: str | None = None


class Trouble(Reply):
    """What Ghost says of a request it did not take; nothing where a proxy answered in its stead."""

    errors: tuple[Told, ...] = ()

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by Ghost's own type and code first, by the status where they say nothing."""
        first = next(iter(self.errors), Told())
        told = quoted(f"{first.message} {first.context or ''}", channel)
        message, code = f"Ghost answered: {told}" if told else "", quoted(first.code or first.type, channel)
        kind = SORTED.get(first.code or "") or SORTED.get(first.type)
        return kind(message, code=code, status=reply.status_code) if kind else error_for(reply, message, code=code)


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if Ghost did what it was asked; else its complaint is raised."""
    if reply.is_success:
        return reply
    if reply.has_redirect_location:
        raise Refused("The site redirects: connect the address it leads to.", status=reply.status_code)
    raise read_if_readable(Trouble, reply).error(reply, channel)


def request(method: str, path: str, channel: Channel, *, json: object = None, publishes: bool = False) -> httpx.Request:
    """A request to the channel's site."""
    site = channel.settings["admin_url"].strip().rstrip("/").removesuffix("/ghost")
    headers = {"authorization": f"Ghost {_token(channel)}", "accept-version": "v5.0"}
    extensions = LONG_ANSWER | (PUBLISHES if publishes else {})
    return httpx.Request(method, f"{site}/ghost/api/admin/{path}", headers=headers, json=json, extensions=extensions)


def _token(channel: Channel) -> str:
    key = KEY.fullmatch(channel.secrets["admin_key"].strip())
    if not key:
        raise Unauthorized("This is no Admin API key of Ghost's: it has two parts, with a colon between them.")
    since_s = int(time.time()) // STEP_S * STEP_S
    claims = {"iat": since_s, "exp": since_s + TOKEN_S, "aud": "/admin/"}
    return jwt.encode(claims, bytes.fromhex(key[2]), algorithm="HS256", headers={"kid": key[1]})
