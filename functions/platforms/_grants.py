"""Access tokens renewed with a refresh token, as OAuth 2.0 has it.

Source: https://www.rfc-editor.org/rfc/rfc6749#section-6 (read 2026-11-21)
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

import httpx
from pydantic import Field as Reads

from publishing.adapter import Conversation
from publishing.errors import Unauthorized, Unavailable
from publishing.model import Channel, Fresh
from publishing.replies import Reply, may_have_acted, quoted, read_if_readable


class _Granted(Reply):
    access_token: str = Reads("", repr=False)
    refresh_token: str | None = Reads(None, repr=False)
    expires_in: float = 0.0


class _Trouble(Reply):
    error: str | int = ""
    error_description: str = ""


def basic(channel: Channel) -> dict[str, str]:
    """The headers by which the channel's app proves to be itself."""
    pair = f"{channel.settings['client_id'].strip()}:{channel.secrets.get('client_secret', '').strip()}"
    return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def renewed(
    channel: Channel, title: str, url: str, *, headers: Mapping[str, str], form: Mapping[str, str] | None = None
) -> Conversation[Fresh]:
    """A new access token for the channel's refresh token, and another refresh token where the vendor gives one.

    Raises:
        Unauthorized: there is none, or it is no longer good. Unavailable: the vendor did not say.
    """
    token = channel.secrets.get("refresh_token", "").strip()
    if not token:
        raise Unauthorized(f"The channel has no refresh token: connect it with {title} again.")
    body = {"grant_type": "refresh_token", "refresh_token": token, **(form or {})}
    reply = yield httpx.Request("POST", url, headers=headers, data=body)
    granted = read_if_readable(_Granted, reply)
    if not (reply.is_success and granted.access_token):
        raise _objection(reply, title, channel)
    again = {"refresh_token": granted.refresh_token} if granted.refresh_token else {}
    return Fresh({"access_token": granted.access_token, **again}, granted.expires_in)


def _objection(reply: httpx.Response, title: str, channel: Channel) -> Unauthorized | Unavailable:
    trouble, status = read_if_readable(_Trouble, reply), reply.status_code
    told = quoted(trouble.error_description or str(trouble.error), channel)
    unsaid = reply.is_success and not trouble.error
    if unsaid or may_have_acted(reply) or status == httpx.codes.TOO_MANY_REQUESTS:
        return Unavailable(f"{title} did not renew the access token.", status=status)
    return Unauthorized(f"{title} answered: {told}" if told else "", status=status)
