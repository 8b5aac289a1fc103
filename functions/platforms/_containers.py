"""Containers, as Instagram and Threads publish: made, ready after a while, then published once and for all.

Source: https://developers.facebook.com/documentation/threads/troubleshooting, …/documentation/threads/posts and
…/documentation/instagram-platform/content-publishing (read 2026-11-21)

Nothing of a container is seen before it is published, so containers that are given up do no harm. Each is written down
(in a `Pending`) before it is published, and published only after its status was read: what has become of an answer that
was lost is told by that status. What a second publishing of one container answers is documented nowhere and never
relied on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from pydantic import Field as Reads

from functions.platforms._meta import QUOTA_WAIT, SUBCODES, Graph, Node, insist_on_quota
from functions.platforms._recent import seen
from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown, PublishingError, QuotaSpent, Refused, Throttled, Unauthorized, Unavailable
from publishing.model import Outcome, Pending, Receipt
from publishing.replies import Reply, parsed, quoted

Body = Mapping[str, object]
State = Mapping[str, str]

FIRST_LOOK_S, LONGEST_LOOK_S = 5.0, 900.0  # the last look is at what has expired, after a day
LOOKS = 3  # so often a link, or a post that is out, is looked for before the receipt does without
MISSES = 3  # so often a ready container may be unknown to the publishing request before a new one is made
ROUNDS = 3  # so many containers one post may take
EARLIER = timedelta(minutes=5)  # clocks differ
GONE, UNREADABLE = frozenset({"ERROR", "EXPIRED"}), "UNREADABLE"
SUBCODE = re.compile(r"\b2207\d{3}\b")


@dataclass(frozen=True, slots=True)
class Names:
    """What the two platforms call the same things."""

    creates: str
    publishes: str
    quota: str
    posts: str
    fields: str  # of what is out, to be recognised
    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A post as containers: one, or `parts` that `whole` names by their ids; `words` are its text."""

    words: str
    at: datetime
    whole: Body
    parts: Sequence[Body] = ()


class _Status(Reply):
    status: str = ""
    status_code: str = ""
    error_message: str | None = None


class _Shown(Reply):
    permalink: str = Reads("", pattern=r"^(?:https?://\S+)?$")
    timestamp: str = ""


@dataclass(frozen=True, slots=True)
class Containers:
    """The containers of one account, at its `node` of `graph`."""

    graph: Graph
    node: str
    names: Names

    def begin(self, draft: Draft) -> Conversation[Outcome]:
        """Make the containers, to be written down; nothing is published yet.

        Raises:
            QuotaSpent: the account may publish nothing more for now; asked before anything is made.
        """
        yield from insist_on_quota(self.graph, f"{self.node}/{self.names.quota}")
        return Pending((yield from self.made(draft)), FIRST_LOOK_S)

    def resume(self, state: State, draft: Draft) -> Conversation[Outcome]:
        """Go on from what was written down; of containers, only the one that is written there is ever published."""
        try:
            return (yield from self._resumed(state, draft))
        except Throttled as error:  # what was made stands
            return Pending(state, error.retry_after_s)
        except QuotaSpent:
            return Pending(state, QUOTA_WAIT.total_seconds())

    def find(self, words: str, since: datetime, *, but: Collection[str] = ()) -> Conversation[Receipt | None]:
        """Which of the account's posts, but those, has these words."""
        edge = f"{self.node}/{self.names.posts}"
        return (yield from seen(self.graph, edge, self.names.fields, words, since, but=but))

    def _resumed(self, state: State, draft: Draft) -> Conversation[Outcome]:
        if "media" in state:
            return (yield from self._linked(state))
        if "container" in state:
            return (yield from self._go_on(state, draft))
        if "parts" in state:
            return (yield from self._assembled(state, draft))
        raise OutcomeUnknown("What was written down of its containers is lost.")

    def made(self, draft: Draft) -> Conversation[dict[str, str]]:
        """The containers, or those of its parts, as they are to be written down."""
        if not draft.parts:
            return {"container": (yield from self._created(draft.whole))}
        parts = []
        for part in draft.parts:
            parts.append((yield from self._created(part)))  # noqa: PERF401 - a comprehension cannot yield
        return {"parts": ",".join(parts)}

    def _created(self, body: Body) -> Conversation[str]:
        reply = yield self.graph.post(f"{self.node}/{self.names.creates}", body)
        return parsed(Node, self.graph.taken(reply)).id

    def _assembled(self, state: State, draft: Draft) -> Conversation[Pending]:
        """The parts as one container, once all are ready."""
        stage = yield from self._slowest(state)
        if stage == "FINISHED":
            return Pending((yield from self._joined(state, draft)), FIRST_LOOK_S)
        if stage in GONE:
            return (yield from self._anew(state, draft))
        if stage == UNREADABLE:
            raise Unavailable(f"{self.graph.title} does not say what became of its media.")
        return _later(state)

    def _slowest(self, state: State) -> Conversation[str]:
        for part in state["parts"].split(","):
            stage = yield from self._stage(part)
            if stage != "FINISHED":
                return stage
        return "FINISHED"

    def _joined(self, state: State, draft: Draft) -> Conversation[State]:
        container = yield from self._created({**draft.whole, "children": state["parts"]})
        return {"container": container, "round": state.get("round", "1")}

    def _stage(self, container: str) -> Conversation[str]:
        """Graph's own word for how far it is; ours where it does not tell.

        Raises:
            Refused: what is in it cannot be published.
        """
        reply = yield self.graph.get(container, fields=f"{self.names.status},{self.names.reason}")
        if not reply.is_success:
            error = self.graph.objection(reply)
            if isinstance(error, Unavailable):
                raise error
            return UNREADABLE
        said = parsed(_Status, reply).model_dump()
        stage, reason = said[self.names.status], said[self.names.reason] or ""
        if stage == "ERROR":
            self._insist_on_another_try(reason)
        return str(stage) or UNREADABLE

    def _insist_on_another_try(self, reason: str) -> None:
        subcode = SUBCODE.search(reason)
        kind = SUBCODES.get(int(subcode[0]), Unavailable) if subcode else Unavailable
        if kind is Refused or kind is Unauthorized or reason.startswith("INVALID_"):
            told = quoted(reason, self.graph.channel)
            code = subcode[0] if subcode else ""
            raise (kind if kind is Unauthorized else Refused)(f"{self.graph.title} answered: {told}", code=code)

    def _go_on(self, state: State, draft: Draft) -> Conversation[Outcome]:
        stage = yield from self._stage(state["container"])
        if stage == "FINISHED":
            return (yield from self._published(state, draft))
        if stage == "PUBLISHED":
            return (yield from self._already_out(state, draft))
        if stage in GONE:
            return (yield from self._anew(state, draft))
        if stage == UNREADABLE:
            receipt = yield from self.find(draft.words, draft.at - EARLIER)
            if receipt is None:
                raise Unavailable(f"{self.graph.title} does not say what became of its container.")
            return receipt
        return _later(state)

    def _published(self, state: State, draft: Draft) -> Conversation[Outcome]:
        body = {"creation_id": state["container"]}
        reply = yield self.graph.post(f"{self.node}/{self.names.publishes}", body, visible=True)
        if reply.is_success:
            return Pending({"media": parsed(Node, reply).id}, 0.0)
        error = self.graph.error(reply)
        if isinstance(error, Unavailable):  # it says that the container is not ready after all, or unknown
            misses = _number(state, "misses")
            return _later(state, "misses") if misses < MISSES else (yield from self._anew(state, draft))
        if isinstance(error, Refused) and (yield from self._stage(state["container"])) == "PUBLISHED":
            return (yield from self._already_out(state, draft))  # so that was a repetition
        raise error

    def _anew(self, state: State, draft: Draft) -> Conversation[Pending]:
        """Other containers, since nothing of these will ever be published."""
        rounds = max(1, _number(state, "round"))
        if rounds >= ROUNDS:
            raise Refused(f"{self.graph.title} could not process it, {rounds} times.")
        made = yield from self.made(draft)
        return Pending({**made, "round": str(rounds + 1)}, FIRST_LOOK_S)

    def _already_out(self, state: State, draft: Draft) -> Conversation[Outcome]:
        """An answer was lost, but the container was published: only its link is looked for."""
        receipt = None
        with suppress(PublishingError):
            receipt = yield from self.find(draft.words, draft.at - EARLIER)
        if receipt is None and _number(state, "seeks") < LOOKS:
            return _later(state, "seeks")
        return receipt or Receipt(state["container"])

    def _linked(self, state: State) -> Conversation[Outcome]:
        """The receipt of what is out; without a link where that cannot be had."""
        try:
            reply = yield self.graph.get(state["media"], fields="permalink,timestamp")
            shown = parsed(_Shown, self.graph.taken(reply))
        except PublishingError:
            return _later(state) if _number(state, "looks") < LOOKS else Receipt(state["media"])
        return Receipt(state["media"], shown.permalink, shown.timestamp)


def stand_in(request: httpx.Request) -> httpx.Response:
    """What might be answered to any request that makes a container, or comes before."""
    return httpx.Response(200, json={"id": "0", "data": []}, request=request)


def _later(state: State, counted: str = "looks") -> Pending:
    """To come back less and less often; what is `counted` is one more."""
    number = _number(state, counted)
    wait_s = min(LONGEST_LOOK_S, FIRST_LOOK_S * 2 ** min(number, 10))
    return Pending({**state, counted: str(number + 1)}, wait_s)


def _number(state: State, name: str) -> int:
    return int(state.get(name, "0"))
