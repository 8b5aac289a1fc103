"""Webhooks and their logs as callers see them, made from what is stored; and what of a log a caller asks for."""

from __future__ import annotations

from datetime import datetime

from notifying.log import KEPT
from notifying.model import DisabledWhy, Endpoint, Entry, EventKind
from publishing import ids
from publishing.model import utc_text
from web import accepting
from web.problems import invalid
from web.schemas import webhooks as shown


def webhook(endpoint: Endpoint, now: datetime) -> shown.Webhook:
    """A webhook, without its secret."""
    both = endpoint.previous_until is not None and now < endpoint.previous_until
    return shown.Webhook(
        id=endpoint.id,
        url=endpoint.url,
        name=endpoint.name,
        events=endpoint.events,
        state=_state(endpoint),
        failing_since=_text(endpoint.failing_since),
        disabled_at=_text(endpoint.disabled_at),
        disabled_why=DisabledWhy(endpoint.disabled_why) if endpoint.disabled_why else None,
        previous_secret_until=_text(endpoint.previous_until) if both else None,
        created_at=utc_text(endpoint.created_at),
        created_by=endpoint.created_by,
        updated_at=utc_text(endpoint.updated_at),
    )


def _state(endpoint: Endpoint) -> shown.WebhookState:
    if endpoint.disabled_at:
        return shown.WebhookState.DISABLED
    return shown.WebhookState.FAILING if endpoint.warned_at else shown.WebhookState.ACTIVE


def entry(stored: Entry) -> shown.WebhookLogEntry:
    """One event in a log."""
    return shown.WebhookLogEntry(
        event=stored.event,
        type=EventKind(stored.kind),
        subject=stored.subject,
        sequence=stored.sequence,
        at=stored.at,
        state=stored.state,
        attempts=[
            shown.LogAttempt(at=each.at, status=each.status, ms=each.ms, why=each.why, excerpt=each.excerpt)
            for each in stored.attempts
        ],
        next_attempt_at=stored.next_at or None,
    )


def between(since: str | None, until: str | None, now: datetime) -> tuple[str, str]:
    """The least and the greatest event id of a range of time, which a log may know of.

    Raises:
        Refusal: 422, one is no moment, or the range ends before it begins.
    """
    first = accepting.moment("since", since or None, "") or now - KEPT
    last = accepting.moment("until", until or None, "") or now
    if last < first:
        raise invalid("until", "It is before `since`.", "Choose a later one, or leave it out.")
    return ids.bounds("evt", _ms(max(first, now - 2 * KEPT)), _ms(min(last, now + KEPT)))


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None
