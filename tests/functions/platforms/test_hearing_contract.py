"""Every promise of adapters that hear, asked of each of them and of each way in which its platform proves itself."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from functions import platforms
from publishing.abilities import Hears, Said
from publishing.inbound import Call, Forged, Heard
from publishing.model import Channel
from tests.functions.platforms.conversing import NOON, Signed, hold, platform, recorded

HEARING = [name for name in platforms.names() if isinstance(platforms.load(name), Hears)]
UNREADABLE = (ValueError, KeyError, TypeError)  # what `functions.publish.hearing` answers with 400
DAY = timedelta(days=1)


def ways(*, header: bool = False, timed: bool = False) -> list[object]:
    """Each platform with each of its ways, or with those that have what is asked for."""
    return [
        pytest.param(name, way, id=f"{name}-{number}")
        for name in HEARING
        for number, way in enumerate(platform(name).signed)
        if (not header or way.header) and (not timed or way.timed)
    ]


every = pytest.mark.parametrize(("name", "way"), ways())

GARBAGE = {
    "nothing": b"",
    "space": b" \r\n",
    "no json": b"<html>Welcome</html>",
    "null": b"null",
    "number": b"-1e999",
    "digits": b"9" * 9_999,
    "text": b'"event"',
    "empty object": b"{}",
    "empty list": b"[]",
    "list of objects": b'[{"event": "x"}]',
    "unfinished": b'{"event": "',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"event":' * 20_000,
    "deep and closed": b"[" * 50_000 + b"]" * 50_000,
    "not utf-8": b"\xff\xfe\x00{",
    "not utf-8 within": b'{"event": "\xff"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "nul": b'{"event": "\\u0000", "type": "\\u0000"}',
    "half a character": b'{"event": "\\ud800", "type": "\\ud800"}',
    "entries": b"<entry>" * 30_000,
    "entities": b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///etc/passwd">]><feed><entry>&c;</entry></feed>',
}
ODD: list[object] = [None, True, -1, 2**70, 1.5, "", "\ud800", "\0", "x" * 9_999, [], [[]], {}, {"x": []}]


def said(name: str, way: Signed, call: Call, channel: Channel | None = None, now: datetime = NOON) -> Said:
    """What the platform's adapter makes of a call, having asked what it asks first."""
    adapter = platforms.load(name)
    assert isinstance(adapter, Hears)
    found = adapter.hear(call, channel or way.channel, now)
    return hold(found, recorded(*way.answers)) if isinstance(found, Generator) else found


def told_by(name: str, way: Signed, call: Call, channel: Channel) -> str:
    """All that turning the call away could bring into a log."""
    try:
        said(name, way, call, channel)
    except (Forged, *UNREADABLE) as error:
        return "".join([*traceback.format_exception(error), repr(error)])
    return ""


def writable(text: str) -> bool:
    """Whether it can be sent, and stored: it is no half of a character."""
    return text == text.encode(errors="replace").decode()


def is_heard(found: Said) -> bool:
    """Whether it is what `functions.publish.hearing` can answer with, or write down."""
    if isinstance(found, str):
        return writable(found)
    return all(writable(text) for each in found for text in texts_of(each))


def texts_of(heard: Heard) -> list[str]:
    receipt = heard.receipt
    outside = [receipt.id, receipt.url, receipt.published_at] if receipt else []
    return [heard.reference, heard.event, heard.refused, *outside]


def changed(call: Call, place: int) -> Call:
    """The call with the last bit of one of its bytes turned over."""
    body = bytearray(call.body)
    body[place] ^= 1
    return replace(call, body=bytes(body))


def without(call: Call, header: str) -> Call:
    return replace(call, headers={name: value for name, value in call.headers.items() if name != header})


def oddities(document: object) -> Iterator[object]:
    """The document with each of its values in turn replaced by what nobody would send."""
    yield from ODD
    items = (
        document.items() if isinstance(document, dict) else enumerate(document if isinstance(document, list) else [])
    )
    for place, value in list(items):
        for odd in oddities(value):
            copy = dict(document) if isinstance(document, dict) else list(document)  # type: ignore[call-overload]
            copy[place] = odd
            yield copy


def odd_bodies(body: bytes) -> list[bytes]:
    """Bodies that are nearly the one given, if it is JSON; half characters are told by their escapes."""
    try:
        document = json.loads(body)
    except ValueError:
        return []
    return [json.dumps(odd).encode() for odd in oddities(document)]


@pytest.mark.parametrize("name", HEARING)
def test_it_shows_how_its_calls_are_proven(name: str) -> None:
    assert platform(name).signed
    fields = {each.name for each in platforms.load(name).credentials.fields}
    assert {way.field for way in platform(name).signed} <= fields


@every
def test_a_genuine_call_is_heard(name: str, way: Signed) -> None:
    assert is_heard(said(name, way, way.call()))


@every
@pytest.mark.parametrize("part", [0.0, 0.5, 1.0])
def test_a_call_of_which_one_byte_is_another_is_forged(name: str, way: Signed, part: float) -> None:
    call = way.call()
    with pytest.raises(Forged):
        said(name, way, changed(call, int(part * (len(call.body) - 1))))


@every
@pytest.mark.parametrize("more", [b" ", b"\n", b"\0"])
def test_a_call_with_more_behind_it_is_forged(name: str, way: Signed, more: bytes) -> None:
    call = way.call()
    if way.header:
        with pytest.raises(Forged):
            said(name, way, replace(call, body=call.body + more))


@pytest.mark.parametrize(("name", "way"), ways(header=True))
def test_a_call_without_its_proof_is_forged(name: str, way: Signed) -> None:
    assert way.header in way.call().headers
    with pytest.raises(Forged):
        said(name, way, without(way.call(), way.header))


@pytest.mark.parametrize(("name", "way"), ways(header=True))
@pytest.mark.parametrize("proof", ["", "=", "é", "0" * 9_999, "sha256=", "v0=", "t=,s=", "t=²,s=²"])
def test_a_call_with_no_proof_at_all_is_forged(name: str, way: Signed, proof: str) -> None:
    call = way.call()
    with pytest.raises(Forged):
        said(name, way, replace(call, headers={**call.headers, way.header: proof}))


@every
@pytest.mark.parametrize("secret", ["", " "])
def test_what_is_proven_with_nothing_is_forged(name: str, way: Signed, secret: str) -> None:
    for signed_with in {"", secret}:
        with pytest.raises(Forged):
            said(name, way, way.sign(way.body, signed_with), way.with_secret(secret))


@every
def test_space_around_a_secret_does_not_matter(name: str, way: Signed) -> None:
    assert is_heard(said(name, way, way.call(), way.with_secret(f" {way.secret}\n")))


@every
def test_where_no_secret_was_ever_given_everything_is_forged(name: str, way: Signed) -> None:
    bare = replace(way.channel, settings={}, secrets={})
    with pytest.raises(Forged):
        said(name, way, way.sign(way.body, ""), bare)


@every
def test_what_is_proven_to_another_channel_is_forged(name: str, way: Signed) -> None:
    with pytest.raises(Forged):
        said(name, way, way.call(), way.with_secret(way.another))


@pytest.mark.parametrize(("name", "way"), ways(timed=True))
@pytest.mark.parametrize("late", [-DAY, DAY, 365 * DAY])
def test_what_was_proven_another_day_is_forged(name: str, way: Signed, late: timedelta) -> None:
    with pytest.raises(Forged):
        said(name, way, way.call(), now=NOON + late)


@every
def test_who_only_looks_is_not_heard(name: str, way: Signed) -> None:
    with pytest.raises(Forged):
        said(name, way, Call("GET", "https://postroom.example.org/hear"))


@every
@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_with_a_good_proof_does_no_harm(name: str, way: Signed, body: bytes) -> None:
    began_s = time.process_time()  # of this process alone: the machine may be busy with others
    assert_harmless(name, way, body)
    assert time.process_time() - began_s < 2.0


@every
def test_no_value_is_too_odd(name: str, way: Signed) -> None:
    for body in odd_bodies(way.body):
        assert_harmless(name, way, body)


def assert_harmless(name: str, way: Signed, body: bytes) -> None:
    try:
        assert is_heard(said(name, way, way.call(body)))
    except (Forged, *UNREADABLE):
        pass


@every
def test_who_is_turned_away_is_told_no_secret(name: str, way: Signed) -> None:
    calls = [changed(way.call(), 0), without(way.call(), way.header), way.call(b'{"event": 1}')]
    told = "".join(told_by(name, way, call, way.channel) for call in calls)
    assert [secret for secret in way.channel.secrets.values() if secret in told] == []
