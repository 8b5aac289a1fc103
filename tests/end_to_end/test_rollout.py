"""A drill: new code that fails is rolled out to a platform's function by the plan of prod, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from tests.end_to_end.rollout import Alias, CodeDeploy, Plan, counted, plan_of
from tests.end_to_end.world import World
from tests.infra.synthesis import STAGES, Synthesised, synthesise

PLATFORM, POSTS = "hashnode", 30
A_MINUTE = 5  # messages between two steps
NOWHERE = "functions.publish.nowhere.handle"


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise(STAGES["prod"], tmp_path_factory.mktemp("prod"))


@pytest.fixture
def plan(prod: Synthesised) -> Plan:
    return plan_of(prod, f"Lanes/{PLATFORM}/Publish")


@dataclass
class Lane:
    """A platform's queue and function, the two parted: what brings messages to the function is here."""

    world: World
    function: str
    alias: Alias = field(init=False)

    def __post_init__(self) -> None:
        self.lambdas: Any = self.world.cloud.emulator.client("lambda")
        self.sqs = self.world.cloud.emulator.client("sqs")
        self.alias = Alias(self.lambdas, self.function, f"live{datetime.now(UTC):%H%M%S%f}")

    def fed(self, *, enabled: bool) -> None:
        """Have the emulator bring messages, or not."""
        for mapping in self.lambdas.list_event_source_mappings(FunctionName=self.function)["EventSourceMappings"]:
            self.lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)

    def version(self, **changes: str) -> str:
        """Publish the function's code as a version, changed for that alone."""
        before = self.lambdas.get_function_configuration(FunctionName=self.function)
        self.lambdas.update_function_configuration(FunctionName=self.function, **changes)
        made = self.lambdas.publish_version(FunctionName=self.function)
        back = {name: before[name] for name in changes}
        self.lambdas.update_function_configuration(FunctionName=self.function, **back)
        return str(made["Version"])

    def work(self, most: int) -> int:
        """Bring so many messages to the alias; those that fail come again. Answers how many there were."""
        url = self.world.queue_url(PLATFORM)
        received = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=most, AttributeNames=["All"])
        found = received.get("Messages", [])
        for message in found:
            handle = message["ReceiptHandle"]
            if self._done(message):
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
            else:
                self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
        return len(found)

    def _done(self, message: Any) -> bool:
        record = {"messageId": message["MessageId"], "body": message["Body"], "attributes": message["Attributes"]}
        record |= {"receiptHandle": message["ReceiptHandle"], "eventSource": "aws:sqs", "eventSourceARN": PLATFORM}
        answer = self.alias.call({"Records": [record | {"messageAttributes": {}, "md5OfBody": "", "awsRegion": "x"}]})
        return answer is not None and not answer["batchItemFailures"]


@pytest.fixture
def lane(world: World) -> Iterator[Lane]:
    (function,) = [name for name in world.functions() if f"{PLATFORM}Publish" in name]
    made = Lane(world, function)
    made.fed(enabled=False)
    made.alias.made(made.version(Description="as it was"))
    yield made
    made.fed(enabled=True)


def rolled_out(lane: Lane, plan: Plan, version: str, account: str) -> tuple[CodeDeploy, bool, list[str]]:
    """Roll a version out while publications come in; answers whether it took over, and the publications."""
    channel = lane.world.connected(PLATFORM, account)
    made = [lane.world.submitted([channel], f"{account} {number}")["id"] for number in range(POSTS)]
    cloudwatch = lane.world.cloud.emulator.client("cloudwatch")  # type: ignore[call-overload]
    metric = partial(counted, cloudwatch, lane.function, since=datetime.now(UTC))
    deploy = CodeDeploy(plan, lane.alias, metric)
    took_over = deploy.roll_out(version, lambda: lane.work(A_MINUTE))
    while lane.work(10):
        pass
    return deploy, took_over, made


def outcomes(world: World, publications: list[str]) -> set[tuple[str, int]]:
    """How the publications' deliveries ended, and after how many attempts."""
    return {(each["state"], each["attempts"]) for made in publications for each in world.settled(made)}


def test_code_that_fails_is_taken_back_by_its_alarm_and_no_publication_is_lost(lane: Lane, plan: Plan) -> None:
    before, _ = lane.alias.stands
    broken = lane.version(Handler=NOWHERE)
    deploy, took_over, made = rolled_out(lane, plan, broken, "rolled-back")
    assert not took_over
    assert deploy.steps[-1] < 100
    assert lane.alias.stands == (before, {})
    assert lane.alias.calls[broken] > 0
    assert outcomes(lane.world, made) == {("published", 1)}
    assert len(lane.world.posts(PLATFORM, "rolled-back")) == POSTS


def test_code_that_works_takes_over_step_by_step(lane: Lane, plan: Plan) -> None:
    good = lane.version(Description="new and good")
    deploy, took_over, made = rolled_out(lane, plan, good, "taken-over")
    assert took_over
    assert deploy.steps == [*range(10, 101, 10)]
    assert lane.alias.stands == (good, {})
    assert 0 < lane.alias.calls[good] < lane.alias.calls.total()
    assert outcomes(lane.world, made) == {("published", 1)}
    assert len(lane.world.posts(PLATFORM, "taken-over")) == POSTS
