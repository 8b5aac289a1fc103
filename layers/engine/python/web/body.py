"""A request's body as plain values: JSON and nothing else, of a bounded size and depth, in characters that are text."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from publishing.model import Problem
from web.problems import INVALID, MALFORMED, NOT_JSON, TOO_LARGE, Refusal

MOST_BYTES = 256 * 1024
MOST_DEPTH = 16  # twice what any request of ours needs
MOST_VALUES = 10_000  # several times what any request of ours needs
PATH_CHARS = 200
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def document(event: Mapping[str, Any]) -> object:
    """The body of an API Gateway event (payload 2.0); an absent one counts as an empty object.

    Raises:
        Refusal: 413, 415, 400, or 422 where it holds characters that are no text.
    """
    content = _content(event)
    if not content:
        return {}
    _insist_on_plain(event.get("headers") or {})
    _insist_on_json(event.get("headers") or {})
    found = _parsed(content)
    insist_on_text(found)
    return found


def _content(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if len(body) > MOST_BYTES * 2:
        raise _too_large()
    try:
        content = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    except ValueError:  # neither base64 nor text that can be encoded
        raise Refusal(MALFORMED, "The body is not UTF-8 text.") from None
    if len(content) > MOST_BYTES:
        raise _too_large()
    return content


def _too_large() -> Refusal:
    return Refusal(TOO_LARGE, f"A body holds at most {MOST_BYTES // 1024} kB.")


def _insist_on_plain(headers: Mapping[str, str]) -> None:
    """A body of this size is not worth packing, and what is packed may be a thousand times as large."""
    if headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        detail = "Send the body as it is, without Content-Encoding."
        raise Refusal(NOT_JSON, detail, headers={"Accept-Encoding": "identity"})


def _insist_on_json(headers: Mapping[str, str]) -> None:
    kind, _, parameters = headers.get("content-type", "").lower().partition(";")
    charset = parameters.partition("charset=")[2].strip(' "')
    if kind.strip() != "application/json" or charset not in {"", "utf-8"}:
        raise Refusal(
            NOT_JSON, "Send the header Content-Type: application/json.", headers={"Accept": "application/json"}
        )


def _parsed(content: bytes) -> object:
    try:
        return json.loads(content.decode(), object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite)
    except UnicodeDecodeError:
        raise Refusal(MALFORMED, "The body is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refusal(MALFORMED, f"The body is not JSON: {error.msg} ({where}).") from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:  # ours, below; and Python's on integers of thousands of digits
        raise Refusal(MALFORMED, _REASONS.get(str(error), "A number in the body is too long.")) from None


_DUPLICATE, _NOT_FINITE = "duplicate", "not finite"
_REASONS = {
    _DUPLICATE: "The body names a field twice.",
    _NOT_FINITE: "The body holds a number that is not finite.",
}


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(_DUPLICATE)
    return found


def _no_number(_: str) -> NoReturn:
    raise ValueError(_NOT_FINITE)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(_NOT_FINITE)
    return number


def _too_deep() -> Refusal:
    return Refusal(MALFORMED, f"The body is nested deeper than {MOST_DEPTH} levels.")


def insist_on_text(found: object) -> None:
    """Refuse what no platform and no store of ours can hold.

    Raises:
        Refusal: 422 where a text or name holds a NUL or half a surrogate pair; 400 where it is nested too deep, or
            holds too many values.
    """
    wrong = list(dict.fromkeys(path for path, text in _texts(found) if _NO_TEXT.search(text)))
    if wrong:
        message = "It contains characters that are no text (NUL or half a surrogate pair)."
        errors = [Problem(path, message, "Remove them.") for path in wrong]
        raise Refusal(INVALID, f"{wrong[0]}: {message}", errors=errors)


def _texts(found: object) -> Iterator[tuple[str, str]]:
    """Every text in a document with its path; a field's name counts to the object it stands in."""
    waiting, values = [("", found, 1)], 0
    while waiting:
        path, value, depth = waiting.pop()
        values += 1
        if values > MOST_VALUES:
            raise Refusal(MALFORMED, f"The body holds more than {MOST_VALUES} values.")
        if isinstance(value, str):
            yield path or "body", value
        elif isinstance(value, dict | list) and depth > MOST_DEPTH:
            raise _too_deep()
        elif isinstance(value, dict):
            yield from ((path or "body", name) for name in value)
            waiting.extend((field_path(path, name), each, depth + 1) for name, each in value.items())
        elif isinstance(value, list):
            waiting.extend((field_path(path, place), each, depth + 1) for place, each in enumerate(value))


def field_path(path: str, step: str | int) -> str:
    """The name of a field within another, as `targets[0].channel`."""
    if isinstance(step, int):
        return f"{path}[{step}]"
    legible = step.encode("ascii", "backslashreplace").decode()[:PATH_CHARS]
    return f"{path}.{legible}" if path else legible
