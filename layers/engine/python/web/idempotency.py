"""Idempotency keys: a request that comes again with its key is answered as it was, and is not done again.

What keeps this promise by itself (see `Operation.idempotent`) is left alone. For every other POST a record in the
operations table is claimed before anything is done, and gets the answer after. The claim is a lease: what still has
none when it ends was interrupted, and nobody knows whether it was done. Then it is done again only where that does
no more (`Operation.again`); else the caller is told to look.

The record is found by a hash of the key, and the request is kept as a hash that the key salts: neither can be read
back. An answer is kept as it was, save one that shows a secret, and one too large for an item.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from publishing import aws
from publishing.failures import told
from publishing.ledger import new_mark
from publishing.telemetry import logger
from web import problems
from web.operation import I, O, Operation
from web.problems import Refusal
from web.request import Answer, Request, content

if TYPE_CHECKING:
    from publishing.operations import Operations
    from publishing.records import Item

LASTS_S = 24 * 3_600
LEASE_S = 60  # no function of the API runs half as long
WAIT_S = 2
MOST_BYTES = 300_000  # of an answer, packed: an item holds 400 kB
_FREE, _CLAIMED, _DONE = "free", "claimed", "done"
_CLAIM = "phase = :claimed, fingerprint = :fingerprint, claim = :claim, lease_ms = :lease"
_UNCLAIMED = "attribute_not_exists(pk) OR expires_at <= :now OR phase = :free"
_LEFT_LYING = " OR (phase = :claimed AND fingerprint = :fingerprint AND lease_ms <= :now_ms)"
_MINE = "claim = :claim AND phase = :claimed"


@dataclass(frozen=True)
class Once:
    """A router's step that does each keyed request once."""

    operations: Operations

    def __call__(
        self, operation: Operation[I, O], request: Request[I], /, go: Callable[[Request[I]], Answer[O]]
    ) -> Answer[O]:
        """The first answer to this key's request, be it this one."""
        if operation.method != "POST" or operation.least is None:
            return go(request)
        key = request.idempotency_key  # malformed, it is refused wherever it is taken
        if not key or operation.idempotent:
            return go(request)
        record = _Record(self.operations, _place(operation, request, key), _fingerprint(request, key), new_mark())
        stands = record.claim(again=operation.again)
        if stands is not None:
            return _repeated(operation, request, record, stands)
        return self._done(operation, request, record, go)

    @staticmethod
    def _done(
        operation: Operation[I, O], request: Request[I], record: _Record, go: Callable[[Request[I]], Answer[O]]
    ) -> Answer[O]:
        try:
            answer = go(request)
        except Refusal:
            record.free()
            raise
        except Exception:
            record.interrupted()
            raise
        record.answered(answer, status=answer.status or operation.status, kept=not operation.secret)
        return answer


@dataclass(frozen=True)
class _Record:
    """One key's record, and this request's mark in it."""

    operations: Operations
    place: str
    fingerprint: str
    mark: str

    def claim(self, *, again: bool) -> Item | None:
        """None where this request is to be done; else how the record stands."""
        now_ms = self.operations.now_ms
        values: Item = {":free": _FREE, ":claimed": _CLAIMED, ":fingerprint": self.fingerprint, ":claim": self.mark}
        values |= {":lease": now_ms + LEASE_S * 1000, ":now": now_ms // 1000}
        condition = _UNCLAIMED
        if again:
            condition += _LEFT_LYING
            values[":now_ms"] = now_ms
        item, ours = self.operations.write(self.place, _CLAIM, condition, values, lasts_s=LASTS_S)
        return None if ours or item.get("claim") == self.mark else item

    def free(self) -> None:
        """Nothing was done: the key may be used anew, for a corrected request, too."""
        self._write("phase = :free", {":free": _FREE})

    def interrupted(self) -> None:
        """Nobody knows what was done; nobody is to wait for the lease's end."""
        self._write("lease_ms = :none", {":none": 0})

    def answered(self, answer: Answer[O], *, status: int, kept: bool) -> None:
        """It was done, and answered so."""
        packed = zlib.compress(content(answer.body))
        values: Item = {":done": _DONE, ":status": status, ":headers": dict(answer.headers)}
        update = "phase = :done, answer_status = :status, answer_headers = :headers"
        if kept and len(packed) <= MOST_BYTES:
            update += ", answer_body = :body, answer_type = :type"
            values |= {":body": packed, ":type": answer.content_type}
        self._write(update, values)

    def _write(self, update: str, values: Item) -> None:
        """What was done is done: that it cannot be written down is no failure of the request."""
        marked = {**values, ":claim": self.mark, ":claimed": _CLAIMED}
        try:
            self.operations.write(self.place, update, _MINE, marked, lasts_s=LASTS_S)
        except aws.FAILURES as error:
            logger.warning("What became of a keyed request was not written down", extra=told(error))


def _repeated(operation: Operation[I, O], request: Request[I], record: _Record, stands: Item) -> Answer[O]:
    if stands.get("fingerprint") != record.fingerprint:
        detail = "This Idempotency-Key came with another request before. Use a new one."
        raise Refusal(problems.KEY_REUSED, detail)
    if stands["phase"] == _DONE:
        return _replayed(stands)
    if stands["lease_ms"] > record.operations.now_ms:
        detail = "The first request with this Idempotency-Key is still being worked on."
        raise Refusal(problems.IN_PROGRESS, detail, headers={"Retry-After": str(WAIT_S)})
    where = _where(operation, request.path)
    detail = f"It was interrupted, and may have been done. Look at GET {where}; if it was not, use a new key."
    raise Refusal(problems.UNFINISHED, detail)


def _replayed(stands: Item) -> Answer[Any]:
    headers: Mapping[str, str] = stands["answer_headers"]
    if "answer_body" in stands:
        body = zlib.decompress(stands["answer_body"]) or None
        replayed = {**headers, "Idempotent-Replayed": "true"}
        return Answer(body, int(stands["answer_status"]), replayed, stands["answer_type"])
    made = headers.get("Location", "")
    detail = f"It was done, and its answer is not kept.{f' What was made is {made}.' if made else ''}"
    raise Refusal(problems.ALREADY_DONE, detail, headers={"Location": made} if made else None)


def _where(operation: Operation[I, O], path: Mapping[str, str]) -> str:
    """The address to look at: of the thing that was decided about, or of the list it would be in."""
    shortened = re.sub(r"(/\{\w+\})/[a-z-]+$", r"\1", operation.path)
    return shortened.format_map(path)


def _place(operation: Operation[I, O], request: Request[I], key: str) -> str:
    path = operation.path.format_map(request.path)
    parts = f"{_whose(operation, request)}\0{operation.method}\0{path}\0{key}"
    return f"key#{hashlib.sha256(parts.encode()).hexdigest()}"


def _whose(operation: Operation[I, O], request: Request[I]) -> str:
    """Whose key it is: the workspace's; a person's own, where one may ask who is no member of any."""
    return (operation.outsiders and request.person) or request.principal.workspace


def _fingerprint(request: Request[I], key: str) -> str:
    return hashlib.sha256(f"{key}\0{request.input.model_dump_json()}".encode()).hexdigest()
