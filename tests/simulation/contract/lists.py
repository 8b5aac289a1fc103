"""What is read from DynamoDB in pages, from a table and from an index, and by many keys at once."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from publishing import aws
from tests.simulation.contract.services import TABLE, Services

TEXT_BYTES = 390 * 1024


def listed(services: Services, condition: str = "due_shard = :shard", **options: Any) -> Any:
    """What the `due` index answers for the case's own shard once it shows all that was written."""
    services.settle()
    return queried(services, condition, **options)


def queried(services: Services, condition: str = "due_shard = :shard", **options: Any) -> Any:
    """What it answers at once."""
    values = aws.marshal({":shard": services.own, **options.pop("values", {})})
    return services.dynamodb.query(
        TableName=TABLE,
        IndexName="due",
        KeyConditionExpression=condition,
        ExpressionAttributeValues=values,
        **options,
    )


def due(services: Services, condition: str = "due_shard = :shard", **options: Any) -> list[str]:
    """When each of these is due."""
    return [item["due_at"]["S"] for item in listed(services, condition, **options)["Items"]]


def fill(services: Services, *times: str) -> None:
    """Store a publication due at each of these times."""
    for time in times:
        services.put(f"PUBLICATION#{time}", due_shard=services.own, due_at=time, text="t", id="i")


class Lists:
    """Cases for every implementation."""

    def test_a_partition_is_read_whole_and_in_order(self, services: Services) -> None:
        for sort in ("DELIVERY#b", "PUBLICATION", "DELIVERY#a"):
            services.put(sort)
        answer = services.dynamodb.query(
            TableName=TABLE,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": services.item()["pk"]},
            ConsistentRead=True,
        )
        assert [item["sk"]["S"] for item in answer["Items"]] == ["DELIVERY#a", "DELIVERY#b", "PUBLICATION"]

    def test_a_partition_is_read_from_its_end_where_keys_begin_alike(self, services: Services) -> None:
        for sort in ("CHANNEL#a", "CHANNEL#b", "KEY#a", "WORKSPACE"):
            services.put(sort)
        answer = services.dynamodb.query(
            TableName=TABLE,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :start)",
            ExpressionAttributeValues={":pk": services.item()["pk"], ":start": {"S": "CHANNEL#"}},
            ScanIndexForward=False,
        )
        assert [item["sk"]["S"] for item in answer["Items"]] == ["CHANNEL#b", "CHANNEL#a"]

    def test_an_index_shows_in_order_what_has_its_keys(self, services: Services) -> None:
        fill(services, "3", "1", "2")
        services.put("without", due_shard=services.own)
        assert due(services) == ["1", "2", "3"]

    def test_an_index_shows_what_it_projects_and_no_more(self, services: Services) -> None:
        fill(services, "1")
        assert sorted(listed(services)["Items"][0]) == ["due_at", "due_shard", "id", "pk", "sk"]

    @pytest.mark.parametrize(
        ("condition", "values", "found"),
        [
            ("due_at BETWEEN :since AND :until", {":since": "2", ":until": "3"}, ["2", "3"]),
            ("due_at BETWEEN :since AND :until", {":since": "2", ":until": "2"}, ["2"]),
            ("due_at BETWEEN :since AND :until", {":since": "5", ":until": "9"}, []),
            ("due_at <= :now", {":now": "2"}, ["1", "2"]),
        ],
    )
    def test_a_span_of_an_index_has_both_its_ends(
        self, services: Services, condition: str, values: dict[str, str], found: list[str]
    ) -> None:
        fill(services, "1", "2", "3", "4")
        assert due(services, f"due_shard = :shard AND {condition}", values=values) == found

    def test_an_index_is_read_from_its_end(self, services: Services) -> None:
        fill(services, "1", "2", "3")
        assert due(services, ScanIndexForward=False, Limit=2) == ["3", "2"]

    def test_a_span_that_ends_before_it_begins_is_refused_in_a_query(self, services: Services) -> None:
        with pytest.raises(ClientError, match="ValidationException"):
            due(services, "due_shard = :shard AND due_at BETWEEN :b AND :a", values={":a": "1", ":b": "2"})

    def test_an_index_lags_behind(self, services: Services) -> None:
        for number in range(20):
            services.put(f"PUBLICATION#{number}", due_shard=services.own, due_at="1")
        assert len(queried(services)["Items"]) < 20

    def test_an_index_of_one_key_shows_everything(self, services: Services) -> None:
        item = services.item("KEY#a", key_hash=services.own, role="admin")
        services.dynamodb.put_item(TableName="channels", Item=item)
        services.settle()
        answer = services.dynamodb.query(
            TableName="channels",
            IndexName="by_key_hash",
            KeyConditionExpression="key_hash = :hash",
            ExpressionAttributeValues=aws.marshal({":hash": services.own}),
            Limit=1,
        )
        assert answer["Items"] == [item]

    def test_a_page_that_is_full_tells_where_the_next_begins_even_if_that_is_empty(self, services: Services) -> None:
        fill(services, "1", "2")
        first = listed(services, Limit=2)
        assert "LastEvaluatedKey" in first
        rest = listed(services, Limit=2, ExclusiveStartKey=first["LastEvaluatedKey"])
        assert (len(first["Items"]), rest["Items"], "LastEvaluatedKey" in rest) == (2, [], False)

    def test_pages_follow_one_another_to_the_end(self, services: Services) -> None:
        fill(services, "1", "2", "3")
        first = listed(services, Limit=2)
        rest = listed(services, Limit=2, ExclusiveStartKey=first["LastEvaluatedKey"])
        assert [len(first["Items"]), len(rest["Items"]), "LastEvaluatedKey" in rest] == [2, 1, False]

    def test_pages_follow_one_another_backward(self, services: Services) -> None:
        fill(services, "1", "2", "3")
        first = listed(services, Limit=2, ScanIndexForward=False)
        last = first["LastEvaluatedKey"]
        assert due(services, Limit=2, ScanIndexForward=False, ExclusiveStartKey=last) == ["1"]

    def test_pages_of_a_table_follow_one_another_backward(self, services: Services) -> None:
        for name in "abc":
            services.put(f"CHANNEL#{name}")
        request = {
            "TableName": TABLE,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :start)",
            "ExpressionAttributeValues": {":pk": services.item()["pk"], ":start": {"S": "CHANNEL#"}},
            "ScanIndexForward": False,
            "Limit": 2,
        }
        first = services.dynamodb.query(**request)
        rest = services.dynamodb.query(**request, ExclusiveStartKey=first["LastEvaluatedKey"])
        assert [item["sk"]["S"] for item in (*first["Items"], *rest["Items"])] == [f"CHANNEL#{name}" for name in "cba"]

    def test_a_page_ends_at_a_megabyte(self, services: Services) -> None:
        for name in "abc":
            services.put(name, text="x" * TEXT_BYTES)
        values = {":pk": services.item()["pk"]}
        answer = services.dynamodb.query(
            TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues=values
        )
        assert "LastEvaluatedKey" in answer

    def test_where_a_page_ends_is_told_by_the_keys_alone(self, services: Services) -> None:
        fill(services, "1")
        services.put("other", due_shard=services.own, due_at="2")
        assert sorted(listed(services, Limit=1)["LastEvaluatedKey"]) == ["due_at", "due_shard", "pk", "sk"]

    def test_a_page_that_is_not_full_is_the_last(self, services: Services) -> None:
        fill(services, "1")
        assert "LastEvaluatedKey" not in listed(services, Limit=2)

    def test_pages_go_on_among_those_of_one_time(self, services: Services) -> None:
        for name in ("c", "a", "b"):
            services.put(name, due_shard=services.own, due_at="1")
        first = listed(services, Limit=1)
        rest = listed(services, ExclusiveStartKey=first["LastEvaluatedKey"])
        assert [item["sk"]["S"] for item in (*first["Items"], *rest["Items"])] == ["a", "b", "c"]

    @pytest.mark.parametrize(("forward", "following"), [(True, ["3"]), (False, ["1"])])
    def test_a_page_goes_on_after_an_item_that_is_gone(
        self, services: Services, *, forward: bool, following: list[str]
    ) -> None:
        fill(services, "1", "2", "3")
        gone = services.item("PUBLICATION#2")
        services.dynamodb.delete_item(TableName=TABLE, Key=gone)
        start = {**gone, **aws.marshal({"due_shard": services.own, "due_at": "2"})}
        assert due(services, ScanIndexForward=forward, ExclusiveStartKey=start) == following

    def test_what_loses_an_indexs_key_leaves_it(self, services: Services) -> None:
        services.put(due_shard=services.own, due_at="1")
        services.update("REMOVE due_at, due_shard", "due_at = :seen", seen="1")
        assert due(services) == []

    def test_what_changes_an_indexs_key_moves_in_it(self, services: Services) -> None:
        services.put(due_shard=services.own, due_at="1")
        services.update("SET due_at = :at", "due_at = :seen", at="5", seen="1")
        assert due(services) == ["5"]

    def test_several_items_are_read_at_once(self, services: Services) -> None:
        services.put()
        services.put("DELIVERY#a")
        services.settle()
        keys = [services.item(sort) for sort in ("PUBLICATION", "DELIVERY#a", "DELIVERY#b")]
        answer = services.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys}})
        assert sorted(item["sk"]["S"] for item in answer["Responses"][TABLE]) == ["DELIVERY#a", "PUBLICATION"]
        assert not answer["UnprocessedKeys"]

    def test_nothing_is_read_twice_at_once(self, services: Services) -> None:
        with pytest.raises(ClientError, match="ValidationException"):
            services.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": [services.item(), services.item()]}})

    def test_a_hundred_items_are_read_at_once_and_no_more(self, services: Services) -> None:
        keys = [services.item(f"DELIVERY#{number}") for number in range(101)]
        with pytest.raises(ClientError, match="ValidationException"):
            services.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys}})
        assert services.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys[1:]}})["Responses"][TABLE] == []

    def test_of_more_than_16_mb_at_once_some_are_left_for_another_time(self, services: Services) -> None:
        for number in range(44):
            services.put(f"DELIVERY#{number}", text="x" * TEXT_BYTES)
        keys = [services.item(f"DELIVERY#{number}") for number in range(44)]
        answer = services.dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys}})
        left = answer["UnprocessedKeys"].get(TABLE, {"Keys": []})["Keys"]
        assert left
        assert len(answer["Responses"][TABLE]) + len(left) == 44

    def test_items_of_a_table_with_one_key_are_read_at_once(self, services: Services) -> None:
        items = [aws.marshal({"pk": f"{services.own}#{number}", "failures": number}) for number in (1, 2)]
        for item in items:
            services.dynamodb.put_item(TableName="operations", Item=item)
        wanted = {"operations": {"Keys": [{"pk": item["pk"]} for item in items], "ConsistentRead": True}}
        found = services.dynamodb.batch_get_item(RequestItems=wanted)["Responses"]["operations"]
        assert sorted(found, key=lambda item: item["pk"]["S"]) == items
