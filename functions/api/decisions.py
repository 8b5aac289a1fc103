"""Decisions of people about deliveries: resolved, tried again, called off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from identity.model import Principal, Role
from publishing import ids
from publishing.clock import Clock
from publishing.decisions import Decisions, NotNow
from publishing.model import DeliveryState, Receipt, Target
from publishing.publication import Delivery, Publication, Whole
from publishing.slots import Slots
from publishing.store import Publications
from web import decisions as contract
from web import views
from web.problems import FORBIDDEN, WRONG_STATE, Refusal, invalid, missing
from web.request import Answer, Request
from web.router import Router
from web.schemas import publications as shown
from web.schemas.base import Nothing

I = TypeVar("I", bound=BaseModel)  # noqa: E741 - input
T = TypeVar("T")


@dataclass(frozen=True)
class Deciding:
    """What callers decide about deliveries."""

    publications: Publications
    decisions: Decisions
    clock: Clock
    slots: Slots

    def serve(self, router: Router) -> None:
        """Have `router` lead here what decides about deliveries."""
        router.serve(contract.RESOLVE_DELIVERY, self.resolve)
        router.serve(contract.RETRY_DELIVERY, self.retry_delivery)
        router.serve(contract.CANCEL_DELIVERY, self.cancel_delivery)
        router.serve(contract.RETRY_PUBLICATION, self.retry)

    def resolve(self, request: Request[shown.Resolution]) -> Answer[shown.DeliveryWithHistory]:
        """Take a person's word for what became of a delivery in doubt."""
        asked, (whole, target) = request.input, self._target(request)
        publication, seen = whole.publication, whole.known.get(target.channel)
        if asked.outcome == "published":
            receipt = Receipt(asked.post_id or "", asked.url or "")
            return _answer(publication, _allowed(lambda: self.decisions.published(publication, target, receipt, seen)))
        if asked.url or asked.post_id:
            name = "url" if asked.url else "post_id"
            raise invalid(name, "What is not published has none.", "Leave it out, or say that it is published.")
        return _answer(publication, _allowed(lambda: self.decisions.not_published(publication, target, seen)))

    def retry_delivery(self, request: Request[Nothing]) -> Answer[shown.DeliveryWithHistory]:
        """Try one failed delivery again."""
        whole, target = self._target(request)
        _insist_on_owner(request.principal, whole.publication)
        retried = _allowed(lambda: self.decisions.retry(whole, [target]))
        return _answer(whole.publication, retried.known[target.channel])

    def retry(self, request: Request[Nothing]) -> Answer[shown.Publication]:
        """Try again what failed of a publication."""
        whole = self._whole(request, request.path["publication"])
        if whole is None:
            raise missing("publication")
        request.insist_on(views.publication(whole, self.clock()))
        _insist_on_owner(request.principal, whole.publication)
        retried = _allowed(lambda: self.decisions.retry(whole, whole.publication.targets))
        return Answer(views.publication(retried, self.clock()))

    def cancel_delivery(self, request: Request[Nothing]) -> Answer[shown.DeliveryWithHistory]:
        """Call one delivery off, before it leaves."""
        whole, target = self._target(request)
        canceled = _allowed(lambda: self.decisions.cancel(whole.publication, target))
        others = (each for each in whole.deliveries if each.channel != target.channel)
        if all(each.state is DeliveryState.CANCELED for each in others):
            self.slots.release(whole.publication)
        return _answer(whole.publication, canceled)

    def _whole(self, request: Request[I], publication: str) -> Whole | None:
        return self.publications.whole(request.principal.workspace, publication)

    def _target(self, request: Request[I]) -> tuple[Whole, Target]:
        publication, channel = ids.delivery_parts(request.path["delivery"]) or ("", "")
        whole = self._whole(request, publication)
        target = whole.publication.target(channel) if whole else None
        if whole is None or target is None:
            raise missing("delivery")
        seen = next(each for each in whole.deliveries if each.channel == channel)
        request.insist_on(views.delivery(whole.publication, seen))
        return whole, target


def _insist_on_owner(caller: Principal, publication: Publication) -> None:
    if caller.role is not Role.ADMIN and caller.subject != publication.created_by:
        raise Refusal(FORBIDDEN, "Only who submitted the publication, or an admin, may have it tried again.")


def _allowed(decide: Callable[[], T]) -> T:
    try:
        return decide()
    except NotNow as refused:
        raise Refusal(WRONG_STATE, refused.why) from None


def _answer(publication: Publication, delivery: Delivery) -> Answer[shown.DeliveryWithHistory]:
    return Answer(views.delivery(publication, delivery))
