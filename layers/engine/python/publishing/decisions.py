"""What people decide about deliveries: what became of a doubtful one, to try a failed one again, to call one off."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from publishing import aws
from publishing.change import PERSON, Change
from publishing.clock import Clock
from publishing.failures import told
from publishing.late import is_shelved
from publishing.ledger import Deliveries
from publishing.model import DeliveryState, Receipt, Target
from publishing.publication import Delivery, Publication, Whole
from publishing.sending import Sender, SendFailed
from publishing.store import GRACE_S, Publications

IN_DOUBT = (DeliveryState.UNCERTAIN, DeliveryState.HANDOFF)
_AGAIN = "retry"
_RETRIED = (DeliveryState.FAILED, DeliveryState.HELD)

logger = logging.getLogger(__name__)


@dataclass
class NotNow(Exception):  # noqa: N818
    """What stands does not allow the decision; `why` says so to the person who took it."""

    why: str


@dataclass(frozen=True)
class Decisions:
    """Takes people's decisions; each is one conditional write, so that it never meets what it was not meant for."""

    publications: Publications
    deliveries: Deliveries
    sender: Sender
    clock: Clock

    def published(
        self, publication: Publication, target: Target, receipt: Receipt, seen: Delivery | None = None
    ) -> Delivery:
        """A person found it published, as it was `seen` in doubt.

        Raises:
            NotNow: the delivery is not in doubt.
        """
        change = Change(DeliveryState.PUBLISHED, receipt=receipt, by=PERSON, why="published")
        return self._decided(publication, target, change, seen)

    def not_published(self, publication: Publication, target: Target, seen: Delivery | None = None) -> Delivery:
        """A person found it not published, as it was `seen` in doubt: it is sent again.

        Raises:
            NotNow: the delivery is not in doubt, or is being looked for at this moment.
        """
        self._guard(publication)
        change = Change(DeliveryState.QUEUED, next_at=self.clock(), by=PERSON, why="not_published")
        decided = self._decided(publication, target, change, seen)
        self._send(publication, [target])
        return decided

    def retry(self, whole: Whole, targets: Sequence[Target]) -> Whole:
        """Try again what failed of these targets or is held for being late, and only that; twice is once.

        Raises:
            NotNow: nothing of it failed, or the publication is over.
        """
        publication, known = whole.publication, dict(whole.known)
        self._insist_on_time(publication)
        failed = [target for target in targets if _failed(known.get(target.channel))]
        if not failed:
            raise NotNow("Nothing failed here, so nothing is tried again; what is held goes on when its trouble ends.")
        self._guard(publication)
        for target in failed:
            change = Change(DeliveryState.QUEUED, next_at=self.clock(), by=PERSON, why=_AGAIN)
            seen = known[target.channel]
            known[target.channel] = self.deliveries.decide(publication, target, change, of=_RETRIED, seen=seen)[0]
        self._send(publication, failed)
        return Whole(publication, known)

    def cancel(self, publication: Publication, target: Target) -> Delivery:
        """Call one target off; called off twice, it is called off once.

        Raises:
            NotNow: it has left.
        """
        change = Change(DeliveryState.CANCELED, by=PERSON, why="cancel")
        stands, ours = self.deliveries.close(publication, target, change)
        if ours or stands.state is DeliveryState.CANCELED:
            return stands
        raise NotNow(told_of(stands))

    def _decided(self, publication: Publication, target: Target, change: Change, seen: Delivery | None) -> Delivery:
        stands, ours = self.deliveries.decide(publication, target, change, of=IN_DOUBT, seen=seen)
        if ours:
            return stands
        if stands.state in IN_DOUBT:
            raise NotNow("We are looking for it at this moment. Ask again in a minute.")
        raise NotNow(told_of(stands))

    def _insist_on_time(self, publication: Publication) -> None:
        if publication.canceled_at is not None:
            raise NotNow("The publication was canceled.")
        if publication.expires_at is not None and self.clock() > publication.expires_at:
            raise NotNow("The publication's time has passed: it is no longer worth publishing.")

    def _guard(self, publication: Publication) -> None:
        """Before anything waits again, the sweep is told to look: what follows may be interrupted."""
        self.publications.look_from(publication, self.clock() + timedelta(seconds=GRACE_S))

    def _send(self, publication: Publication, targets: Iterable[Target]) -> None:
        try:
            self.sender.deliver(publication, targets)
        except (SendFailed, *aws.FAILURES) as error:  # it is written down, so the answer is yes
            logger.error("Messages were not sent; the sweep will send them", extra=told(error))


def _failed(delivery: Delivery | None) -> bool:
    """Whether it failed or came too late, or did until a person asked for another try that has not begun."""
    if delivery is None:
        return False
    asked = delivery.state is DeliveryState.QUEUED and delivery.history[-1:] and delivery.history[-1].why == _AGAIN
    return delivery.state is DeliveryState.FAILED or is_shelved(delivery) or bool(asked)


def told_of(delivery: Delivery) -> str:
    """How a delivery stands, in a sentence for a person."""
    return _SHELVED if is_shelved(delivery) else _SENTENCES[delivery.state]


_SHELVED = "It came too late and waits for a person: try it again to send it out, or cancel it."
_SENTENCES = {
    DeliveryState.QUEUED: "It is waiting to be published.",
    DeliveryState.PUBLISHING: "It is being published at this moment.",
    DeliveryState.PROCESSING: "It has left; the platform is still working on it.",
    DeliveryState.UNCERTAIN: "It may be out. Resolve the delivery first: say whether it is published.",
    DeliveryState.HANDOFF: "A person is to finish it in the platform's app. Resolve it: say whether it is published.",
    DeliveryState.HELD: "It is held until its channel can be published to.",
    DeliveryState.PUBLISHED: "It is published.",
    DeliveryState.FAILED: "It failed. It can be tried again.",
    DeliveryState.CANCELED: "It was canceled.",
    DeliveryState.EXPIRED: "Its time to be published has passed.",
}
