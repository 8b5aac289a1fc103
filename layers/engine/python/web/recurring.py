"""From a request about a series to the series as it is to be; what cannot be is refused with a problem."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from publishing import ids
from publishing.acceptance import Acceptance
from publishing.model import Content, Target, utc_text
from publishing.publication import overridden
from publishing.rule_text import NotARule, rule_of
from publishing.series import Series
from publishing.submission import Submission
from web import accepting
from web.problems import invalid
from web.request import Request
from web.schemas.publications import NewPublication
from web.schemas.series import NewSeries, SeriesChanges

FURTHEST, LONGEST_AGO = timedelta(days=366), timedelta(days=5 * 366)
_OPEN = datetime.min  # noqa: DTZ901 - on the wall


def asked(request: Request[NewSeries], now: datetime) -> tuple[Series, Submission]:
    """The series the caller asks for, and the submission of one occurrence; its targets are not known yet.

    Raises:
        Refusal: 400, 422, the key, the zone, the rule or the targets are wrong.
    """
    wanted = request.input
    one = NewPublication(content=wanted.content, targets=wanted.targets, priority=wanted.priority, late=wanted.late)
    submission = accepting.submission(
        Request(one, request.caller, request.path, request.headers, request.correlation_id), now
    )
    accepting.insist_on_zone(wanted.zone)
    told = (submission.fingerprint, wanted.zone, wanted.starts_at, wanted.rule)
    key = submission.key
    series = Series(
        id=ids.derived("ser", submission.workspace, key) if key else ids.new("ser"),
        workspace=submission.workspace,
        content=submission.content,
        targets=(),
        zone=wanted.zone,
        starts_at=_starts_at(wanted.starts_at),
        rule=wanted.rule,
        created_at=now,
        created_by=submission.subject,
        fingerprint=hashlib.sha256("\0".join(told).encode()).hexdigest(),
        planned_to=_OPEN,
        priority=submission.priority,
        late=submission.late,
        correlation_id=submission.correlation_id,
        due_at=utc_text(now),
    )
    return series, submission


def fit(series: Series, submission: Submission, acceptance: Acceptance) -> Series:
    """The series with its targets, if they can take it and it occurs.

    Raises:
        Refusal: 404, 422, they cannot, or it never does.
    """
    _insist_on_reach(series.starts_at, acceptance.clock())
    timed = _from_now(series, acceptance.clock())
    return replace(timed, targets=accepting.drafted(acceptance, submission).targets)


def changed(wanted: SeriesChanges, seen: Series, acceptance: Acceptance) -> Series:
    """The series with what the caller changes; nothing is stored.

    Raises:
        Refusal: 404, 422, something is wrong with it.
    """
    now = acceptance.clock()
    accepting.insist_on_zone(wanted.zone)
    edited = replace(
        seen,
        content=overridden(seen.content, wanted.content.model_dump(exclude_none=True))
        if wanted.content
        else seen.content,
        zone=wanted.zone or seen.zone,
        starts_at=_starts_at(wanted.starts_at) if wanted.starts_at else seen.starts_at,
        rule=wanted.rule or seen.rule,
        priority=wanted.priority or seen.priority,
        late=accepting.late(wanted.late) if "late" in wanted.model_fields_set else seen.late,
        paused_at=_paused_at(wanted, seen, now),
    )
    if wanted.starts_at:
        _insist_on_reach(edited.starts_at, now)
    timed = (seen.zone, seen.starts_at, seen.rule) != (edited.zone, edited.starts_at, edited.rule)
    if timed or (seen.paused_at and not edited.paused_at):
        edited = _from_now(edited, now)
    if wanted.targets is None and edited.content == seen.content:
        return edited
    overrides: Mapping[str, Mapping[str, object]] = {each.channel: each.overrides for each in seen.targets}
    if wanted.targets is not None:
        overrides = accepting.overrides(wanted.targets)
    return replace(edited, targets=_targets(edited, edited.content, overrides, acceptance))


def _targets(
    series: Series, content: Content, overrides: Mapping[str, Mapping[str, object]], acceptance: Acceptance
) -> tuple[Target, ...]:
    submission = Submission(series.workspace, series.created_by, content, overrides, priority=series.priority)
    return accepting.drafted(acceptance, submission).targets


def _paused_at(wanted: SeriesChanges, seen: Series, now: datetime) -> datetime | None:
    if wanted.paused is None:
        return seen.paused_at
    return (seen.paused_at or now) if wanted.paused else None


def _from_now(series: Series, now: datetime) -> Series:
    """What has passed is not made up for; something must be ahead."""
    try:
        rule_of(series.rule)
    except NotARule as wrong:
        raise invalid("rule", wrong.message, wrong.remedy) from None
    recurrence = series.recurrence
    if next(recurrence.after_moment(now), None) is None:
        raise invalid("rule", "It does not occur from now on.", "Mind COUNT and UNTIL, and days that no month has.")
    return replace(series, planned_to=recurrence.wall(now))


def _starts_at(text: str) -> datetime:
    remedy = "Write it like 2026-12-07T09:00:00, on the clocks of `zone`."
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("starts_at", "This is not a time.", remedy) from None
    if wall.tzinfo or wall.microsecond:
        raise invalid("starts_at", "It is to have neither an offset nor fractions of a second.", remedy)
    return wall


def _insist_on_reach(starts_at: datetime, now: datetime) -> None:
    about = now.replace(tzinfo=None)
    if not about - LONGEST_AGO < starts_at < about + FURTHEST:
        raise invalid("starts_at", "It is out of reach.", "Choose one within five years back and 366 days ahead.")
