from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from publishing.adapter import Version
from publishing.model import Channel
from publishing.versions import ends_soon, pinned, versions_of
from publishing.watch import Unwatched
from tests.publishing.workbench import Alpha, Workbench

OLD, NEW = Version("2025-11", date(2026, 12, 20)), Version("2026-11", date(2027, 11, 30))


class VersionedAlpha(Alpha):
    versions = (NEW, OLD)


class EndingAlpha(Alpha):
    versions = (Version("2025-11", date(2026, 12, 1)),)


class Told(Unwatched):
    """Counts."""

    def __init__(self) -> None:
        self.ends = 0

    def nears_an_end(self) -> None:
        """One more."""
        self.ends += 1


def channel(**settings: str) -> Channel:
    return Channel("chn_1", "ws_1", "alpha", settings=settings)


def test_the_first_version_is_used_where_none_is_pinned() -> None:
    assert pinned(VersionedAlpha(), channel()) == NEW


def test_a_channel_pins_the_version_it_names() -> None:
    assert pinned(VersionedAlpha(), channel(api_version="2025-11")) == OLD


def test_a_version_that_is_none_is_none() -> None:
    assert pinned(VersionedAlpha(), channel(api_version="1999-01")) is None


def test_a_platform_without_versions_pins_none() -> None:
    assert versions_of(Alpha()) == ()
    assert pinned(Alpha(), channel()) is None


@pytest.mark.parametrize(
    ("today", "expected"),
    [(date(2026, 11, 19), False), (date(2026, 11, 20), True), (date(2026, 12, 20), True), (date(2027, 1, 1), True)],
)
def test_within_thirty_days_of_its_end_a_version_ends_soon(today: date, expected: bool) -> None:  # noqa: FBT001
    assert ends_soon(OLD, today) is expected


def test_a_version_without_an_end_does_not_end() -> None:
    assert not ends_soon(Version("v1"), date(2030, 1, 1))
    assert not ends_soon(None, date(2030, 1, 1))


@pytest.mark.parametrize(("adapter", "expected"), [(Alpha(), 0), (VersionedAlpha(), 0), (EndingAlpha(), 1)])
def test_deliveries_on_an_ending_version_are_told_of(workbench: Workbench, adapter: Any, expected: int) -> None:
    workbench.adapter, workbench.watch = adapter, Told()
    workbench.deliver(workbench.submit().publication)
    assert workbench.watch.ends == expected
