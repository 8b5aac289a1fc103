from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from publishing import aws
from publishing.model import DeliveryState

WHOLE = st.integers(-(10**30), 10**30)
LEAVES = st.none() | st.booleans() | st.text() | WHOLE | WHOLE.map(Decimal) | st.sampled_from(DeliveryState)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@given(VALUES)
def test_a_value_is_typed_as_boto3_types_it(value: Any) -> None:
    assert aws.marshal({"a": value}) == {"a": TypeSerializer().serialize(value)}


@given(VALUES)
def test_a_typed_value_is_read_as_boto3_reads_it(value: Any) -> None:
    typed = TypeSerializer().serialize(value)
    assert aws.unmarshal({"a": typed}) == {"a": TypeDeserializer().deserialize(typed)}


def test_bytes_come_back_as_they_were() -> None:
    assert aws.unmarshal(aws.marshal({"box": b"\x00\xff"})) == {"box": b"\x00\xff"}


def test_a_type_a_later_version_writes_is_no_obstacle() -> None:
    assert aws.unmarshal({"tags": {"SS": ["a", "b"]}}) == {"tags": ["a", "b"]}


@pytest.mark.parametrize("value", [1.5, {"a"}, object()])
def test_what_is_never_stored_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="does not store"):
        aws.marshal({"a": value})
