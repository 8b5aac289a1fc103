"""Publications: listed, read, canceled; and their deliveries, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publishing import ids, records
from publishing.cancellation import cancel
from publishing.clock import Clock
from publishing.ledger import Deliveries
from publishing.publication import Whole
from publishing.slots import Slots
from publishing.store import Publications
from web import contract, cursor, views
from web.operation import PATH_PATTERNS
from web.problems import missing
from web.request import Answer, Request
from web.router import Router
from web.schemas import publications as shown
from web.schemas.base import Nothing, Paging

LISTING = "publications"
_PLACE = (r"[0-9TZ:.-]{24}", PATH_PATTERNS["publication"])


@dataclass(frozen=True)
class Publishing:
    """What callers see of publications and deliveries, and how they stop them."""

    publications: Publications
    deliveries: Deliveries
    clock: Clock
    slots: Slots

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about publications and deliveries."""
        router.serve(contract.LIST_PUBLICATIONS, self.list)
        router.serve(contract.READ_PUBLICATION, self.read)
        router.serve(contract.CANCEL_PUBLICATION, self.cancel)
        router.serve(contract.READ_DELIVERY, self.read_delivery)

    def list(self, request: Request[Paging]) -> Answer[shown.Publications]:
        """A page of publications."""
        workspace, asked = request.principal.workspace, request.input
        place = cursor.place(asked.cursor, listing=LISTING, workspace=workspace, patterns=_PLACE)
        start = _start(workspace, *place) if place else None
        page = self.publications.page(workspace, limit=asked.limit, start=start)
        now = self.clock()
        return Answer(
            shown.Publications(
                items=[views.summary(whole, now) for whole in page.found],
                next=_following(workspace, page.following) if page.following else None,
            )
        )

    def read(self, request: Request[Nothing]) -> Answer[shown.Publication]:
        """One publication with its deliveries."""
        return Answer(views.publication(self._whole(request, request.path["publication"]), self.clock()))

    def cancel(self, request: Request[Nothing]) -> Answer[shown.Publication]:
        """Stop what has not left; what has is as it was."""
        whole = self._whole(request, request.path["publication"])
        request.insist_on(views.publication(whole, self.clock()))
        canceled = cancel(self.publications, self.deliveries, whole)
        self.slots.release(canceled.publication)
        return Answer(views.publication(canceled, self.clock()))

    def read_delivery(self, request: Request[Nothing]) -> Answer[shown.DeliveryWithHistory]:
        """One delivery with its history."""
        publication, channel = ids.delivery_parts(request.path["delivery"]) or ("", "")
        whole = self.publications.whole(request.principal.workspace, publication)
        found = [each for each in whole.deliveries if each.channel == channel] if whole else []
        if whole is None or not found:
            raise missing("delivery")
        return Answer(views.delivery(whole.publication, found[0]))

    def _whole(self, request: Request[Nothing], publication: str) -> Whole:
        whole = self.publications.whole(request.principal.workspace, publication)
        if whole is None:
            raise missing("publication")
        return whole


def _start(workspace: str, created_at: str, publication: str) -> dict[str, Any]:
    """The place in the index; the workspace is the caller's, whatever the cursor said."""
    return {
        "pk": records.key(workspace, publication),
        "sk": "PUBLICATION",
        "listed_in": workspace,
        "created_at": created_at,
    }


def _following(workspace: str, last: Mapping[str, Any]) -> str:
    publication = last["pk"].rpartition("#")[2]
    return cursor.text([last["created_at"], publication], listing=LISTING, workspace=workspace)
