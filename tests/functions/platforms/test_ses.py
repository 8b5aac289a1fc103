"""What Amazon SES's errors mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from functions.platforms import _ses
from publishing.adapter import PUBLISHES
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

CHANNEL = Channel("chn_1", "wsp_1", "email", secrets={"recipients": "ann@example.org"})
ASKED = httpx.Request("GET", "https://email.eu-west-1.amazonaws.com/v2/email/identities/example.org")
SENT = httpx.Request("POST", "https://email.eu-west-1.amazonaws.com/v2/email/outbound-emails", extensions=PUBLISHES)


def failure(status: int, kind: str, message: str = "", request: httpx.Request = SENT) -> PublishingError:
    reply = httpx.Response(status, headers={"x-amzn-ErrorType": kind}, json={"message": message}, request=request)
    return _ses.error(reply, CHANNEL)


@pytest.mark.parametrize(
    ("status", "kind", "message", "error"),
    [
        (429, "TooManyRequestsException", "Maximum sending rate exceeded.", Throttled),
        (429, "TooManyRequestsException", "Daily message quota exceeded.", QuotaSpent),
        (429, "SomethingNew", "", Throttled),
        (400, "ThrottlingException", "Rate exceeded", Throttled),
        (400, "LimitExceededException", "", QuotaSpent),
        (400, "AccountSuspendedException", "", Unauthorized),
        (400, "SendingPausedException", "", Unauthorized),
        (400, "MailFromDomainNotVerifiedException", "", Unauthorized),
        (404, "NotFoundException", "Configuration set <postroom> does not exist.", Unauthorized),
        (403, "AccessDeniedException", "User is not authorized to perform ses:SendEmail", Unauthorized),
        (403, "InvalidSignatureException", "", Unauthorized),
        (400, "MessageRejected", "Email address is not verified. The following identities failed", Unauthorized),
        (400, "MessageRejected", "Message contains a virus.", Refused),
        (400, "BadRequestException", "Missing subject", Refused),
        (500, "InternalFailure", "", OutcomeUnknown),
        (503, "ServiceUnavailableException", "", OutcomeUnknown),
        (504, "", "", OutcomeUnknown),
    ],
)
def test_each_exception_has_its_meaning(status: int, kind: str, message: str, error: type[PublishingError]) -> None:
    found = failure(status, kind, message)
    assert type(found) is error
    assert (found.status, found.code) == (status, kind)


def test_a_failed_question_is_not_an_unknown_outcome() -> None:
    assert type(failure(500, "InternalFailure", request=ASKED)) is Unavailable


def test_a_throttled_message_waits_as_long_as_it_is_told_to() -> None:
    reply = httpx.Response(429, headers={"Retry-After": "30"}, request=SENT)
    error = _ses.error(reply, CHANNEL)
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 30.0


def test_a_throttled_message_that_is_told_nothing_waits_a_little() -> None:
    error = failure(429, "TooManyRequestsException", "Maximum sending rate exceeded.")
    assert isinstance(error, Throttled)
    assert error.retry_after_s == 5.0


def test_a_spent_quota_is_free_again_within_a_day() -> None:
    error = failure(429, "TooManyRequestsException", "Daily message quota exceeded.")
    assert isinstance(error, QuotaSpent)
    assert abs(error.until - datetime.now(UTC) - timedelta(hours=24)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "named",
    [
        {"headers": {"x-amzn-ErrorType": "SendingPausedException:http://internal.amazon.com/coral/"}},
        {"json": {"__type": "com.amazonaws.sesv2#SendingPausedException"}},
        {"json": {"code": "SendingPausedException"}},
    ],
)
def test_an_exception_is_known_wherever_it_is_named(named: dict[str, dict[str, str]]) -> None:
    error = _ses.error(httpx.Response(400, request=SENT, **named), CHANNEL)  # type: ignore[arg-type]
    assert error.code == "SendingPausedException"


def test_what_is_no_exceptions_name_is_not_repeated_as_one() -> None:
    error = _ses.error(httpx.Response(400, json={"__type": "ann@example.org"}, request=SENT), CHANNEL)
    assert error.code == ""


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"message": 5}'])
def test_an_error_without_readable_body_goes_by_its_status(body: bytes) -> None:
    assert type(_ses.error(httpx.Response(400, content=body, request=SENT), CHANNEL)) is Refused


def test_a_refusal_repeats_what_ses_says() -> None:
    error = failure(400, "BadRequestException", "Attachment type not allowed")
    assert str(error) == "Amazon SES refused the message: Attachment type not allowed"


def test_a_refusal_does_not_repeat_an_address() -> None:
    error = failure(400, "BadRequestException", "Illegal address: <ann@example.org>, eve@example.com")
    assert str(error) == "Amazon SES refused the message: Illegal address: … …"


def test_a_hold_does_not_repeat_an_address() -> None:
    error = failure(400, "MessageRejected", "Email address is not verified: ann@example.org")
    assert str(error) == "Amazon SES has not verified the sender (or, in its sandbox, a recipient)."
