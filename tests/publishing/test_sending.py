from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from publishing import aws, message
from publishing.sending import Parcel, Sender, SendFailed
from tests.cloud import START, Cloud


def deliver(number: int = 0, workspace: str = "ws_1") -> message.Deliver:
    return message.Deliver(workspace=workspace, publication=f"pub_{number}", channel="chn_1", version=1)


def sender(cloud: Cloud) -> Sender:
    return Sender(cloud.settings, cloud.watch)


def test_many_messages_go_in_batches_of_ten(cloud_in_moto: Cloud) -> None:
    calls: list[str] = []
    aws.sqs().meta.events.register("before-call.sqs", lambda model, **_: calls.append(model.name))
    sender(cloud_in_moto).send([Parcel("alpha", deliver(number)) for number in range(23)])
    assert calls == ["SendMessageBatch"] * 3
    assert len(cloud_in_moto.received("alpha")) == 23


def test_nothing_to_send_is_no_call(cloud_in_moto: Cloud) -> None:
    sender(cloud_in_moto).send([])
    assert cloud_in_moto.received("alpha") == []


def answer(failed: list[int]) -> dict[str, Any]:
    failures = [{"Id": str(number), "SenderFault": False, "Code": "InternalError"} for number in failed]
    return {"Successful": [], "Failed": failures}


def test_only_the_entries_that_failed_are_sent_a_second_time(cloud_in_moto: Cloud) -> None:
    with Stubber(aws.sqs()) as sqs:
        sqs.add_response("send_message_batch", answer([1, 3]))
        sqs.add_response("send_message_batch", answer([]))
        sender(cloud_in_moto).send([Parcel("alpha", deliver(number)) for number in range(4)])
        sqs.assert_no_pending_responses()


def test_what_fails_twice_is_reported(cloud_in_moto: Cloud) -> None:
    with Stubber(aws.sqs()) as sqs:
        sqs.add_response("send_message_batch", answer([0]))
        sqs.add_response("send_message_batch", answer([0]))
        with pytest.raises(SendFailed, match="1 messages for alpha"):
            sender(cloud_in_moto).send([Parcel("alpha", deliver())])


def test_every_message_is_grouped_by_its_workspace(cloud_in_moto: Cloud) -> None:
    sent: list[Any] = []
    aws.sqs().meta.events.register("before-parameter-build.sqs", lambda params, **_: sent.extend(params["Entries"]))
    sender(cloud_in_moto).send([Parcel("alpha", deliver(workspace="ws_7")), Parcel("beta", deliver())])
    assert {entry["MessageGroupId"] for entry in sent} == {"ws_7", "ws_1"}


@pytest.mark.parametrize(("wait_s", "delay_s"), [(-5, 0), (0, 0), (0.001, 1), (19.2, 20), (899.5, 900), (5_000, 900)])
def test_a_message_is_seen_at_the_first_whole_second_after_its_time(
    cloud_in_moto: Cloud, publication: Any, wait_s: float, delay_s: int
) -> None:
    at = START + timedelta(seconds=wait_s)
    assert sender(cloud_in_moto).parcel(publication, publication.targets[0], at).delay_s == delay_s


@pytest.mark.parametrize(
    ("wait_s", "slept_s"), [(60.0, []), (60.2, [0.205]), (60.3, []), (0.0, []), (-0.9, []), (0.1, [0.105])]
)
def test_a_small_fraction_of_a_second_is_waited_out(
    cloud_in_moto: Cloud, publication: Any, wait_s: float, slept_s: list[float]
) -> None:
    slept: list[float] = []
    timed = replace(publication, publish_at=START + timedelta(seconds=wait_s))
    Sender(cloud_in_moto.settings, cloud_in_moto.watch, sleep=slept.append).deliver(timed, timed.targets)
    assert slept == pytest.approx(slept_s)


@pytest.mark.parametrize(("wait_s", "delay_s"), [(0.4, 0), (1.6, 1), (9.9, 9), (10.0, 9), (10.6, 10)])
def test_a_message_with_a_turn_comes_a_little_early(
    cloud_in_moto: Cloud, publication: Any, wait_s: float, delay_s: int
) -> None:
    sent: list[Any] = []
    aws.sqs().meta.events.register("before-parameter-build.sqs", lambda params, **_: sent.extend(params["Entries"]))
    target = publication.targets[0]
    sender(cloud_in_moto).again(publication, target, START + timedelta(seconds=wait_s), turn=7)
    assert [(entry["DelaySeconds"], json.loads(entry["MessageBody"])["turn"]) for entry in sent] == [(delay_s, 7)]


def test_scheduling_the_same_twice_makes_one_schedule(cloud_in_moto: Cloud, publication: Any) -> None:
    at = START + timedelta(hours=1)
    sender(cloud_in_moto).schedule(publication, at)
    sender(cloud_in_moto).schedule(publication, at)
    assert len(cloud_in_moto.schedules()) == 1


def test_a_retrys_schedule_has_a_name_of_its_own_within_64_characters(cloud_in_moto: Cloud, publication: Any) -> None:
    at = START + timedelta(hours=1)
    sender(cloud_in_moto).schedule(publication, at)
    sender(cloud_in_moto).schedule(publication, at, channel="chn_0123456789abcdefghjkmnpqrs")
    names = [schedule["Name"] for schedule in cloud_in_moto.schedules()]
    assert len(set(names)) == 2
    assert max(map(len, names)) <= 64


def test_a_schedule_is_never_set_in_the_past(cloud_in_moto: Cloud, publication: Any) -> None:
    sender(cloud_in_moto).schedule(publication, START + timedelta(seconds=10))
    assert cloud_in_moto.schedules()[0]["ScheduleExpression"] == "at(2026-11-20T12:00:00)"


@pytest.fixture
def publication(workbench: Any) -> Any:
    return workbench.submit().publication
