from __future__ import annotations

from collections import Counter

import pytest

from tests.infra.synthesis import Synthesised

SENDS_TO_ITSELF = ("Dispatch/Function", "/Publish/Function", "Notify/Function", "Call/Function")


def test_functions_are_traced_and_run_on_graviton(aws: Synthesised) -> None:
    for function in aws.all("Lambda::Function"):
        assert function.properties["TracingConfig"] == {"Mode": "Active"}
        assert function.properties["Architectures"] == ["arm64"]
        assert function.properties["Runtime"] == "python3.13"


def test_each_function_writes_a_log_of_its_own_that_is_not_kept_for_ever(stage: Synthesised) -> None:
    logs = [stage.text(function.properties["LoggingConfig"]["LogGroup"]) for function in stage.all("Lambda::Function")]
    assert logs == [function.path.replace("/Function", "/Log") for function in stage.all("Lambda::Function")]
    days = {"local": 1, "dev": 30, "prod": 180}[stage.stage]
    assert {group.properties["RetentionInDays"] for group in stage.all("Logs::LogGroup")} == {days}


def test_no_two_functions_share_a_role(stage: Synthesised) -> None:
    roles = Counter(stage.text(function.properties["Role"]) for function in stage.all("Lambda::Function"))
    assert set(roles.values()) == {1}


def test_no_role_of_a_function_has_a_policy_from_elsewhere(stage: Synthesised) -> None:
    assert stage.all("IAM::Policy") == []
    managed = {role.path for role in stage.all("IAM::Role") if "ManagedPolicyArns" in role.properties}
    assert {path for path in managed if not path.endswith("Rollout/Role")} == set()


def test_only_who_sends_to_itself_may_run_in_a_loop(stage: Synthesised) -> None:
    looping = {f.path for f in stage.all("Lambda::Function") if f.properties.get("RecursiveLoop") == "Allow"}
    assert looping == {f.path for f in stage.all("Lambda::Function") if f.path.endswith(SENDS_TO_ITSELF)}


def test_concurrency_is_limited_at_the_queue_and_never_reserved(stage: Synthesised) -> None:
    assert [f.path for f in stage.all("Lambda::Function") if "ReservedConcurrentExecutions" in f.properties] == []


def test_new_code_takes_over_in_steps_on_prod_and_goes_back_when_its_alarm_rises(prod: Synthesised) -> None:
    rollouts = prod.all("CodeDeploy::DeploymentGroup")
    assert len(rollouts) == len(prod.all("Lambda::Function"))
    for rollout in rollouts:
        assert rollout.properties["DeploymentConfigName"] == "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
        assert rollout.properties["AutoRollbackConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in rollout.properties["AutoRollbackConfiguration"]["Events"]
        alarms = [prod.text(alarm["Name"]) for alarm in rollout.properties["AlarmConfiguration"]["Alarms"]]
        assert alarms[0] == rollout.path.replace("/Rollout", "/Errors")


@pytest.mark.parametrize(
    ("function", "alarms"),
    [
        ("Submit", ["Submit/Errors", "Api/Failing"]),
        ("Rest", ["Rest/Errors", "Api/Failing"]),
        ("Media", ["Media/Errors", "Api/Failing"]),
        ("Health", ["Health/Errors", "Api/Failing"]),
        ("Authorize", ["Authorize/Errors", "Api/Failing"]),
        ("Lanes/discord/Publish", ["Lanes/discord/Publish/Errors", "Lanes/discord/Dead", "Lanes/discord/Failing"]),
    ],
)
def test_code_that_fails_its_callers_is_taken_back_though_it_raises_nothing(
    prod: Synthesised, function: str, alarms: list[str]
) -> None:
    rollout = prod.at(f"{function}/Rollout", "DeploymentGroup").properties
    named = [prod.text(alarm["Name"]) for alarm in rollout["AlarmConfiguration"]["Alarms"]]
    assert (named[0], sorted(named[1:])) == (alarms[0], sorted(alarms[1:]))


def test_everything_on_prod_calls_what_is_rolled_out(prod: Synthesised) -> None:
    called = [
        *(mapping.properties["FunctionName"] for mapping in prod.all("Lambda::EventSourceMapping")),
        *(integration.properties["IntegrationUri"] for integration in prod.all("ApiGatewayV2::Integration")),
        *(authorizer.properties["AuthorizerUri"] for authorizer in prod.all("ApiGatewayV2::Authorizer")),
        *(schedule.properties["Target"]["Arn"] for schedule in prod.all("Scheduler::Schedule")),
    ]
    assert [value for value in called if "/Live" not in prod.text(value)] == []


def test_nothing_is_rolled_out_elsewhere(synthesised: dict[str, Synthesised]) -> None:
    for name in ("local", "dev"):
        assert synthesised[name].all("CodeDeploy::DeploymentGroup") == []
        assert synthesised[name].all("Lambda::Alias") == []
