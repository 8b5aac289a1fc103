"""Accepts publications: POST /v1/publications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from channels.registry import Registry, Remembered
from flags.declared import ACCEPTING
from flags.switches import switches
from functions import platforms
from media.shelf import Shelf
from publishing import settings
from publishing.acceptance import Acceptance, Accepted
from publishing.backlog import RETRY_S, Allowance
from publishing.clock import now
from publishing.neighbours import Neighbourhood
from publishing.operations import Operations
from publishing.sending import Sender
from publishing.settings import Accepting
from publishing.slots import Slots
from publishing.store import Publications
from publishing.submission import Submission
from publishing.telemetry import count, flush
from web import accepting, contract, door, problems, views
from web.previewing import Previews
from web.problems import Refusal
from web.request import Answer, Request
from web.router import Router
from web.schemas.previews import Preview
from web.schemas.publications import NewPublication, Publication

TOO_MUCH = (
    "So many publications of this workspace wait to be published that no more are accepted. "
    "Wait until some are out, or cancel what need not be published."
)
CLOSED = (
    "No publications are taken in at the moment. Nothing was stored: send the same request again later, "
    "with the same Idempotency-Key."
)
CLOSED_S = 60


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway."""
    try:
        return router().handle(event, context)
    finally:
        flush()


@dataclass(frozen=True)
class Counter:
    """Where publications are handed in."""

    acceptance: Acceptance
    previews: Previews
    allowance: Allowance
    accepting: Callable[[str], bool]

    def submit(self, request: Request[NewPublication]) -> Answer[Publication | Preview]:
        """Accept a publication, or tell what it would be; a repeated key is answered with what it led to then."""
        submission = accepting.submission(request, self.acceptance.clock())
        if request.input.dry_run:
            return Answer(self.previews.of(submission), status=200)
        accepted = self._accepted(submission)
        if not accepted.repeated:
            count("PublicationAccepted")
        view = views.publication(accepted.whole, self.acceptance.clock())
        replayed = {"Idempotent-Replayed": "true"} if accepted.repeated else {}
        return Answer(view, headers={"Location": f"/v1/publications/{view.id}", **replayed})

    def _accepted(self, submission: Submission) -> Accepted:
        """What is accepted of the workspace's allowance; what was accepted before is answered in any case."""
        refusal = self._refusal(submission.workspace)
        if refusal:
            earlier = self.acceptance.earlier(submission)
            if earlier:
                return earlier
            count(_REFUSED[refusal.kind])
            raise refusal
        accepted = accepting.accepted(self.acceptance, submission)
        if not accepted.repeated:
            self.allowance.accepted(submission.workspace)
        return accepted

    def _refusal(self, workspace: str) -> Refusal | None:
        if not self.accepting(workspace):
            return Refusal(problems.UNAVAILABLE, CLOSED, headers={"Retry-After": str(CLOSED_S)})
        if self.allowance.is_spent(workspace):
            return Refusal(problems.BACKLOG, TOO_MUCH, headers={"Retry-After": str(RETRY_S)})
        return None


_REFUSED = {problems.UNAVAILABLE: "AcceptingRefused", problems.BACKLOG: "BacklogRefused"}


@cache
def router() -> Router:
    """What this function works with, put together on its first call."""
    config = settings.read(Accepting)
    operations = Operations(config.operations_table, now)
    registry, publications = Registry(config.channels_table), Publications(config.publications_table, now)
    channels = Remembered(registry).find_many
    acceptance = Acceptance(
        publications=publications,
        sender=Sender(config, now),
        destinations=channels,
        adapter=platforms.load,
        clock=now,
        slots=Slots(operations, publications, registry.week),
        media=Shelf(config.publications_table).ready,
    )
    made = door.router(config, now)
    previews = Previews(acceptance, channels, Neighbourhood(publications))
    accepting_now = partial(switches(config).on, ACCEPTING)
    counter = Counter(acceptance, previews, Allowance(operations, config.backlog_limit), accepting_now)
    made.serve(contract.SUBMIT, counter.submit)
    return made
