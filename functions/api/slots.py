"""The coming slots of a channel, listed."""

from __future__ import annotations

from dataclasses import dataclass

from publishing.slots import Slots
from publishing.times import zone_of
from web import slots as views
from web.problems import missing
from web.request import Answer, Request
from web.schemas import channels as shown


@dataclass(frozen=True)
class Calendar:
    """Where callers see what a channel's queue holds."""

    slots: Slots

    def list(self, request: Request[shown.SlotsAsked]) -> Answer[shown.ComingSlots]:
        """The coming slots, and which publication has each."""
        workspace, channel = request.principal.workspace, request.path["channel"]
        week = self.slots.week(workspace, channel)
        if week is None:
            raise missing("channel")
        if not week:
            return Answer(shown.ComingSlots(items=[]))
        zone, found = zone_of(week.zone), self.slots.coming(workspace, channel, week, most=request.input.limit)
        return Answer(shown.ComingSlots(zone=week.zone, items=[views.coming(slot, zone) for slot in found]))
