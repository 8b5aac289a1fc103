"""Nothing secret and nothing personal is in a log, a metric, a queue or an error, whatever goes well or wrong."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from postroom_client.schemas import Content, NewTarget
from publishing import message
from tests.end_to_end.canaries import ACCOUNT, Canaries, Traces, every, seen
from tests.end_to_end.whole_range import adapted
from tests.end_to_end.world import World

BEGUN_WITH = {"queued", "publishing"}
SETTLED_S = 180.0
REFUSED = ("devto", "refuse"), ("discord", "error"), ("mastodon", "throttle"), ("telegram", "lose_after")
POISONED = "mastodon"


@dataclass(frozen=True)
class Aftermath:
    """What was planted, and every answer that was given meanwhile."""

    canaries: Canaries
    answers: list[tuple[str, str]]
    traces: Traces
    lines: list[tuple[str, str]]
    messages: list[tuple[str, str]]


@dataclass
class Caller:
    """Asks the API as a person would, and remembers each answer."""

    world: World
    canaries: Canaries
    answers: list[tuple[str, str]]

    def ask(self, method: str, path: str, **more: Any) -> Any:
        answer = self.world.http.request(method, path, **more)
        self.answers.append((f"{method} {path}", answer.text + repr(answer.headers)))
        return answer

    def connected(self, platform: str, credentials: Mapping[str, str]) -> str:
        body = {"platform": platform, "name": ACCOUNT, "credentials": credentials}
        answer = self.ask("POST", "/v1/channels", json=body)
        assert answer.status_code == 201, (platform, answer.text)
        return str(answer.json()["id"])

    def submitted(self, targets: Sequence[NewTarget], content: Content, **more: Any) -> str:
        headers = {"Idempotency-Key": self.canaries.word(f"key{len(self.answers)}")}
        body = {"content": content, "targets": list(targets), **more}
        answer = self.ask("POST", "/v1/publications", json=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    def wrong(self) -> None:
        """Everything that is refused at the door."""
        word = self.canaries.word
        token = f"{encoded({'alg': 'none'})}.{encoded({'sub': word('subject')})}.{word('signature')}"
        for shown in (f"Bearer {token}", f"Bearer {word('bearer')}", f"Basic {word('basic')}"):
            self.ask("GET", "/v1/channels", headers={"Authorization": shown, "Cookie": word("cookie")})
        self.ask("GET", f"/v1/publications/{word('path')}", params={"cursor": word("query")})
        self.ask("POST", "/v1/publications", json={"content": {word("field"): 1}, "targets": word("targets")})
        self.ask("POST", "/v1/publications", content=f'{{"{word("broken")}"'.encode())
        credentials = {"url": f"http://{word('host')}.example", "headers": word("nojson")}
        self.ask("POST", "/v1/channels", json={"platform": "webhook", "name": "x", "credentials": credentials})


def encoded(document: Mapping[str, str]) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


@pytest.fixture(scope="module")
def apart(world: World) -> Iterator[World]:
    """The same cloud, in a workspace that no other test looks into."""
    other = World(world.cloud, *world.cloud.workspace("Canaries"))
    yield other
    other.close()


@pytest.fixture(scope="module")
def aftermath(apart: World) -> Iterator[Aftermath]:
    """Success, refusal, a crash and poison on every platform; then all that is left of them."""
    canaries, answers = Canaries(), list[tuple[str, str]]()
    canaries.secrets.add(apart.key)
    caller = Caller(apart, canaries, answers)
    genuine = {each.name: caller.connected(each.name, canaries.genuine(apart, each)) for each in every()}
    forged = {each.name: caller.connected(each.name, canaries.forged(apart, each)) for each in every()}
    for platform, kind in REFUSED:
        apart.fault(platform, ACCOUNT, kind, seconds=300)
    content, film = canaries.content(), canaries.film()
    out = caller.submitted(adapted(apart, genuine, content, film), content)
    refused = caller.submitted(adapted(apart, forged, content, film), content)
    later = datetime.now(UTC) + timedelta(minutes=10)
    scheduled = caller.submitted([{"channel": genuine["webhook"]}], content, publish_at=later.isoformat())
    in_days = later + timedelta(days=3)
    far = caller.submitted([{"channel": genuine["webhook"]}], content, publish_at=in_days.isoformat())
    caller.wrong()
    poison(apart, canaries, genuine[POISONED])
    for channel in (*genuine.values(), *forged.values()):
        caller.ask("GET", f"/v1/channels/{channel}")
    caller.ask("PATCH", f"/v1/channels/{genuine['webhook']}", json={"credentials": {"url": canaries.word("nourl")}})
    settle(apart, out)
    settle(apart, refused)
    for publication in (out, refused, scheduled, far):
        for each in caller.ask("GET", f"/v1/publications/{publication}").json()["deliveries"]:
            caller.ask("GET", f"/v1/deliveries/{each['id']}")
    for path in ("/v1/channels", "/v1/dead-letters", f"/v1/dead-letters/{POISONED}", "/v1/api-keys", "/v1/platforms"):
        caller.ask("GET", path)
    traces = Traces(apart)
    yield Aftermath(canaries, answers, traces, list(traces.logs()), list(traces.messages()))
    apart.cloud.emulator.client("sqs").purge_queue(QueueUrl=apart.queue_url(f"{POISONED}-dead"))


def settle(world: World, publication: str) -> None:
    """Wait until nothing more happens soon: what is to be tried again in a minute is not waited for."""
    until = datetime.now(UTC) + timedelta(seconds=SETTLED_S)
    while (left := waiting(world, publication)) and datetime.now(UTC) < until:
        time.sleep(1)
    assert left == []


def waiting(world: World, publication: str) -> list[str]:
    """The platforms of which nobody has begun yet: to be throttled counts as no attempt, and is a trouble."""
    deliveries = world.api.read_publication(publication)["deliveries"]
    begun = [each for each in deliveries if each["attempts"] or each["trouble"] or each["state"] not in BEGUN_WITH]
    return [each["platform"] for each in deliveries if each not in begun]


def poison(world: World, canaries: Canaries, channel: str) -> None:
    """A publication that nobody can read, and the message for it, until that ends among the dead."""
    sqs, url = world.cloud.emulator.client("sqs"), world.queue_url(POISONED)
    now = datetime.now(UTC)
    unswept = now + timedelta(days=1)
    stored = world.stored(channel, POISONED, canaries.word("poison"), publish_at=now, due_at=unswept)
    broken = {"media": {"L": [{"M": {"alt": {"S": canaries.word("crash")}, canaries.word("unknown"): {"N": "1"}}}]}}
    world.cloud.emulator.client("dynamodb").update_item(
        TableName=world.cloud.outputs["PublicationsTable"],
        Key={"pk": {"S": f"{world.workspace}#{stored.id}"}, "sk": {"S": "PUBLICATION"}},
        UpdateExpression="SET content = :broken",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeValues={":broken": {"M": broken}},
    )
    usual = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    work = message.Deliver(workspace=world.workspace, publication=stored.id, channel=channel, version=stored.version)
    sqs.send_message(QueueUrl=url, MessageBody=message.body(work))
    dead = f"{POISONED}-dead"
    world.until(lambda: [place for place, _ in Traces(world).messages() if place.endswith(dead)], within_s=60)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": usual["VisibilityTimeout"]})


def test_something_was_looked_at(aftermath: Aftermath) -> None:
    said = "\n".join(line for _, line in aftermath.lines)
    logged = {place for place, _ in aftermath.lines}
    assert len(aftermath.canaries.secrets) > 50
    assert len([group for group in logged if "Publish" in group]) >= len(every())
    assert "_aws" in said  # metrics
    assert "ERROR" in said
    assert {place.rpartition("-")[2] for place, _ in aftermath.messages} >= {"dead"}
    assert any(aftermath.traces.schedules())
    assert len(aftermath.traces.queues()) > 2 * len(every())


def test_no_log_and_no_metric_holds_a_secret_or_a_word_of_content(aftermath: Aftermath) -> None:
    canaries = aftermath.canaries
    assert seen(canaries.secrets | canaries.words, iter(aftermath.lines)) == set()


def test_no_message_holds_a_secret_or_a_word_of_content(aftermath: Aftermath) -> None:
    canaries = aftermath.canaries
    found = [*aftermath.messages, *aftermath.traces.schedules()]
    assert seen(canaries.secrets | canaries.words, iter(found)) == set()


def test_no_item_and_no_environment_holds_a_secret(aftermath: Aftermath) -> None:
    found = [*aftermath.traces.items(), *aftermath.traces.environments()]
    assert seen(aftermath.canaries.secrets, iter(found)) == set()


def test_no_answer_holds_a_secret(aftermath: Aftermath) -> None:
    assert seen(aftermath.canaries.secrets, iter(aftermath.answers)) == set()
