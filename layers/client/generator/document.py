"""The OpenAPI document as the generator reads it: each operation and model, and what it hangs on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Node = Mapping[str, Any]
SHARED = "shared"  # what more than one tag's operations speak of
_REF = re.compile(r'"#/components/schemas/(\w+)"')
_JSON = "application/json"
_UNCHANGED, _PROBLEMS = 304, range(400, 600)


@dataclass(frozen=True)
class Described:
    """One operation."""

    method: str
    path: str
    node: Node

    @property
    def name(self) -> str:
        """Its id in snake_case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.node["operationId"]).lower()

    @property
    def module(self) -> str:
        """Where it stands: its tag."""
        tag: str = self.node["tags"][0]
        return tag.replace("-", "_")

    @property
    def says(self) -> str:
        """What it does, and who may."""
        return f"{self.node['summary']}. {self.node['description']}"

    @property
    def is_public(self) -> bool:
        """Whether it is asked without a key."""
        return self.node.get("security") == []

    def parameters(self, where: str) -> list[Node]:
        """What it takes in its path, query or header."""
        return [each for each in self.node["parameters"] if each["in"] == where]

    def takes(self, header: str) -> bool:
        """Whether it takes this header."""
        return any(each["name"] == header for each in self.parameters("header"))

    @property
    def body(self) -> Node | None:
        """The schema of what it is sent."""
        found: Node | None = (
            self.node["requestBody"]["content"][_JSON]["schema"] if "requestBody" in self.node else None
        )
        return found

    @property
    def answers(self) -> dict[int, Node]:
        """What is no problem, by status; 304 answers what is not asked here."""
        found = {int(status): answer.get("content", {}) for status, answer in self.node["responses"].items()}
        return {
            status: content
            for status, content in found.items()
            if status != _UNCHANGED and (status not in _PROBLEMS or _JSON in content)
        }

    @property
    def models(self) -> list[Node]:
        """The schemas of its answers, if they are JSON."""
        return [content[_JSON]["schema"] for content in self.answers.values() if _JSON in content]


@dataclass(frozen=True)
class Document:
    """The whole of it."""

    node: Node

    @cached_property
    def operations(self) -> list[Described]:
        """Every operation, in the document's order."""
        return [
            Described(method.upper(), path, node)
            for path, found in self.node["paths"].items()
            for method, node in found.items()
        ]

    @property
    def schemas(self) -> Node:
        """Every model, by name."""
        found: Node = self.node["components"]["schemas"]
        return found

    @cached_property
    def homes(self) -> dict[str, str]:
        """In which module each model stands: its tag's, if only that one's operations speak of it."""
        speaking: dict[str, set[str]] = {}
        for operation in self.operations:
            for name in self._reached(operation.node):
                speaking.setdefault(name, set()).add(operation.module)
        return {name: tags.pop() if len(tags) == 1 else SHARED for name, tags in speaking.items()}

    def _reached(self, node: Node) -> set[str]:
        found: set[str] = set()
        ahead = names_in(node)
        while ahead:
            found |= ahead
            ahead = {inner for name in ahead for inner in names_in(self.schemas[name])} - found
        return found


def names_in(node: object) -> set[str]:
    """The models that are named in it."""
    return set(_REF.findall(json.dumps(node)))
