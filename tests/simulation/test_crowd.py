from __future__ import annotations

import pytest

from tests.bench import fairness
from tests.bench.fairness import percentile


@pytest.fixture(scope="module")
def alerts() -> fairness.Urgent:
    return fairness.urgent(bulk=1_500, alerts=12)


def test_what_is_urgent_is_out_in_time_on_every_platform_while_its_channel_is_busy(alerts: fairness.Urgent) -> None:
    assert {len(waits_s) for waits_s in alerts.busy_s.values()} == {12}
    assert max(percentile(waits_s, 95) for waits_s in alerts.busy_s.values()) < 30.0


def test_what_is_urgent_is_out_in_time_on_every_platform_where_others_are_busy(alerts: fairness.Urgent) -> None:
    assert max(percentile(waits_s, 95) for waits_s in alerts.others_s.values()) < 30.0


def test_what_is_urgent_does_not_break_a_channels_limit(alerts: fairness.Urgent) -> None:
    assert alerts.bulk > 0
    assert alerts.over == 0


def test_a_flood_costs_the_quiet_little_and_without_fair_queues_much() -> None:
    quiet = fairness.quiet(flood=2_500, posts=4)
    assert quiet.ratio <= 3.0
    assert quiet.plain_ratio > 3.0
