from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError

from publishing import aws, message
from publishing.desk import Desk
from publishing.model import DeliveryState
from publishing.publication import Publication
from tests.cloud import START
from tests.publishing.workbench import LEFT_S, Workbench


def record(body: str, number: int = 0) -> dict[str, Any]:
    return {"messageId": f"m-{number}", "body": body}


def delivering(stored: Publication, number: int = 0, **changes: Any) -> dict[str, Any]:
    base = {"workspace": "ws_1", "publication": stored.id, "channel": "chn_1", "version": stored.version}
    return record(message.body(message.Deliver(**{**base, **changes})), number)


def failed(answer: dict[str, list[dict[str, str]]]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_a_poison_message_comes_back_alone_and_the_other_nine_are_published(workbench: Workbench) -> None:
    publications = [workbench.submit().publication for _ in range(9)]
    records = [delivering(publication, number) for number, publication in enumerate(publications)]
    answer = workbench.desk.work([*records, record('{"v": 99}', 9)], lambda: LEFT_S)
    assert failed(answer) == ["m-9"]
    states = {workbench.delivery(publication).state for publication in publications}
    assert states == {DeliveryState.PUBLISHED}


@pytest.mark.parametrize("body", ["", "{", "[]", '{"kind":"deliver"}', '{"v":1,"kind":"nonsense"}', "\u0000", "null"])
def test_what_is_no_message_of_ours_comes_back(workbench: Workbench, body: str) -> None:
    assert failed(workbench.desk.work([record(body)], lambda: LEFT_S)) == ["m-0"]


def test_a_message_for_what_is_not_stored_comes_back_so_that_it_ends_with_the_dead_letters(
    workbench: Workbench,
) -> None:
    publication = workbench.submit().publication
    answer = workbench.desk.work([delivering(publication, publication="pub_none")], lambda: LEFT_S)
    assert failed(answer) == ["m-0"]


def test_an_empty_batch_is_answered(workbench: Workbench) -> None:
    assert workbench.desk.work([], lambda: LEFT_S) == {"batchItemFailures": []}


def test_what_cannot_begin_in_time_comes_back_unclaimed(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    assert failed(workbench.desk.work([delivering(publication)], lambda: 5.0)) == ["m-0"]
    assert workbench.delivery(publication).history == ()


def test_a_message_of_an_earlier_version_does_nothing(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    stale = delivering(publication, version=0)
    assert failed(workbench.desk.work([stale], lambda: LEFT_S)) == []
    assert workbench.platform.asked == []


def test_a_message_that_names_no_target_of_the_publication_does_nothing(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    assert failed(workbench.desk.work([delivering(publication, channel="chn_2")], lambda: LEFT_S)) == []
    assert workbench.platform.asked == []


def test_ten_messages_read_their_publications_in_one_call(workbench: Workbench) -> None:
    records = [delivering(workbench.submit().publication, number) for number in range(10)]
    calls: list[str] = []
    aws.dynamodb().meta.events.register("before-call.dynamodb", lambda model, **_: calls.append(model.name))
    workbench.desk.work(records, lambda: LEFT_S)
    assert sorted(calls) == ["BatchGetItem", "GetItem"] + ["UpdateItem"] * 20  # the one read is of the breaker


def test_a_canceled_publications_message_cancels_what_had_not_begun(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.publications.cancel(publication)
    workbench.desk.work([delivering(publication)], lambda: LEFT_S)
    assert workbench.delivery(publication).state is DeliveryState.CANCELED
    assert workbench.platform.asked == []


def test_a_verify_message_is_passed_on(workbench: Workbench) -> None:
    asked: list[tuple[str, str]] = []
    desk = Desk(workbench.publications, workbench.courier, lambda *ids: asked.append(ids), lambda *_: None)
    desk.work([record(message.body(message.Verify(workspace="ws_1", channel="chn_1")))], lambda: LEFT_S)
    assert asked == [("ws_1", "chn_1")]


def test_log_lines_carry_ids_and_nothing_of_a_poison_message(
    workbench: Workbench, caplog: pytest.LogCaptureFixture
) -> None:
    workbench.desk.work([record(json.dumps({"v": 1, "kind": "deliver", "text": "private words"}))], lambda: LEFT_S)
    assert "private words" not in caplog.text
    assert caplog.records[-1].__dict__["message_id"] == "m-0"


def test_what_is_due_in_the_future_is_not_published_early(workbench: Workbench) -> None:
    publication = workbench.submit(publish_at=START + timedelta(seconds=60)).publication
    assert failed(workbench.desk.work([delivering(publication)], lambda: LEFT_S)) == []
    assert workbench.platform.asked == []


def test_messages_are_worked_even_where_their_publications_cannot_be_read_at_once(
    workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = workbench.submit().publication
    desk = workbench.desk

    def throttled(**_: object) -> None:
        raise BotoCoreError

    monkeypatch.setattr(aws.dynamodb(), "batch_get_item", throttled)
    assert failed(desk.work([delivering(publication)], lambda: LEFT_S)) == []
    assert workbench.delivery(publication).state is DeliveryState.PUBLISHED
