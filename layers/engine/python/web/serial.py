"""Series as callers see them, made from what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from publishing.model import utc_text
from publishing.recurrence import Occurrence
from publishing.series import Series, wall_text
from publishing.store import Publications
from publishing.times import zone_of
from web import views
from web.schemas import series as shown
from web.schemas.publications import ContentChanges

SHOWN = 5


def series(stored: Series, publications: Publications, now: datetime) -> shown.Series:
    """A series with its content and what became of the publications made of it."""
    over = [each for each in stored.made if each.at <= now]
    ahead = [each for each in stored.made if each.at > now]
    made = [_made(stored, each, publications, now) for each in (*over[-SHOWN:], *ahead[:SHOWN])]
    return shown.Series(**_summarized(stored, now), content=views.content(stored.content), made=made)


def summary(stored: Series, now: datetime) -> shown.SeriesSummary:
    """A series without its content."""
    return shown.SeriesSummary(**_summarized(stored, now))


def _summarized(stored: Series, now: datetime) -> dict[str, Any]:
    coming = list(islice(stored.recurrence.after_moment(now), SHOWN)) if stored.goes_on else []
    return {
        "id": stored.id,
        "status": _status(stored, coming),
        "title": stored.content.title or stored.content.text[:80],
        "targets": [
            shown.Target(
                channel=each.channel,
                platform=each.platform,
                overrides=ContentChanges.model_validate(each.overrides) if each.overrides else None,
            )
            for each in stored.targets
        ],
        "zone": stored.zone,
        "starts_at": wall_text(stored.starts_at),
        "rule": stored.rule,
        "priority": stored.priority,
        "late": views.late(stored.late),
        "created_at": utc_text(stored.created_at),
        "created_by": stored.created_by,
        "paused_at": utc_text(stored.paused_at) if stored.paused_at else None,
        "ended_at": utc_text(stored.ended_at) if stored.ended_at else None,
        "next": [_coming(stored, each) for each in coming],
    }


def _status(stored: Series, coming: Sequence[Occurrence]) -> shown.SeriesStatus:
    if stored.ended_at is None and stored.paused_at is not None:
        return shown.SeriesStatus.PAUSED
    return shown.SeriesStatus.ACTIVE if coming else shown.SeriesStatus.ENDED


def _coming(stored: Series, occurrence: Occurrence) -> shown.Coming:
    made = any(each.at == occurrence.at for each in stored.made)
    return shown.Coming(
        local=_local(stored, occurrence),
        at=utc_text(occurrence.at),
        publication=stored.publication_id(occurrence) if made else None,
    )


def _made(stored: Series, occurrence: Occurrence, publications: Publications, now: datetime) -> shown.Made:
    identifier = stored.publication_id(occurrence)
    whole = publications.whole(stored.workspace, identifier)
    return shown.Made(
        local=_local(stored, occurrence),
        at=utc_text(occurrence.at),
        publication=identifier,
        status=whole.status(now) if whole else None,
    )


def _local(stored: Series, occurrence: Occurrence) -> str:
    return occurrence.at.astimezone(zone_of(stored.zone)).isoformat()
