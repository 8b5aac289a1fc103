"""A drill: what the functions really write is fed to the alarms as the template has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from publishing.model import Content, DeliveryState, Priority, Target, utc_text
from publishing.publication import NEVER, Delivery, Event, Publication, Whole
from publishing.telemetry import Observed, count, flush
from publishing.unsettled import Unsettled
from tests.cloud import START
from tests.infra.drill import Alarm, Values, read, rings
from tests.infra.synthesis import Synthesised

PUBLICATION = Publication(
    id="pub_1",
    workspace="ws_1",
    content=Content(text="Hello"),
    targets=(Target("chn_1", "discord"),),
    created_at=START,
    created_by="tester",
    publish_at=START,
    fingerprint="f",
)
NOTHING: Values = {}
Written = Callable[[], Values]


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Written:
    """What was written since it was asked last."""

    def read_out() -> Values:
        flush()
        return read(capsys.readouterr().out)

    return read_out


@pytest.fixture
def alarm(prod: Synthesised) -> Callable[[str], Alarm]:
    """An alarm of the template."""
    return lambda path: prod.at(path).properties


def delivery(*states: DeliveryState, after_s: float = 0.0) -> Delivery:
    at = utc_text(START + timedelta(seconds=after_s))
    history = tuple(Event(at, state, 1) for state in states)
    return Delivery("chn_1", "discord", states[-1], updated_at=at, attempt=1, history=history)


def out(number: int, *, after_s: float = 1.0, delayed: bool = False) -> None:
    one = delivery(DeliveryState.PUBLISHING, DeliveryState.PUBLISHED, after_s=after_s)
    for _ in range(number):
        Observed("discord")(PUBLICATION, replace(one, delayed=delayed))


def failed(number: int) -> None:
    for _ in range(number):
        Observed("discord")(PUBLICATION, delivery(DeliveryState.PUBLISHING, DeliveryState.FAILED))


def swept(one: Delivery, *, after_s: float, priority: Priority = Priority.NORMAL) -> None:
    seen = Unsettled(lambda: START + timedelta(seconds=after_s))
    seen(Whole(replace(PUBLICATION, priority=priority), {"chn_1": one} if one.state != "queued" else {}))
    seen.report()


def doubt(*, next_at: str) -> Delivery:
    return replace(delivery(DeliveryState.PUBLISHING, DeliveryState.UNCERTAIN), next_at=next_at)


@pytest.mark.parametrize(("good", "bad", "up"), [(94, 6, True), (96, 4, False), (95, 5, False), (0, 3, True)])
def test_the_success_alarm_rises_at_94_per_cent_and_not_at_96(
    alarm: Callable[[str], Alarm], written: Written, good: int, bad: int, *, up: bool
) -> None:
    out(good)
    failed(bad)
    assert rings(alarm("Lanes/discord/Failing"), [written()]) is up


def test_two_failures_of_a_quiet_night_wake_nobody(alarm: Callable[[str], Alarm], written: Written) -> None:
    failed(2)
    assert not rings(alarm("Lanes/discord/Failing"), [written()])


def test_another_platforms_failures_are_not_this_ones(alarm: Callable[[str], Alarm], written: Written) -> None:
    failed(99)
    assert not rings(alarm("Lanes/devto/Failing"), [written()])


@pytest.mark.parametrize(("slow", "up"), [(6, True), (4, False)])
def test_it_is_slow_when_one_in_twenty_takes_longer_than_ten_seconds_twice_in_a_quarter_of_an_hour(
    alarm: Callable[[str], Alarm], written: Written, slow: int, *, up: bool
) -> None:
    out(slow, after_s=10.5)
    out(100 - slow)
    period = written()
    assert rings(alarm("Lanes/discord/Slow"), [period, NOTHING, period]) is up
    assert not rings(alarm("Lanes/discord/Slow"), [NOTHING, NOTHING, period])


def test_what_was_put_off_makes_nothing_slow(alarm: Callable[[str], Alarm], written: Written) -> None:
    out(100, after_s=400.0, delayed=True)
    period = written()
    assert not rings(alarm("Lanes/discord/Slow"), [period] * 3)


@pytest.mark.parametrize(("after_s", "up"), [(601.0, True), (599.0, False)])
def test_what_begins_late_has_waited(
    alarm: Callable[[str], Alarm], written: Written, after_s: float, *, up: bool
) -> None:
    Observed("discord").begun(PUBLICATION, delivery(DeliveryState.PUBLISHING, after_s=after_s))
    assert rings(alarm("Lanes/discord/Waiting"), [written()]) is up


def test_what_does_not_begin_at_all_is_told_by_the_sweep_and_the_alarm_stays_till_its_next_look(
    alarm: Callable[[str], Alarm], written: Written
) -> None:
    swept(Delivery("chn_1", "discord"), after_s=900.0)
    assert rings(alarm("Lanes/discord/Waiting"), [written(), NOTHING, NOTHING, NOTHING])


def test_an_urgent_post_that_waits_longer_than_a_minute_rings(alarm: Callable[[str], Alarm], written: Written) -> None:
    swept(Delivery("chn_1", "discord"), after_s=61.0, priority=Priority.URGENT)
    period = written()
    assert rings(alarm("Overall/Urgent waiting"), [period])
    assert not rings(alarm("Lanes/discord/Waiting"), [period])


@pytest.mark.parametrize(("after_s", "up"), [(3_601.0, True), (3_599.0, False)])
def test_a_doubt_that_waits_for_a_person_longer_than_an_hour_rings(
    alarm: Callable[[str], Alarm], written: Written, after_s: float, *, up: bool
) -> None:
    swept(doubt(next_at=NEVER), after_s=after_s)
    assert rings(alarm("Overall/Old uncertain"), [written()]) is up


def test_a_doubt_that_is_still_looked_into_does_not(alarm: Callable[[str], Alarm], written: Written) -> None:
    swept(doubt(next_at=utc_text(START)), after_s=9_999.0)
    assert not rings(alarm("Overall/Old uncertain"), [written()])


def test_many_doubts_at_once_ring_and_looking_at_one_again_is_no_more_doubt(
    alarm: Callable[[str], Alarm], written: Written
) -> None:
    once = delivery(DeliveryState.PUBLISHING, DeliveryState.UNCERTAIN)
    again = delivery(DeliveryState.PUBLISHING, DeliveryState.UNCERTAIN, DeliveryState.UNCERTAIN)
    for _ in range(10):
        Observed("discord")(PUBLICATION, once)
        Observed("discord")(PUBLICATION, again)
    assert not rings(alarm("Overall/Uncertain"), [written()])
    for _ in range(11):
        Observed("discord")(PUBLICATION, once)
    assert rings(alarm("Overall/Uncertain"), [written()])


def test_an_open_breaker_rings_and_a_half_open_one_does_not_end_it(
    alarm: Callable[[str], Alarm], written: Written
) -> None:
    Observed("discord").shut_out()
    opened = written()
    Observed("discord").probes()
    assert rings(alarm("Lanes/discord/Breaker"), [opened])
    assert rings(alarm("Lanes/discord/Breaker"), [written()])
    assert not rings(alarm("Lanes/discord/Breaker"), [opened, NOTHING, NOTHING, NOTHING])


@pytest.mark.parametrize("path", ["Failing", "Slow", "Waiting", "Breaker"])
def test_where_nothing_happens_nothing_rings(alarm: Callable[[str], Alarm], path: str) -> None:
    assert not rings(alarm(f"Lanes/discord/{path}"), [NOTHING] * 4)


def test_a_count_of_no_platform_is_nobodys(written: Written) -> None:
    count("SweepRecovered", 0)
    assert written() == {("Postroom", "SweepRecovered", (("service", "postroom"),)): [0.0]}


REFUSED = ("Postroom", "AcceptingRefused", (("service", "postroom"),))


@pytest.mark.parametrize(
    ("errors", "refused", "up"), [(0, 0, False), (1, 0, True), (40, 40, False), (41, 39, False), (60, 40, True)]
)
def test_answers_of_5xx_ring_but_not_those_that_an_operator_wanted(
    alarm: Callable[[str], Alarm], errors: int, refused: int, *, up: bool
) -> None:
    failing = alarm("Api/Failing")
    (asked,) = [each["MetricStat"]["Metric"] for each in failing["Metrics"] if each["Id"] == "errors"]
    api = asked["Dimensions"][0]["Value"] = "api"
    values = {("AWS/ApiGateway", "5xx", (("ApiId", api),)): [1.0] * errors, REFUSED: [1.0] * refused}
    assert rings(failing, [{key: counted for key, counted in values.items() if counted}]) is up
