"""What a reply means where the vendor's own body does not say otherwise."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.adapter import PUBLISHES
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Channel
from publishing.replies import (
    Reply,
    accepted,
    bounded_wait_s,
    error_for,
    parsed,
    quoted,
    read_if_readable,
    retry_after_s,
)

PUBLISHING = httpx.Request("POST", "https://example.org/", extensions=PUBLISHES)
ASKING = httpx.Request("GET", "https://example.org/")
GARBAGE = [b"", b"<html>", b"[]", b"null", b'{"id": 4711', b'{"id": [1]}', b"\xff\xfe", b"{" * 9_999]


class Note(Reply):
    id: str = ""


class Strict(Reply):
    id: str


def reply_to(request: httpx.Request, status: int, content: bytes = b"", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-").encode(): value.encode("latin-1") for name, value in headers.items()}
    return httpx.Response(status, content=content, headers=named, request=request)


def asked_to_wait(text: str) -> float:
    return retry_after_s(reply_to(ASKING, 429, retry_after=text))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_2xx_is_accepted(status: int) -> None:
    assert accepted(reply_to(PUBLISHING, status)).status_code == status


@pytest.mark.parametrize(
    ("status", "publishing", "otherwise"),
    [
        (301, Refused, Refused),
        (304, Refused, Refused),
        (400, Refused, Refused),
        (401, Unauthorized, Unauthorized),
        (403, Unauthorized, Unauthorized),
        (404, Refused, Refused),
        (408, OutcomeUnknown, Unavailable),
        (409, Refused, Refused),
        (422, Refused, Refused),
        (429, Throttled, Throttled),
        (500, OutcomeUnknown, Unavailable),
        (502, OutcomeUnknown, Unavailable),
        (503, OutcomeUnknown, Unavailable),
        (504, OutcomeUnknown, Unavailable),
        (599, OutcomeUnknown, Unavailable),
    ],
)
def test_a_status_is_sorted_by_what_it_means_for_the_post(
    status: int, publishing: type[PublishingError], otherwise: type[PublishingError]
) -> None:
    assert type(error_for(reply_to(PUBLISHING, status))) is publishing
    assert type(error_for(reply_to(ASKING, status))) is otherwise


def test_an_error_keeps_its_evidence() -> None:
    error = error_for(reply_to(PUBLISHING, 422), "Too blue.", code="BLUE")
    assert (str(error), error.code, error.status) == ("Too blue.", "BLUE", 422)


def test_what_is_not_accepted_is_raised() -> None:
    with pytest.raises(Refused, match=r"The platform answered 418\."):
        accepted(reply_to(PUBLISHING, 418))


@pytest.mark.parametrize("body", GARBAGE)
def test_garbage_after_publishing_is_unknown(body: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        parsed(Strict, reply_to(PUBLISHING, 200, body))


@pytest.mark.parametrize("body", GARBAGE)
def test_garbage_before_publishing_is_unavailable(body: bytes) -> None:
    with pytest.raises(Unavailable):
        parsed(Strict, reply_to(ASKING, 200, body))


def test_what_is_not_asked_for_is_ignored() -> None:
    assert parsed(Strict, reply_to(ASKING, 200, b'{"id": "4711", "more": {}}')) == Strict(id="4711")


@pytest.mark.parametrize("body", GARBAGE)
def test_what_cannot_be_read_is_nothing(body: bytes) -> None:
    assert read_if_readable(Note, reply_to(PUBLISHING, 500, body)) == Note()


@pytest.mark.parametrize("body", [b'{"id": ["s3cret-4711"]}', b"s3cret-4711", b'{"no": "s3cret-4711"}'])
def test_an_unreadable_reply_is_not_quoted_in_tracebacks(body: bytes) -> None:
    with pytest.raises(OutcomeUnknown) as unreadable:
        parsed(Strict, reply_to(PUBLISHING, 200, body))
    assert "s3cret-4711" not in "".join(traceback.format_exception(unreadable.value))


@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("-5", 0.0),
        ("86401", 86_400.0),
        ("1e300", 86_400.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
    ],
)
def test_a_wait_is_read_and_kept_within_a_day(text: str, wait_s: float) -> None:
    assert asked_to_wait(text) == wait_s


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "-inf", "1 2", "Xyz, 99 Abc 2026 99:99:99 GMT", "²"])
def test_a_wait_that_is_none_is_a_minute(text: str) -> None:
    assert asked_to_wait(text) == 60.0


@pytest.mark.parametrize("zone", [UTC, None])
def test_a_wait_may_be_a_date(zone: object) -> None:
    moment = datetime.now(UTC) + timedelta(seconds=100)
    text = format_datetime(moment if zone else moment.replace(tzinfo=None), usegmt=bool(zone))
    assert 95 < asked_to_wait(text) <= 100


def test_a_reply_without_a_hint_waits_as_long_as_the_platform_is_known_to_want() -> None:
    assert retry_after_s(reply_to(ASKING, 429), default=5.0) == 5.0


@pytest.mark.parametrize(
    "text",
    [
        "Mon, 01 Jan 99999999999 00:00:00 GMT",
        "Mon, 01 Jan 2026 99999999999999:00:00 GMT",
        "Mon, 01 Jan 2026 00:00:00 +99999999999999999999",
    ],
)
def test_a_date_beyond_all_calendars_asks_for_nothing(text: str) -> None:
    assert retry_after_s(reply_to(ASKING, 429, retry_after=text), default=5.0) == 5.0


NUMBERS = st.integers(0, 10**25).map(str)


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["GMT", "+", "-", ""]), NUMBERS)
def test_no_date_is_too_odd(day: str, year: str, hour: str, zone: str, offset: str) -> None:
    text = f"Mon, {day} Jan {year} {hour}:00:00 {zone}{'' if zone == 'GMT' else offset}"
    assert 0.0 <= asked_to_wait(text) <= 86_400.0


@given(st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60))
def test_no_wait_is_too_odd(text: str) -> None:
    assert 0.0 <= asked_to_wait(text) <= 86_400.0


@given(st.none() | st.floats())
def test_any_number_is_bounded(wait_s: float | None) -> None:
    assert 0.0 <= bounded_wait_s(wait_s) <= 86_400.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No https://hooks.example.org/t0ken-4711?key=k3y-4711-xyz.", "No …."),
        ("Unknown token t0ken-4711", "Unknown token …"),
        ("key=k3y-4711-xyz is wrong", "key=… is wrong"),
        ("Unknown app k3y-4711-xyz-2", "Unknown app …"),
        ("pin 42 is wrong", "pin … is wrong"),
        ("several\n  lines\tand blanks", "several lines and blanks"),
        ("x" * 999, "x" * 300),
        ("", ""),
    ],
)
def test_a_vendors_words_are_quoted_without_secrets(text: str, expected: str) -> None:
    secrets = {
        "url": "https://hooks.example.org/t0ken-4711?key=k3y-4711-xyz",
        "app": "k3y-4711/k3y-4711-xyz-2",
        "pin": "42",
        "empty": "",
    }
    assert quoted(text, Channel("chn_1", "wsp_1", "alpha", secrets=secrets)) == expected
