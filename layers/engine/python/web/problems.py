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
    """A kind of problem. The slug is a promise to clients and never changes; `remedy` is what a caller can do."""

    slug: str
    status: int
    title: str
    remedy: str = ""

    @property
    def uri(self) -> str:
        """What identifies it for ever; it resolves nowhere."""
        return f"urn:postroom:problem:{self.slug}"


MALFORMED = ProblemType(
    "malformed-request",
    400,
    "The request cannot be read.",
    "Send what the description asks for: JSON in UTF-8, well-formed headers.",
)
UNAUTHENTICATED = ProblemType(
    "unauthenticated",
    401,
    "The caller is not known.",
    "Send `Authorization: Bearer` with an API key that is not revoked, or a token that has not ended.",
)
FORBIDDEN = ProblemType(
    "forbidden",
    403,
    "The caller's role does not allow this.",
    "Use a key of the role that the operation names, or ask an admin of the workspace for one.",
)
SUSPENDED = ProblemType(
    "suspended",
    403,
    "The workspace is suspended.",
    "`GET /v1/workspace` tells why; ask the operator. What was accepted is kept, and goes out afterwards.",
)
NOT_FOUND = ProblemType(
    "not-found",
    404,
    "There is no such thing.",
    "Mind the id; what belongs to another workspace is not there for you.",
)
METHOD_NOT_ALLOWED = ProblemType(
    "method-not-allowed",
    405,
    "This cannot be done here.",
    "Use one of the methods that the header `Allow` names.",
)
CONFLICT = ProblemType(
    "conflict",
    409,
    "It was changed at the same time.",
    "Read it again and repeat the change, if you still want it.",
)
WRONG_STATE = ProblemType(
    "wrong-state",
    409,
    "Its present state does not allow this.",
    "Read it again: `detail` says what stands in the way.",
)
IN_PROGRESS = ProblemType(
    "in-progress",
    409,
    "The first request with this Idempotency-Key is not answered yet.",
    "Wait as `Retry-After` says and repeat it with the same key.",
)
ALREADY_DONE = ProblemType(
    "already-done",
    409,
    "This was done with this Idempotency-Key, and its answer is not kept.",
    "`Location` names what was made. A secret that was shown once is lost: revoke it and make another, with a new key.",
)
UNFINISHED = ProblemType(
    "unfinished",
    409,
    "The first request with this Idempotency-Key was interrupted; it may have been done.",
    "Look whether it was, and repeat it with a new key if not.",
)
CHANGED = ProblemType(
    "precondition-failed",
    412,
    "It is no longer as the request expects it.",
    "Read it again, look at what changed, and repeat with the new `ETag`.",
)
TOO_LARGE = ProblemType(
    "too-large",
    413,
    "The request is too large.",
    "Send less; upload images and videos instead (POST /v1/media).",
)
NOT_JSON = ProblemType(
    "unsupported-media-type",
    415,
    "The body must be JSON.",
    "Send `Content-Type: application/json`, and no `Content-Encoding`.",
)
INVALID = ProblemType(
    "invalid-request",
    422,
    "The request is understood, and wrong.",
    "Correct the fields that `errors` names; each has its remedy.",
)
UNFIT = ProblemType(
    "unfit-content",
    422,
    "The content does not fit its targets.",
    "Change the content, or override it for the target that `errors` names; or leave that target out.",
)
KEY_REUSED = ProblemType(
    "idempotency-key-reused",
    422,
    "This Idempotency-Key belongs to another request.",
    "Use a new key for a new request.",
)
BACKLOG = ProblemType(
    "backlog-full",
    429,
    "Too much is waiting already.",
    "Wait as `Retry-After` says, or cancel what need not be published.",
)
RATE_LIMITED = ProblemType(
    "rate-limited",
    429,
    "There were too many requests.",
    "Wait as `Retry-After` says; `RateLimit` tells before it comes to this.",
)
INTERNAL = ProblemType(
    "internal",
    500,
    "Something failed on our side.",
    "Repeat it with the same `Idempotency-Key`; if it lasts, tell us the `correlation_id`.",
)
UNAVAILABLE = ProblemType(
    "unavailable",
    503,
    "This cannot be done at the moment.",
    "Wait as `Retry-After` says and repeat it, with the same `Idempotency-Key`.",
)


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


def changed() -> Refusal:
    """What the caller named with If-Match is there no more."""
    return Refusal(CHANGED, "It has changed since you read it; read it again.")


def invalid(name: str, message: str, remedy: str) -> Refusal:
    """One field is wrong."""
    return Refusal(INVALID, f"{name}: {message}", errors=[Problem(name, message, remedy)])
