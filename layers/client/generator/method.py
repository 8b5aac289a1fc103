"""Writes the method of one operation, typed in what it is sent and in what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from layers.client.generator.document import Described, Document, Node, names_in
from layers.client.generator.schemas import annotation
from layers.client.generator.text import docstring, identifier

_REDIRECTIONS = range(300, 400)
_HEADERS = {"If-Match": "if_match", "Idempotency-Key": "idempotency_key"}


@dataclass(frozen=True)
class Method:
    """One operation's method."""

    operation: Described
    document: Document

    @property
    def uses(self) -> set[str]:
        """The models its signature speaks of."""
        return names_in([self._body or {}, self._item or self.operation.models])

    def lines(self) -> list[str]:
        """The method, line by line."""
        head = f"def {self.operation.name}({', '.join(self._parameters())}) -> {self._answer}:"
        return [head, *(f"    {line}" for line in [*docstring(self.operation.says, 112), *self._does()])]

    # What it takes

    @property
    def _parts(self) -> list[str]:
        return [identifier(each["name"]) for each in self.operation.parameters("path")]

    @property
    def _body(self) -> Node | None:
        """What it is sent, if there is anything to say."""
        body = self.operation.body
        return body if body and any(self.document.schemas[name].get("properties") for name in names_in(body)) else None

    @property
    def _body_is_required(self) -> bool:
        return bool(self.operation.node["requestBody"]["required"])

    def _parameters(self) -> Iterator[str]:
        yield "self"
        yield from (f"{name}: str" for name in self._parts)
        if self._body:
            typed = annotation(self._body)
            yield f"body: {typed}" if self._body_is_required else f"body: {typed} | None = None"
        named = [*map(_query, self.operation.parameters("query")), *self._headers()]
        yield from ["*", *named] if named else []

    def _headers(self) -> Iterator[str]:
        yield from (f"{name}: str | None = None" for header, name in _HEADERS.items() if self.operation.takes(header))

    # What it answers

    @property
    def _item(self) -> Node | None:
        """What a listing lists: it has a cursor, and pages with items."""
        if not any(each["name"] == "cursor" for each in self.operation.parameters("query")):
            return None
        (page,) = (self.document.schemas[name] for name in names_in(self.operation.models))
        item: Node = page["properties"]["items"]["items"]
        return item

    @property
    def _reads(self) -> str:
        """Which way of `Caller` it reads the answer."""
        contents = list(self.operation.answers.values())
        if self._item:
            return "_items"
        if self.operation.models:
            return "_document"
        if any(contents):
            return "_bytes"
        return "_address" if min(self.operation.answers) in _REDIRECTIONS else "_nothing"

    @property
    def _answer(self) -> str:
        if self._item:
            return f"Iterator[{annotation(self._item)}]"
        read = {"_bytes": "bytes", "_address": "str", "_nothing": "None"}
        return read.get(self._reads) or " | ".join(dict.fromkeys(map(annotation, self.operation.models)))

    # What it does

    def _does(self) -> Iterator[str]:
        call = f"Call({', '.join(self._call())})"
        if self._reads == "_document":
            yield f"answer: {self._answer} = self._document({call})"
            yield "return answer"
        else:
            yield f"{'' if self._reads == '_nothing' else 'return '}self.{self._reads}({call})"

    def _call(self) -> Iterator[str]:
        address = repr(self.operation.path)
        if self._parts:
            address = f"path({re.sub('{.*?}', '{}', address)}, {', '.join(self._parts)})"
        yield from (repr(self.operation.method), address, f"answers={tuple(self.operation.answers)}")
        if query := self.operation.parameters("query"):
            pairs = (f"{each['name']!r}: {identifier(each['name'])}" for each in query)
            yield f"query={{{', '.join(pairs)}}}"
        if self.operation.body:
            yield f"body={self._sent}"
        if self.operation.takes("If-Match"):
            yield "if_match=if_match"
        if self.operation.takes("Idempotency-Key"):
            yield "idempotency_key=idempotency_key or new_key()"
        if self.operation.is_public:
            yield "public=True"

    @property
    def _sent(self) -> str:
        if not self._body:
            return "{}"
        return "body" if self._body_is_required else "body or {}"


def _query(parameter: Node) -> str:
    name, typed = identifier(parameter["name"]), annotation(parameter["schema"])
    if parameter.get("required"):
        return f"{name}: {typed}"
    return f"{name}: {typed} = None" if typed.endswith("| None") else f"{name}: {typed} | None = None"
