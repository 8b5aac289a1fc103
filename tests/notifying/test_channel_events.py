from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest

from channels.model import Connection
from channels.records import item_of
from notifying.events import changed, notices
from notifying.model import EventKind, Notice
from notifying.numbers import PLACES
from publishing.model import utc_text
from tests import cloud
from tests.notifying import samples

MADE = item_of(samples.channel)
HOUR_S = 3_600.0


def told(old: dict[str, Any] | None, new: dict[str, Any] | None, *, after_s: float = HOUR_S) -> list[Notice]:
    return list(notices(changed(samples.record(old, new, at_s=samples.SECONDS + after_s))))


def kinds(old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[str]:
    return [each.kind.value for each in told(old, new)]


def at(hours: float) -> str:
    return utc_text(cloud.START + timedelta(hours=hours))


def lost(**more: Any) -> dict[str, Any]:
    """The channel whose credentials the platform refuses."""
    return samples.connected() | {
        "connection": Connection.RECONNECT.value,
        "reason": "Revoked.",
        "verified_at": at(2),
        **more,
    }


def test_a_channel_is_made_and_then_connected() -> None:
    assert kinds(None, MADE) == ["channel.created"]
    assert kinds(MADE, samples.connected()) == ["channel.connected"]


def test_a_channel_that_is_verified_again_tells_nothing() -> None:
    assert kinds(samples.connected(), samples.connected() | {"verified_at": at(3)}) == []


def test_a_channel_whose_credentials_are_refused_tells_what_is_at_risk() -> None:
    risk = [{"publication": samples.PUBLICATION, "publish_at": at(5)}] * 30
    (needed,) = told(samples.connected(), lost(at_risk=risk, at_risk_count=31))
    assert (needed.kind, needed.data["reason"]) == ("channel.reconnect_needed", "Revoked.")
    at_risk: Any = needed.data["at_risk"]
    assert (len(at_risk), needed.data["at_risk_count"]) == (20, 31)


def test_what_turns_out_to_be_at_risk_later_is_told_then() -> None:
    risk = [{"publication": samples.PUBLICATION, "publish_at": at(5)}]
    assert kinds(lost(), lost(at_risk=risk, at_risk_count=1)) == ["channel.reconnect_needed"]
    assert kinds(lost(), lost(verified_at=at(3))) == []


def test_a_channel_is_paused_and_resumed() -> None:
    paused = samples.connected() | {"paused": True}
    assert (kinds(samples.connected(), paused), kinds(paused, samples.connected())) == (
        ["channel.paused"],
        ["channel.resumed"],
    )


def test_credentials_that_end_are_told_of_once() -> None:
    ending = samples.connected() | {"ending_told_for": at(9), "secrets_end_at": at(2)}
    (told_of,) = told(samples.connected(), ending)
    assert (told_of.kind, told_of.data["credentials_end_at"]) == ("channel.credentials_ending", at(9))
    assert kinds(ending, ending | {"name": "Other"}) == []
    assert kinds(ending, ending | {"ending_told_at": at(8)}) == ["channel.credentials_ending"]


def test_a_channel_that_is_deleted_says_so() -> None:
    (deleted,) = told(samples.connected(), None)
    assert (deleted.kind, deleted.data["connection"]) == ("channel.deleted", None)


def test_no_secret_and_no_setting_is_told() -> None:
    sealed = samples.connected() | {"box": b"canary", "data_key": b"canary"}
    (told_of,) = told(sealed, sealed | {"paused": True})
    assert "canary" not in str(told_of.data)


CHANGES: dict[EventKind, dict[str, Any]] = {  # what may be of one change, at whatever the channel was before
    EventKind.CHANNEL_CREATED: {},
    EventKind.CHANNEL_CONNECTED: {"connection": "connected", "verified_at": at(2)},
    EventKind.CHANNEL_RECONNECT_NEEDED: {"connection": "reconnect", "verified_at": at(2), "at_risk_count": 1},
    EventKind.CHANNEL_PAUSED: {"paused": True},
    EventKind.CHANNEL_RESUMED: {"paused": False},
    EventKind.CHANNEL_CREDENTIALS_ENDING: {"ending_told_for": at(9), "ending_told_at": at(2)},
}


NEVER_TOGETHER = (
    {EventKind.CHANNEL_CONNECTED, EventKind.CHANNEL_RECONNECT_NEEDED},
    {EventKind.CHANNEL_PAUSED, EventKind.CHANNEL_RESUMED},
    {EventKind.CHANNEL_CREATED, EventKind.CHANNEL_RESUMED},
)
PAIRS = [pair for pair in combinations(CHANGES, 2) if set(pair) not in NEVER_TOGETHER]


@pytest.mark.parametrize("timed", [True, False], ids=["at a time of its own", "at no time"])
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_of_two_events_of_one_change_each_has_its_own_number(one: EventKind, other: EventKind, *, timed: bool) -> None:
    old = None if one is EventKind.CHANNEL_CREATED else MADE | {"paused": EventKind.CHANNEL_RESUMED in {one, other}}
    more = {**CHANGES[one], **CHANGES[other], "updated_at": at(2)}
    new = MADE | {name: value for name, value in more.items() if timed or not name.endswith("_at")}
    found = told(old, new)
    numbers = [each.sequence for each in found]
    assert {one, other} <= {each.kind for each in found}
    assert numbers == sorted(set(numbers))
    (following,) = told(new, new | {"paused": not new["paused"], "updated_at": at(2.1)})
    (gone,) = told(new, None, after_s=2 * HOUR_S)
    assert min(following.sequence, gone.sequence) > numbers[-1]


def test_a_number_is_exact_in_every_json_reader_for_good() -> None:
    last = utc_text(datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC))
    (paused,) = told(MADE, MADE | {"paused": True, "updated_at": last})
    assert MADE["updated_at"] < last
    assert paused.sequence + PLACES < 2**53


def test_numbers_grow_within_one_second() -> None:
    half = samples.connected() | {
        "paused": True,
        "updated_at": utc_text(cloud.START + timedelta(hours=1, milliseconds=500)),
    }
    ending = half | {"ending_told_for": at(9)}
    steps = [(None, MADE), (MADE, samples.connected()), (samples.connected(), half), (half, ending), (ending, None)]
    numbers = [told(old, new)[0].sequence for old, new in steps]
    assert numbers == sorted(set(numbers))
