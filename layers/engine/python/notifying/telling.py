"""Tells one endpoint of one event: claims the attempt, signs, has it called, writes down what came and what follows."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from notifying.aside import slow_until, stands_aside
from notifying.endpoints import Endpoints
from notifying.keyring import Keyring
from notifying.log import EARLY, Log
from notifying.message import Tell
from notifying.model import Answered, Attempt, DisabledWhy, Endpoint, Entry, NoticeState
from notifying.post import Post
from notifying.schedule import GONE, Step, next_attempt, step
from publishing.clock import Clock
from publishing.model import utc_moment, utc_text
from publishing.signing import signed
from publishing.telemetry import count, logger

Call = Callable[[str, Mapping[str, str], str], Answered]  # with an address, headers and a body


@dataclass(frozen=True)
class Telling:
    """Tells endpoints of events. `draw` gives numbers in [0, 1) for the jitter."""

    endpoints: Endpoints
    log: Log
    keyring: Keyring
    call: Call
    post: Post
    clock: Clock
    draw: Callable[[], float] = random.random

    def first(self, work: Tell, *, again: bool, hurried: bool = False) -> None:
        """Tell it for the first time, in its turn.

        An endpoint that is slow or does not answer, or for which no time is left (`hurried`), gives up its place in
        the order: what is behind it goes on, and this comes again by the other queue, which is fair by workspace.
        """
        endpoint = self.endpoints.find(work.workspace, work.endpoint)
        if endpoint is not None and (hurried or stands_aside(endpoint, self.clock())):
            self.post.laters.send(work)
        else:
            self._tell(work, endpoint, again=again)

    def later(self, work: Tell, *, again: bool) -> None:
        """Tell it when its time has come; `again`: the message was received before, by somebody who did not finish."""
        self._tell(work, self.endpoints.find(work.workspace, work.endpoint), again=again)

    def _tell(self, work: Tell, endpoint: Endpoint | None, *, again: bool) -> None:
        stands, ours = self.log.claim(work.workspace, work.endpoint, work.event, work.tried)
        if stands is None:
            return
        if not ours:
            self._resume(stands, work, again=again)
        elif endpoint is None or endpoint.disabled_at:
            self.log.settle(stands, NoticeState.MISSED)
        else:
            self._attempt(stands, endpoint)

    def _resume(self, stands: Entry, work: Tell, *, again: bool) -> None:
        """A message that came too early comes again in time; one that was lost when its worker died is sent anew."""
        early = bool(stands.next_at) and utc_moment(stands.next_at) > self.clock() + EARLY
        lost = again and stands.tried > work.tried
        if stands.state is NoticeState.WAITING and (lost or (early and stands.tried == work.tried)):
            self.post.tell(stands, utc_moment(stands.next_at) if stands.next_at else self.clock())

    def _attempt(self, taken: Entry, endpoint: Endpoint) -> None:
        moment = self.clock()
        secrets = self.keyring.secrets(endpoint, moment)
        stamps = signed(taken.event, int(moment.timestamp()), taken.body.encode(), secrets)
        answered = self.call(endpoint.url, {"content-type": "application/json", **stamps}, taken.body)
        attempt = Attempt(
            utc_text(moment),
            answered.status,
            answered.ms,
            "" if answered.is_success else answered.why,
            answered.excerpt,
        )
        logger.info(
            "told" if answered.is_success else "not told",
            extra={"webhook": endpoint.id, "event": taken.event, "status": answered.status, "why": attempt.why},
        )
        until = slow_until(endpoint, answered, self.clock())
        if until:  # before what else is written of the endpoint, which makes another version of it
            self.endpoints.slows(endpoint, until)
        if answered.is_success:
            self.log.settle(taken, NoticeState.DELIVERED, attempt)
            count("NoticeDelivered")
            if endpoint.failing_since:
                self.endpoints.recovers(endpoint)
        else:
            self._failed(taken, endpoint, answered, attempt)

    def _failed(self, taken: Entry, endpoint: Endpoint, answered: Answered, attempt: Attempt) -> None:
        count("NoticeFailed")
        tried = taken.tried + 1
        ends = self._ends(endpoint, answered)
        at = None if ends else next_attempt(tried, answered, self.clock(), draw=self.draw)
        written = self.log.settle(taken, NoticeState.WAITING if at else NoticeState.FAILED, attempt, at)
        if written and at:
            self._send(taken, tried, at)

    def _send(self, taken: Entry, tried: int, at: datetime) -> None:
        self.post.tell(replace(taken, tried=tried, next_at=utc_text(at)), at)

    def _ends(self, endpoint: Endpoint, answered: Answered) -> bool:
        """Note the failure against the endpoint; whether it is called no more."""
        if answered.status == GONE:
            return self._disabled(endpoint, DisabledWhy.GONE)
        match step(endpoint, self.clock()):
            case Step.NOTE:
                self.endpoints.ails(endpoint)
            case Step.WARN:
                self._warn(endpoint)
            case Step.DISABLE:
                return self._disabled(endpoint, DisabledWhy.FAILING)
            case Step.WAIT:
                pass
        return False

    def _warn(self, endpoint: Endpoint) -> None:
        if self.endpoints.warn(endpoint):
            logger.warning("A webhook fails without end", extra={"webhook": endpoint.id})
            count("WebhookFailing")

    def _disabled(self, endpoint: Endpoint, why: DisabledWhy) -> bool:
        """Call it no more; False where it was changed since it was called, repaired maybe."""
        if self.endpoints.disable(endpoint, why):
            if why is DisabledWhy.FAILING:
                logger.warning("A webhook was disabled", extra={"webhook": endpoint.id})
                count("WebhookFailing")
            return True
        stands = self.endpoints.find(endpoint.workspace, endpoint.id)
        return stands is None or stands.disabled_at is not None
