"""From a request to publish to what is accepted; what is not is refused with a problem that says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import TypeVar

from publishing.acceptance import Acceptance, Accepted, KeyReused, Submission, Unfit, UnknownChannels, Untimely
from publishing.adapter import Adapter
from publishing.model import Content, Media, Target, utc_text
from publishing.records import Publication
from publishing.times import NotAMoment, moment_of
from web import problems, views
from web.problems import Refusal, invalid
from web.request import Request
from web.schemas.base import FieldError
from web.schemas.publications import NewPublication, Preview, TargetPreview

T = TypeVar("T")


def submission(request: Request[NewPublication], now: datetime) -> Submission:
    """What the caller asks to publish.

    Raises:
        Refusal: 400, 422, the key, a time or the targets are wrong.
    """
    asked = request.input
    publish_at = _moment(asked, "publish_at")
    expires_at = _moment(asked, "expires_at")
    if expires_at and expires_at <= (publish_at or now):
        raise invalid("expires_at", "It is not after publish_at.", "Choose a later time, or leave it out.")
    return Submission(
        workspace=request.principal.workspace,
        subject=request.principal.subject,
        content=_content(asked),
        overrides=_overrides(asked),
        key=request.idempotency_key,
        publish_at=publish_at,
        zone=asked.zone or "",
        priority=asked.priority,
        expires_at=expires_at,
        correlation_id=request.correlation_id,
    )


def _moment(asked: NewPublication, name: str) -> datetime | None:
    text: str | None = getattr(asked, name)
    if text is None:
        return None
    try:
        return moment_of(text, asked.zone or "")
    except NotAMoment as wrong:
        problem = wrong.problem if wrong.problem.field == "zone" else replace(wrong.problem, field=name)
        raise invalid(problem.field, problem.message, problem.remedy) from None


def _content(asked: NewPublication) -> Content:
    content = asked.content
    return Content(
        title=content.title,
        text=content.text,
        summary=content.summary,
        link=content.link,
        tags=content.tags,
        media=tuple(Media(media.url, media.alt) for media in content.media),
    )


def _overrides(asked: NewPublication) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for place, target in enumerate(asked.targets):
        if target.channel in found:
            raise invalid(f"targets[{place}].channel", "This channel is named twice.", "Name each channel once.")
        found[target.channel] = target.overrides.model_dump(exclude_none=True) if target.overrides else {}
    return found


def accepted(acceptance: Acceptance, submitted: Submission) -> Accepted:
    """What is accepted is stored, and will be delivered.

    Raises:
        Refusal: 404, 422, it is not.
    """
    return _or_refused(lambda: acceptance.accept(submitted))


def preview(acceptance: Acceptance, submitted: Submission) -> Preview:
    """What would be published, and what speaks against it.

    Raises:
        Refusal: 404, a channel is not in the workspace.
    """
    draft = _or_refused(lambda: acceptance.draft(submitted))
    targets = [_previewed(acceptance.adapter(target.platform), draft, target) for target in draft.targets]
    return Preview(publish_at=utc_text(draft.publish_at), targets=targets)


def _previewed(adapter: Adapter, draft: Publication, target: Target) -> TargetPreview:
    post = draft.post(target)
    return TargetPreview(
        channel=target.channel,
        platform=target.platform,
        content=views.content(post.content),
        problems=[FieldError(**asdict(problem)) for problem in adapter.check(post)],
    )


def _or_refused(ask: Callable[[], T]) -> T:
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
