"""What is written to DynamoDB one item at a time, and what is told where a condition does not hold."""

from __future__ import annotations

import pytest

from publishing import aws
from tests.simulation.contract.services import TABLE, Services


class Items:
    """Cases for every implementation."""

    def test_what_is_put_is_read(self, services: Services) -> None:
        services.put(version=1)
        assert services.stored() == {"version": 1}

    def test_what_is_not_there_is_no_item(self, services: Services) -> None:
        assert services.stored() == {}

    def test_a_put_on_condition_brings_back_what_stands_in_its_way(self, services: Services) -> None:
        services.put(version=1)
        with pytest.raises(services.dynamodb.exceptions.ConditionalCheckFailedException) as failed:
            services.dynamodb.put_item(
                TableName=TABLE,
                Item=services.item(version=2),
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        assert aws.unmarshal(failed.value.response["Item"])["version"] == 1

    def test_an_update_brings_back_what_stands_in_its_way(self, services: Services) -> None:
        services.put(version=1)
        with pytest.raises(services.dynamodb.exceptions.ConditionalCheckFailedException) as failed:
            services.update("SET version = :two", "version = :two", two=2)
        assert aws.unmarshal(failed.value.response["Item"])["version"] == 1

    def test_where_nothing_stands_in_the_way_of_a_condition_nothing_is_brought_back(self, services: Services) -> None:
        with pytest.raises(services.dynamodb.exceptions.ConditionalCheckFailedException) as failed:
            services.update("SET version = :two", two=2)
        assert "Item" not in failed.value.response

    def test_a_put_replaces_the_whole_item(self, services: Services) -> None:
        services.put(version=1, lease="x")
        services.put(version=2)
        assert services.stored() == {"version": 2}

    def test_an_update_answers_the_new_item(self, services: Services) -> None:
        services.put(fence=1, lease="x")
        answer = services.update("SET fence = fence + :one, note = :note REMOVE lease", one=1, note="n")
        assert answer == aws.unmarshal(services.item(fence=2, note="n"))

    def test_an_update_makes_the_item_where_there_is_none(self, services: Services) -> None:
        services.update("SET fence = if_not_exists(fence, :zero) + :one", "attribute_not_exists(pk)", zero=0, one=1)
        assert services.stored() == {"fence": 1}

    def test_every_right_side_sees_the_item_as_it_was(self, services: Services) -> None:
        services.put(one=1, two=2)
        services.update("SET one = two, two = one", "one = :one", one=1)
        assert services.stored() == {"one": 2, "two": 1}

    def test_a_condition_sees_the_item_as_it_was(self, services: Services) -> None:
        services.put(next_token=5)
        near = "next_token BETWEEN :low AND :high"
        services.update("SET next_token = next_token + :count", near, count=9, low=5, high=5)
        assert services.stored() == {"next_token": 14}

    def test_a_number_is_taken_off_another(self, services: Services) -> None:
        services.put(waits=3)
        services.update("SET waits = waits - :one", one=1)
        assert services.stored() == {"waits": 2}

    def test_a_moment_in_milliseconds_is_kept_whole(self, services: Services) -> None:
        services.put(taken_ms=1_795_245_959_211)
        services.update("SET taken_ms = taken_ms + :one", "taken_ms < :later", one=1, later=1_795_245_959_212)
        assert services.stored() == {"taken_ms": 1_795_245_959_212}

    def test_numbers_are_compared_as_numbers(self, services: Services) -> None:
        services.put(failures=10)
        services.update("SET failures = :zero", "failures > :nine", zero=0, nine=9)
        assert services.stored() == {"failures": 0}

    def test_lists_grow_at_their_end(self, services: Services) -> None:
        services.put()
        for number in (1, 2):
            services.update(
                "SET history = list_append(if_not_exists(history, :none), :event)", none=[], event=[{"at": number}]
            )
        assert services.stored() == {"history": [{"at": 1}, {"at": 2}]}

    def test_what_is_not_there_may_be_removed(self, services: Services) -> None:
        services.put(failures=1)
        services.update("SET failures = :zero REMOVE probe", zero=0)
        assert services.stored() == {"failures": 0}

    def test_names_stand_in_for_words_that_are_reserved(self, services: Services) -> None:
        services.put(state="queued")
        request = services.change("SET #state = :held", "#state IN (:queued, :held)", queued="queued", held="held")
        services.dynamodb.update_item(**request, ExpressionAttributeNames={"#state": "state"})
        assert services.stored() == {"state": "held"}

    def test_what_is_deleted_is_gone(self, services: Services) -> None:
        services.put()
        delete = {"TableName": TABLE, "Key": services.item(), "ConditionExpression": "attribute_exists(pk)"}
        services.dynamodb.delete_item(**delete)
        with pytest.raises(services.dynamodb.exceptions.ConditionalCheckFailedException):
            services.dynamodb.delete_item(**delete)

    def test_an_item_of_a_table_with_one_key_is_counted_up_and_read(self, services: Services) -> None:
        key = aws.marshal({"pk": services.own})
        for _ in range(2):
            services.dynamodb.update_item(
                TableName="operations",
                Key=key,
                UpdateExpression="SET expires_at = :at, failures = if_not_exists(failures, :zero) + :one REMOVE probe",
                ConditionExpression="attribute_not_exists(pk) OR (failures < :row AND expires_at > :now)",
                ExpressionAttributeValues=aws.marshal({":at": 9, ":zero": 0, ":one": 1, ":row": 5, ":now": 8}),
            )
        answer = services.dynamodb.get_item(TableName="operations", Key=key, ConsistentRead=True)
        assert aws.unmarshal(answer["Item"]) == {"pk": services.own, "expires_at": 9, "failures": 2}
