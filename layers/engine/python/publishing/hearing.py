"""Writes down what platforms call back with: it settles what they were still working on, or a person was to finish."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from publishing.change import Change
from publishing.clock import Clock
from publishing.equipment import Observe
from publishing.expected import Expected
from publishing.inbound import Heard
from publishing.ledger import Deliveries
from publishing.model import DeliveryState, Target
from publishing.publication import Publication, Trouble
from publishing.sending import Sender
from publishing.store import Publications

PLATFORM = "platform"
_OPEN = (DeliveryState.PROCESSING, DeliveryState.HANDOFF, DeliveryState.UNCERTAIN)

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Hearing:
    """Hears what one platform says of its deliveries."""

    publications: Publications
    deliveries: Deliveries
    expected: Expected
    sender: Sender
    observe: Observe
    clock: Clock

    def take(self, workspace: str, channel: str, heard: Heard) -> bool:
        """Write down what was heard of a channel's post; False where nobody waits for it, or it was heard before."""
        name = f"{workspace}#{channel}"
        if not self.expected.is_news(name, heard.event):
            return False
        known = self.expected.publication(name, heard.reference)
        publication = self.publications.publication(workspace, known) if known else None
        target = publication.target(channel) if publication else None
        if publication is None or target is None:
            logger.info("Nobody waits for what a platform called back about", extra={"channel": channel})
            return False
        settled = self._settled(publication, target, heard)
        self.expected.heard(name, heard.event)
        return settled

    def _settled(self, publication: Publication, target: Target, heard: Heard) -> bool:
        change = self._change(heard)
        written, ours = self.deliveries.decide(publication, target, change, of=_open_to(change))
        if ours:
            self.observe(publication, written)
        if ours and change.next_at is not None:
            self.sender.again(publication, target, change.next_at)
        return ours

    def _change(self, heard: Heard) -> Change:
        if heard.receipt:
            return Change(DeliveryState.PUBLISHED, receipt=heard.receipt, why=PLATFORM)
        if heard.refused:
            return Change(DeliveryState.FAILED, trouble=Trouble("refused", heard.refused), why=PLATFORM)
        return Change(DeliveryState.PROCESSING, next_at=self.clock(), why=PLATFORM)


def _open_to(change: Change) -> tuple[DeliveryState, ...]:
    """What is still being worked on can be asked about sooner; what else is open, only a plain word settles."""
    return (DeliveryState.PROCESSING,) if change.state is DeliveryState.PROCESSING else _OPEN
