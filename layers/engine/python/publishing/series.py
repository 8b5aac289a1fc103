"""Series: a content, its targets and a rule of the calendar; each occurrence becomes a publication of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from publishing import ids, records
from publishing.model import Content, IfLate, Late, Priority, Target, utc_moment, utc_text
from publishing.publication import Publication
from publishing.records import Item
from publishing.recurrence import Occurrence, Recurrence
from publishing.rule_text import rule_of
from publishing.times import zone_of

DUE_SHARD = "series"  # a part of the `due` index that the sweep never looks at
KEPT = 5  # so many of the occurrences that are over are kept in mind
WALL_FORMAT = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True)
class Series:
    """What is to be published again and again.

    `planned_to`: on the wall of its zone, up to where occurrences were made publications of, or passed over.
    `made`: the last occurrences that were made, and those ahead, oldest first. `unsent`: those of them whose
    publications may not be stored yet, or not sent. `due_at`: when the planner looks at it next; empty: it does not.
    `version` grows with every change by a person, `written_by` changes with every write, and no write succeeds but on
    what its writer has seen.
    """

    id: str
    workspace: str
    content: Content
    targets: tuple[Target, ...]
    zone: str
    starts_at: datetime
    rule: str
    created_at: datetime
    created_by: str
    fingerprint: str
    planned_to: datetime
    priority: Priority = Priority.NORMAL
    late: Late | None = None
    correlation_id: str = ""
    made: tuple[Occurrence, ...] = ()
    unsent: tuple[Occurrence, ...] = ()
    paused_at: datetime | None = None
    ended_at: datetime | None = None
    due_at: str = ""
    version: int = 1
    written_by: str = ""

    @property
    def recurrence(self) -> Recurrence:
        """When it occurs."""
        return Recurrence(rule_of(self.rule), self.starts_at, zone_of(self.zone))

    def made_by(self, now: datetime, more: Sequence[Occurrence]) -> tuple[Occurrence, ...]:
        """What is kept in mind of what was made: what is ahead, and a little of what is over."""
        made = (*self.made, *more)
        over = [each for each in made if each.at <= now]
        return (*over[-KEPT:], *(each for each in made if each.at > now))

    @property
    def goes_on(self) -> bool:
        """Whether nobody has paused or ended it."""
        return self.paused_at is None and self.ended_at is None

    def publication_id(self, occurrence: Occurrence) -> str:
        """The one publication an occurrence becomes, however often it is made."""
        return ids.derived("pub", self.workspace, "series", self.id, utc_text(occurrence.at))


def wall_text(wall: datetime) -> str:
    """A time on a wall clock, without an offset."""
    return wall.strftime(WALL_FORMAT)


def listed_in(workspace: str) -> str:
    """The list of a workspace's series: beside that of its publications, in the same index."""
    return f"{workspace}#series"


def series_item(series: Series) -> Item:
    """A series as it is stored, with the attributes of its indexes."""
    item: Item = {name: getattr(series, name) for name in (*_TEXTS, "version")}
    item |= {
        "pk": records.key(series.workspace, series.id),
        "sk": "SERIES",
        "schema": records.SCHEMA,
        "listed_in": listed_in(series.workspace),
        "title": (series.content.title or series.content.text)[:80],
        "content": records.content_document(series.content),
        "targets": [records.target_item(target) for target in series.targets],
        "priority": series.priority,
        "late": records.plain(series.late) if series.late else None,
        "starts_at": wall_text(series.starts_at),
        "planned_to": wall_text(series.planned_to),
        "made": [_occurrence_item(each) for each in series.made],
        "unsent": [_occurrence_item(each) for each in series.unsent],
        "due_shard": DUE_SHARD if series.due_at else "",
    }
    for name in ("created_at", "paused_at", "ended_at"):
        moment = getattr(series, name)
        item[name] = utc_text(moment) if moment else None
    return {name: value for name, value in item.items() if value not in (None, "")}


_TEXTS = (
    *("id", "workspace", "zone", "rule", "created_by", "fingerprint"),
    *("correlation_id", "due_at", "written_by"),
)


def series_of(item: Mapping[str, Any]) -> Series:
    """The series an item holds; fields a later version adds are passed over."""
    return Series(
        content=records.content_of(item.get("content", {})),
        targets=tuple(Target(**target) for target in item["targets"]),
        priority=Priority(item.get("priority", Priority.NORMAL)),
        late=_late(item.get("late")),
        starts_at=_wall(item["starts_at"]),
        planned_to=_wall(item["planned_to"]),
        created_at=utc_moment(item["created_at"]),
        made=tuple(map(_occurrence, item.get("made", ()))),
        unsent=tuple(map(_occurrence, item.get("unsent", ()))),
        paused_at=_moment(item.get("paused_at")),
        ended_at=_moment(item.get("ended_at")),
        version=int(item["version"]),
        **{name: item.get(name, "") for name in _TEXTS},
    )


def _moment(text: str | None) -> datetime | None:
    return utc_moment(text) if text else None


def _late(item: Mapping[str, Any] | None) -> Late | None:
    return Late(int(item["after_s"]), IfLate(item["then"])) if item else None


def _wall(text: str) -> datetime:
    return datetime.strptime(text, WALL_FORMAT)  # noqa: DTZ007 - on the wall


def _occurrence_item(occurrence: Occurrence) -> Item:
    return {"wall": wall_text(occurrence.wall), "at": utc_text(occurrence.at)}


def _occurrence(item: Mapping[str, Any]) -> Occurrence:
    return Occurrence(_wall(item["wall"]), utc_moment(item["at"]))


def publication_of(series: Series, occurrence: Occurrence, *, now: datetime, due_at: str) -> Publication:
    """The publication an occurrence becomes."""
    return Publication(
        id=series.publication_id(occurrence),
        workspace=series.workspace,
        content=series.content,
        targets=series.targets,
        created_at=now,
        created_by=series.created_by,
        publish_at=occurrence.at,
        fingerprint=series.fingerprint,
        zone=series.zone,
        priority=series.priority,
        late=series.late,
        correlation_id=series.correlation_id,
        due_at=due_at,
        series=series.id,
        occurrence=wall_text(occurrence.wall),
    )
