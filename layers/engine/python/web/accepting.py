"""From a request to publish to what is accepted; what is not is refused with a problem that says why."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from publishing.acceptance import Acceptance, Accepted
from publishing.model import Content, Late, Media
from publishing.publication import Publication
from publishing.submission import KeyReused, Submission, Unfit, UnknownChannels, Untimely
from publishing.times import NotAMoment, moment_of, zone_of
from web import problems
from web.problems import Refusal, invalid
from web.request import Request
from web.schemas.publications import LatePolicy, NewPublication, NewTarget

T = TypeVar("T")
N = TypeVar("N", bound=NewPublication)


def _any(moment: datetime) -> datetime:
    return moment


def submission(request: Request[N], now: datetime) -> Submission:
    """What the caller asks to publish.

    Raises:
        Refusal: 400, 422, the key, a time or the targets are wrong.
    """
    asked = request.input
    insist_on_zone(asked.zone)
    if asked.next_slot_of and asked.publish_at:
        raise invalid("next_slot_of", "There is a publish_at, too.", "Send the one or the other.")
    zone = asked.zone or ""
    publish_at, expires_at = moment("publish_at", asked.publish_at, zone), moment("expires_at", asked.expires_at, zone)
    if expires_at and expires_at <= (publish_at or now):
        raise invalid("expires_at", "It is not after publish_at.", "Choose a later time, or leave it out.")
    return Submission(
        workspace=request.principal.workspace,
        subject=request.principal.subject,
        content=_content(asked),
        overrides=overrides(asked.targets),
        key=request.idempotency_key,
        publish_at=publish_at,
        zone=zone,
        priority=asked.priority,
        expires_at=expires_at,
        late=late(asked.late),
        next_slot_of=asked.next_slot_of or "",
        correlation_id=request.correlation_id,
    )


def late(asked: LatePolicy | None) -> Late | None:
    """The late policy that is asked for."""
    return Late(asked.after_s, asked.then) if asked else None


def insist_on_zone(name: str | None) -> None:
    """A zone is kept and shown even where no time is on its clocks, so it must be one.

    Raises:
        Refusal: 422, it is not.
    """
    try:
        if name:
            zone_of(name)
    except NotAMoment as wrong:
        raise invalid("zone", wrong.problem.message, wrong.problem.remedy) from None


def moment(name: str, text: str | None, zone: str, *, reach: Callable[[datetime], datetime] = _any) -> datetime | None:
    """The moment that a field's text means.

    Raises:
        Refusal: 422, none, or one that is out of `reach`.
    """
    if text is None:
        return None
    try:
        return reach(moment_of(text, zone))
    except NotAMoment as wrong:
        raise invalid(name, wrong.problem.message, wrong.problem.remedy) from None


def _content(asked: NewPublication) -> Content:
    content = asked.content
    return Content(
        title=content.title,
        text=content.text,
        summary=content.summary,
        link=content.link,
        tags=content.tags,
        media=tuple(Media(media.url or "", media.alt, media.id or "") for media in content.media),
        thread=content.thread,
    )


def overrides(targets: Sequence[NewTarget]) -> dict[str, dict[str, object]]:
    """What each channel gets instead, by channel in the order asked.

    Raises:
        Refusal: 422, a channel is named twice.
    """
    found: dict[str, dict[str, object]] = {}
    for place, target in enumerate(targets):
        if target.channel in found:
            raise invalid(f"targets[{place}].channel", "This channel is named twice.", "Name each channel once.")
        found[target.channel] = target.overrides.model_dump(exclude_none=True) if target.overrides else {}
    return found


def accepted(acceptance: Acceptance, submitted: Submission) -> Accepted:
    """What is accepted is stored, and will be delivered.

    Raises:
        Refusal: 404, 422, it is not.
    """
    return or_refused(lambda: acceptance.accept(submitted))


def drafted(acceptance: Acceptance, submitted: Submission) -> Publication:
    """The publication a submission would become, if its targets can take it; nothing is stored.

    Raises:
        Refusal: 404, 422, they cannot.
    """
    draft = or_refused(lambda: acceptance.draft(submitted))
    found = acceptance.problems(draft)
    if found:
        raise Refusal(problems.UNFIT, found[0].message, errors=found)
    return draft


def or_refused(ask: Callable[[], T]) -> T:
    """What `ask` answers.

    Raises:
        Refusal: it is not accepted, and why.
    """
    try:
        return ask()
    except UnknownChannels as unknown:
        raise Refusal(problems.NOT_FOUND, unknown.problems[0].message, errors=unknown.problems) from None
    except Untimely as untimely:
        wrong = untimely.problems[0]
        raise invalid(wrong.field, wrong.message, wrong.remedy) from None
    except Unfit as unfit:
        raise Refusal(problems.UNFIT, unfit.problems[0].message, errors=unfit.problems) from None
    except KeyReused:
        detail = "This Idempotency-Key came with another request before. Use a new one for a new publication."
        raise Refusal(problems.KEY_REUSED, detail) from None
