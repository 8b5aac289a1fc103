"""Samples: what is published to show that a channel works."""

from __future__ import annotations

from dataclasses import dataclass

from channels.model import StoredChannel
from publishing.acceptance import Acceptance
from publishing.model import Content
from publishing.submission import Submission
from web import accepting, views
from web.request import I, Request
from web.schemas.publications import Publication

SAMPLE = Content(
    title="A test from Postroom",
    text="This is a test, published by Postroom. It shows that the channel works, and can be deleted.",
    tags=("postroom",),
)


@dataclass(frozen=True)
class Samples:
    """Publishes samples, as anything else is published."""

    acceptance: Acceptance

    def publish(self, channel: StoredChannel, request: Request[I]) -> Publication:
        """Hand in a sample for this channel alone."""
        submission = Submission(
            workspace=channel.workspace,
            subject=request.principal.subject,
            content=SAMPLE,
            overrides={channel.id: {}},
            key=request.idempotency_key,
            correlation_id=request.correlation_id,
        )
        return views.publication(accepting.accepted(self.acceptance, submission).whole, self.acceptance.clock())
