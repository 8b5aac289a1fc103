"""When a channel's credentials are attended to ahead of their end: renewed by half of their life, or else told of."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

from channels.model import Connection, StoredChannel
from publishing.abilities import Authorizes, Refreshes
from publishing.adapter import Adapter, Life

SOON_S = 300.0
SPREAD = 0.1  # what was connected together is not renewed together
TOLD_AHEAD = (timedelta(days=7), timedelta(days=1), timedelta())  # of an end that a person alone can prevent
SLACK = timedelta(hours=1)  # an end that is told anew with each renewal, in seconds that are left, moves a little

Draw = Callable[[], float]


def life_of(adapter: Adapter, channel: StoredChannel) -> Life | None:
    """The life of the channel's credentials; None where they cannot be renewed without a person."""
    supplied = {**channel.settings, **dict.fromkeys(channel.secret_fields, ""), **_app(adapter, channel)}
    return adapter.life(supplied) if isinstance(adapter, Refreshes) else None


def _app(adapter: Adapter, channel: StoredChannel) -> dict[str, str]:
    """What the operator's app supplies to a channel that was consented to: it is not stored with the channel."""
    if channel.scopes is None or not isinstance(adapter, Authorizes):
        return {}
    return {field.name: "operator's" for field in adapter.consent.app}


def attended_at(
    adapter: Adapter, channel: StoredChannel, now: datetime, *, draw: Draw = random.random
) -> datetime | None:
    """When the channel's credentials, as they were just stored or found good, are attended to first; None: never.

    Of what was granted the end is known, and half of the way there is right. What a person supplied may be of any age:
    once it is found good it is renewed as soon as the platform does that, and then its end is known, too.
    """
    if channel.connection is Connection.RECONNECT:
        return None
    life, end_at = life_of(adapter, channel), channel.secrets_end_at
    if life is None or end_at:
        return next_at(life, end_at, now, until=channel.renewable_until, draw=draw)
    if channel.connection is not Connection.CONNECTED or not life.ahead:
        return None
    return now + timedelta(seconds=max(SOON_S, life.least_age_s) * (1 + SPREAD * draw()))


def next_at(
    life: Life | None,
    end_at: datetime | None,
    now: datetime,
    *,
    until: datetime | None = None,
    draw: Draw = random.random,
) -> datetime | None:
    """When credentials that were given just now are attended to; None: never.

    `until`: those that are renewed are renewed no longer without a person, who is told of it ahead.
    """
    if life is None:
        return max(now, end_at - TOLD_AHEAD[0]) if end_at and end_at > now else None
    if not life.ahead:
        return None
    lasts_s = max(0.0, (end_at - now).total_seconds()) if end_at else life.lasts_s
    least_s = life.least_age_s * (1 + SPREAD * draw())
    half = now + timedelta(seconds=max(least_s, lasts_s / 2 * (1 - SPREAD * draw())))
    return min(half, told_again_at(until, now + SLACK)) if until and until > now else half


def told_again_at(end_at: datetime, now: datetime) -> datetime:
    """When a person who was told just now of an end to come is told once more, or that it has come."""
    return next(end_at - ahead for ahead in TOLD_AHEAD if end_at - ahead > now or not ahead)


def is_to_be_told(end_at: datetime, told_at: datetime | None, now: datetime) -> bool:
    """Whether a person is to be told of an end to come who was told at `told_at` last."""
    due = [end_at - ahead - SLACK for ahead in TOLD_AHEAD if end_at - ahead - SLACK <= now < end_at]
    return bool(due) and (told_at is None or told_at < max(due))
