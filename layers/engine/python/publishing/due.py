"""A publication's time has come: what its schedule asked for is put on the platforms' queues."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from publishing.message import Due
from publishing.model import utc_moment
from publishing.publication import NEVER, Whole
from publishing.sending import Sender
from publishing.store import Publications

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dispatch:
    """Sends on what schedules bring back."""

    publications: Publications
    sender: Sender

    def dispatch(self, due: Due) -> None:
        """Send the publication's targets, or the one a retry is for; a firing from before a change does nothing.

        Raises:
            LookupError: there is no such publication: the message belongs in the dead-letter queue.
        """
        whole = self.publications.whole(due.workspace, due.publication)
        if whole is None:
            raise LookupError("A schedule fired for a publication that is not stored.")
        if whole.publication.version != due.version:
            logger.info("A schedule of an earlier version fired", extra={"publication": due.publication})
        elif due.channel is None:
            self.sender.deliver(whole.publication, whole.publication.targets)
        else:
            self._again(whole, due.channel)

    def _again(self, whole: Whole, channel: str) -> None:
        target, delivery = whole.publication.target(channel), whole.known.get(channel)
        if target and delivery and delivery.next_at != NEVER:
            self.sender.again(whole.publication, target, utc_moment(delivery.next_at))
