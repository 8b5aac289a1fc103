from __future__ import annotations

import json

import pytest

from infra.flags import WRITTEN
from infra.stage import Stage
from tests.infra.synthesis import Synthesised
from tests.infra.test_settings import told

READERS = ("Submit", "Health", "Lanes/discord/Publish")


def strategy(stage: Synthesised) -> dict[str, object]:
    """The way in which a deployment of flags takes over."""
    deployment = stage.at("Flags/Deployment").properties
    return stage.at(stage.text(deployment["DeploymentStrategyId"])).properties


def test_what_is_written_is_served(aws: Synthesised) -> None:
    version = aws.at("Flags/Version")
    assert json.loads(version.properties["Content"]) == json.loads(WRITTEN.read_text())
    assert aws.text(aws.at("Flags/Deployment").properties["ConfigurationVersion"]) == "Flags/Version.VersionNumber"
    assert (version.whole["DeletionPolicy"], version.whole["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_on_prod_a_change_takes_over_in_steps_and_goes_back_when_the_api_fails(prod: Synthesised) -> None:
    steps = strategy(prod)
    assert (steps["GrowthType"], steps["GrowthFactor"], steps["DeploymentDurationInMinutes"]) == ("LINEAR", 10, 10)
    assert steps["FinalBakeTimeInMinutes"] == 5
    (monitor,) = prod.at("Flags/Environment").properties["Monitors"]
    assert (prod.text(monitor["AlarmArn"]), prod.text(monitor["AlarmRoleArn"])) == ("Api/Failing", "Flags/Watcher")


def test_a_change_follows_the_code_that_may_need_it(aws: Synthesised) -> None:
    before = aws.at("Flags/Deployment").whole["DependsOn"]
    named = {aws.found[f"{aws.base}.{each}"].path for each in before}
    assert {f"{name}/Function" for name in ("Submit", "Rest", "Media", "Health", "Authorize")} <= named


def test_operators_in_a_hurry_wait_for_nothing(aws: Synthesised) -> None:
    at_once = aws.at("Flags/AtOnce").properties
    assert (at_once["DeploymentDurationInMinutes"], at_once["FinalBakeTimeInMinutes"]) == (0, 0)
    assert aws.text(aws.outputs["FlagsAtOnce"]["Value"]) == "Flags/AtOnce"
    assert aws.text(aws.outputs["FlagsProfile"]["Value"]) == "Flags/Application/Flags/Environment/Flags/Profile"


def test_whoever_looks_at_the_alarm_may_do_that_alone(aws: Synthesised) -> None:
    assert aws.permissions("Flags/Watcher") == {("cloudwatch:DescribeAlarms", "*")}


@pytest.mark.parametrize("function", READERS)
def test_who_reads_flags_is_told_where_and_may(aws: Synthesised, function: str) -> None:
    environment = told(aws, function)
    assert environment["FLAGS_PROFILE"] == "Flags/Application/Flags/Environment/Flags/Profile"
    assert "FLAGS_FILE" not in environment


def test_on_the_laptop_nothing_of_appconfig_is_made(local: Synthesised) -> None:
    assert {found.type for found in local.found.values() if "AppConfig" in found.type} == set()
    assert {name for name in told(local, "Submit") if "FLAGS" in name} == set()


def test_only_the_laptop_has_a_file_of_flags() -> None:
    assert Stage("local", endpoint="http://127.0.0.1:1", flags_file="/flags.json").flags_file
    with pytest.raises(ValueError, match="only stage local has a file of them"):
        Stage("prod", flags_file="/flags.json")
