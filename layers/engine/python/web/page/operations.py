"""One operation on the page: its address, what it takes and answers, and how to ask it with curl."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from web.page.html import Html, code, marked, phrase, table, tag, text
from web.page.samples import sample
from web.page.schemas import Node, fields, kind, limits, name_of

METHODS = ("get", "post", "put", "patch", "delete")
OWN = ("API", "KEY")  # variables in commands that are the reader's own


@dataclass(frozen=True, slots=True)
class Described:
    """An operation as the document describes it, at its address."""

    method: str
    path: str
    node: Node
    models: Mapping[str, Node]

    @property
    def id(self) -> str:
        """What the document calls it; its anchor on the page, too."""
        return str(self.node["operationId"])

    @property
    def summary(self) -> str:
        """What it does."""
        return str(self.node["summary"])

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(self.node["tags"][0])

    @property
    def body(self) -> Node | None:
        """The schema of its body, where it takes one."""
        content = self.node.get("requestBody", {}).get("content", {})
        return next((each["schema"] for each in content.values()), None)


def described(document: Node) -> Iterator[Described]:
    """All operations of a document, in its order."""
    models = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield Described(method.upper(), path, methods[method], models)


def section(operation: Described) -> Html:
    """All of it."""
    node = operation.node
    return tag(
        "section",
        tag("h3", tag("a", text(operation.summary), href=f"#{operation.id}")),
        tag("p", tag("b", text(operation.method)), text(" "), code(operation.path), class_="address"),
        marked(node.get("description", "")),
        _parameters(node.get("parameters", ())),
        _body(operation),
        tag("details", tag("summary", text("Ask it")), tag("pre", code(curl(operation)))),
        tag("details", tag("summary", text("Answers")), _answers(node["responses"]), *_shown(node["responses"])),
        *_onward(node["responses"]),
        id=operation.id,
    )


def told(event: Described) -> Html:
    """An event that a webhook is told: what it says, what it is like, and what an answer to it means."""
    data = (event.body or {}).get("properties", {}).get("data", {})
    example = json.dumps(_example(event), indent=2, ensure_ascii=False)
    return tag(
        "section",
        tag("h3", tag("a", code(event.path), href=f"#{event.id}")),
        tag("p", text(event.summary)),
        tag("p", text("Its "), code("data"), text(" is "), kind(data), text(".")),
        tag("details", tag("summary", text("As it comes")), tag("pre", code(example))),
        tag("details", tag("summary", text("What your answer means")), _answers(event.node["responses"])),
        id=event.id,
    )


def curl(operation: Described) -> str:
    """A command that asks it; `OWN` are the reader's."""
    lines = [f'curl {_method(operation)}"$API{_address(operation)}"']
    if operation.node.get("security", True):
        lines.append('-H "Authorization: Bearer $KEY"')
    if any(each.get("name") == "Idempotency-Key" for each in operation.node.get("parameters", ())):
        lines.append('-H "Idempotency-Key: $(uuidgen)"')
    if operation.body is not None:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(json.dumps(_example(operation), ensure_ascii=False))}")
    return " \\\n  ".join(lines)


def _method(operation: Described) -> str:
    return "" if operation.method == "GET" else f"-X {operation.method} "


def _address(operation: Described) -> str:
    return re.sub(r"{(\w+)}", lambda part: f"${_variable(part[1].upper())}", operation.path)


def _variable(name: str) -> str:
    """What stands for a part of the address, and for nothing of the reader's own."""
    return f"{name}_ID" if name in OWN else name


def _example(operation: Described) -> Any:
    content = operation.node["requestBody"]["content"]["application/json"]
    if "example" in content:
        return content["example"]
    if examples := content.get("examples"):
        return next(iter(examples.values()))["value"]
    return sample(content["schema"], operation.models)


def _parameters(parameters: tuple[Node, ...]) -> Html:
    rows = [(code(each["name"]), text(each["in"]), kind(each["schema"]), _said(each)) for each in parameters]
    return table(("Parameter", "In", "Type", "What it is"), rows)


def _said(parameter: Node) -> Html:
    schema = parameter["schema"]
    description = str(parameter.get("description") or schema.get("description", ""))
    kept = [limit for limit in limits(schema) if not limit.startswith("like ")]
    return Html(" ".join([phrase(description), *([tag("small", text(f"{'; '.join(kept)}."))] if kept else [])]))


def _body(operation: Described) -> Html:
    body = operation.body
    if body is None:
        return Html("")
    model = name_of(body)
    return Html(tag("h4", text("Body: "), kind(body)) + fields(operation.models[model] if model else body))


def _answers(responses: Mapping[str, Node]) -> Html:
    rows = [(code(status), phrase(answer["description"]), _given(answer)) for status, answer in responses.items()]
    return table(("Status", "When", "Body"), rows)


def _shown(responses: Mapping[str, Node]) -> Iterator[Html]:
    """An answer of each kind that is not a problem, as it really came."""
    for status, answer in responses.items():
        example = answer.get("content", {}).get("application/json", {}).get("example")
        if example is not None:
            told = json.dumps(example, indent=2, ensure_ascii=False)
            yield Html(tag("p", text("As in "), code(status), text(":")) + tag("pre", code(told)))


def _onward(responses: Mapping[str, Node]) -> Iterator[Html]:
    """What the ids in its answer are good for."""
    links = {link["operationId"]: link for answer in responses.values() for link in answer.get("links", {}).values()}
    if links:
        named = [Html(tag("a", text(name), href=f"#{name}")) for name in links]
        yield tag("p", tag("small", text("Its answer leads on to "), Html(", ".join(named)), text(".")))


def _given(answer: Node) -> Html:
    shown = [kind(content["schema"]) if content.get("schema") else text(name) for name, content in _bodies(answer)]
    return Html(", ".join(dict.fromkeys(shown)))


def _bodies(answer: Node) -> Iterator[tuple[str, Node]]:
    yield from answer.get("content", {}).items()
