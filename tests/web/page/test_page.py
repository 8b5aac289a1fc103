from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from web.page import page
from web.page.operations import curl, described

API = Path(__file__).parents[3] / "functions" / "api"
DOCUMENT: dict[str, Any] = json.loads((API / "openapi.json").read_text())
STYLE = (API / "page.css").read_text()
VOID = {"meta"}


class Seen(HTMLParser):
    """What is on the page: elements, anchors, links; whether each element was closed in its turn."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.attributes: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open += [] if tag in VOID else [tag]
        self.attributes += [name for name, _ in attrs]
        self.anchors += [value or "" for name, value in attrs if name == "id"]
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def html() -> str:
    return page.page(DOCUMENT, STYLE)


@pytest.fixture(scope="module")
def seen(html: str) -> Seen:
    return Seen(html)


def test_every_operation_and_every_model_has_its_place(seen: Seen) -> None:
    operations = {operation.id for operation in described(DOCUMENT)}
    assert len(operations) >= 30
    assert operations <= set(seen.anchors)
    assert {f"model-{name}" for name in DOCUMENT["components"]["schemas"]} <= set(seen.anchors)


def test_no_place_is_there_twice(seen: Seen) -> None:
    assert len(seen.anchors) == len(set(seen.anchors))


def test_every_link_leads_to_a_place_on_the_page(seen: Seen) -> None:
    assert seen.links
    elsewhere = {link for link in seen.links if not link.startswith("#")}
    assert elsewhere == {"https://www.standardwebhooks.com", "openapi.json"}
    assert {link for link in seen.links if link.removeprefix("#") not in seen.anchors} == elsewhere


def test_nothing_on_the_page_runs_or_is_loaded_from_elsewhere(seen: Seen) -> None:
    assert {"script", "link", "img", "iframe", "object", "form"}.isdisjoint(seen.tags)
    assert [name for name in seen.attributes if name.startswith("on") or name in {"style", "src"}] == []


def test_every_element_is_closed(seen: Seen) -> None:
    assert seen.open == []


def test_the_policy_admits_the_pages_own_style_and_nothing_else(html: str) -> None:
    style = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    (shown,) = style
    digest = base64.b64encode(hashlib.sha256(shown.encode()).digest()).decode()
    assert page.policy(STYLE).startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


def test_what_the_document_says_is_text_and_never_html() -> None:
    hostile = "<script>alert(1)</script> & <b>"
    document = {
        **DOCUMENT,
        "info": {"title": hostile, "description": hostile},
        "paths": {
            "/v1/x": {
                "get": {"operationId": "x", "summary": hostile, "description": hostile, "tags": ["x"], "responses": {}}
            }
        },
        "components": {"schemas": {"Model": {"description": hostile, "properties": {hostile: {"default": hostile}}}}},
    }
    assert {"script", "b"} & set(Seen(page.page(document, "")).tags) <= {"b"}
    assert "<script" not in page.page(document, "")
    assert page.page(document, "").count("&lt;script&gt;") >= 5


def test_every_problem_that_is_answered_is_told_once(html: str) -> None:
    problems = html[html.index('id="problems"') : html.index('id="models"')]
    known = set(re.findall(r"urn:postroom:problem:[a-z-]+", json.dumps(DOCUMENT["paths"])))
    assert sorted(re.findall(r"<code>(urn:postroom:problem:[a-z-]+)</code>", problems)) == sorted(known)


def test_an_operation_is_asked_with_what_it_needs() -> None:
    (submit,) = (each for each in described(DOCUMENT) if each.id == "submitPublication")
    command = curl(submit)
    assert command.startswith('curl -X POST "$API/v1/publications"')
    assert '-H "Authorization: Bearer $KEY"' in command
    assert '-H "Idempotency-Key: $(uuidgen)"' in command
    sent = json.loads(re.search(r"-d '(.*)'$", command, re.DOTALL)[1])  # type: ignore[index]
    assert sent["targets"][0]["channel"].startswith("chn_")


def test_what_is_public_is_asked_without_a_key() -> None:
    (health,) = (each for each in described(DOCUMENT) if each.id == "readHealth")
    assert "Authorization" not in curl(health)
