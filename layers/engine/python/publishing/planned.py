"""What is planned for a channel and not out yet: the publications at risk when its credentials are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from publishing import aws, records
from publishing.model import DeliveryState, utc_text
from publishing.publication import Publication
from publishing.store import Publications

INDEX = "planned"
MOST_LOOKED_AT = 1_000
MOST_TOLD = 20
PAGE = 200
# What has come due and is not settled gets another time to be looked at within the next minutes: see `Sweep`.
OVERDUE = timedelta(minutes=5)
_NOT_OUT = frozenset({DeliveryState.QUEUED, DeliveryState.HELD, DeliveryState.PUBLISHING})


@dataclass(frozen=True, slots=True)
class AtRisk:
    """How many publications, and the first of them with their times; `more`: not all that is planned was looked at."""

    count: int = 0
    first: tuple[tuple[str, str], ...] = ()
    more: bool = False


NOTHING = AtRisk()


@dataclass(frozen=True)
class Planned:
    """Looks through the publications a workspace has planned, soonest first: `most` of them, and the page begun."""

    publications: Publications
    most: int = MOST_LOOKED_AT
    page: int = PAGE

    def for_channel(self, workspace: str, channel: str, since: datetime | None = None) -> AtRisk:
        """Those still to go out on a channel, at `since` or later; what was accepted just now may be missing."""
        looked, found = 0, list[Publication]()
        for page in self._pages(workspace):
            looked += len(page)
            found += self._at_risk(page, channel, since)
            if looked >= self.most:
                break
        found.sort(key=lambda each: each.publish_at)
        first = tuple((each.id, utc_text(each.publish_at)) for each in found[:MOST_TOLD])
        return AtRisk(len(found), first, more=looked >= self.most)

    def _at_risk(self, page: Sequence[Publication], channel: str, since: datetime | None) -> list[Publication]:
        concerned = [
            replace(each, targets=(target,))
            for each in page
            if (target := each.target(channel))
            and each.canceled_at is None
            and (since is None or each.publish_at >= since)
        ]
        wholes = self.publications.with_deliveries(concerned)
        return [whole.publication for whole in wholes if whole.deliveries[0].state in _NOT_OUT]

    def _pages(self, workspace: str) -> Iterator[Sequence[Publication]]:
        since = utc_text(self.publications.clock() - OVERDUE)
        request: dict[str, Any] = {
            "TableName": self.publications.table,
            "IndexName": INDEX,
            "KeyConditionExpression": "planned_in = :workspace AND due_at >= :since",
            "ExpressionAttributeValues": aws.marshal({":workspace": workspace, ":since": since}),
            "Limit": self.page,
        }
        more = True
        while more:
            answer = self.publications.client().query(**request)
            yield [_listed(aws.unmarshal(item)) for item in answer["Items"]]
            more = "LastEvaluatedKey" in answer
            request["ExclusiveStartKey"] = answer.get("LastEvaluatedKey")


def _listed(item: records.Item) -> Publication:
    return records.publication_of({"workspace": item["planned_in"], **item})
