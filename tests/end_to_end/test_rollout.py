"""A drill: new code that fails is rolled out by the plan of prod, and its alarm takes it back; nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from identity.model import Principal, Role
from tests.end_to_end.rollout import Alias, CodeDeploy, Plan, counted, plan_of
from tests.end_to_end.world import World
from tests.infra.drill import Alarm, Values, key_of
from tests.infra.synthesis import STAGES, Synthesised, synthesise
from tests.web import gateway

PLATFORM, POSTS = "hashnode", 20
A_MINUTE = 4  # messages, or requests, between two steps
NOWHERE = "functions.publish.nowhere.handle"


@pytest.fixture(scope="module")
def prod(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    return synthesise(STAGES["prod"], tmp_path_factory.mktemp("prod"))


# A platform's function, which raises


@dataclass
class Lane:
    """A platform's queue and function, the two parted: what brings messages to the function is here."""

    world: World
    function: str
    alias: Alias = field(init=False)

    def __post_init__(self) -> None:
        self.lambdas: Any = self.world.cloud.emulator.client("lambda")
        self.sqs = self.world.cloud.emulator.client("sqs")
        self.alias = Alias(self.lambdas, self.function)

    def fed(self, *, enabled: bool) -> None:
        """Have the emulator bring messages, or not."""
        for mapping in self.lambdas.list_event_source_mappings(FunctionName=self.function)["EventSourceMappings"]:
            self.lambdas.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)

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
    yield made
    made.fed(enabled=True)


def rolled_out(lane: Lane, plan: Plan, version: str, account: str) -> tuple[CodeDeploy, bool, list[str]]:
    """Roll a version out while publications come in; answers whether it took over, and the publications."""
    channel = lane.world.connected(PLATFORM, account)
    made = [lane.world.submitted([channel], f"{account} {number}")["id"] for number in range(POSTS)]
    cloudwatch = lane.world.cloud.emulator.client("cloudwatch")  # type: ignore[call-overload]
    metric = partial(counted, cloudwatch, lane.function, datetime.now(UTC))
    deploy = CodeDeploy(plan, lane.alias, metric)
    took_over = deploy.roll_out(version, lambda: lane.work(A_MINUTE))
    while lane.work(10):
        pass
    return deploy, took_over, made


def outcomes(world: World, publications: list[str]) -> set[tuple[str, int]]:
    """How the publications' deliveries ended, and after how many attempts."""
    return {(each["state"], each["attempts"]) for made in publications for each in world.settled(made)}


@pytest.fixture
def plan(prod: Synthesised) -> Plan:
    return plan_of(prod, f"Lanes/{PLATFORM}/Publish")


def test_code_that_fails_is_taken_back_by_its_alarm_and_no_publication_is_lost(lane: Lane, plan: Plan) -> None:
    before, _ = lane.alias.stands
    broken = lane.alias.version(Handler=NOWHERE)
    deploy, took_over, made = rolled_out(lane, plan, broken, "rolled-back")
    assert not took_over
    assert deploy.steps[-1] < 100
    assert lane.alias.stands == (before, {})
    assert lane.alias.calls[broken] > 0
    assert outcomes(lane.world, made) == {("published", 1)}
    assert len(lane.world.posts(PLATFORM, "rolled-back")) == POSTS


def test_code_that_works_takes_over_step_by_step(lane: Lane, plan: Plan) -> None:
    good = lane.alias.version(Description="new and good")
    deploy, took_over, made = rolled_out(lane, plan, good, "taken-over")
    assert took_over
    assert deploy.steps == [*range(10, 101, 10)]
    assert lane.alias.stands == (good, {})
    assert 0 < lane.alias.calls[good] < lane.alias.calls.total()
    assert outcomes(lane.world, made) == {("published", 1)}
    assert len(lane.world.posts(PLATFORM, "taken-over")) == POSTS


# The API's function, which raises nothing: its callers are answered 5xx


@dataclass
class Front:
    """API Gateway's place: callers ask with a key of their own, and again, until they are answered."""

    world: World
    alias: Alias
    waiting: list[Any]
    accepted: list[str] = field(default_factory=list)
    failed: int = 0

    def take(self, most: int) -> None:
        """Take so many requests."""
        for _ in range(min(most, len(self.waiting))):
            request = self.waiting.pop(0)
            answer = self.alias.call(request)
            if answer is None or answer["statusCode"] >= 500:
                self.failed += 1
                self.waiting.append(request)
            else:
                self.accepted.append(json.loads(answer["body"])["id"])

    def metric(self, cloudwatch: Any, since: datetime, alarm: Alarm) -> Values:
        """What was counted for an alarm: of Lambda by the emulator, of answers here."""
        if "Metrics" not in alarm:
            return counted(cloudwatch, self.alias.function, since, alarm)
        (errors,) = [each["MetricStat"]["Metric"] for each in alarm["Metrics"] if each["Id"] == "errors"]
        return {key_of(errors): [1.0] * self.failed} if self.failed else {}


def request(world: World, channel: str, number: int) -> Any:
    """The event of a submission."""
    context = Principal(world.workspace, "tester", Role.AUTHOR).context()
    content = {"title": f"Rolled {number}", "text": "Out."}
    body = {"content": content, "targets": [{"channel": channel}]}
    headers = {"idempotency-key": f"rollout-drill-{number}"}
    return gateway.event("POST", "/v1/publications", context=context, body=body, headers=headers)


def test_an_api_that_answers_its_callers_badly_is_taken_back_though_it_raises_nothing(
    world: World, prod: Synthesised
) -> None:
    client = world.cloud.emulator.client
    (function,) = [name for name in world.functions() if "SubmitFunction" in name]
    alias = Alias(client("lambda"), function)
    before, _ = alias.stands
    told = alias.client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    broken = alias.version(Environment={"Variables": {**told, "PUBLICATIONS_TABLE": "nowhere"}})
    channel = world.connected("webhook", "rolled-api")
    front = Front(world, alias, [request(world, channel, number) for number in range(POSTS)])
    cloudwatch = client("cloudwatch")  # type: ignore[call-overload]
    deploy = CodeDeploy(plan_of(prod, "Submit"), alias, partial(front.metric, cloudwatch, datetime.now(UTC)))
    assert not deploy.roll_out(broken, lambda: front.take(A_MINUTE))
    assert (alias.stands, front.failed > 0) == ((before, {}), True)
    front.take(2 * POSTS)
    assert len(set(front.accepted)) == POSTS
    assert outcomes(world, front.accepted) == {("published", 1)}
    assert len(world.posts("webhook", "rolled-api")) == POSTS
