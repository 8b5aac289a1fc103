"""Series: made, listed, read, changed, ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from identity.model import Principal, Role
from publishing import aws, records
from publishing.acceptance import Acceptance
from publishing.failures import told
from publishing.model import utc_text
from publishing.planning import Planning
from publishing.sending import SendFailed
from publishing.series import Series, listed_in
from publishing.telemetry import logger
from web import cursor, recurring, serial
from web import series as contract
from web.operation import PATH_PATTERNS
from web.problems import CONFLICT, FORBIDDEN, KEY_REUSED, UNAVAILABLE, WRONG_STATE, Refusal, missing
from web.request import Answer, I, Request
from web.router import Router
from web.schemas import series as shown
from web.schemas.base import Nothing, Paging

LISTING = "series"
_PLACE = (r"[0-9TZ:.-]{24}", PATH_PATTERNS["series"])


@dataclass(frozen=True)
class Repeating:
    """What callers do with series."""

    planning: Planning
    acceptance: Acceptance

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about series."""
        router.serve(contract.CREATE_SERIES, self.create)
        router.serve(contract.LIST_SERIES, self.list)
        router.serve(contract.READ_SERIES, self.read)
        router.serve(contract.CHANGE_SERIES, self.change)
        router.serve(contract.END_SERIES, self.end)

    def create(self, request: Request[shown.NewSeries]) -> Answer[shown.Series]:
        """Make a series, and the publication of its next occurrence; a repeated key is answered with what it led to."""
        asked, submission = recurring.asked(request, self.planning.clock())
        stored = self.planning.series.read(asked.workspace, asked.id) if submission.key else None
        repeated = stored is not None
        if stored is None:
            stored, ours = self.planning.series.create(recurring.fit(asked, submission, self.acceptance))
            repeated = not ours
        if stored.fingerprint != asked.fingerprint:
            raise Refusal(KEY_REUSED, "This Idempotency-Key came with another request before. Use a new one.")
        replayed = {"Idempotent-Replayed": "true"} if repeated else {}
        view = self._view(stored if repeated else self._planned(stored))
        return Answer(view, headers={"Location": f"/v1/series/{view.id}", **replayed})

    def list(self, request: Request[Paging]) -> Answer[shown.SeriesList]:
        """A page of series."""
        workspace, asked = request.principal.workspace, request.input
        place = cursor.place(asked.cursor, listing=LISTING, workspace=workspace, patterns=_PLACE)
        start = _start(workspace, *place) if place else None
        page = self.planning.series.page(workspace, limit=asked.limit, start=start)
        now = self.planning.clock()
        return Answer(
            shown.SeriesList(
                items=[serial.summary(each, now) for each in page.found],
                next=_following(workspace, page.following) if page.following else None,
            )
        )

    def read(self, request: Request[Nothing]) -> Answer[shown.Series]:
        """One series with its occurrences."""
        return Answer(self._view(self._stored(request)))

    def change(self, request: Request[shown.SeriesChanges]) -> Answer[shown.Series]:
        """Change what no publication was made of yet; pause, or go on."""
        seen = self._stored(request)
        _insist_on_owner(request.principal, seen)
        request.insist_on(self._view(seen))
        if seen.ended_at:
            raise Refusal(WRONG_STATE, "The series was ended. Make another.")
        seen = self._finished(seen)
        wanted = recurring.changed(request.input, seen, self.acceptance)
        if wanted == seen:
            return Answer(self._view(seen))
        due_at = utc_text(self.planning.clock()) if wanted.goes_on else ""
        changed = self._replaced(seen, replace(wanted, version=seen.version + 1, due_at=due_at))
        return Answer(self._view(self._planned(changed)))

    def end(self, request: Request[Nothing]) -> Answer[shown.Series]:
        """End a series; what was made of it stays, and the answer shows it."""
        seen = self._stored(request)
        _insist_on_owner(request.principal, seen)
        request.insist_on(self._view(seen))
        if not seen.ended_at:
            seen = self._finished(seen)
            ended = replace(seen, ended_at=self.planning.clock(), due_at="", version=seen.version + 1)
            seen = self._replaced(seen, ended)
        return Answer(self._view(seen))

    def _stored(self, request: Request[I]) -> Series:
        stored = self.planning.series.read(request.principal.workspace, request.path["series"])
        if stored is None:
            raise missing("series")
        return stored

    def _finished(self, seen: Series) -> Series:
        """What is being made belongs to the series as it was: that is brought to its end before anything changes."""
        try:
            return self.planning.plan(seen)[0] if seen.unsent else seen
        except SendFailed:
            raise Refusal(UNAVAILABLE, "A publication of it is being made and cannot be sent yet; ask again.") from None

    def _replaced(self, seen: Series, wanted: Series) -> Series:
        stored = self.planning.series.replace(seen, wanted)
        if stored is None:
            raise Refusal(CONFLICT, "The series was changed or planned at this moment; ask again.")
        return stored

    def _planned(self, series: Series) -> Series:
        """The next occurrence is made at once; where that fails, the planner does it within a minute or two."""
        if not series.due_at:
            return series
        try:
            return self.planning.plan(series, most=1)[0]
        except (SendFailed, *aws.FAILURES) as error:
            logger.error("A series was not planned; the planner will", extra={"series": series.id, **told(error)})
            return self.planning.series.read(series.workspace, series.id) or series

    def _view(self, series: Series) -> shown.Series:
        return serial.series(series, self.planning.publications, self.planning.clock())


def _insist_on_owner(caller: Principal, series: Series) -> None:
    if caller.role is not Role.ADMIN and caller.subject != series.created_by:
        raise Refusal(FORBIDDEN, "Only who made the series, or an admin, may change or end it.")


def _start(workspace: str, created_at: str, series: str) -> dict[str, Any]:
    """The place in the index; the workspace is the caller's, whatever the cursor said."""
    return {
        "pk": records.key(workspace, series),
        "sk": "SERIES",
        "listed_in": listed_in(workspace),
        "created_at": created_at,
    }


def _following(workspace: str, last: Mapping[str, Any]) -> str:
    return cursor.text([last["created_at"], last["pk"].rpartition("#")[2]], listing=LISTING, workspace=workspace)
