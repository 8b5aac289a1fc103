"""The late policy: what becomes of what could not begin in time. What has begun is seen to its end, however late."""

from __future__ import annotations

from datetime import datetime, timedelta

from publishing.change import Change
from publishing.model import DeliveryState, IfLate
from publishing.publication import NEVER, Delivery, Publication, Trouble

LATE = "late"  # the kind of trouble
_SHORT_S = 120  # from here on minutes say enough


def too_late(publication: Publication, now: datetime) -> Change | None:
    """What the publication's policy makes of a delivery that would begin now; None: it begins.

    What is held so is held for a person: nothing wakes it, and its `next_at` never comes.
    """
    policy = publication.late
    if policy is None or policy.then is IfLate.POST:
        return None
    late = now - publication.publish_at
    if late <= timedelta(seconds=policy.after_s):
        return None
    ending, state = _ENDS[policy.then]
    why = f"It could not begin until {_told(late)} after its time. Later than {_told(timedelta(0, policy.after_s))}, "
    return Change(state, trouble=Trouble(LATE, why + ending))


_ENDS = {
    IfLate.SKIP: ("it was to be skipped.", DeliveryState.EXPIRED),
    IfLate.HOLD: ("it was to wait for a person: try it again to send it out now, or cancel it.", DeliveryState.HELD),
}


def is_shelved(delivery: Delivery) -> bool:
    """Whether it was held for being late, and nobody has decided about it since."""
    held = delivery.state is DeliveryState.HELD and delivery.next_at == NEVER
    return held and delivery.trouble is not None and delivery.trouble.kind == LATE


def outlived(publication: Publication, delivery: Delivery, now: datetime) -> bool:
    """Whether it is held for being late, and its publication has expired meanwhile: no message comes to say so."""
    over = publication.expires_at is not None and now > publication.expires_at
    return over and is_shelved(delivery)


def _told(duration: timedelta) -> str:
    """A duration in two words or four: `90 s`, `2 h 5 min`, `3 d 2 h`."""
    seconds = int(duration.total_seconds())
    if seconds < _SHORT_S:
        return f"{seconds} s"
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts[:2])
