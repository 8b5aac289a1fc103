from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flags.aws import appconfig
from flags.declared import ACCEPTING, DELIVERING
from flags.kept import Kept
from flags.switches import FILE_S, Switches
from infra.flagging import Served
from infra.local.emulator import KEY_ID, REGION, SECRET_KEY
from tests.end_to_end.world import World

ON: dict[str, Any] = {"delivering": {"default": True}, "accepting": {"default": True}}
Switch = Callable[[str, list[dict[str, Any]]], None]


def equals(key: str, value: str) -> dict[str, Any]:
    return {"action": "EQUALS", "key": key, "value": value}


@pytest.fixture
def switch_off(world: World) -> Iterator[Switch]:
    """Switches a flag off where these conditions hold, and everything on again in the end."""
    file = world.cloud.flags_file

    def off(flag: str, conditions: list[dict[str, Any]]) -> None:
        rules = {"drill": {"when_match": False, "conditions": conditions}}
        file.write_text(json.dumps({**ON, flag: {"default": True, "rules": rules}}))
        time.sleep(2 * FILE_S)  # so long functions remember what it said before

    yield off
    file.write_text(json.dumps(ON))


def test_a_platform_that_is_switched_off_for_a_workspace_holds_what_is_for_it_and_sends_it_out_later(
    world: World, switch_off: Switch
) -> None:
    channel = world.connected("webhook", "switched")
    switch_off("delivering", [equals("platform", "webhook"), equals("workspace", world.workspace)])
    made = world.submitted([channel], "Held")["id"]

    def held() -> Any:
        (delivery,) = world.api.read_publication(made)["deliveries"]
        return delivery if delivery["state"] == "held" else None

    delivery = world.until(held, within_s=30)
    assert (delivery["trouble"]["kind"], delivery["attempts"]) == ("switched_off", 0)
    own = {part["name"]: part for part in world.http.get("/v1/health/deep").json()["parts"]}["your flags"]
    assert {sign["of"] for sign in own["signs"] if sign["state"] == "warn"} <= {"webhook"}
    assert world.posts("webhook", "switched") == []
    world.cloud.flags_file.write_text(json.dumps(ON))
    (settled,) = world.settled(made, within_s=240)  # the sweep looks after a minute, and after two more
    assert settled["state"] == "published"
    assert len(world.posts("webhook", "switched")) == 1


def test_a_workspace_whose_publications_are_not_taken_in_is_told_when_to_come_again(
    world: World, switch_off: Switch
) -> None:
    channel = world.connected("webhook", "closed")
    switch_off("accepting", [equals("workspace", world.workspace)])
    body = {"content": {"title": "Closed", "text": "Text"}, "targets": [{"channel": channel}]}

    def refused() -> Any:
        answer = world.http.post("/v1/publications", json={**body, "dry_run": False})
        return answer if answer.status_code == 503 else None

    answer = world.until(refused, within_s=10)
    assert (answer.headers["Retry-After"], answer.json()["type"]) == ("60", "urn:postroom:problem:unavailable")


# AppConfig, as dev and prod have it


@pytest.fixture
def served(world: World, monkeypatch: pytest.MonkeyPatch) -> Served:
    """An environment of AppConfig on the emulator, watched by an alarm."""
    emulator = world.cloud.emulator
    told = {"AWS_ENDPOINT_URL": emulator.endpoint, "AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}
    for name, value in (told | {"AWS_DEFAULT_REGION": REGION}).items():
        monkeypatch.setenv(name, value)
    client: Any = emulator.client
    appconfigs, cloudwatch = client("appconfig"), client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="drill",
        Namespace="Drill",
        MetricName="Failed",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName="drill", StateValue="OK", StateReason="It begins.")
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["drill"])["MetricAlarms"]
    application = appconfigs.create_application(Name="drill")["Id"]
    monitors = [{"AlarmArn": alarm["AlarmArn"]}]
    environment = appconfigs.create_environment(ApplicationId=application, Name="drill", Monitors=monitors)["Id"]
    profile = appconfigs.create_configuration_profile(ApplicationId=application, Name="flags", LocationUri="hosted")
    at_once = _strategy(appconfigs, "at-once", minutes=0, growth=100)
    return Served(f"{application}/{environment}/{profile['Id']}", at_once, appconfigs)


def _strategy(client: Any, name: str, *, minutes: int, growth: int) -> str:
    made = client.create_deployment_strategy(
        Name=name,
        DeploymentDurationInMinutes=minutes,
        FinalBakeTimeInMinutes=0,
        GrowthFactor=growth,
        GrowthType="LINEAR",
        ReplicateTo="NONE",
    )
    return str(made["Id"])


def switches(served: Served) -> Switches:
    """Switches that have read nothing yet."""
    return Switches(lambda: Kept(lambda: appconfig(served.profile)))


def off(flag: str) -> dict[str, Any]:
    return {**ON, flag: {"default": False}}


def test_what_operators_apply_is_read_from_appconfig(served: Served) -> None:
    served.apply(off("accepting"))
    assert not switches(served).on(ACCEPTING, "ws_1")
    assert switches(served).on(DELIVERING, "ws_1", platform="discord")
    assert served.document() == off("accepting")


def test_before_anything_is_served_each_flag_has_its_default(served: Served) -> None:
    assert switches(served).on(ACCEPTING, "ws_1")


def test_a_change_of_flags_during_which_the_alarm_rings_is_taken_back(world: World, served: Served) -> None:
    served.apply(ON)
    client: Any = world.cloud.emulator.client
    in_steps = Served(served.profile, _strategy(served.appconfig, "steps", minutes=10, growth=10), served.appconfig)
    in_steps.apply(off("accepting"))
    client("cloudwatch").set_alarm_state(AlarmName="drill", StateValue="ALARM", StateReason="It fails.")
    state = world.until(lambda: in_steps.latest() if in_steps.latest()["State"] == "ROLLED_BACK" else None, within_s=30)
    assert state["PercentageComplete"] < 100
    assert in_steps.document() == ON
    assert switches(served).on(ACCEPTING, "ws_1")
