from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from functions.health import parts
from functions.health.sign import Sign
from publishing.breaker import IN_A_ROW, Breaker
from tests.cloud import REGION, Cloud
from tests.publishing.workbench import Platform, Workbench


@pytest.fixture
def workbench(cloud_in_moto: Cloud) -> Workbench:
    return Workbench(cloud_in_moto, Platform())


def by_name(signs: list[Sign]) -> dict[str, Sign]:
    return {sign.name: sign for sign in signs}


def mail(**changes: Any) -> dict[str, Sign]:
    """What is told of an account that SES describes so."""
    account: Any = {
        "ProductionAccessEnabled": True,
        "SendingEnabled": True,
        "SendQuota": {"Max24HourSend": 1_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 100.0},
    }
    client = boto3.client("sesv2", region_name=REGION)
    with Stubber(client) as stub:
        stub.add_response("get_account", account | changes, {})
        return by_name(parts.mail(lambda: client))


def test_an_account_that_may_send_is_well() -> None:
    assert {name: (sign.value, sign.state) for name, sign in mail().items()} == {
        "sandbox": (0, "ok"),
        "sending paused": (0, "ok"),
        "quota used": (10.0, "ok"),
    }


@pytest.mark.parametrize(
    ("changes", "name", "state"),
    [
        ({"ProductionAccessEnabled": False}, "sandbox", "warn"),
        ({"SendingEnabled": False}, "sending paused", "fail"),
        ({"SendQuota": {"Max24HourSend": 1_000.0, "SentLast24Hours": 801.0}}, "quota used", "warn"),
        ({"SendQuota": {"Max24HourSend": 1_000.0, "SentLast24Hours": 951.0}}, "quota used", "fail"),
        ({"SendQuota": {"Max24HourSend": -1.0, "SentLast24Hours": 951.0}}, "quota used", "ok"),
    ],
)
def test_what_keeps_mail_from_going_out_is_told(changes: dict[str, Any], name: str, state: str) -> None:
    assert mail(**changes)[name].state == state


def test_a_table_tells_how_fast_it_answers() -> None:
    (sign,) = parts.table("channels", lambda: None)
    assert sign.value is not None
    assert (sign.of, sign.state) == ("channels", "ok")


def test_an_open_breaker_fails(workbench: Workbench) -> None:
    breaker = Breaker(workbench.operations, "alpha", 30.0)
    for _ in range(IN_A_ROW):
        breaker.failed()
    found = {sign.of: sign for sign in parts.breakers(workbench.operations, ["alpha", "beta"])}
    assert (found["alpha"].value, found["alpha"].state) == (1.0, "fail")
    assert (found["beta"].value, found["beta"].state) == (0.0, "ok")


def schedule(workbench: Workbench) -> dict[str, Sign]:
    return {
        sign.of: sign for sign in parts.schedule(workbench.operations, workbench.publications, workbench.cloud.watch)
    }


def test_on_a_new_stage_nothing_is_late(workbench: Workbench) -> None:
    found = schedule(workbench)
    assert (found["sweep"].value, found["sweep"].state) == (None, "ok")
    assert (found["schedule"].value, found["schedule"].state) == (0.0, "ok")


def test_a_sweep_that_does_not_come_is_told_at_first_and_fails_then(workbench: Workbench) -> None:
    workbench.sweep()
    states = []
    for _ in range(3):
        states.append(schedule(workbench)["sweep"].state)
        workbench.cloud.watch.forward(200)
    assert states == ["ok", "warn", "fail"]


def test_what_is_due_and_was_not_looked_at_is_the_lag(workbench: Workbench) -> None:
    workbench.sweep()
    publication = workbench.submit().publication
    workbench.cloud.watch.forward(700)
    lag_s = schedule(workbench)["schedule"].value
    assert lag_s is not None
    assert 0 < lag_s <= 700
    workbench.deliver(publication)
    workbench.sweep()
    assert schedule(workbench)["schedule"].value == 0.0


def test_what_is_timed_for_later_is_no_lag(workbench: Workbench) -> None:
    workbench.sweep()
    workbench.submit(publish_at=workbench.cloud.watch() + timedelta(days=1))
    workbench.cloud.watch.forward(60)
    assert schedule(workbench)["schedule"].value == 0.0
