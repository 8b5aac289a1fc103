from __future__ import annotations

import time

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from notifying.calling import EXCERPT_CHARS, WITHIN_S, Call, Caller, Result
from publishing.transport import GuardedTransport, plain_transport
from tests.publishing.loopback import answer, answering, dripping, hanging_up, resetting, serving, silent

HEADERS = {"content-type": "application/json", "webhook-id": "evt_1"}


def called(url: str, *, now_s: float = 0.0) -> Result:
    """What comes of calling an address on this machine; `now_s`: how far the clock goes on each time it is read."""
    ticks = iter(range(100_000))
    caller = Caller(
        plain_transport(), plain_http=True, now_s=lambda: next(ticks) * now_s if now_s else time.monotonic()
    )
    return caller.call(Call(url=url, headers=HEADERS, body='{"ü": 1}'))


def test_a_call_is_one_post_of_these_very_bytes() -> None:
    seen: list[httpx.Request] = []

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(204)

    result = Caller(httpx.MockTransport(reply)).call(Call(url="https://example.org/h", headers=HEADERS, body='{"ü":1}'))
    assert (result.status, result.why, result.excerpt) == (204, "", "")
    assert (seen[0].method, seen[0].content) == ("POST", '{"ü":1}'.encode())
    assert (seen[0].headers["webhook-id"], seen[0].headers["user-agent"]) == ("evt_1", "Postroom/0.1")


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_success(status: int) -> None:
    caller = Caller(httpx.MockTransport(lambda _: httpx.Response(status)))
    assert caller.call(Call(url="https://example.org", headers={}, body="")).why == ""


def test_a_redirect_is_not_followed() -> None:
    with serving(answering(answer(b"", b"302 Found", b"Location: http://127.0.0.1:1/\r\n"))) as server:
        result = called(server.url)
    assert (result.status, result.why, server.accepted) == (302, "status", 1)


def test_what_was_answered_is_shown_in_part() -> None:
    with serving(answering(answer(b"No\r\n\x00 such" + b"x" * 9_000, b"404 Not Found"))) as server:
        result = called(server.url)
    assert (result.status, result.excerpt[:12], len(result.excerpt)) == (404, "No    suchxx", EXCERPT_CHARS)


def test_an_answer_that_breaks_off_still_has_its_status() -> None:
    with serving(answering(b"HTTP/1.1 500 Oh\r\nContent-Length: 900\r\n\r\nOut of")) as server:
        assert called(server.url, now_s=0.01).status == 500


@pytest.mark.parametrize(("header", "wait_s"), [(b"7", 7.0), (b"never", 0.0), (b"-3", 0.0)])
def test_a_wait_that_is_asked_for_is_told(header: bytes, wait_s: float) -> None:
    with serving(answering(answer(b"", b"429 Too Many", b"Retry-After: %s\r\n" % header))) as server:
        assert called(server.url).retry_after_s == wait_s


def test_who_says_nothing_is_waited_for_fifteen_seconds_in_all() -> None:
    with serving(silent) as server:
        result = called(server.url, now_s=2.5)  # a clock on which each look at it takes that long
    assert (result.status, result.why) == (0, "timeout")
    assert WITHIN_S == 15.0


def test_who_drips_buys_no_time() -> None:
    with serving(dripping(b"HTTP/1.1 500 Oh\r\n", b"X-Drip: drop\r\n")) as server:
        assert called(server.url, now_s=0.5).why == "timeout"


@pytest.mark.parametrize("manner", [hanging_up, resetting])
def test_who_breaks_off_is_unreachable(manner: object) -> None:
    with serving(manner) as server:  # type: ignore[arg-type]
        assert called(server.url).why == "unreachable"


def test_nobody_there_is_unreachable() -> None:
    with serving(silent) as server:
        url = server.url
    assert called(url).why == "unreachable"


def test_an_address_inside_is_refused() -> None:
    with serving(answering(answer(b""))) as server:
        caller = Caller(GuardedTransport(), plain_http=True)
        result = caller.call(Call(url=server.url, headers={}, body=""))
        assert (result.status, result.why, server.accepted) == (0, "address_refused", 0)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "ftp://example.org/", "https:///hook", "nonsense", "https://xn--a.example/", "https://a\n"],
)
def test_only_https_is_called_at_addresses_that_can_be_read(url: str) -> None:
    caller = Caller(httpx.MockTransport(lambda _: httpx.Response(200)))
    assert caller.call(Call(url=url, headers={}, body="")).why == "address_unreadable"


@pytest.mark.parametrize("header", ["Mon, 01 Jan 99999999999 00:00:00 GMT", "9" * 5_000, "nan"])
def test_a_wait_that_means_nothing_costs_only_that(header: str) -> None:
    caller = Caller(httpx.MockTransport(lambda _: httpx.Response(429, headers={"retry-after": header}, text="Later.")))
    result = caller.call(Call(url="https://example.org", headers={}, body=""))
    assert (result.status, result.why, result.excerpt, result.retry_after_s) == (429, "status", "Later.", 0.0)


def test_whatever_else_goes_wrong_is_a_result_and_logged_by_its_type_alone(caplog: pytest.LogCaptureFixture) -> None:
    def breaking(_: httpx.Request) -> httpx.Response:
        raise ArithmeticError("canary")

    result = Caller(httpx.MockTransport(breaking)).call(Call(url="https://example.org", headers={}, body="{}"))
    assert (result.status, result.why) == (0, "unexpected")
    assert "ArithmeticError" in caplog.text
    assert "canary" not in caplog.text


@given(st.text(max_size=60), st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
@example("https://xn--a.example/", "")
def test_no_address_is_too_odd_to_have_a_result(odd: str, host: str) -> None:
    caller = Caller(httpx.MockTransport(lambda _: httpx.Response(204)))
    for url in (odd, f"https://{host}/", f"https://example.org/{odd}"):
        assert caller.call(Call(url=url, headers={}, body="{}")).why in {"", "address_unreadable"}


def test_neither_address_nor_body_nor_answer_is_in_what_may_be_logged() -> None:
    shown = repr(Call(url="https://canary.test", headers={"canary": "1"}, body="canary"))
    assert "canary" not in shown + repr(Result(excerpt="canary"))
