from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from functions import platforms
from publishing.abilities import Finds
from publishing.errors import OutcomeUnknown, PublishingError, Refused
from publishing.model import Identity, Outcome, Receipt
from tests.functions.platforms.conversing import NOON, Platform, Recorded, outcome_of, platform, recorded
from tests.functions.platforms.test_contract import TALKATIVE

INSIDE = "https://169.254.169.254/latest/meta-data/"
HTML = b"<!doctype html><html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
every = pytest.mark.parametrize("name", platforms.names())


def nested(unit: bytes) -> bytes:
    """A hundred thousand of them, within each other."""
    return unit * 100_000


BODIES = {
    "nothing": b"",
    "a page": HTML,
    "null": b"null",
    "a text": b'"ok"',
    "a list": b"[[]]",
    "deep lists": nested(b"["),
    "deep lists that are closed": nested(b"[") + nested(b"]"),
    "deep objects": nested(b'{"data":'),
    "deep data": b'{"id": ' + nested(b"[") + nested(b"]") + b', "data": ' + nested(b"[") + nested(b"]") + b"}",
    "digits": b'{"id": ' + b"9" * 100_000 + b"}",
    "no number": b'{"id": NaN, "data": -Infinity}',
    "too large a number": b'{"id": 1e999, "data": {"id": -1e999}, "expires_in": 1e308}',
    "half a character": b'{"id": "\\ud800", "data": {"id": "\\udfff"}, "url": "\\ud83d"}',
    "no text": b'{"id": "\\u0000", "url": "\\u0000"}',
    "not utf-8": b'{"id": "\xff\xfe", "url": "\xc3\x28"}',
    "utf-16": '{"id": "1"}'.encode("utf-16"),
    "names again": b"{" + b",".join([b'"id": "1"'] * 9_999) + b"}",
    "an address of ours": b'{"id": "1", "url": "' + INSIDE.encode() + b'", "location": "file:///etc/passwd"}',
    "other types": b'{"id": {}, "data": 1, "url": [], "errors": "x", "error": [[]], "items": {"a": 1}}',
    "xml": b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><methodResponse>&a;</methodResponse>',
}
SCRIPTS = [
    "javascript:alert(1)",
    "JavaScript://%0aalert(1)",
    " javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example/",
    "https://example.org/\n<script>",
    'https://example.org/"onclick="alert(1)',
    "file:///etc/passwd",
]
REDIRECTS = [301, 302, 303, 307, 308]


@dataclass
class Same(Recorded):
    """Answers everything with the same."""

    answers: deque[httpx.Response | Exception] = field(default_factory=deque)
    status: int = 200
    body: bytes = b""
    location: str = ""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        headers = {"location": self.location} if self.location else {}
        self.answers = deque([httpx.Response(self.status, content=self.body, headers=headers)])
        return super().handle_request(request)


def asked_of(found: Platform, transport: Same) -> Iterator[object]:
    """What comes of asking a platform all that is asked of it before and after publishing."""
    yield outcome_of(found.adapter.verify(found.channel), transport)
    if isinstance(found.adapter, Finds):
        yield outcome_of(found.adapter.find(found.post, found.channel, NOON - timedelta(hours=1)), transport)
    yield outcome_of(found.publication(transport), transport)


def twisted(value: object, url: str) -> object:
    """A document in which every address is another one."""
    if isinstance(value, dict):
        return {name: twisted(each, url) for name, each in value.items()}
    if isinstance(value, list):
        return [twisted(each, url) for each in value]
    return url if isinstance(value, str) and value.startswith("http") else value


def accepted_with(found: Platform, url: str) -> list[httpx.Response | Exception]:
    """The platform's recorded replies, in which every address is this one."""
    return [reply if isinstance(reply, Exception) else _with(reply, url) for reply in found.accepted]


def _with(reply: httpx.Response, url: str) -> httpx.Response:
    try:
        document = json.loads(reply.content)
    except ValueError:
        return reply
    headers = {name: value for name, value in reply.headers.items() if name not in {"content-length", "content-type"}}
    return httpx.Response(reply.status_code, json=twisted(document, url), headers=headers)


class TestUnsafeConsumption:
    """API10, unsafe consumption of APIs: what a platform answers is believed more than what a caller sends.

    Whatever a platform answers, to whatever it is asked, leads to an outcome or to an error that is named for what to
    do next, in little time; never to more requests, to an address it names, or to a second post. (How long an answer
    may be, and how long it may take, is in tests/publishing/test_transport.py; callbacks are in
    tests/functions/platforms/test_hearing_contract.py.)
    """

    @every
    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_no_answer_is_too_odd(self, name: str, body: bytes, status: int) -> None:
        began_s = time.process_time()
        for outcome in asked_of(platform(name), Same(status=status, body=body)):
            assert outcome is None or isinstance(outcome, Outcome | Receipt | Identity | PublishingError)
        assert time.process_time() - began_s < 3.0

    @pytest.mark.parametrize("name", TALKATIVE)
    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
    def test_once_it_may_be_out_no_answer_has_it_sent_again(self, name: str, body: bytes) -> None:
        outcome = platform(name).spoiled(httpx.Response(200, content=body))
        assert isinstance(outcome, Outcome | OutcomeUnknown | Refused)

    @every
    @pytest.mark.parametrize("status", REDIRECTS)
    def test_no_answer_leads_elsewhere(self, name: str, status: int) -> None:
        transport = Same(status=status, location=INSIDE)
        outcomes = list(asked_of(platform(name), transport))
        assert transport.asked
        assert {request.url.host for request in transport.asked if request.url.host == "169.254.169.254"} == set()
        assert not any(isinstance(outcome, Receipt) for outcome in outcomes)

    @every
    @pytest.mark.parametrize("url", SCRIPTS)
    def test_no_link_that_is_told_does_anything_but_open_a_page(self, name: str, url: str) -> None:
        found = platform(name)
        transport = recorded(*accepted_with(found, url))
        outcome = outcome_of(found.publication(transport), transport)
        assert not isinstance(outcome, Receipt) or outcome.url == "" or outcome.url.startswith("https://")

    @pytest.mark.parametrize("url", SCRIPTS)
    def test_no_receipt_and_no_identity_holds_another(self, url: str) -> None:
        assert (Receipt("1", url).url, Identity("1", "Ann", url).url) == ("", "")
        assert Receipt("1", "https://example.org/1?a=b#c").url == "https://example.org/1?a=b#c"

    @every
    def test_no_answer_has_it_ask_for_ever(self, name: str) -> None:
        for status in (200, 401, 429, 500):
            for body in (b"{}", b'{"next": "https://example.org/next", "data": [], "cursor": "c", "has_more": true}'):
                transport = Same(status=status, body=body)
                assert len(list(asked_of(platform(name), transport))) >= 2
                assert len(transport.asked) <= 60
