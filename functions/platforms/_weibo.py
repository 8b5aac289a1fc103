"""How Weibo's API is asked, and what its answers mean.

Source: https://open.weibo.com/wiki/Error_code and …/wiki/Rate-limiting (read 2026-11-21): an error is in the body, with
a status of 400 or 403 for nearly all of them; its code comes as a number or as text. Codes from 21300 on are OAuth's.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import datetime
from typing import Annotated

import httpx
from pydantic import BeforeValidator, ConfigDict, RootModel
from pydantic import Field as Reads

from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Metric, Receipt, utc_text
from publishing.replies import (
    Reply,
    error_for,
    may_have_acted,
    publishes,
    quoted,
    read_if_readable,
    retry_after_s,
)

API = "https://api.weibo.com"
DELAYED = 20032  # "update success, while server slow now, please wait 1-2 minutes"
REPEATED = frozenset({20017, 20019, 20111})  # similar, the same
GONE = frozenset({20101})  # there is no such post (any more)
OFTEN, OFTEN_S = 20016, 300.0  # too many posts in a short time; nobody says how short
HOUR_S = 3_600.0  # quotas are of an hour or a day, and nothing says when they are reset
DOMAIN = 10017
HINT = " (A post needs a link within the app's safe domain, and the app must have one.)"

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
URL = re.compile(r"https?://[!-~]*[\w/=&%~-]", re.ASCII)

SORTS: dict[int, type[PublishingError]] = {
    **dict.fromkeys((10001, 10003, 10010, 10011), OutcomeUnknown),  # in its midst; Unavailable for what publishes not
    **dict.fromkeys((10002, 10009), Unavailable),
    **dict.fromkeys((10022, 10023, 10024, OFTEN), Throttled),
    **dict.fromkeys((10004, 10005, 10012, 10013, 10014), Unauthorized),  # what the app or the address may not
    **dict.fromkeys((20031, 20033, *range(21300, 21400), 21501), Unauthorized),  # a captcha, the login, the token
}


class _Trouble(Reply):
    error_code: int = 0
    error: str = ""


def token_of(channel: Channel) -> str:
    """The access token.

    Raises:
        Unauthorized: there is none, or none HTTP could carry.
    """
    token = channel.secrets.get("access_token", "").strip()
    if not (token and token.isascii() and token.isprintable()):
        raise Unauthorized("This is no access token.")
    return token


def asked(path: str, channel: Channel, **parameters: str) -> httpx.Request:
    """A question; the token is in a header, so that no address holds it."""
    headers = {"authorization": f"OAuth2 {token_of(channel)}"}
    return httpx.Request("GET", f"{API}/{path}", params=parameters, headers=headers)


def posted(path: str, channel: Channel, **form: str) -> httpx.Request:
    """A form, the token in it."""
    return httpx.Request("POST", f"{API}/{path}", data={"access_token": token_of(channel), **form})


def code_of(reply: httpx.Response) -> int:
    """The code of the error that the body tells; 0 where it tells none."""
    return read_if_readable(_Trouble, reply).error_code


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if neither its body nor its status is an error."""
    if reply.is_success and not code_of(reply):
        return reply
    raise error_of(reply, channel)


def error_of(reply: httpx.Response, channel: Channel) -> PublishingError:
    """What an error means: by its code first, then by its status."""
    said = read_if_readable(_Trouble, reply)
    code, told, status = said.error_code, quoted(said.error, channel), reply.status_code
    message = (f"Weibo answered: {told}" if told else "") + (HINT if code == DOMAIN else "")
    sort = SORTS.get(code)
    if sort is Throttled:
        wait_s = OFTEN_S if code == OFTEN else HOUR_S - time.time() % HOUR_S
        return Throttled(message, retry_after_s=retry_after_s(reply, wait_s), code=str(code), status=status)
    if sort is OutcomeUnknown and not publishes(reply):
        sort = Unavailable
    if sort is None and (not code or may_have_acted(reply)):
        return error_for(reply, message, code=str(code) if code else "")
    return (sort or Refused)(message, code=str(code), status=status)


class Token(Reply):
    """Whose a token is."""

    uid: int


class User(Reply):
    """Somebody."""

    id: int = 0
    screen_name: str = ""


def _moment(text: object) -> datetime | None:
    """What Weibo writes as `Wed Oct 24 23:49:17 +0800 2012`."""
    with suppress(ValueError):
        return datetime.strptime(str(text), "%a %b %d %H:%M:%S %z %Y")
    return None


class Status(Reply):
    """A post."""

    idstr: str = Reads(pattern=r"^\d{1,20}$")
    created_at: Annotated[datetime | None, BeforeValidator(_moment)] = None
    text: str = ""
    user: User | None = None

    def has(self, words: str, since: datetime) -> bool:
        """Whether it has these words, and was posted after `since`; Weibo tells whole seconds."""
        recent = self.created_at is not None and self.created_at >= since.replace(microsecond=0)
        return recent and _essence(self.text) == _essence(words)

    def receipt(self) -> Receipt:
        """Its number, and the address that Weibo does not tell."""
        link = f"https://weibo.com/{self.user.id}/{_short(self.idstr)}" if self.user and self.user.id else ""
        return Receipt(self.idstr, link, utc_text(self.created_at) if self.created_at else "")


class Timeline(Reply):
    """The newest posts."""

    statuses: tuple[Status, ...]  # newest first
    total_number: int = 0

    def goes_on(self, since: datetime) -> bool:
        """Whether there may be more of what was posted after `since`."""
        told = [status.created_at for status in self.statuses if status.created_at]
        return bool(told) and min(told) >= since and len(self.statuses) < self.total_number


class Count(Reply):
    """What became of a post."""

    reposts: int | None = None
    comments: int | None = None
    attitudes: int | None = None

    def told(self) -> dict[Metric, int]:
        """What of that is told."""
        found = {Metric.SHARES: self.reposts, Metric.COMMENTS: self.comments, Metric.LIKES: self.attitudes}
        return {metric: number for metric, number in found.items() if number is not None}


class Counts(RootModel[tuple[Count, ...]]):
    """The counts of those posts that are still there."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def _essence(text: str) -> str:
    """A text without its blanks, and without what its links were shortened to."""
    return "".join(URL.sub("→", text).split())


def _short(mid: str) -> str:
    """A post's number as its address has it: each seven digits, from the right, as four of base 62."""
    pieces = [mid[max(0, end - 7) : end] for end in range(len(mid), 0, -7)][::-1]
    return "".join(_base62(int(piece)).rjust(4, "0") for piece in pieces).lstrip("0")


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = DIGITS[digit] + digits
    return digits
