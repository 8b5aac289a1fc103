"""Which conditions hold in DynamoDB, and what it refuses because it makes no sense."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulation.contract.services import TABLE, Services

REFUSED = "ValidationException"


class Conditions:
    """Cases for every implementation."""

    @pytest.mark.parametrize(
        ("condition", "values", "holds"),
        [
            ("fence = :n", {"n": 5}, True),
            ("fence = :n", {"n": 6}, False),
            ("fence <= :n AND kind IN (:a, :b)", {"n": 5, "a": "x", "b": "queued"}, True),
            ("kind IN (:a, :b)", {"a": "x", "b": "y"}, False),
            ("attribute_not_exists(lease) OR lease <= :t", {"t": "2026"}, True),
            ("lease <= :t", {"t": "2026"}, False),
            ("lease <> :t", {"t": "2026"}, True),
            ("lease BETWEEN :t AND :t", {"t": "2026"}, False),
            ("lease IN (:t)", {"t": "2026"}, False),
            ("attribute_not_exists(pk) OR (kind = :a AND fence = :n)", {"a": "queued", "n": 5}, True),
            ("attribute_not_exists(pk) OR fence <= :n OR kind = :a", {"a": "x", "n": 4}, False),
            ("attribute_exists(pk) AND attribute_not_exists(lease)", {}, True),
            ("NOT (kind = :a OR fence > :n)", {"a": "held", "n": 5}, True),
            ("NOT kind = :a AND fence = :n", {"a": "held", "n": 5}, True),
            ("kind = :a OR fence = :n AND fence > :n", {"a": "queued", "n": 5}, True),
            ("fence BETWEEN :low AND :high", {"low": 1, "high": 5}, True),
            ("fence BETWEEN :low AND :high", {"low": 6, "high": 6}, False),
            ("fence BETWEEN :low AND :high AND kind = :a", {"low": 1, "high": 5, "a": "x"}, False),
            ("kind = :n", {"n": 5}, False),
            ("kind <> :n", {"n": 5}, True),
            ("kind < :later", {"later": "r"}, True),
            ("fence >= :n AND kind >= :a", {"n": 5, "a": "queued"}, True),
            ("fence >= :n", {"n": 6}, False),
            ("begins_with(kind, :start)", {"start": "que"}, True),
            ("begins_with(kind, :start)", {"start": "ueu"}, False),
            ("gone = :nothing", {"nothing": None}, True),
            ("truth = :yes", {"yes": True}, True),
        ],
    )
    def test_conditions_hold_alike(
        self, services: Services, condition: str, values: dict[str, Any], *, holds: bool
    ) -> None:
        services.put(fence=5, kind="queued", gone=None, truth=True)
        taken = True
        try:
            services.update("SET touched = :at", condition, at=1, **values)
        except services.dynamodb.exceptions.ConditionalCheckFailedException:
            taken = False
        assert taken is holds

    @pytest.mark.parametrize(
        ("expression", "values"),
        [
            ("SET note = :note", {"note": "n", "unused": 1}),
            ("SET note = nothing", {}),
            ("SET fence = nothing + :one", {"one": 1}),
            ("SET history = list_append(nothing, :event)", {"event": [1]}),
            ("SET pk = :other", {"other": "x"}),
        ],
    )
    def test_changes_that_make_no_sense_are_refused(
        self, services: Services, expression: str, values: dict[str, Any]
    ) -> None:
        services.put(fence=1)
        with pytest.raises(ClientError, match=REFUSED):
            services.update(expression, **values)
        assert services.stored() == {"fence": 1}

    @pytest.mark.parametrize("expression", ["SET fence = :one, fence = :one", "SET fence = :one REMOVE fence"])
    def test_one_attribute_is_not_changed_twice(self, services: Services, expression: str) -> None:
        with pytest.raises(ClientError, match=REFUSED):
            services.update(expression, "attribute_not_exists(pk)", one=1)

    def test_a_span_that_ends_before_it_begins_is_refused(self, services: Services) -> None:
        services.put(fence=1)
        with pytest.raises(ClientError, match=REFUSED):
            services.update("SET fence = :low", "fence BETWEEN :high AND :low", high=2, low=1)

    def test_a_name_that_is_not_used_is_refused(self, services: Services) -> None:
        request = services.change("SET fence = :one", "attribute_not_exists(pk)", one=1)
        with pytest.raises(ClientError, match=REFUSED):
            services.dynamodb.update_item(**request, ExpressionAttributeNames={"#state": "state"})

    def test_no_names_at_all_are_left_out(self, services: Services) -> None:
        request = services.change("SET fence = :one", "attribute_not_exists(pk)", one=1)
        with pytest.raises(ClientError, match=REFUSED):
            services.dynamodb.update_item(**request, ExpressionAttributeNames={})

    def test_no_values_at_all_are_left_out(self, services: Services) -> None:
        request = services.change("REMOVE fence", "attribute_not_exists(pk)")
        with pytest.raises(ClientError, match=REFUSED):
            services.dynamodb.update_item(**request, ExpressionAttributeValues={})

    def test_a_value_that_is_not_given_is_refused(self, services: Services) -> None:
        with pytest.raises(ClientError, match=REFUSED):
            services.update("SET fence = :one, note = :note", "attribute_not_exists(pk)", one=1)

    def test_a_word_that_is_reserved_is_refused(self, services: Services) -> None:
        with pytest.raises(ClientError, match=REFUSED):
            services.update("SET state = :held", "attribute_not_exists(pk)", held="held")

    def test_an_empty_key_is_refused(self, services: Services) -> None:
        with pytest.raises(ClientError, match=REFUSED):
            services.put("")

    def test_an_item_of_more_than_400_kb_is_refused(self, services: Services) -> None:
        with pytest.raises(ClientError, match=REFUSED):
            services.dynamodb.put_item(TableName=TABLE, Item=services.item(text="x" * 400 * 1024))
