"""The contract of the services in memory: the same cases run on them and on moto.

Where they part is in test_differences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from publishing import aws
from tests import cloud
from tests.simulation.world import World

TABLE = "publications"
URL = cloud.BASE + "blind"


@dataclass
class Services:
    """The clients of one implementation; `settle` lets indexes catch up, `bodies` receives all that is visible."""

    dynamodb: Any
    sqs: Any
    scheduler: Any
    settle: Callable[[], object]
    bodies: Callable[[], list[str]]


@pytest.fixture(params=["memory", "moto"])
def services(request: pytest.FixtureRequest) -> Iterator[Services]:
    """Each implementation in turn."""
    if request.param == "moto":
        with mock_aws():
            made = cloud.make(("blind",))
            yield Services(aws.dynamodb(), aws.sqs(), aws.scheduler(), list, lambda: made.received("blind"))
        return
    world = World(seed=1, scale=0.0)
    world.queues["blind"].poll = lambda: None  # nobody works it but the test

    def bodies() -> list[str]:
        world.loop.pause(1.0)
        return [message.body for message in world.queues["blind"].receive()]

    with world.open():
        yield Services(world.dynamodb, world.sqs, world.scheduler, lambda: world.loop.pause(5.0), bodies)


def put(services: Services, **values: Any) -> None:
    services.dynamodb.put_item(TableName=TABLE, Item=aws.marshal({"pk": "ws#pub", "sk": "PUBLICATION", **values}))


def update(services: Services, expression: str, condition: str = "attribute_exists(pk)", **values: Any) -> Any:
    return services.dynamodb.update_item(
        TableName=TABLE,
        Key=aws.marshal({"pk": "ws#pub", "sk": "PUBLICATION"}),
        UpdateExpression=expression,
        ConditionExpression=condition,
        ExpressionAttributeValues=aws.marshal({f":{name}": value for name, value in values.items()}),
        ReturnValues="ALL_NEW",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )


def stored(services: Services) -> dict[str, Any]:
    key = aws.marshal({"pk": "ws#pub", "sk": "PUBLICATION"})
    answer = services.dynamodb.get_item(TableName=TABLE, Key=key, ConsistentRead=True)
    return aws.unmarshal(answer.get("Item", {}))


def test_what_is_put_is_read(services: Services) -> None:
    put(services, version=1)
    assert stored(services) == {"pk": "ws#pub", "sk": "PUBLICATION", "version": 1}


def test_what_is_not_there_is_no_item(services: Services) -> None:
    assert stored(services) == {}


def test_a_put_on_condition_brings_back_what_stands_in_its_way(services: Services) -> None:
    put(services, version=1)
    with pytest.raises(services.dynamodb.exceptions.ConditionalCheckFailedException) as failed:
        services.dynamodb.put_item(
            TableName=TABLE,
            Item=aws.marshal({"pk": "ws#pub", "sk": "PUBLICATION", "version": 2}),
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert aws.unmarshal(failed.value.response["Item"])["version"] == 1


def test_an_update_answers_the_new_item(services: Services) -> None:
    put(services, fence=1, lease="x")
    answer = update(services, "SET fence = fence + :one, note = :note REMOVE lease", one=1, note="n")
    assert aws.unmarshal(answer["Attributes"]) == {"pk": "ws#pub", "sk": "PUBLICATION", "fence": 2, "note": "n"}


def test_an_update_makes_the_item_where_there_is_none(services: Services) -> None:
    update(services, "SET fence = if_not_exists(fence, :zero) + :one", "attribute_not_exists(pk)", zero=0, one=1)
    assert stored(services)["fence"] == 1


def test_every_right_side_sees_the_item_as_it_was(services: Services) -> None:
    put(services, one=1, two=2)
    update(services, "SET one = two, two = one", "one = :one", one=1)
    assert (stored(services)["one"], stored(services)["two"]) == (2, 1)


def test_lists_grow_at_their_end(services: Services) -> None:
    put(services)
    for number in (1, 2):
        update(
            services,
            "SET history = list_append(if_not_exists(history, :none), :event)",
            none=[],
            event=[{"at": number}],
        )
    assert [event["at"] for event in stored(services)["history"]] == [1, 2]


@pytest.mark.parametrize(
    ("condition", "values", "holds"),
    [
        ("fence = :n", {"n": 5}, True),
        ("fence = :n", {"n": 6}, False),
        ("fence <= :n AND kind IN (:a, :b)", {"n": 5, "a": "x", "b": "queued"}, True),
        ("kind IN (:a, :b)", {"a": "x", "b": "y"}, False),
        ("attribute_not_exists(lease) OR lease <= :t", {"t": "2026"}, True),
        ("lease <= :t", {"t": "2026"}, False),
        ("NOT (kind = :a OR fence > :n)", {"a": "held", "n": 5}, True),
        ("fence BETWEEN :low AND :high", {"low": 1, "high": 5}, True),
        ("kind = :n", {"n": 5}, False),
        ("kind <> :n", {"n": 5}, True),
        ("kind < :later", {"later": "r"}, True),
    ],
)
def test_conditions_hold_alike(services: Services, condition: str, values: dict[str, Any], *, holds: bool) -> None:
    put(services, fence=5, kind="queued")
    taken = True
    try:
        update(services, "SET touched = :yes", condition, yes=1, **values)
    except services.dynamodb.exceptions.ConditionalCheckFailedException:
        taken = False
    assert taken is holds


def test_values_that_no_expression_uses_are_refused(services: Services) -> None:
    put(services)
    with pytest.raises(ClientError, match="ValidationException"):
        update(services, "SET note = :note", note="n", unused=1)


def test_a_partition_is_read_whole_and_in_order(services: Services) -> None:
    for sort in ("DELIVERY#b", "PUBLICATION", "DELIVERY#a"):
        services.dynamodb.put_item(TableName=TABLE, Item=aws.marshal({"pk": "ws#pub", "sk": sort}))
    services.dynamodb.put_item(TableName=TABLE, Item=aws.marshal({"pk": "ws#other", "sk": "PUBLICATION"}))
    answer = services.dynamodb.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues=aws.marshal({":pk": "ws#pub"}),
        ConsistentRead=True,
    )
    assert [item["sk"]["S"] for item in answer["Items"]] == ["DELIVERY#a", "DELIVERY#b", "PUBLICATION"]


def change(sort: str, condition: str) -> dict[str, Any]:
    return {
        "Update": {
            "TableName": TABLE,
            "Key": aws.marshal({"pk": "ws#pub", "sk": sort}),
            "UpdateExpression": "SET note = :note",
            "ConditionExpression": condition,
            "ExpressionAttributeValues": aws.marshal({":note": "n"}),
        }
    }


def test_several_items_are_changed_at_once(services: Services) -> None:
    put(services, version=1)
    writes = [change("PUBLICATION", "attribute_exists(pk)"), change("DELIVERY#a", "attribute_not_exists(pk)")]
    services.dynamodb.transact_write_items(TransactItems=writes)
    assert stored(services)["note"] == "n"


def test_of_several_changes_none_is_made_where_one_cannot_be(services: Services) -> None:
    put(services, version=1)
    writes = [change("PUBLICATION", "attribute_exists(pk)"), change("DELIVERY#a", "attribute_exists(pk)")]
    with pytest.raises(services.dynamodb.exceptions.TransactionCanceledException) as failed:
        services.dynamodb.transact_write_items(TransactItems=writes)
    assert [each["Code"] for each in failed.value.response["CancellationReasons"]] == ["None", "ConditionalCheckFailed"]
    assert "note" not in stored(services)


def due(services: Services, **options: Any) -> list[str]:
    services.settle()
    answer = services.dynamodb.query(
        TableName=TABLE,
        IndexName="due",
        KeyConditionExpression="due_shard = :shard AND due_at <= :now",
        ExpressionAttributeValues=aws.marshal({":shard": "0", ":now": "5"}),
        **options,
    )
    return [item["pk"]["S"] for item in answer["Items"]]


def test_an_index_shows_in_order_what_has_its_keys(services: Services) -> None:
    for pk, extra in (("w#3", {"due_at": "3"}), ("w#1", {"due_at": "1"}), ("w#9", {"due_at": "9"}), ("w#0", {})):
        item = {"pk": pk, "sk": "PUBLICATION", "due_shard": "0", **extra}
        services.dynamodb.put_item(TableName=TABLE, Item=aws.marshal(item))
    assert due(services) == ["w#1", "w#3"]
    assert due(services, Limit=1) == ["w#1"]


def test_a_page_goes_on_after_an_item_that_is_gone(services: Services) -> None:
    for number in ("1", "2", "3"):
        item = {"pk": f"w#{number}", "sk": "PUBLICATION", "due_shard": "0", "due_at": number}
        services.dynamodb.put_item(TableName=TABLE, Item=aws.marshal(item))
    gone = aws.marshal({"pk": "w#1", "sk": "PUBLICATION"})
    services.dynamodb.delete_item(TableName=TABLE, Key=gone)
    start = {**gone, **aws.marshal({"due_shard": "0", "due_at": "1"})}
    assert due(services, Limit=1, ExclusiveStartKey=start) == ["w#2"]


def test_what_loses_an_indexs_key_leaves_it(services: Services) -> None:
    put(services, due_shard="0", due_at="1")
    update(services, "REMOVE due_at, due_shard", "due_at = :seen", seen="1")
    assert due(services) == []


def test_several_items_are_read_at_once(services: Services) -> None:
    put(services)
    keys = [aws.marshal({"pk": pk, "sk": "PUBLICATION"}) for pk in ("ws#pub", "ws#none")]
    services.settle()
    answer = services.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys}})
    assert [item["pk"]["S"] for item in answer["Responses"][TABLE]] == ["ws#pub"]


def test_a_batch_of_messages_is_taken_and_received(services: Services) -> None:
    entries = [{"Id": str(number), "MessageBody": f"body {number}"} for number in range(3)]
    answer = services.sqs.send_message_batch(QueueUrl=URL, Entries=entries)
    assert [each["Id"] for each in answer["Successful"]] == ["0", "1", "2"]
    assert sorted(services.bodies()) == ["body 0", "body 1", "body 2"]


def test_a_delayed_message_is_not_received_before(services: Services) -> None:
    services.sqs.send_message_batch(QueueUrl=URL, Entries=[{"Id": "0", "MessageBody": "b", "DelaySeconds": 900}])
    assert services.bodies() == []


def test_two_schedules_of_one_name_conflict(services: Services) -> None:
    environment = cloud.environment()
    at = cloud.START + timedelta(days=365)
    schedule = {
        "Name": "pub_1-v1",
        "GroupName": environment["schedule_group"],
        "ScheduleExpression": f"at({at:%Y-%m-%dT%H:%M:%S})",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": environment["due_queue_arn"], "RoleArn": environment["schedule_role_arn"], "Input": "{}"},
    }
    services.scheduler.create_schedule(**schedule)
    with pytest.raises(services.scheduler.exceptions.ConflictException):
        services.scheduler.create_schedule(**schedule)
