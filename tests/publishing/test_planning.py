# ruff: noqa: DTZ001 - walls have no zone
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publishing import aws
from publishing.model import Content, IfLate, Late, Target, utc_text
from publishing.planning import Planned, Planning
from publishing.publication import Publication
from publishing.sending import Sender, SendFailed
from publishing.series import Series, publication_of
from publishing.series_store import SeriesStore
from publishing.store import Publications
from tests.cloud import START, Cloud

DAY_S = 86_400


@dataclass
class Bench:
    """The planner over moto."""

    cloud: Cloud

    @property
    def store(self) -> SeriesStore:
        """The real store."""
        return SeriesStore(self.cloud.settings.publications_table, self.cloud.watch)

    @property
    def planning(self) -> Planning:
        """The real planner."""
        table, watch = self.cloud.settings.publications_table, self.cloud.watch
        return Planning(self.store, Publications(table, watch), Sender(self.cloud.settings, watch), watch)

    def made(self, rule: str = "FREQ=DAILY", **changes: Any) -> Series:
        """A series from now on at nine in Zurich (eight in UTC), just stored."""
        values: dict[str, Any] = {
            "id": "ser_1",
            "workspace": "ws_1",
            "content": Content(text="Hello"),
            "targets": (Target("chn_1", "alpha"),),
            "zone": "Europe/Zurich",
            "starts_at": datetime(2026, 11, 20, 9),
            "rule": rule,
            "created_at": self.cloud.watch(),
            "created_by": "tester",
            "fingerprint": "f",
            "planned_to": datetime(2026, 11, 20, 13),
            "due_at": utc_text(self.cloud.watch()),
        }
        return self.store.create(Series(**{**values, **changes}))[0]

    def run(self) -> Planned:
        """Plan once."""
        return self.planning.run(until=lambda: False)

    def run_for(self, minutes: int, every: int = 1) -> int:
        """Plan again and again while time goes by; answers how many publications were made."""
        made = 0
        for _ in range(minutes // every):
            made += self.run().made
            self.cloud.watch.forward(60 * every)
        return made

    def stored(self, series: Series) -> Series:
        """The series as it stands."""
        found = self.store.read(series.workspace, series.id)
        assert found is not None
        return found

    def publications(self) -> list[Publication]:
        """All there are, by time."""
        page = Publications(self.cloud.settings.publications_table, self.cloud.watch).page("ws_1", limit=100)
        return sorted((each.publication for each in page.found), key=lambda each: each.publish_at)

    def publication(self, series: Series) -> Publication:
        """The one made last, whole."""
        stored = self.stored(series)
        identifier = stored.publication_id(stored.made[-1])
        found = self.planning.publications.publication("ws_1", identifier)
        assert found is not None
        return found

    def times(self) -> list[str]:
        """When they are, in UTC."""
        return [each.publish_at.strftime("%d %H:%M") for each in self.publications()]


@pytest.fixture
def bench(cloud_in_moto: Cloud) -> Bench:
    return Bench(cloud_in_moto)


def test_the_next_occurrence_is_a_publication_of_its_own(bench: Bench) -> None:
    late = Late(600, IfLate.SKIP)
    series = bench.made("FREQ=WEEKLY;BYDAY=MO", late=late, correlation_id="c-1")
    assert bench.run() == Planned(looked=1, made=1)
    made = bench.publication(series)
    assert (made.publish_at, made.zone) == (datetime(2026, 11, 23, 8, tzinfo=UTC), "Europe/Zurich")
    assert (made.series, made.occurrence) == (series.id, "2026-11-23T09:00:00")
    assert (made.content, made.targets, made.created_by) == (series.content, series.targets, "tester")
    assert (made.late, made.correlation_id, made.due_at) == (late, "c-1", "2026-11-23T08:00:45.000Z")
    assert len(bench.cloud.schedules()) == 1


def test_what_is_within_a_day_is_made(bench: Bench) -> None:
    bench.made("FREQ=HOURLY;INTERVAL=6")
    assert bench.run().made == 4
    assert bench.times() == ["20 14:00", "20 20:00", "21 02:00", "21 08:00"]


def test_there_is_always_a_next_one_and_none_comes_twice(bench: Bench) -> None:
    bench.made("FREQ=WEEKLY;BYDAY=MO,TH")
    assert bench.run_for(21 * 24 * 60, every=60) == 7
    assert bench.times() == [f"{day} 08:00" for day in ("23", "26", "30", "03", "07", "10", "14")]


def test_between_times_the_planner_has_nothing_to_look_at(bench: Bench) -> None:
    bench.made("FREQ=WEEKLY;BYDAY=MO")
    bench.run()
    bench.cloud.watch.forward(DAY_S)
    assert bench.run() == Planned()


def test_one_run_makes_fifty_of_a_series_and_the_next_goes_on(bench: Bench) -> None:
    bench.made("FREQ=HOURLY;BYMINUTE=0,15,30,45")
    assert [bench.run().made for _ in range(3)] == [50, 46, 0]


def test_what_is_more_than_a_year_ahead_is_made_later(bench: Bench) -> None:
    series = bench.made("FREQ=YEARLY;INTERVAL=2", starts_at=datetime(2026, 11, 20, 9))
    assert bench.run() == Planned(looked=1)
    assert bench.stored(series).due_at == utc_text(datetime(2028, 11, 20, 8, tzinfo=UTC) - timedelta(days=366))


def test_after_the_last_occurrence_it_is_not_looked_at_again(bench: Bench) -> None:
    series = bench.made("FREQ=DAILY;COUNT=2")
    bench.run()
    assert bench.stored(series).due_at == ""
    assert bench.times() == ["21 08:00"]


def test_what_was_missed_for_less_than_an_hour_is_published(bench: Bench) -> None:
    bench.made()
    bench.cloud.watch.forward(DAY_S - 3 * 3_600 - 1)  # it is due for 59 minutes
    assert bench.run() == Planned(looked=1, made=2)
    assert bench.times() == ["21 08:00", "22 08:00"]


def test_what_was_missed_for_longer_is_passed_over_and_counted(bench: Bench) -> None:
    bench.made()
    bench.cloud.watch.forward(10 * DAY_S)
    assert bench.run() == Planned(looked=1, made=1, missed=10)
    assert bench.times() == ["01 08:00"]


def test_a_paused_series_rests(bench: Bench) -> None:
    series = bench.made(paused_at=START)
    assert bench.run() == Planned(looked=1)
    assert (bench.times(), bench.stored(series).due_at) == ([], "")


def test_a_planner_that_dies_while_it_sends_is_followed_by_another(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    series = bench.made()
    with monkeypatch.context() as dying:
        dying.setattr(aws.scheduler(), "create_schedule", _dies(SendFailed()))
        assert bench.run() == Planned(failed=1)
    assert [each.at for each in bench.stored(series).unsent] == [datetime(2026, 11, 21, 8, tzinfo=UTC)]
    assert bench.run() == Planned()  # the other minute
    bench.cloud.watch.forward(60)
    assert bench.run() == Planned(looked=1, made=1)
    assert (len(bench.publications()), len(bench.cloud.schedules())) == (1, 1)
    assert bench.stored(series).unsent == ()


def test_what_a_planner_that_died_had_noted_is_made_though_the_series_ended_since(bench: Bench) -> None:
    series = bench.made()
    noted, _ = bench.planning._taken(series, 1)
    assert noted is not None
    bench.store.replace(noted, replace(noted, ended_at=START, due_at=utc_text(START)))
    assert bench.run().made == 1
    assert bench.stored(series).due_at == ""


def test_a_change_that_comes_first_leaves_nothing_of_the_old(bench: Bench) -> None:
    seen = bench.made()
    bench.store.replace(seen, replace(seen, content=Content(text="New"), version=2))
    assert bench.planning.plan(seen)[1] == Planned(looked=1)
    assert bench.publications() == []
    bench.run()
    assert bench.publication(seen).content.text == "New"


def test_two_planners_at_once_make_one_publication(bench: Bench) -> None:
    seen = bench.made()
    assert [bench.planning.plan(seen)[1].made for _ in range(2)] == [1, 0]
    assert len(bench.publications()) == 1


def test_what_a_person_has_canceled_is_not_sent(bench: Bench) -> None:
    series, publications = bench.made(), bench.planning.publications
    noted, _ = bench.planning._taken(series, 1)
    assert noted is not None
    stored, _ = publications.accept(publication_of(noted, noted.unsent[0], now=START, due_at=""))
    publications.cancel(stored)
    bench.planning.plan(noted)
    assert bench.cloud.schedules() == []


def test_a_series_that_cannot_be_read_stops_no_other(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    broken = bench.made(id="ser_0", due_at=utc_text(START - timedelta(seconds=1)))
    bench.store.replace(broken, replace(broken, zone="Mars/Base"))
    bench.made()
    assert bench.run() == Planned(looked=1, made=1, failed=1)
    assert "A series was not planned" in caplog.text


def test_the_sweep_never_sees_a_series(bench: Bench) -> None:
    bench.made()
    publications = bench.planning.publications
    bench.cloud.watch.forward(60)
    since, until = START - timedelta(days=1), bench.cloud.watch()
    listed = [page for shard in range(4) for page in publications.due(shard, since=since, until=until, limit=10)]
    assert listed == []


def _dies(error: Exception) -> Callable[..., Any]:
    def die(**_: Any) -> Any:
        raise error

    return die
