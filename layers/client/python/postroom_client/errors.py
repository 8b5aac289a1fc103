"""What can go wrong when Postroom is asked.

PostroomError
├── Problem       it answered, and says what is wrong
└── Unanswered    no answer came, or none that can be read: what was asked for may have been done
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from postroom_client.waiting import told_s

_QUOTED_CHARS = 300
_BLANK = "about:blank"


class PostroomError(Exception):
    """Postroom did not do what it was asked. With `idempotency_key`, where there is one, it may be asked again."""

    def __init__(self, message: str, *, idempotency_key: str = "") -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key


class Unanswered(PostroomError):  # noqa: N818 - named for what happened
    """No answer came that can be read, for as long as it was asked; what was asked for may have been done."""


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with the request; `remedy` may be empty."""

    field: str
    message: str
    remedy: str


class Problem(PostroomError):  # noqa: N818 - as RFC 9457 names it
    """An RFC 9457 problem. `type` is stable and to be compared with; an answer that is none has `about:blank`.

    `retry_after_s`: how long to wait before asking again, where that was said.
    """

    def __init__(self, answer: httpx.Response, *, idempotency_key: str = "") -> None:
        told = _document(answer)
        self.status = answer.status_code
        self.type = str(told.get("type", _BLANK))
        self.title = str(told.get("title", answer.reason_phrase))
        self.detail = str(told.get("detail", answer.text[:_QUOTED_CHARS]))
        self.errors = tuple(_field_errors(told.get("errors")))
        self.correlation_id = str(told.get("correlation_id") or answer.headers.get("X-Correlation-Id", ""))
        self.retry_after_s = told_s(answer)
        asked = f"{answer.request.method} {answer.request.url.path}"
        super().__init__(f"{asked} was answered {self.status}. {self._why()}", idempotency_key=idempotency_key)

    def _why(self) -> str:
        each = (f"{error.field}: {error.message} {error.remedy}".strip(": ") for error in self.errors)
        return " ".join(each) or self.detail


def _document(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        document = answer.json()
    except ValueError:  # HTML of a proxy, or nothing at all
        return {}
    return document if isinstance(document, dict) and "type" in document else {}


def _field_errors(errors: object) -> Sequence[FieldError]:
    told = [each for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
    return [FieldError(*(str(each.get(name, "")) for name in ("field", "message", "remedy"))) for each in told]
