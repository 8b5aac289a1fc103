"""Access tokens renewed with a refresh token, as OAuth 2.0 has it; and what it means that a vendor renews none.

Three things are told apart: the grant has ended, which a person mends; the app is refused, which its operator mends;
and nothing is said of either, a firewall's page for one, so that the next time may go better.

Source: https://www.rfc-editor.org/rfc/rfc6749#section-6 and #section-5.2 (read 2026-11-21)
"""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping

import httpx
from pydantic import AliasChoices
from pydantic import Field as Reads

from publishing.adapter import Conversation
from publishing.errors import AppRefused, PublishingError, Refused, Unauthorized, Unavailable
from publishing.model import Channel, Fresh
from publishing.replies import Reply, may_have_acted, quoted, read_if_readable

ENDED = frozenset({"invalid_grant"})
OF_THE_APP = frozenset({"invalid_client", "unauthorized_client"})


class _Granted(Reply):
    access_token: str = Reads("", repr=False)
    refresh_token: str | None = Reads(None, repr=False)
    expires_in: float = 0.0


class _Lasts(Reply):
    refresh_lasts_s: float = Reads(
        0.0, ge=0, validation_alias=AliasChoices("refresh_token_expires_in", "refresh_expires_in")
    )


class _Trouble(Reply):
    error: str | int = ""
    code: str | int = ""
    error_description: str = ""
    message: str = ""


def app_fields(channel: Channel, *names: str) -> dict[str, str]:
    """Fields of the channel's app, as a form has them.

    Raises:
        Unauthorized: one is missing.
    """
    known = {**channel.settings, **channel.secrets}
    found = {name: known.get(name, "").strip() for name in names}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise Unauthorized(f"The channel's app has no {' and no '.join(missing)}.")
    return found


def basic(channel: Channel) -> dict[str, str]:
    """The headers by which the channel's app proves to be itself."""
    pair = f"{app_fields(channel, 'client_id')['client_id']}:{channel.secrets.get('client_secret', '').strip()}"
    return {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


def renewed(
    channel: Channel,
    title: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    ended: Collection[str] = (),
    of_the_app: Collection[str] = (),
) -> Conversation[Fresh]:
    """A new access token for the channel's refresh token, and another refresh token where the vendor gives one.

    `ended` and `of_the_app` are the vendor's own codes beside the standard's.

    Raises:
        Unauthorized: there is none, or it has ended. AppRefused: the app is not taken. Unavailable: neither was said.
    """
    token = channel.secrets.get("refresh_token", "").strip()
    if not token:
        raise Unauthorized(f"The channel has no refresh token: connect it with {title} again.")
    body = {"grant_type": "refresh_token", "refresh_token": token, **(form or {})}
    reply = yield httpx.Request("POST", url, headers=headers, data=body)
    granted = read_if_readable(_Granted, reply)
    if not (reply.is_success and granted.access_token):
        raise _objection(reply, title, channel, ENDED.union(ended), OF_THE_APP.union(of_the_app))
    again = {"refresh_token": granted.refresh_token} if granted.refresh_token else {}
    lasts_s = read_if_readable(_Lasts, reply).refresh_lasts_s
    return Fresh({"access_token": granted.access_token, **again}, granted.expires_in, lasts_s)


def _objection(
    reply: httpx.Response, title: str, channel: Channel, ended: Collection[str], of_the_app: Collection[str]
) -> PublishingError:
    said, status = read_if_readable(_Trouble, reply), reply.status_code
    named = str(said.error or said.code)
    code = quoted(named, channel)
    if may_have_acted(reply) or named not in {*ended, *of_the_app}:
        return Unavailable(f"{title} did not renew the access token.", code=code, status=status)
    told = quoted(said.error_description or said.message, channel) or code
    kind = Unauthorized if named in ended else AppRefused
    return kind(f"{title} answered: {told}", code=code, status=status)


def judged(renewal: Conversation[Fresh], *, of_the_app: Collection[str] = ()) -> Conversation[Fresh]:
    """The same distinction for a vendor whose errors have codes of their own.

    Raises:
        AppRefused: by its code. Unavailable: the answer is without one, and so not the vendor's.
    """
    try:
        return (yield from renewal)
    except (Unauthorized, Refused) as error:
        if error.code in of_the_app:
            raise AppRefused(str(error), code=error.code, status=error.status) from error
        if error.status and not error.code:
            raise Unavailable(str(error), status=error.status) from error
        raise
