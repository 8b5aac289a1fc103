"""Reading a platform's reply: which error it means where the vendor's own body does not say otherwise."""

from __future__ import annotations

import email.utils
import math
import re
from datetime import UTC, datetime
from typing import NoReturn, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel

M = TypeVar("M", bound=BaseModel)
DEFAULT_WAIT_S = 60.0
LONGEST_WAIT_S = 86_400.0
QUOTED_CHARS = 300
TELLING_CHARS = 8  # a piece of a secret (of a URL's path, say) this long is as telling as the whole


class Reply(BaseModel):
    """What we read of a vendor's answer; its errors do not quote it, since a vendor may echo what we sent."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


def publishes(reply: httpx.Response) -> bool:
    """Whether this answers the request that makes the post visible."""
    return bool(reply.request.extensions.get("publishes"))


def may_have_acted(reply: httpx.Response) -> bool:
    """Whether the status leaves open what became of the request: 408 or 5xx."""
    status = reply.status_code
    return status == httpx.codes.REQUEST_TIMEOUT or status >= httpx.codes.INTERNAL_SERVER_ERROR


def accepted(reply: httpx.Response) -> httpx.Response:
    """The reply, if its status is 2xx.

    Raises:
        Unauthorized: 401, 403. Throttled: 429. Refused: any other 3xx or 4xx.
        OutcomeUnknown: 408 or 5xx on the publishing request. Unavailable: the same on any other.
    """
    if reply.is_success:
        return reply
    raise error_for(reply)


def error_for(reply: httpx.Response, message: str = "", *, code: str = "") -> PublishingError:
    """The error an unsuccessful status means by itself; an adapter adds what the vendor's body says."""
    status = reply.status_code
    if status in {401, 403}:
        return Unauthorized(message, code=code, status=status)
    if status == httpx.codes.TOO_MANY_REQUESTS:
        return Throttled(message, retry_after_s=retry_after_s(reply), code=code, status=status)
    if may_have_acted(reply):
        unsure = OutcomeUnknown if publishes(reply) else Unavailable
        return unsure(message, code=code, status=status)
    return Refused(message or f"The platform answered {status}.", code=code, status=status)


def parsed(model: type[M], reply: httpx.Response) -> M:
    """The body of a successful reply as `model`.

    Raises:
        OutcomeUnknown: the body is not what was promised and this was the publishing request: it may be out.
        Unavailable: the same on any other request.
    """
    try:
        return model.model_validate_json(reply.content)
    except ValidationError as error:
        _unreadable(reply, error)


def read_if_readable(model: type[M], reply: httpx.Response) -> M:
    """The body as `model`; all its defaults where it is none, as when a proxy answers in the platform's stead."""
    try:
        return model.model_validate_json(reply.content)
    except ValidationError:
        return model()


def _unreadable(reply: httpx.Response, error: ValidationError) -> NoReturn:
    unsure = OutcomeUnknown if publishes(reply) else Unavailable
    raise unsure("The platform's answer could not be read.", status=reply.status_code) from error


def quoted(text: str, channel: Channel) -> str:
    """A vendor's own words for the author: one bounded line, the channel's secrets and their pieces blotted out."""
    secrets = [secret for secret in channel.secrets.values() if secret]
    pieces = [piece for secret in secrets for piece in re.split(r"[^\w.+-]+", secret) if len(piece) >= TELLING_CHARS]
    for piece in sorted({*secrets, *pieces}, key=len, reverse=True):  # the longest first: none is left in part
        text = text.replace(piece, "…")
    return " ".join(text.split())[:QUOTED_CHARS]


def retry_after_s(reply: httpx.Response, default: float = DEFAULT_WAIT_S) -> float:
    """The wait in seconds `Retry-After` asks for, in either of its forms; within 0 and a day."""
    text = reply.headers.get("retry-after", "").strip()
    return bounded_wait_s(_wait_s(text), default)


def spent_for_s(reply: httpx.Response, *, remaining: str, reset_after: str) -> float:
    """How many seconds until anything is allowed again, by two headers; 0 where something is, or they say nothing."""
    try:
        spent = int(reply.headers.get(remaining, "")) <= 0
        return bounded_wait_s(float(reply.headers.get(reset_after, "")), 0.0) if spent else 0.0
    except ValueError:
        return 0.0


def bounded_wait_s(wait_s: float | None, default: float = DEFAULT_WAIT_S) -> float:
    """A wait a platform asked for, kept within 0 and a day; `default` where it is none or no number."""
    if wait_s is None or not math.isfinite(wait_s):
        return default
    return min(max(wait_s, 0.0), LONGEST_WAIT_S)


def _wait_s(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter for a year, an hour or an offset no calendar goes to
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()
