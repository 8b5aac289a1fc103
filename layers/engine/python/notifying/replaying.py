"""Tells endpoints again, from their logs: message by message, so that no range is too large; and makes tests."""

from __future__ import annotations

from dataclasses import dataclass

from notifying import payload
from notifying.log import Log
from notifying.message import Probe, Replay, Tell
from notifying.model import EventKind, Notice, NoticeState
from notifying.numbers import at_ms, number
from notifying.post import Post
from publishing.clock import Clock
from publishing.model import utc_moment

AT_ONCE = 25  # entries of one message's turn


@dataclass(frozen=True)
class Replaying:
    """Begins entries anew, and puts tests into the log."""

    log: Log
    post: Post
    clock: Clock

    def replay(self, work: Replay) -> None:
        """Begin some entries anew, the oldest first, and leave the rest to another message."""
        page = self.log.page(
            work.workspace,
            work.endpoint,
            first=work.first,
            last=work.last,
            after=work.after,
            limit=AT_ONCE,
            newest_first=False,
        )
        for entry in page.found:
            begun = None if work.undelivered and entry.state is NoticeState.DELIVERED else self.log.begin_anew(entry)
            if begun:
                self.post.tell(begun, self.clock())
        if page.following:
            self.post.laters.send(work.model_copy(update={"after": page.following}))

    def test(self, work: Probe) -> Tell:
        """Write a test down; answers how it is to be told."""
        notice = probe(work.workspace, work.endpoint, work.at)
        entry = self.log.record(payload.entry(notice, work.endpoint))
        return Tell(workspace=work.workspace, endpoint=work.endpoint, event=entry.event)


def probe(workspace: str, endpoint: str, at: str) -> Notice:
    """The test of an endpoint that was asked for at that time (UTC text)."""
    sequence = number(at_ms(utc_moment(at)))
    return Notice(EventKind.WEBHOOK_TEST, workspace, endpoint, at, sequence, {"webhook": endpoint})
