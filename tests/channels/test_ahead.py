from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from channels.ahead import attended_at, is_to_be_told, life_of, next_at, told_again_at
from channels.model import Connection
from functions import platforms
from publishing.abilities import Refreshes
from publishing.adapter import Life
from tests.channels.test_connecting import CHANNEL
from tests.cloud import START
from tests.publishing.test_asking import RenewableAlpha
from tests.publishing.workbench import Alpha

HOUR = Life(3_600.0)
GROWN = Life(5_184_000.0, least_age_s=86_400.0)
FOUND_GOOD = replace(CHANNEL, connection=Connection.CONNECTED)
ADAPTERS = [adapter for adapter in map(platforms.load, platforms.names()) if isinstance(adapter, Refreshes)]


def in_s(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.mark.parametrize(("drawn", "wait_s"), [(0.0, 600.0), (1.0, 540.0)])
def test_what_was_given_is_renewed_by_half_of_its_life_and_not_all_of_it_at_once(drawn: float, wait_s: float) -> None:
    assert next_at(HOUR, in_s(1_200), START, draw=lambda: drawn) == in_s(wait_s)


def test_where_the_platform_does_not_say_how_long_it_lasts_it_is_known_of_the_platform() -> None:
    assert next_at(HOUR, None, START, draw=lambda: 0.0) == in_s(1_800)


def test_what_is_too_young_is_not_renewed() -> None:
    assert next_at(GROWN, in_s(90_000), START, draw=lambda: 0.0) == in_s(86_400)


def test_what_is_renewed_when_it_is_refused_alone_is_not_attended_to() -> None:
    ticket = replace(HOUR, ahead=False)
    assert next_at(ticket, in_s(7_200), START) is None


def test_of_what_a_person_supplied_nobody_knows_whether_it_is_any_good() -> None:
    assert attended_at(RenewableAlpha(), CHANNEL, START) is None


def test_once_it_is_found_good_it_is_renewed_so_that_its_end_is_known() -> None:
    assert attended_at(RenewableAlpha(), FOUND_GOOD, START, draw=lambda: 0.0) == in_s(300)


def test_or_as_soon_as_it_is_old_enough_for_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RenewableAlpha, "life", lambda *_: GROWN)
    assert attended_at(RenewableAlpha(), FOUND_GOOD, START, draw=lambda: 0.0) == in_s(86_400)


def test_what_was_granted_is_attended_to_before_anybody_has_verified_it() -> None:
    granted = replace(CHANNEL, secrets_end_at=in_s(1_000))
    assert attended_at(RenewableAlpha(), granted, START, draw=lambda: 0.0) == in_s(500)


def test_what_a_person_must_connect_again_is_left_alone() -> None:
    refused = replace(CHANNEL, connection=Connection.RECONNECT, secrets_end_at=in_s(1_000))
    assert attended_at(RenewableAlpha(), refused, START) is None


def test_an_end_nobody_can_put_off_is_told_of_a_week_and_a_day_ahead_and_when_it_has_come() -> None:
    end_at = START + timedelta(days=30)
    first = next_at(None, end_at, START)
    assert first == end_at - timedelta(days=7)
    second = told_again_at(end_at, first)
    assert second == end_at - timedelta(days=1)
    assert told_again_at(end_at, second) == end_at


def test_an_end_that_is_near_already_is_told_of_at_once() -> None:
    assert next_at(None, START + timedelta(days=3), START) == START


@pytest.mark.parametrize("end_at", [None, START - timedelta(days=1)])
def test_without_an_end_to_come_there_is_nothing_to_tell(end_at: datetime | None) -> None:
    assert next_at(None, end_at, START) is None


def test_a_platform_that_renews_nothing_has_no_life() -> None:
    assert life_of(Alpha(), CHANNEL) is None


def test_a_channel_without_what_it_takes_cannot_be_renewed() -> None:
    assert life_of(RenewableAlpha(), replace(CHANNEL, secret_fields=())) is None


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda adapter: adapter.name)
def test_every_platform_that_renews_says_for_whom_and_how_long(adapter: Any) -> None:
    fields = adapter.credentials.fields
    secret = tuple(each.name for each in fields if each.secret)
    settings = {each.name: "1" for each in fields if not each.secret and each.name != "api"}
    full = replace(CHANNEL, settings=settings, secret_fields=secret)
    life = life_of(adapter, full)
    assert life is not None
    assert 0 <= life.least_age_s < life.lasts_s / 2
    assert life_of(adapter, replace(full, secret_fields=())) is None or adapter.name == "instagram"


def test_a_token_of_facebook_login_is_not_renewed_on_instagram() -> None:
    settings = {"api": "https://graph.facebook.com"}
    channel = replace(CHANNEL, settings=settings, secret_fields=("access_token",))
    assert life_of(platforms.load("instagram"), channel) is None


def test_a_ticket_of_douyins_is_not_renewed_ahead_for_the_links_it_signed_would_end() -> None:
    life = life_of(platforms.load("douyin"), replace(CHANNEL, settings={}, secret_fields=("client_secret",)))
    assert life is not None
    assert not life.ahead


@pytest.mark.parametrize(
    ("left_s", "wait_s"),
    [
        (8 * 86_400.0, 18_000.0),  # renewed before anything is to be told
        (7 * 86_400.0 + 5_400, 5_400.0),
        (7 * 86_400.0, 18_000.0),  # told of by now; the next time is a day ahead
        (86_400.0 + 5_400, 5_400.0),
        (5_400.0, 5_400.0),
        (-1.0, 18_000.0),  # the platform renews it nevertheless
    ],
)
def test_what_is_renewed_is_attended_to_when_the_end_of_renewing_is_to_be_told(left_s: float, wait_s: float) -> None:
    assert next_at(Life(36_000.0), None, START, until=in_s(left_s), draw=lambda: 0.0) == in_s(wait_s)


@pytest.mark.parametrize(
    ("left_s", "told_s", "expected"),
    [
        (8 * 86_400.0, None, False),
        (7 * 86_400.0 + 3_000, None, True),  # an hour early, so that no renewal comes for that alone
        (7 * 86_400.0, None, True),
        (7 * 86_400.0, -1_000.0, False),
        (3 * 86_400.0, -4 * 86_400.0, False),
        (86_400.0, -6 * 86_400.0, True),
        (86_400.0, -1_000.0, False),
        (0.0, None, False),
    ],
)
def test_a_person_is_told_once_a_week_and_once_a_day_ahead(
    left_s: float, told_s: float | None, *, expected: bool
) -> None:
    told_at = in_s(told_s) if told_s is not None else None
    assert is_to_be_told(in_s(left_s), told_at, START) is expected
