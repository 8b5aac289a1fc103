"""Status webhooks from the tables' streams to a receiver on loopback, which verifies with the reference libraries."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from tests.end_to_end.receiver import BUSY, BUSY_S, Received, Receiver, receiving
from tests.end_to_end.world import World

HEARD_WITHIN_S = 45.0  # endpoints are remembered for half a minute
WITHIN_S = 60.0


@dataclass
class Told:
    """A workspace's webhooks at a receiver, by the path they call there."""

    world: World
    receiver: Receiver
    webhooks: dict[str, Any] = field(default_factory=dict)

    def listen(self, path: str, **asked: Any) -> Any:
        """Make a webhook."""
        made = self.world.http.post("/v1/webhooks", json={"url": f"{self.receiver.address}{path}", **asked})
        assert made.status_code == 201, made.text
        self.webhooks[path] = made.json()
        return self.webhooks[path]

    def ask(self, method: str, path: str, below: str = "", **request: Any) -> Any:
        """Ask something of the webhook that calls this path."""
        url = f"/v1/webhooks/{self.webhooks[path]['id']}{below}"
        answer = self.world.http.request(method, url, **request)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def of(self, path: str, subject: str) -> list[Received]:
        """What came in about a subject."""
        return [each for each in self.receiver.at(path) if subject in each.document["data"].values()]

    def types(self, path: str, subject: str) -> list[str]:
        """What came in about a subject: the types of events."""
        return [each.document["type"] for each in self.of(path, subject)]

    def until(self, path: str, subject: str, kind: str) -> list[Received]:
        """What came in about a subject, once an event of that type did."""
        self.world.until(lambda: kind in self.types(path, subject), within_s=WITHIN_S)
        return self.of(path, subject)


@pytest.fixture(scope="module")
def told(world: World) -> Iterator[Told]:
    """Webhooks that are called."""
    with receiving() as receiver:
        made = Told(world, receiver)
        made.listen("/all", name="All")
        made.listen("/published", events=["delivery.published"])
        made.listen("/flaky", events=["channel.*"])
        made.listen("/gone", events=["channel.*"])
        made.listen("/busy", events=["webhook.test"])
        receiver.answers = {"/gone": deque([410]), "/busy": deque([BUSY])}
        _heard(made)
        yield made


def _heard(told: Told) -> None:
    """Wait until who notices knows the webhooks."""

    def paused_and_resumed() -> bool:
        told.world.http.patch(f"/v1/channels/{channel}", json={"paused": True}).raise_for_status()
        told.world.http.patch(f"/v1/channels/{channel}", json={"paused": False}).raise_for_status()
        return bool(told.receiver.at("/all"))

    channel = told.world.connected("webhook", "heard")
    told.world.until(paused_and_resumed, within_s=HEARD_WITHIN_S)


def test_a_receiver_sees_the_whole_life_of_a_delivery_signed_numbered_and_in_order(told: Told) -> None:
    channel = told.world.connected("webhook", "told")
    told.until("/all", channel, "channel.connected")
    accepted = told.world.submitted([channel], "Told")
    delivery = accepted["deliveries"][0]["id"]
    told.until("/all", accepted["id"], "publication.settled")
    received = told.until("/all", delivery, "delivery.published")
    documents = [each.verified(told.webhooks["/all"]["secret"]) for each in received]
    lives = [(each["type"], each["data"]["sequence"]) for each in documents]
    assert lives == [("delivery.publishing", 1), ("delivery.published", 2)]
    assert documents[1]["data"]["publication"] == accepted["id"]
    assert set(told.types("/all", accepted["id"])) >= {"publication.accepted", "publication.settled"}
    assert set(told.types("/all", channel)) >= {"channel.created", "channel.connected"}
    assert "Told" not in json.dumps([each.document for each in told.receiver.at("/all")])


def test_a_filter_lets_through_what_it_names(told: Told) -> None:
    accepted = told.world.submitted([told.world.connected("webhook", "filtered")], "Filtered")
    told.until("/published", accepted["deliveries"][0]["id"], "delivery.published")
    assert {each.document["type"] for each in told.receiver.at("/published")} == {"delivery.published"}


def _twice(calls: Sequence[Received]) -> Sequence[Received]:
    """The calls with an id that came twice: which event of the workspace the failure met, nobody can know."""
    counted = Counter(each.id for each in calls)
    return [each for each in calls if counted[each.id] == 2]


def test_a_receiver_that_fails_is_called_again_with_the_same_id(told: Told) -> None:
    told.receiver.answers["/flaky"] = deque([500])
    told.world.connected("webhook", "flaky")
    failed, again = told.world.until(lambda: _twice(told.receiver.at("/flaky")), within_s=WITHIN_S)
    assert again.body == failed.body
    entry = told.world.until(lambda: _logged(told, "/flaky", failed.id, "delivered"), within_s=WITHIN_S)
    assert [(each["status"], each["why"]) for each in entry["attempts"]] == [(500, "status"), (204, "")]


def test_a_receiver_that_asks_for_much_time_is_called_again_by_a_schedule(told: Told) -> None:
    event = told.ask("POST", "/busy", "/test", json={})["event"]
    entry = told.world.until(lambda: _tried(told, "/busy", event), within_s=WITHIN_S)
    wait = datetime.fromisoformat(entry["next_attempt_at"]) - datetime.fromisoformat(entry["attempts"][0]["at"])
    assert (entry["attempts"][0]["status"], wait >= timedelta(seconds=BUSY_S)) == (BUSY, True)
    emulator: Any = told.world.cloud.emulator
    names = {each["Name"] for each in emulator.client("scheduler").list_schedules()["Schedules"]}
    assert [name for name in names if name.startswith(event)] != []


def test_a_receiver_that_is_gone_is_called_no_more_and_the_others_hear_of_it(told: Told) -> None:
    gone = told.webhooks["/gone"]["id"]
    told.until("/all", gone, "webhook.disabled")
    shown = told.ask("GET", "/gone")
    assert (shown["state"], shown["disabled_why"]) == ("disabled", "gone")
    assert len(told.receiver.at("/gone")) >= 1
    refused = told.world.http.post(f"/v1/webhooks/{gone}/test", json={})
    assert refused.status_code == 409


def test_a_test_is_sent_and_logged(told: Told) -> None:
    event = told.ask("POST", "/all", "/test", json={})["event"]
    (received,) = told.until("/all", told.webhooks["/all"]["id"], "webhook.test")[-1:]
    assert received.id == event
    entry = told.world.until(lambda: _logged(told, "/all", event, "delivered"), within_s=WITHIN_S)
    assert (entry["type"], entry["attempts"][0]["status"]) == ("webhook.test", 204)


def test_while_a_secret_changes_both_sign(told: Told) -> None:
    before = told.webhooks["/published"]["secret"]
    after = told.ask("POST", "/published", "/rotate", json={})["secret"]
    event = told.ask("POST", "/published", "/test", json={})["event"]
    (received,) = told.world.until(
        lambda: [each for each in told.receiver.at("/published") if each.id == event], within_s=WITHIN_S
    )
    assert received.verified(before) == received.verified(after)
    with pytest.raises(WebhookVerificationError):
        received.verified(told.webhooks["/all"]["secret"])


def test_what_was_told_is_told_again_one_by_one_or_by_time(told: Told) -> None:
    accepted = told.world.submitted([told.world.connected("webhook", "replayed")], "Replayed")
    delivery = accepted["deliveries"][0]["id"]
    published = told.until("/all", delivery, "delivery.published")[-1]
    told.world.until(lambda: _logged(told, "/all", published.id, "delivered"), within_s=WITHIN_S)
    assert told.ask("POST", "/all", "/replay", json={"event": published.id}) == {"events": 1, "complete": True}
    told.world.until(lambda: told.types("/all", delivery).count("delivery.published") == 2, within_s=WITHIN_S)
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    counted = told.ask("POST", "/all", "/replay", json={"since": since})["events"]
    assert counted >= 5
    told.world.until(lambda: told.types("/all", delivery).count("delivery.published") == 3, within_s=2 * WITHIN_S)
    assert {each.id for each in told.of("/all", delivery) if each.document["type"] == "delivery.published"} == {
        published.id
    }


def test_a_message_nobody_can_work_is_put_aside(told: Told) -> None:
    emulator = told.world.cloud.emulator
    url = told.world.queue_url("notify")
    sqs = emulator.client("sqs")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
    sqs.send_message(QueueUrl=url, MessageBody='{"v": 1, "kind": "unknown"}', MessageGroupId="nobody")
    names: Any = ["ApproximateNumberOfMessages"]

    def dead() -> int:
        answer = sqs.get_queue_attributes(QueueUrl=told.world.queue_url("notify-dead"), AttributeNames=names)
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    told.world.until(dead, within_s=2 * WITHIN_S)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "360"})


def test_who_calls_strangers_has_no_rights(told: Told) -> None:
    (role,) = {role for name, role in told.world.functions().items() if "CallFunction" in name}
    emulator: Any = told.world.cloud.emulator
    iam, name = emulator.client("iam"), role.rpartition("/")[2]
    policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
    said = [iam.get_role_policy(RoleName=name, PolicyName=each)["PolicyDocument"] for each in policies]
    actions = {action for each in said for one in each["Statement"] for action in _listed(one["Action"])}
    assert actions == {
        *("logs:CreateLogStream", "logs:PutLogEvents"),
        *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
    }


def _logged(told: Told, path: str, event: str, state: str) -> Any:
    """The entry of an event in the log of the webhook that calls this path, once it is in that state."""
    items = told.ask("GET", path, "/log", params={"limit": 100})["items"]
    return next((each for each in items if (each["event"], each["state"]) == (event, state)), None)


def _tried(told: Told, path: str, event: str) -> Any:
    """The entry of an event once it was tried and waits."""
    entry = _logged(told, path, event, "waiting")
    return entry if entry and entry["attempts"] else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
