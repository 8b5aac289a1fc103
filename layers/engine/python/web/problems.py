"""What can be wrong with a request, as data: RFC 9457 problem types with stable URIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from publishing.model import Problem

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_S = "2"
MOST_ERRORS = 20  # so many are named at once; nobody reads more


@dataclass(frozen=True, slots=True)
class ProblemType:
    """A kind of problem. The slug is a promise to clients and never changes."""

    slug: str
    status: int
    title: str

    @property
    def uri(self) -> str:
        """What identifies it for ever; it resolves nowhere."""
        return f"urn:postroom:problem:{self.slug}"


MALFORMED = ProblemType("malformed-request", 400, "The request cannot be read.")
UNAUTHENTICATED = ProblemType("unauthenticated", 401, "The caller is not known.")
FORBIDDEN = ProblemType("forbidden", 403, "The caller's role does not allow this.")
SUSPENDED = ProblemType("suspended", 403, "The workspace is suspended.")
NOT_FOUND = ProblemType("not-found", 404, "There is no such thing.")
METHOD_NOT_ALLOWED = ProblemType("method-not-allowed", 405, "This cannot be done here.")
CONFLICT = ProblemType("conflict", 409, "It was changed at the same time.")
WRONG_STATE = ProblemType("wrong-state", 409, "Its present state does not allow this.")
CHANGED = ProblemType("precondition-failed", 412, "It is no longer as the request expects it.")
TOO_LARGE = ProblemType("too-large", 413, "The request is too large.")
NOT_JSON = ProblemType("unsupported-media-type", 415, "The body must be JSON.")
INVALID = ProblemType("invalid-request", 422, "The request is understood, and wrong.")
UNFIT = ProblemType("unfit-content", 422, "The content does not fit its targets.")
KEY_REUSED = ProblemType("idempotency-key-reused", 422, "This Idempotency-Key belongs to another request.")
BACKLOG = ProblemType("backlog-full", 429, "Too much is waiting already.")
INTERNAL = ProblemType("internal", 500, "Something failed on our side.")
UNAVAILABLE = ProblemType("unavailable", 503, "This cannot be done at the moment.")


class Refusal(Exception):  # noqa: N818 - named for what happened
    """A request that is answered with a problem. `detail` and `errors` are for the caller's eyes."""

    def __init__(
        self,
        kind: ProblemType,
        detail: str,
        *,
        errors: Sequence[Problem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.slug)
        self.kind = kind
        self.detail = detail
        self.errors = tuple(errors[:MOST_ERRORS])
        self.headers = dict(headers or {})

    def document(self, correlation_id: str) -> dict[str, Any]:
        """The body of the answer."""
        return {
            "type": self.kind.uri,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "correlation_id": correlation_id,
            "errors": [asdict(error) for error in self.errors],
        }


def missing(what: str) -> Refusal:
    """There is no such thing in the caller's workspace; whether it is in another's is not said."""
    return Refusal(NOT_FOUND, f"There is no such {what} in this workspace.")


def invalid(name: str, message: str, remedy: str) -> Refusal:
    """One field is wrong."""
    return Refusal(INVALID, f"{name}: {message}", errors=[Problem(name, message, remedy)])
