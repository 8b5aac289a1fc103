"""What Amazon SES says went wrong: in its answers by an exception's name, since the status says little; and in events.

Source: botocore's model of sesv2, and https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html
(read 2026-11-20); …/ses/latest/dg/event-publishing-retrieving-sns-contents.html (read 2026-11-21, a stored copy)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import httpx
from pydantic import AliasChoices, Field, ValidationError

from publishing.errors import PublishingError, QuotaSpent, Refused, Throttled, Unauthorized
from publishing.inbound import Heard
from publishing.model import Channel
from publishing.replies import Reply, error_for, quoted, read_if_readable, retry_after_s

QUOTA_WINDOW = timedelta(hours=24)  # the daily quota counts the last 24 hours: by then at the latest there is room
RATE_WAIT_S = 5.0  # the rate counts seconds; SES does not say how many to wait

_EXCEPTION = re.compile(r"(?:[\w.]+#)?([A-Za-z]+)(?::.*)?")  # "namespace#Name" and "Name:address" mean Name
_SOMEBODY = re.compile(r"\S*@\S*")


class Failure(Reply):
    """What SES says about an error; the exception's name is here or in a header."""

    message: str = Field(validation_alias=AliasChoices("message", "Message"), default="")
    kind: str = Field(validation_alias=AliasChoices("__type", "code"), default="")


def error(reply: httpx.Response, channel: Channel) -> PublishingError:
    """The error an unsuccessful reply means; it repeats no address, though SES may name some."""
    failure = read_if_readable(Failure, reply)
    named = _EXCEPTION.fullmatch(reply.headers.get("x-amzn-errortype") or failure.kind)
    kind = named[1] if named else ""
    if kind in _RATE or reply.status_code == httpx.codes.TOO_MANY_REQUESTS:
        return _limit(reply, kind, daily="daily" in failure.message.lower())
    if kind == "LimitExceededException":
        return _limit(reply, kind, daily=True)
    if kind in _HELD or "not verified" in failure.message:
        return Unauthorized(_HELD.get(kind, _UNVERIFIED), code=kind, status=reply.status_code)
    meant = error_for(reply, code=kind)
    if isinstance(meant, Refused) and failure.message:
        said = quoted(_SOMEBODY.sub("…", failure.message), channel)
        return Refused(f"Amazon SES refused the message: {said}", code=kind, status=reply.status_code)
    return meant


class _Mail(Reply):
    id: str = Field(alias="messageId", default="")


class _Why(Reply):
    reason: str = Field(validation_alias=AliasChoices("reason", "errorMessage"), default="")


class _Event(Reply):
    kind: str = Field(alias="eventType")
    mail: _Mail = _Mail()
    reject: _Why = _Why()
    failure: _Why = _Why()


def refusals(event: str, identifier: str, channel: Channel) -> Sequence[Heard]:
    """The message that SES took and then did not send, if the event says so; `identifier` is the event's.

    A message counts as published once SES has it, so that it was delivered is no news. That it bounced or was
    complained about concerns single recipients and not the message: it is for lists that are kept, which these are not.
    """
    try:
        told = _Event.model_validate_json(event)
    except ValidationError:  # among others the word by which SES tries a topic out
        return ()
    if told.kind not in _NEVER_SENT or not told.mail.id:
        return ()
    why = quoted(_SOMEBODY.sub("…", told.reject.reason or told.failure.reason or told.kind), channel)
    return (Heard(told.mail.id, identifier, refused=f"Amazon SES did not send it: {why}"),)


def _limit(reply: httpx.Response, kind: str, *, daily: bool) -> PublishingError:
    if daily:
        return QuotaSpent(until=datetime.now(UTC) + QUOTA_WINDOW, code=kind, status=reply.status_code)
    return Throttled(retry_after_s=retry_after_s(reply, RATE_WAIT_S), code=kind, status=reply.status_code)


_NEVER_SENT = frozenset({"Reject", "Rendering Failure"})
_RATE = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling"})
_UNVERIFIED = "Amazon SES has not verified the sender (or, in its sandbox, a recipient)."
_HELD = {  # an operator must act, not the author
    "AccessDeniedException": "This installation may not send from the channel's address.",
    "AccountSuspendedException": "Amazon SES has suspended sending for this account.",
    "MailFromDomainNotVerifiedException": "The sender's MAIL FROM domain is not verified in Amazon SES.",
    "NotFoundException": "Amazon SES does not know this installation's configuration set.",
    "SendingPausedException": "Sending is paused in Amazon SES.",
}
