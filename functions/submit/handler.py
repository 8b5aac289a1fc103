"""Accepts publications: POST /v1/publications."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from channels.registry import Registry, Remembered
from functions import platforms
from publishing import settings
from publishing.acceptance import Acceptance
from publishing.clock import now
from publishing.sending import Sender
from publishing.settings import Sending
from publishing.store import Publications
from publishing.telemetry import count, flush
from web import accepting, contract, views
from web.request import Answer, Request
from web.router import Router
from web.schemas.publications import NewPublication, Preview, Publication


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
    channels: accepting.Channels

    def submit(self, request: Request[NewPublication]) -> Answer[Publication | Preview]:
        """Accept a publication, or tell what it would be; a repeated key is answered with what it led to then."""
        submission = accepting.submission(request, self.acceptance.clock())
        if request.input.dry_run:
            return Answer(accepting.preview(self.acceptance, submission, self.channels), status=200)
        accepted = accepting.accepted(self.acceptance, submission)
        if not accepted.repeated:
            count("PublicationAccepted")
        view = views.publication(accepted.whole, self.acceptance.clock())
        replayed = {"Idempotent-Replayed": "true"} if accepted.repeated else {}
        return Answer(view, headers={"Location": f"/v1/publications/{view.id}", **replayed})


@cache
def router() -> Router:
    """What this function works with, put together on its first call."""
    config = settings.read(Sending)
    channels = Remembered(Registry(config.channels_table)).find_many
    acceptance = Acceptance(
        publications=Publications(config.publications_table, now),
        sender=Sender(config, now),
        destinations=channels,
        adapter=platforms.load,
        clock=now,
    )
    made = Router()
    made.serve(contract.SUBMIT, Counter(acceptance, channels).submit)
    return made
