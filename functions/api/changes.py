"""Publications that have not left: tried out before they are submitted, edited and rescheduled after."""

from __future__ import annotations

from dataclasses import dataclass

from publishing.acceptance import Acceptance
from publishing.decisions import NotNow
from publishing.editing import Editing, Overtaken, insist_on_waiting
from publishing.publication import Publication, Whole
from publishing.slots import Slots
from web import accepting, views
from web import decisions as contract
from web.editing import edited
from web.previewing import Previews
from web.problems import CONFLICT, UNFIT, WRONG_STATE, Refusal, missing
from web.request import Answer, Request
from web.router import Router
from web.schemas import publications as shown
from web.schemas.previews import Preview, PublicationToValidate


@dataclass(frozen=True)
class Changing:
    """How callers try publications out, and change them."""

    acceptance: Acceptance
    editing: Editing
    previews: Previews
    slots: Slots

    def serve(self, router: Router) -> None:
        """Have `router` lead here what changes publications."""
        router.serve(contract.VALIDATE_PUBLICATION, self.validate)
        router.serve(contract.CHANGE_PUBLICATION, self.change)

    def validate(self, request: Request[PublicationToValidate]) -> Answer[Preview]:
        """Tell what a publication would be."""
        submission = accepting.submission(request, self.acceptance.clock())
        return Answer(self.previews.of(submission, edits=request.input.edits or ""))

    def change(self, request: Request[shown.PublicationChanges]) -> Answer[shown.Publication]:
        """Edit a publication, or give it another time."""
        now = self.editing.clock()
        seen = self.editing.publications.whole(request.principal.workspace, request.path["publication"])
        if seen is None:
            raise missing("publication")
        request.insist_on(views.publication(seen, now))
        try:
            insist_on_waiting(seen)
            wanted = edited(request.input, seen.publication, now)
            described = accepting.or_refused(lambda: self.acceptance.described(wanted))
            stands = self._edited(seen, described)
        except NotNow as refused:
            raise Refusal(WRONG_STATE, refused.why) from None
        except Overtaken:
            raise Refusal(CONFLICT, "The publication was changed by somebody else just now; ask again.") from None
        return Answer(views.publication(stands, now))

    def _edited(self, seen: Whole, wanted: Publication) -> Whole:
        if wanted == seen.publication:
            return seen
        problems = self.acceptance.problems(wanted)
        if problems:
            raise Refusal(UNFIT, problems[0].message, errors=problems)
        stands = self.editing.edit(seen, wanted)
        if wanted.slot_of != seen.publication.slot_of:
            self.slots.release(seen.publication)
        return stands
