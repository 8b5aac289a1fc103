"""What a request asks, taken apart for those who hold it against a contract."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

import httpx


@dataclass(frozen=True)
class Asked:
    """A request's words. `body` is its JSON; `form` the fields of a form, those of a multipart one included."""

    method: str
    host: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: object = None
    form: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    request: httpx.Request | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def said(self) -> dict[str, object]:
        """Every name that comes with a value, wherever it stands."""
        body = self.body if isinstance(self.body, dict) else {}
        return {**dict(self.query), **self.form, **body}


def taken_apart(request: httpx.Request) -> Asked:
    kind = request.headers.get("content-type", "")
    content = _content(request)
    form, files = _form(kind, content)
    return Asked(
        request.method,
        request.url.host,
        request.url.path,
        tuple(request.url.params.multi_items()),
        json.loads(content) if "json" in kind and content else None,
        form,
        files,
        request,
    )


def _content(request: httpx.Request) -> bytes:
    """The body; of one that is read from elsewhere nothing, as long as nobody sent it."""
    try:
        return request.content
    except httpx.RequestNotRead:
        return b""


def _form(kind: str, content: bytes) -> tuple[dict[str, str], tuple[str, ...]]:
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(content.decode(), keep_blank_values=True)), ()
    if not kind.startswith("multipart/form-data"):
        return {}, ()
    fields, files = {}, []
    for part in BytesParser(policy=HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + content).iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        if part.get_filename() is None:
            fields[name] = str(part.get_payload(decode=True), "utf-8") if part.get_payload() else ""  # type: ignore[arg-type]
        else:
            files.append(name)
    return fields, tuple(files)


def fits(path: str, template: str) -> bool:
    """Whether a path is one of `template`, whose `{…}` stand for one step each and `{…+}` for all that is left."""
    steps = re.split(r"\{[^}]*?(\+?)\}", template)
    pattern = re.escape(steps[0])
    for rest, literal in zip(steps[1::2], steps[2::2], strict=True):
        pattern += (".+" if rest else "[^/]+") + re.escape(literal)
    return re.fullmatch(pattern, path) is not None
