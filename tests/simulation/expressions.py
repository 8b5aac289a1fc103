"""DynamoDB's condition, key condition and update expressions, as far as our code writes them; the rest is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.simulation.values import Invalid, Value, begins, between, compared, number, there

Item = Mapping[str, Value]
_TOKEN = re.compile(r"\s*(?:(<>|<=|>=|[=<>(),+\-])|([#:]?[A-Za-z_][A-Za-z0-9_]*))")
_FUNCTIONS = ("attribute_exists", "attribute_not_exists", "begins_with", "if_not_exists", "list_append")


@dataclass(frozen=True)
class Given:
    """What an expression is evaluated with: the item as it stands, and the request's names and values."""

    item: Item
    names: Mapping[str, str]
    values: Mapping[str, Value]

    def attribute(self, name: str) -> str:
        return self.names[name] if name.startswith("#") else name


Read = Callable[[Given], Any]


class Unsupported(NotImplementedError):  # noqa: N818
    """Our code began to write expressions this evaluator does not know."""


def holds(expression: str, given: Given) -> bool:
    """Whether a condition holds."""
    return bool(_condition(expression)(given))


def updated(expression: str, given: Given) -> dict[str, Value]:
    """The item after an update; every right side sees the item as it was."""
    changed = dict(given.item)
    for change in _update(expression):
        change(given, changed)
    return changed


@lru_cache(maxsize=1_000)
def placeholders(expressions: tuple[str, ...]) -> frozenset[str]:
    """The names and values that stand in these expressions."""
    return frozenset(re.findall(r"[#:][A-Za-z0-9_]+", " ".join(expressions)))


@lru_cache(maxsize=1_000)
def _condition(expression: str) -> Read:
    tokens = _Tokens(expression)
    read = tokens.any_of()
    tokens.end()
    return read


@lru_cache(maxsize=1_000)
def _update(expression: str) -> tuple[Callable[[Given, dict[str, Value]], None], ...]:
    tokens = _Tokens(expression)
    changes: list[Callable[[Given, dict[str, Value]], None]] = []
    while tokens.left:
        clause = tokens.take()
        one = {"SET": tokens.assignment, "REMOVE": tokens.removal, "ADD": tokens.addition}.get(clause.upper())
        if one is None:
            raise Unsupported(clause)
        changes.append(one())
        while tokens.took(","):
            changes.append(one())
    if len(set(tokens.changed)) < len(tokens.changed):
        raise Invalid("an attribute is changed twice")
    return tuple(changes)


class _Tokens:
    def __init__(self, expression: str) -> None:
        self.left: list[str] = []
        self.changed: list[str] = []  # the attributes an update changes
        at = 0
        while at < len(expression.rstrip()):
            match = _TOKEN.match(expression, at)
            if not match:
                raise Unsupported(expression)
            self.left.append(match[1] or match[2])
            at = match.end()

    def take(self) -> str:
        return self.left.pop(0)

    def took(self, token: str) -> bool:
        if self.left and self.left[0].upper() == token:
            self.left.pop(0)
            return True
        return False

    def expect(self, token: str) -> None:
        if not self.took(token):
            raise Unsupported(f"{token} expected before {self.left}")

    def end(self) -> None:
        if self.left:
            raise Unsupported(" ".join(self.left))

    # Conditions

    def any_of(self) -> Read:
        parts = [self._all_of()]
        while self.took("OR"):
            parts.append(self._all_of())
        return parts[0] if len(parts) == 1 else lambda given: any(part(given) for part in parts)

    def _all_of(self) -> Read:
        parts = [self._one()]
        while self.took("AND"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda given: all(part(given) for part in parts)

    def _one(self) -> Read:
        if self.took("NOT"):
            inner = self._one()
            return lambda given: not inner(given)
        if self.took("("):
            inner = self.any_of()
            self.expect(")")
            return inner
        if self.left[0] in {"attribute_exists", "attribute_not_exists"}:
            return self._existence(self.take())
        if self.took("BEGINS_WITH"):
            whole, start = self._pair()
            return lambda given: begins(whole(given), start(given))
        return self._comparison()

    def _existence(self, function: str) -> Read:
        self.expect("(")
        name = self.take()
        self.expect(")")
        wanted = function == "attribute_exists"
        return lambda given: (given.attribute(name) in given.item) is wanted

    def _comparison(self) -> Read:
        left, operator = self.value(), self.take().upper()
        if operator == "IN":
            self.expect("(")
            choices = [self.value()]
            while self.took(","):
                choices.append(self.value())
            self.expect(")")
            return lambda given: any(compared(left(given), "=", choice(given)) for choice in choices)
        if operator == "BETWEEN":
            low = self.value()
            self.expect("AND")
            high = self.value()
            return lambda given: between(left(given), low(given), high(given))
        right = self.value()
        return lambda given: compared(left(given), operator, right(given))

    # Updates

    def assignment(self) -> Callable[[Given, dict[str, Value]], None]:
        name = self._target()
        self.expect("=")
        read = self._sum()

        def assign(given: Given, changed: dict[str, Value]) -> None:
            changed[given.attribute(name)] = there(read(given))

        return assign

    def removal(self) -> Callable[[Given, dict[str, Value]], None]:
        name = self._target()
        return lambda given, changed: void(changed.pop(given.attribute(name), None))

    def addition(self) -> Callable[[Given, dict[str, Value]], None]:
        name, read = self._target(), self.value()

        def add(given: Given, changed: dict[str, Value]) -> None:
            attribute = given.attribute(name)
            before = given.item.get(attribute, {"N": "0"})
            changed[attribute] = {"N": str(number(before) + number(read(given)))}

        return add

    def _target(self) -> str:
        self.changed.append(self.take())
        return self.changed[-1]

    def _sum(self) -> Read:
        left = self.value()
        for sign, factor in (("+", 1), ("-", -1)):
            if self.took(sign):
                right = self.value()
                return lambda given: {"N": str(number(there(left(given))) + factor * number(there(right(given))))}
        return left

    def value(self) -> Read:
        token = self.take()
        if token == "if_not_exists":
            return self._if_not_exists()
        if token == "list_append":
            return self._list_append()
        if token in _FUNCTIONS or not re.match(r"[#:A-Za-z_]", token):
            raise Unsupported(token)
        if token.startswith(":"):
            return lambda given: given.values[token]
        return lambda given: given.item.get(given.attribute(token))

    def _pair(self) -> tuple[Read, Read]:
        self.expect("(")
        first = self.value()
        self.expect(",")
        second = self.value()
        self.expect(")")
        return first, second

    def _if_not_exists(self) -> Read:
        first, second = self._pair()

        def read(given: Given) -> Any:
            found = first(given)
            return second(given) if found is None else found

        return read

    def _list_append(self) -> Read:
        first, second = self._pair()
        return lambda given: {"L": [*there(first(given))["L"], *there(second(given))["L"]]}


def void(_: object) -> None:
    """Nothing, of something."""
