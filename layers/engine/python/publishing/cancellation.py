"""Cancels what has not left: each delivery is canceled, or claimed, by whoever writes first."""

from __future__ import annotations

from publishing.ledger import Change, Deliveries
from publishing.model import DeliveryState
from publishing.records import Whole
from publishing.store import Publications


def cancel(publications: Publications, deliveries: Deliveries, whole: Whole) -> Whole:
    """The publication with everything canceled that had not left; what had is as it was.

    The mark on the publication comes first: should this be interrupted, the sweep or the next message finishes it.
    """
    publication = whole.publication
    publications.cancel(publication)
    marked = publications.publication(publication.workspace, publication.id) or publication  # no edit comes after
    known = dict(whole.known)
    for target in marked.targets:
        known[target.channel] = deliveries.close(marked, target, Change(DeliveryState.CANCELED))[0]
    return Whole(marked, known)
