"""Douyin's open platform: how it is asked, what its answers mean, and how its grants are renewed.

Source: https://developer.open-douyin.com/docs/resource/zh-CN/dop/develop/openapi/status-code and, beside it,
account-permission/{refresh-access-token,refresh-token,generate-stable-client-token} (read 2026-11-21)

The status is 200 nearly always: what was wrong stands in the body, in one of three places.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import Field as Reads

from functions.platforms._grants import app_fields
from publishing.adapter import PUBLISHES, Conversation
from publishing.errors import (
    OutcomeUnknown,
    PublishingError,
    QuotaSpent,
    Refused,
    Throttled,
    Unauthorized,
    Unavailable,
)
from publishing.model import Channel, Fresh
from publishing.replies import Reply, error_for, parsed, publishes, quoted, read_if_readable, retry_after_s

HOST = "https://open.douyin.com"
DAY_S = 86_400.0
RISK = "28001052"  # "abnormal risk, try later"; how much later is not said
RISK_S = 3_600.0
BEIJING = timedelta(hours=8)

INVALID = frozenset({"2100005", "28001007", "10002"})
UNGRANTED = frozenset({"10004", "2190004", "28001012", "28001014", "28001018"})  # by Douyin to the app, or by the user
OF_THE_APP = frozenset({"10003", "10004", "10013", "28001016", "28001019", "28001056"})  # where it renews
_Sort = type[PublishingError]
_KINDS: dict[str, _Sort] = {
    **dict.fromkeys(("2100004", "28001005", "28001006"), Unavailable),
    **dict.fromkeys((*INVALID, "10005"), Refused),
    **dict.fromkeys(("2190002", "28001003", "2190008", "10008", "28001008", "10010"), Unauthorized),  # tokens
    **dict.fromkeys(("10003", "10013", "2190003", "28001015", *UNGRANTED), Unauthorized),  # key, secret, open id
    **dict.fromkeys(("28001016", "28001019", "28001056"), Unauthorized),  # the app, or what it could, is banned or gone
    **dict.fromkeys(("28001045", "28001046", "2100009"), Unauthorized),  # the user is
    # 10020 is told of tokens that are asked for too often; of renewing one, that it was done five times: see `renewed`.
    **dict.fromkeys((RISK, "28003018", "10020"), Throttled),
    **dict.fromkeys(("2190001", "28003017"), QuotaSpent),
}


class _Said(Reply):
    error_code: int | str | None = None
    description: str | None = None


class _Trouble(Reply):
    extra: _Said | None = None
    data: _Said | str | None = None
    err_no: int | str | None = None
    err_msg: str | None = None

    def first(self) -> tuple[str, str]:
        """The code and the words of what was wrong; the code is empty where nothing was."""
        places = [self.extra, self.data, _Said(error_code=self.err_no, description=self.err_msg)]
        for said in places:
            if isinstance(said, _Said) and str(said.error_code or "0") != "0":
                return str(said.error_code), said.description or ""
        return "", ""


class _Grant(Reply):
    access_token: str = Reads(min_length=1)
    expires_in: float = 0.0
    refresh_expires_in: float = 0.0


class _Granted(Reply):
    data: _Grant


class _Longer(Reply):
    refresh_token: str = Reads(min_length=1)
    expires_in: float = 0.0


class _Renewed(Reply):
    data: _Longer


def of_user(path: str, channel: Channel, *, visible: bool = False, **content: Any) -> httpx.Request:
    """A request for the account that granted it; `path` stands below the videos', `visible`: the one that publishes."""
    query = {"open_id": channel.settings["open_id"].strip(), **content.pop("params", {})}
    headers = {"access-token": user_token(channel), **content.pop("headers", {})}
    extensions = {**content.pop("extensions", {}), **(PUBLISHES if visible else {})}
    method, url = content.pop("method", "POST"), f"{HOST}/api/douyin/v1/video/{path}/"
    return httpx.Request(method, url, params=query, headers=headers, extensions=extensions, **content)


def user_token(channel: Channel) -> str:
    """The account's access token.

    Raises:
        Unauthorized: there is none, or none that could be sent.
    """
    token = channel.secrets.get("access_token", "").strip()
    if not (token and token.isascii() and token.isprintable()):
        raise Unauthorized("There is no access token, or none that can be sent.")
    return token


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if Douyin did what it was asked.

    Raises:
        PublishingError: what its own code says, or else the status.
    """
    code, words = read_if_readable(_Trouble, reply).first()
    if reply.is_success and not code:
        return reply
    told = quoted(words, channel)
    raise _error(reply, quoted(code, channel), f"Douyin answered: {told}" if told else "")


def _error(reply: httpx.Response, code: str, message: str) -> PublishingError:
    kind, status = _KINDS.get(code), reply.status_code
    if kind is Throttled:
        wait_s = retry_after_s(reply, RISK_S) if code == RISK else retry_after_s(reply)
        return Throttled(message, retry_after_s=wait_s, code=code, status=status)
    if kind is QuotaSpent:
        return QuotaSpent(message, until=_tomorrow(), code=code, status=status)
    if kind is Unavailable and publishes(reply):  # "busy" and "internal error" are one code
        return OutcomeUnknown(message, code=code, status=status)
    if kind is None and code and reply.is_success:
        kind = Refused
    return kind(message, code=code, status=status) if kind else error_for(reply, message, code=code)


def _tomorrow() -> datetime:
    """The next midnight in Beijing: when quotas begin anew is not documented, and this is the likeliest."""
    there = datetime.now(UTC) + BEIJING
    return there.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1) - BEIJING


def renewed(channel: Channel) -> Conversation[Fresh]:
    """A new access token; and a new refresh token, where the old one would not outlive that.

    An app may renew a refresh token, five times for one grant, if it was given that capability: where it cannot, the
    old one stays, and a person is asked when it has ended. How long it still lasts does not change by being used.

    Raises:
        Unauthorized, Refused: there is none, it is none, or it has ended.
    """
    token = channel.secrets.get("refresh_token", "")
    if not token:
        raise Unauthorized("There is no refresh token: connect the channel again.")
    app = app_fields(channel, "client_key")
    form = {**app, "grant_type": "refresh_token", "refresh_token": token}
    reply = yield httpx.Request("POST", f"{HOST}/oauth/refresh_token/", data=form)
    grant = parsed(_Granted, taken(reply, channel)).data
    secrets, renewable_s = {"access_token": grant.access_token}, grant.refresh_expires_in
    if renewable_s < grant.expires_in + DAY_S:
        with suppress(PublishingError):
            longer = yield from _longer({**app, "refresh_token": token}, channel)
            secrets, renewable_s = {**secrets, "refresh_token": longer.refresh_token}, longer.expires_in
    return Fresh(secrets, grant.expires_in, renewable_s)


def _longer(form: Mapping[str, str], channel: Channel) -> Conversation[_Longer]:
    reply = yield httpx.Request("POST", f"{HOST}/oauth/renew_refresh_token/", data=dict(form))
    return parsed(_Renewed, taken(reply, channel)).data
