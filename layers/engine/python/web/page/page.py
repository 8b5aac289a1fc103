"""The whole page: a guide, the operations by subject, the models, and the problems with what to do about them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from itertools import groupby

from web.page.html import Html, code, marked, phrase, table, tag, text
from web.page.operations import Described, described, section, told
from web.page.schemas import Node, anchor, fields, kind

_PROBLEM = re.compile(r"`(urn:postroom:problem:[a-z-]+)`: ([^`]*?)(?= `urn:|$)")


def page(document: Node, style: str) -> str:
    """The document as HTML; `style` is its style sheet, which goes along."""
    operations = sorted(described(document), key=lambda each: each.subject)
    subjects = [(subject, list(found)) for subject, found in groupby(operations, key=lambda each: each.subject)]
    title = str(document["info"]["title"])
    head = tag(
        "head",
        Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", text(f"{title} API")),
        tag("style", Html(style)),
    )
    main = tag("main", tag("h1", text(f"{title} API")), *_parts(document, subjects))
    return f"<!doctype html>{tag('html', head, tag('body', _contents(subjects), main), lang='en')}"


def policy(style: str) -> str:
    """The Content-Security-Policy of a page with that style sheet: nothing else may be loaded, and nothing run."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


Subjects = list[tuple[str, list[Described]]]


def _contents(subjects: Subjects) -> Html:
    linked = [
        tag("li", tag("a", text(subject), href=f"#{subject}"), tag("ul", *(_link(each) for each in found)))
        for subject, found in subjects
    ]
    last = [tag("li", tag("a", text(name), href=f"#{name}")) for name in ("problems", "models")]
    return tag("nav", tag("ul", tag("li", tag("a", text("guide"), href="#guide")), *linked, *last))


def _link(operation: Described) -> Html:
    return tag("li", tag("a", text(operation.summary), href=f"#{operation.id}"))


def _parts(document: Node, subjects: Subjects) -> Iterator[Html]:
    yield tag("section", marked(document["info"]["description"]), id="guide")
    about = {each["name"]: str(each.get("description", "")) for each in document.get("tags", ())}
    for subject, found in subjects:
        yield tag("h2", text(subject), id=subject)
        yield marked(about.get(subject, ""))
        yield from map(section, found)
    yield from _told_by_us(document.get("webhooks", {}), document)
    yield tag("h2", text("problems"), id="problems")
    yield table(("Type", "Status", "What it says"), _problems(subjects))
    yield tag("h2", text("models"), id="models")
    yield from (_model(name, model) for name, model in document["components"]["schemas"].items())


def _told_by_us(webhooks: Mapping[str, Node], document: Node) -> Iterator[Html]:
    if not webhooks:
        return
    yield tag("h2", text("what your webhook is told"), id="told")
    for name, methods in webhooks.items():
        yield told(Described("POST", name, methods["post"], document["components"]["schemas"]))


def _model(name: str, model: Node) -> Html:
    described_as = marked(str(model.get("description", "")))
    content = fields(model) or tag("p", kind(model))
    return tag("section", tag("h3", text(name)), described_as, content, id=anchor(name))


def _problems(subjects: Subjects) -> list[tuple[Html, Html, Html]]:
    """Every problem that some operation answers with, once."""
    found = {
        uri: (code(uri), text(status), phrase(says.strip()))
        for _, operations in subjects
        for operation in operations
        for status, answer in operation.node["responses"].items()
        for uri, says in _PROBLEM.findall(answer["description"])
    }
    return [found[uri] for uri in sorted(found, key=lambda each: (found[each][1], each))]
