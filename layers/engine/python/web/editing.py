"""From a request to change a publication to the publication as it is to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from publishing.model import Target
from publishing.publication import Publication, overridden
from publishing.times import in_reach
from web import accepting
from web.problems import invalid
from web.schemas.publications import NewTarget, PublicationChanges


def edited(asked: PublicationChanges, seen: Publication, now: datetime) -> Publication:
    """The publication with what the caller changes; nothing is stored.

    Raises:
        Refusal: 422, a target or a time is wrong.
    """
    zone = _zone(asked, seen)
    publish_at, expires_at = seen.publish_at, seen.expires_at
    if "publish_at" in asked.model_fields_set:
        publish_at = max(_moment("publish_at", asked.publish_at, zone, now) or now, now)
    if "expires_at" in asked.model_fields_set:
        expires_at = _moment("expires_at", asked.expires_at, zone, now)
    if expires_at and expires_at <= publish_at:
        raise invalid("expires_at", "It is not after publish_at.", "Choose a later time, or leave it out.")
    return replace(
        seen,
        content=overridden(seen.content, asked.content.model_dump(exclude_none=True))
        if asked.content
        else seen.content,
        targets=_targets(asked.targets or (), seen.targets),
        publish_at=publish_at,
        zone=zone,
        priority=asked.priority or seen.priority,
        expires_at=expires_at,
        late=accepting.late(asked.late) if "late" in asked.model_fields_set else seen.late,
        slot_of=seen.slot_of if publish_at == seen.publish_at else "",
    )


def _zone(asked: PublicationChanges, seen: Publication) -> str:
    accepting.insist_on_zone(asked.zone)
    if asked.zone and not (asked.publish_at or asked.expires_at):
        raise invalid("zone", "There is no time here that it is the zone of.", "Send publish_at with it.")
    return asked.zone or seen.zone


def _moment(name: str, text: str | None, zone: str, now: datetime) -> datetime | None:
    return accepting.moment(name, text, zone, reach=lambda moment: in_reach(moment, now))


def _targets(asked: Sequence[NewTarget], seen: Sequence[Target]) -> tuple[Target, ...]:
    changed = accepting.overrides(asked)
    known = {target.channel for target in seen}
    for place, channel in enumerate(changed):
        if channel not in known:
            raise invalid(f"targets[{place}].channel", "It is none of this publication's.", "Submit another for it.")
    return tuple(replace(target, overrides=changed.get(target.channel, target.overrides)) for target in seen)
