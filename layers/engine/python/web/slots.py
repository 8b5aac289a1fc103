"""A channel's slots as callers send and see them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from publishing import slots, week
from publishing.model import utc_text
from publishing.times import NotAMoment, zone_of
from publishing.week import NO_SLOTS, Week
from web.problems import invalid
from web.schemas import channels as shown


def asked_week(asked: shown.Slots | None) -> Week:
    """The week that is asked for.

    Raises:
        Refusal: 422, there is no such zone, or there are too many times, or none, or one twice.
    """
    if asked is None:
        return NO_SLOTS
    try:
        zone_of(asked.zone)
    except NotAMoment as wrong:
        raise invalid("slots.zone", wrong.problem.message, wrong.problem.remedy) from None
    weekly = asked.weekly.model_dump()
    for day, times in weekly.items():
        if len(set(times)) < len(times):
            raise invalid(f"slots.weekly.{day}", "A time is in it twice.", "Name each time once.")
    count = sum(map(len, weekly.values()))
    if not 1 <= count <= week.MOST:
        raise invalid("slots.weekly", f"There are {count} times a week.", f"Name 1 to {week.MOST}, or null for none.")
    return Week.of(asked.zone, weekly)


def view(found: Week) -> shown.Slots | None:
    """A week as it was sent, its times in order."""
    return shown.Slots(zone=found.zone, weekly=shown.Weekly.model_validate(found.weekly)) if found else None


def coming(found: slots.Slot, zone: ZoneInfo) -> shown.Slot:
    """One coming slot."""
    return shown.Slot(
        at=utc_text(found.at),
        local=f"{found.at.astimezone(zone):%Y-%m-%dT%H:%M}",
        free=not found.holder,
        publication=found.holder or None,
    )
