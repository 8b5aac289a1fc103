"""What is written to DynamoDB together, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.simulation.contract.services import Services


def noted(services: Services, condition: str, of: str = "PUBLICATION") -> dict[str, Any]:
    """A change that puts down a note."""
    return {"Update": services.change("SET note = :n", condition, of=of, n="n")}


class Transactions:
    """Cases for every implementation."""

    def test_several_items_are_changed_at_once(self, services: Services) -> None:
        services.put(version=1)
        here = noted(services, "attribute_exists(pk)")
        there = noted(services, "attribute_not_exists(pk)", of="DELIVERY#a")
        services.dynamodb.transact_write_items(TransactItems=[here, there])
        assert (services.stored(), services.stored("DELIVERY#a")) == ({"version": 1, "note": "n"}, {"note": "n"})

    def test_of_several_changes_none_is_made_where_one_cannot_be(self, services: Services) -> None:
        services.put(version=1)
        here = noted(services, "attribute_exists(pk)")
        there = noted(services, "attribute_exists(pk)", of="DELIVERY#a")
        with pytest.raises(services.dynamodb.exceptions.TransactionCanceledException) as failed:
            services.dynamodb.transact_write_items(TransactItems=[here, there])
        codes = [each["Code"] for each in failed.value.response["CancellationReasons"]]
        assert codes == ["None", "ConditionalCheckFailed"]
        assert (services.stored(), services.stored("DELIVERY#a")) == ({"version": 1}, {})

    def test_one_item_is_not_changed_twice_at_once(self, services: Services) -> None:
        change = noted(services, "attribute_not_exists(pk)")
        with pytest.raises(ClientError, match="ValidationException"):
            services.dynamodb.transact_write_items(TransactItems=[change, change])

    def test_a_change_that_makes_no_sense_spoils_the_others(self, services: Services) -> None:
        services.put(fence=1)
        broken = {"Update": services.change("SET fence = nothing + :one", "attribute_exists(pk)", one=1)}
        with pytest.raises(ClientError):
            services.dynamodb.transact_write_items(
                TransactItems=[noted(services, "attribute_not_exists(pk)", of="DELIVERY#a"), broken]
            )
        assert (services.stored(), services.stored("DELIVERY#a")) == ({"fence": 1}, {})

    def test_a_hundred_items_are_changed_at_once_and_no_more(self, services: Services) -> None:
        changes = [noted(services, "attribute_not_exists(pk)", of=f"DELIVERY#{number}") for number in range(101)]
        with pytest.raises(ClientError, match="ValidationException"):
            services.dynamodb.transact_write_items(TransactItems=changes)
        services.dynamodb.transact_write_items(TransactItems=changes[1:])
        assert (services.stored("DELIVERY#0"), services.stored("DELIVERY#100")) == ({}, {"note": "n"})
