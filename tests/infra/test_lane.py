from __future__ import annotations

import pytest

from functions import platforms
from infra.lane import GRACE_S
from publishing.abilities import Authorizes
from publishing.versions import versions_of
from tests.infra.synthesis import Synthesised


@pytest.fixture(params=platforms.names())
def platform(request: pytest.FixtureRequest) -> str:
    """One platform after the other."""
    name: str = request.param
    return name


def test_a_platform_has_its_queues_by_name(stage: Synthesised, platform: str) -> None:
    names = {queue.properties["QueueName"] for queue in stage.all("SQS::Queue") if f"/{platform}/" in queue.path}
    base = f"postroom-{stage.stage}-{platform}"
    assert names == {base, f"{base}-urgent", f"{base}-dead"}


def test_a_platforms_function_outlasts_its_longest_conversation(stage: Synthesised, platform: str) -> None:
    function = stage.at(f"Lanes/{platform}/Publish/Function", "Function")
    assert function.properties["Timeout"] >= platforms.load(platform).limits.timeout_s + GRACE_S


def test_the_urgent_have_concurrency_of_their_own(stage: Synthesised, platform: str) -> None:
    limits = {
        name: stage.at(f"Lanes/{platform}/{name}", "EventSourceMapping").properties["ScalingConfig"][
            "MaximumConcurrency"
        ]
        for name in ("Normal", "Urgent")
    }
    assert limits["Normal"] == platforms.load(platform).limits.in_flight
    assert limits["Urgent"] >= 2


def test_a_platforms_function_knows_which_it_is(stage: Synthesised, platform: str) -> None:
    function = stage.at(f"Lanes/{platform}/Publish/Function", "Function")
    assert function.properties["Environment"]["Variables"]["PLATFORM"] == platform
    assert function.properties["Handler"] == "functions.publish.handler.handle"


def test_a_retry_is_no_runaway_loop(stage: Synthesised, platform: str) -> None:
    assert stage.at(f"Lanes/{platform}/Publish/Function", "Function").properties["RecursiveLoop"] == "Allow"


def test_a_platform_unseals_its_own_credentials_alone(aws: Synthesised, platform: str) -> None:
    (statement,) = [
        statement
        for statement in aws.statements(f"Lanes/{platform}/Publish/Role")
        if statement["Action"] == "kms:Decrypt"
    ]
    assert statement["Condition"] == {"StringEquals": {"kms:EncryptionContext:platform": platform}}


@pytest.mark.parametrize("name", [each for each in platforms.names() if isinstance(platforms.load(each), Authorizes)])
def test_a_platform_seals_for_its_own_channels_alone(aws: Synthesised, name: str) -> None:
    (statement,) = [
        statement
        for statement in aws.statements(f"Lanes/{name}/Publish/Role")
        if statement["Action"] == "kms:GenerateDataKey"
    ]
    assert statement["Condition"] == {"StringEquals": {"kms:EncryptionContext:platform": name}}


@pytest.mark.parametrize("name", [each for each in platforms.names() if isinstance(platforms.load(each), Authorizes)])
def test_a_platforms_function_is_told_of_its_own_app_alone(aws: Synthesised, name: str) -> None:
    variables = aws.at(f"Lanes/{name}/Publish/Function", "Function").properties["Environment"]["Variables"]
    adapter = platforms.load(name)
    assert isinstance(adapter, Authorizes)
    expected = f"postroom/{aws.stage}/apps/{name}" if adapter.consent.app else None  # or each server has its own
    assert variables.get("APP_SECRET") == expected


def test_the_emulator_knows_no_encryption_context(local: Synthesised, platform: str) -> None:
    (statement,) = [
        statement
        for statement in local.statements(f"Lanes/{platform}/Publish/Role")
        if statement["Action"] == "kms:Decrypt"
    ]
    assert statement["Condition"] == {"StringEqualsIfExists": {"kms:EncryptionContext:platform": platform}}


def test_a_platforms_alarms(aws: Synthesised, platform: str) -> None:
    alarms = {
        alarm.path.removeprefix(f"Lanes/{platform}/")
        for alarm in aws.all("CloudWatch::Alarm")
        if f"/{platform}/" in alarm.path
    }
    ending = {"Ending"} if versions_of(platforms.load(platform)) else set()
    assert alarms - {"Breaker"} == ending | {"Dead", "Failing", "Publish/Errors", "Slow", "Waiting"}
