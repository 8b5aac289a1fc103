"""Delivers what messages name: whatever is still to be done for it, and nothing for what came too late."""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass, replace

from publishing.change import Change
from publishing.equipment import Equipment
from publishing.errand import Errand
from publishing.gate import Later
from publishing.late import is_shelved, too_late
from publishing.message import Deliver
from publishing.model import DeliveryState, Target
from publishing.publication import Publication, Trouble

logger = logging.getLogger(__name__)


class NotBegun(Exception):  # noqa: N818
    """There is not enough time left to begin; the message goes back to the queue."""


@dataclass(frozen=True)
class Courier(Equipment):
    """Delivers the targets of one platform."""

    def deliver(self, work: Deliver, publication: Publication, *, within_s: float) -> None:
        """Do what the delivery needs next, if anything; returning means the message has served its purpose.

        Raises:
            NotBegun: `within_s` is too short for this platform. Anything else: the message must come again.
        """
        target = publication.target(work.channel)
        if target is None or target.platform != self.adapter.name:
            logger.warning("A message names a target that is not one", extra={"channel": work.channel})
            return
        if publication.version != work.version and publication.canceled_at is None:
            return  # a firing of before it was rescheduled
        if self._ended(publication, target):
            return
        if publication.publish_at > self.clock():
            self.sender.again(publication, target, publication.publish_at)
            return
        spare_s = within_s - self.adapter.limits.timeout_s
        if spare_s < 0:
            raise NotBegun
        errand = Errand(self, publication, target)
        way = errand.admitted(work, spare_s)
        if isinstance(way, Later):
            errand.put_off(way, work)
            return
        with closing(way):
            replace(errand, see=way.see, heard=way.heard).run()

    def _ended(self, publication: Publication, target: Target) -> bool:
        """Whether it is too late for what has not begun; what has begun is still seen to its end."""
        if publication.canceled_at is not None:
            change = Change(DeliveryState.CANCELED)
        elif publication.expires_at is not None and self.clock() > publication.expires_at:
            late = Trouble("expired", "Its time to be published had passed before it could be.")
            change = Change(DeliveryState.EXPIRED, trouble=late)
        else:
            return self._too_late(publication, target)
        written, ours = self.deliveries.close(publication, target, change)
        if ours:
            self.observe(publication, written)
        return ours or written.state is change.state

    def _too_late(self, publication: Publication, target: Target) -> bool:
        """Whether its policy lets it begin no more; what a person sent out after all is not judged again."""
        change = too_late(publication, self.clock())
        if change is None:
            return False
        written, ours = self.deliveries.close(publication, target, change, unbegun=True)
        if ours:
            self.observe(publication, written)
        return ours or is_shelved(written) or written.state is DeliveryState.EXPIRED
