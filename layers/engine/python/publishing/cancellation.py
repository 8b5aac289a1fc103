"""Cancels what has not left: each delivery is canceled, or claimed, by whoever writes first."""

from __future__ import annotations

from publishing.change import Change
from publishing.ledger import Deliveries
from publishing.model import DeliveryState
from publishing.publication import Whole
from publishing.store import Publications


def cancel(publications: Publications, deliveries: Deliveries, whole: Whole) -> Whole:
    """The publication with everything canceled that had not left; what had is as it was.

    The mark on the publication comes first: should this be interrupted, the sweep or the next message finishes it.
    """
    publication = whole.publication
    publications.cancel(publication)
    marked = publications.publication(publication.workspace, publication.id) or publication  # no edit comes after
    return closed(deliveries, Whole(marked, whole.known))


def closed(deliveries: Deliveries, whole: Whole) -> Whole:
    """A publication that is marked canceled, with everything canceled that had not left; again changes nothing."""
    publication, change = whole.publication, Change(DeliveryState.CANCELED)
    known = {target.channel: deliveries.close(publication, target, change)[0] for target in publication.targets}
    return Whole(publication, known)
