"""The values of attributes in DynamoDB's typed form: how they compare, what is made of them, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from botocore.exceptions import ClientError

Value = Mapping[str, Any]  # {"S": "text"}
MOST_AT_ONCE = 100


class Invalid(ClientError):  # noqa: N818 - named for what happened
    """DynamoDB refuses a request that makes no sense."""

    def __init__(self, why: str) -> None:
        super().__init__({"Error": {"Code": "ValidationException", "Message": why}}, "Request")


def compared(left: Value | None, operator: str, right: Value | None) -> bool:
    """A comparison as DynamoDB makes it: what is missing or of another type differs, and compares with nothing."""
    if left is None or right is None:
        return operator == "<>"
    ((left_type, a),) = left.items()
    ((right_type, b),) = right.items()
    if left_type != right_type:
        return operator == "<>"
    if left_type == "N":
        a, b = float(a), float(b)
    return bool(_COMPARES[operator](a, b))


_COMPARES: Mapping[str, Callable[[Any, Any], Any]] = dict(
    zip(("=", "<>", "<", "<=", ">", ">="), (eq, ne, lt, le, gt, ge), strict=True)
)


def between(value: Value | None, low: Value | None, high: Value | None) -> bool:
    """Whether a value lies in a span, both its ends included; a span that ends before it begins is refused."""
    if not compared(low, "<=", high):
        raise Invalid("a span that ends before it begins")
    return compared(value, ">=", low) and compared(value, "<=", high)


def begins(value: Value | None, start: Value) -> bool:
    """Whether a text begins so."""
    return value is not None and str(value.get("S", "")).startswith(start["S"])


def number(value: Value) -> float:
    """A number; whole where it is written so."""
    return float(value["N"]) if "." in value["N"] or "E" in value["N"] else int(value["N"])


def there(value: Value | None) -> Value:
    """The value of an attribute that must be there."""
    if value is None:
        raise Invalid("an attribute that is not there")
    return value


def distinct(keys: Sequence[Mapping[str, Value]]) -> None:
    """Refuse, as DynamoDB does, more than a hundred items at once, or one of them twice."""
    if len(keys) > MOST_AT_ONCE or len({str(sorted(key.items())) for key in keys}) < len(keys):
        raise Invalid("too many items, or one of them twice")
