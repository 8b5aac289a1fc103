"""A thread on Threads: posts of which each answers the one before, published one by one.

Source: https://developers.facebook.com/documentation/threads/retrieve-and-manage-replies/create-replies and
…/retrieve-and-manage-replies (read 2026-11-21). One's own answers are listed under `replies`, not under `threads`.

Each post is a container of its own (see `_containers`), written down before it is published. `out` are the ids of those
that went before the one at work. A thread's id is all of its posts' ids, so that all of it can be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from functions.platforms._containers import FIRST_LOOK_S, MISSES, Containers, Draft
from publishing.adapter import Conversation
from publishing.errors import OutcomeUnknown, Refused
from publishing.model import Outcome, Pending, Receipt

State = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Chain:
    """The posts of one thread, the first first; one alone is a thread, too."""

    containers: Containers
    drafts: Sequence[Draft]

    def resume(self, state: State) -> Conversation[Outcome]:
        """Go on with the post that is at work, or begin with the next."""
        out = ids_of(state.get("out", ""))
        try:
            return (yield from self._resumed(state, out))
        except OutcomeUnknown:
            if out and "container" in state and int(state.get("lost", "0")) < MISSES:
                return _asked_again(state)  # what became of it its container tells
            raise
        except Refused as error:
            done = len(out) + ("media" in state)
            if not done:
                raise
            told = f"Of the thread's {len(self.drafts)} posts this many are out: {done}. {error}"
            raise Refused(told, code=error.code, status=error.status) from error

    def _resumed(self, state: State, out: Sequence[str]) -> Conversation[Outcome]:
        if "media" in state and len(out) + 1 < len(self.drafts):
            return (yield from self._next([*out, state["media"]]))
        if "media" in state:
            return (yield from self._linked(state, out))
        theirs = {name: value for name, value in state.items() if name not in {"out", "lost"}}
        outcome = yield from self._containers(out).resume(theirs, self._draft(out))
        if isinstance(outcome, Receipt) and len(self.drafts) > 1:
            if outcome.id == state.get("container"):
                raise OutcomeUnknown(f"Post {len(out) + 1} of the thread is out, but Threads does not list it.")
            return Pending({"media": outcome.id, **_written(out)}, 0.0)
        return Pending({**outcome.state, **_written(out)}, outcome.after_s) if isinstance(outcome, Pending) else outcome

    def _next(self, out: Sequence[str]) -> Conversation[Pending]:
        made = yield from self._containers(out).made(self._draft(out))
        return Pending({**made, **_written(out)}, FIRST_LOOK_S)

    def _linked(self, state: State, out: Sequence[str]) -> Conversation[Outcome]:
        """All are out: the first one's link is the thread's."""
        ids = [*out, state["media"]]
        outcome = yield from self.containers.resume({**state, "media": ids[0]}, self.drafts[0])
        if isinstance(outcome, Receipt):
            return replace(outcome, id=",".join(ids))
        return replace(outcome, state={**outcome.state, "media": ids[-1]}) if isinstance(outcome, Pending) else outcome

    def _containers(self, out: Sequence[str]) -> Containers:
        names = self.containers.names
        return replace(self.containers, names=replace(names, posts="replies") if out else names)

    def _draft(self, out: Sequence[str]) -> Draft:
        draft = self.drafts[len(out)]
        return replace(draft, whole={**draft.whole, "reply_to_id": out[-1]}) if out else draft

    def find(self, since: datetime) -> Conversation[Receipt | Pending | None]:
        """The thread's receipt where all of it is out; what to go on after where only a part is."""
        found: list[Receipt] = []
        for draft in self.drafts:
            out = [each.id for each in found]
            receipt = yield from self._containers(out).find(draft.words, since, but=out)
            if receipt is None:
                break
            found.append(receipt)
        ids = [each.id for each in found]
        if found and len(found) < len(self.drafts):
            return Pending({"media": ids[-1], **_written(ids[:-1])}, 0.0)
        return replace(found[0], id=",".join(ids)) if found else None


def ids_of(text: str) -> list[str]:
    """The posts of a thread by its id, the first first."""
    return [each for each in text.split(",") if each]


def _written(out: Sequence[str]) -> dict[str, str]:
    return {"out": ",".join(out)} if out else {}


def _asked_again(state: State) -> Pending:
    lost = int(state.get("lost", "0"))
    return Pending({**state, "lost": str(lost + 1)}, FIRST_LOOK_S * 2**lost)
