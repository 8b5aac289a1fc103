from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import boto3
import pytest

from publishing import message
from publishing.dead_letters import BATCH_PAUSE_S, DeadLetters
from publishing.model import DeliveryState
from publishing.publication import Publication
from tests.cloud import BASE, REGION, Cloud
from tests.publishing import tables
from tests.publishing.workbench import Workbench

OURS, THEIRS = "ws_1", "ws_2"


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def letters(cloud_in_moto: Cloud, pauses: list[float]) -> DeadLetters:
    return DeadLetters(cloud_in_moto.settings.queue_url_template, pause=pauses.append, wait_s=0)


def bury(*bodies: str, lane: str = "alpha") -> None:
    sqs = boto3.client("sqs", region_name=REGION)
    for start in range(0, len(bodies), 10):
        entries: Any = [
            {"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies[start : start + 10])
        ]
        sqs.send_message_batch(QueueUrl=f"{BASE}{lane}-dead", Entries=entries)


def letter(number: int, workspace: str = OURS) -> str:
    work = message.Deliver(workspace=workspace, publication=f"pub_{number}", channel="chn_1", version=1)
    return message.body(work)


def named(bodies: Sequence[str]) -> set[tuple[str, str]]:
    return {(body["workspace"], body["publication"]) for body in map(json.loads, bodies)}


def test_a_look_tells_what_each_letter_names_and_takes_nothing_away(cloud_in_moto: Cloud, letters: DeadLetters) -> None:
    bury(letter(1))
    first, second = letters.look("alpha", OURS), letters.look("alpha", OURS)
    (told,) = first.letters
    assert (told.says.kind, told.says.publication, told.says.channel, told.receives) == ("deliver", "pub_1", "chn_1", 1)
    assert (first.complete, [each.id for each in second.letters]) == (True, [told.id])
    assert len(cloud_in_moto.received("alpha-dead")) == 1


def test_a_letter_never_shows_its_body(letters: DeadLetters) -> None:
    bury(json.dumps({"workspace": OURS, "kind": "deliver", "text": "private"}))
    assert "private" not in repr(letters.look("alpha", OURS))


def test_an_empty_queue_is_not_walked(letters: DeadLetters) -> None:
    assert letters.look("alpha", OURS).letters == ()


def test_a_redriven_letter_is_on_its_platforms_queue_and_no_longer_dead(
    cloud_in_moto: Cloud, letters: DeadLetters
) -> None:
    bury(letter(1), letter(2))
    walked = letters.redrive("alpha", OURS)
    assert (len(walked.letters), walked.left, walked.complete) == (2, 0, True)
    assert named(cloud_in_moto.received("alpha")) == {(OURS, "pub_1"), (OURS, "pub_2")}
    assert cloud_in_moto.received("alpha-dead") == []


def test_what_schedules_brought_back_goes_to_the_due_queue(cloud_in_moto: Cloud, letters: DeadLetters) -> None:
    body = message.body(message.Due(workspace=OURS, publication="pub_1", version=1))
    bury(body, lane="due")
    letters.redrive("due", OURS)
    assert cloud_in_moto.received("due") == [body]


@pytest.mark.parametrize("action", ["look", "redrive", "purge"])
def test_another_workspaces_letters_stay_where_they_are(
    cloud_in_moto: Cloud, letters: DeadLetters, action: str
) -> None:
    bury(letter(1, THEIRS), letter(2), letter(3, THEIRS), "not even JSON")
    walked = getattr(letters, action)("alpha", OURS)
    assert [each.says.publication for each in walked.letters] == ["pub_2"]
    assert cloud_in_moto.received("alpha") in ([], [letter(2)])
    assert {letter(1, THEIRS), letter(3, THEIRS), "not even JSON"} <= set(cloud_in_moto.received("alpha-dead"))


def test_no_more_are_moved_than_asked(cloud_in_moto: Cloud, letters: DeadLetters, pauses: list[float]) -> None:
    bury(*(letter(number) for number in range(25)))
    walked = letters.redrive("alpha", OURS, most=12)
    assert (len(walked.letters), walked.left) == (12, 13)
    assert (len(cloud_in_moto.received("alpha")), len(cloud_in_moto.received("alpha-dead"))) == (12, 13)
    assert pauses == [BATCH_PAUSE_S, BATCH_PAUSE_S]


def test_a_walk_ends_when_its_time_is_up(cloud_in_moto: Cloud) -> None:
    times = iter(range(0, 100, 6))
    slow = DeadLetters(cloud_in_moto.settings.queue_url_template, now_s=lambda: next(times), wait_s=0)
    bury(*(letter(number) for number in range(25)))
    walked = slow.look("alpha", OURS)
    assert (len(walked.letters), walked.complete) == (10, False)
    assert len(cloud_in_moto.received("alpha-dead")) == 25


def test_a_purge_throws_ours_away(cloud_in_moto: Cloud, letters: DeadLetters) -> None:
    bury(letter(1), letter(2))
    assert len(letters.purge("alpha", OURS).letters) == 2
    assert (cloud_in_moto.received("alpha"), cloud_in_moto.received("alpha-dead")) == ([], [])


def test_what_the_queue_does_not_take_stays_dead(cloud_in_moto: Cloud, letters: DeadLetters) -> None:
    bury(letter(1), letter(2))
    refusing = DeadLetters(letters.url, sqs=_Refusing, pause=letters.pause, wait_s=0)  # type: ignore[arg-type]
    walked = refusing.redrive("alpha", OURS)
    assert (len(walked.letters), walked.left) == (1, 1)
    assert (len(cloud_in_moto.received("alpha")), len(cloud_in_moto.received("alpha-dead"))) == (1, 1)


class _Refusing:
    """A client whose queue takes only the first message of a batch."""

    def __getattr__(self, name: str) -> Any:
        return getattr(boto3.client("sqs", region_name=REGION), name)

    def send_message_batch(self, *, QueueUrl: str, Entries: list[Any]) -> Any:  # noqa: N803
        """One is enough."""
        return boto3.client("sqs", region_name=REGION).send_message_batch(QueueUrl=QueueUrl, Entries=Entries[:1])


def submitted(workbench: Workbench, number: int) -> Publication:
    channels = [f"chn_{number}_{place}" for place in range(50)]
    workbench.channels = dict.fromkeys(channels, workbench.channels["chn_1"])
    publication = workbench.submit(*channels).publication
    workbench.cloud.received("alpha")
    return publication


def bodies_of(workbench: Workbench, publication: Publication) -> list[str]:
    return [
        message.body(workbench.sender.parcel(publication, target, publication.publish_at).work)
        for target in publication.targets
    ]


def redriven_and_worked(workbench: Workbench, letters: DeadLetters, bodies: list[str]) -> None:
    bury(*bodies)
    walked = letters.redrive("alpha", OURS)
    received = workbench.cloud.received("alpha")
    assert (len(walked.letters), sorted(received)) == (len(bodies), sorted(bodies))
    worked(workbench, received)


def worked(workbench: Workbench, bodies: Sequence[str]) -> None:
    records = [{"messageId": str(number), "body": body} for number, body in enumerate(bodies)]
    answers = [workbench.desk.work(records[start : start + 10], lambda: 60.0) for start in range(0, len(records), 10)]
    assert [answer["batchItemFailures"] for answer in answers] == [[]] * len(answers)


@pytest.mark.parametrize("number", range(20))
def test_redriving_settled_and_unsettled_letters_twice_is_harmless(
    workbench: Workbench, letters: DeadLetters, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Twenty times fifty letters, half of them settled before: a thousand."""
    tables.in_memory(monkeypatch)
    publication = submitted(workbench, number)
    bodies = bodies_of(workbench, publication)
    worked(workbench, bodies[:25])
    redriven_and_worked(workbench, letters, bodies)
    redriven_and_worked(workbench, letters, bodies)
    assert workbench.platform.published == 50
    states = {(each.state, each.attempt) for each in workbench.stored(publication).deliveries}
    assert states == {(DeliveryState.PUBLISHED, 1)}
