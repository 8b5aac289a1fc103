from __future__ import annotations

from typing import Any

import boto3
import pytest

from functions.health.queues import Queues
from functions.health.sign import Sign
from tests.cloud import BASE, REGION, Cloud


def signs() -> dict[tuple[str, str], Sign]:
    queues = Queues(BASE + "{queue}", ["alpha", "beta"], lambda: boto3.client("sqs", region_name=REGION))
    return {(sign.of, sign.name): sign for sign in queues.signs()}


def send(queue: str, *, delay_s: int = 0) -> None:
    boto3.client("sqs", region_name=REGION).send_message(QueueUrl=BASE + queue, MessageBody="{}", DelaySeconds=delay_s)


def test_every_queue_tells_how_much_waits_is_worked_and_is_put_off(cloud_in_moto: Cloud) -> None:
    _ = cloud_in_moto
    send("alpha")
    send("alpha")
    send("alpha-urgent", delay_s=600)
    boto3.client("sqs", region_name=REGION).receive_message(QueueUrl=BASE + "alpha")
    found = signs()
    assert [found["alpha", name].value for name in ("depth", "in flight", "delayed")] == [1, 1, 0]
    assert [found["alpha-urgent", name].value for name in ("depth", "delayed")] == [0, 1]
    assert {of for of, _ in found} == {"alpha", "alpha-urgent", "beta", "beta-urgent", "due", "notices.fifo", "notify"}


def test_one_dead_letter_fails(cloud_in_moto: Cloud) -> None:
    _ = cloud_in_moto
    send("beta-dead")
    found = signs()
    assert {key: sign.state for key, sign in found.items() if sign.state != "ok"} == {("beta", "dead letters"): "fail"}
    assert found["alpha", "dead letters"].value == 0


@pytest.mark.parametrize(("queue", "of"), [("notices-dead.fifo", "notices.fifo"), ("notify-dead", "notify")])
def test_one_letter_of_webhooks_fails_and_names_its_section(cloud_in_moto: Cloud, queue: str, of: str) -> None:
    _ = cloud_in_moto
    in_order = {"MessageGroupId": "g", "MessageDeduplicationId": "d"} if queue.endswith(".fifo") else {}
    sqs: Any = boto3.client("sqs", region_name=REGION)
    sqs.send_message(QueueUrl=BASE + queue, MessageBody="{}", **in_order)
    found = signs()
    assert {key: sign.state for key, sign in found.items() if sign.state != "ok"} == {(of, "dead letters"): "fail"}
    assert found[of, "dead letters"].do.endswith("RUNBOOK.md, Webhook dead letters.")
    assert "Webhooks late" in found[of, "depth"].do
