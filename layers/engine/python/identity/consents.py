"""Whether a consent that somebody began earlier may still come to anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from identity.model import MEMBER, Role
from identity.records import Item, key_place, member_place
from identity.workspaces import Workspace, Workspaces
from publishing import aws
from publishing.clock import Clock, now
from publishing.model import utc_moment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LEAST = Role.EDITOR  # who connects channels


@dataclass(frozen=True)
class Beginnings:
    """Asks of whoever began a consent, and of its workspace, as they stand now."""

    table: str
    clock: Clock = now
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def name(self, workspace: str) -> str:
        """What people call the workspace; its id where it has no name."""
        found = self._workspace(workspace)
        return found.name if found else workspace

    def hindrance(self, workspace: str, actor: str) -> str:
        """Why nothing may come of it any more: `suspended`, or `no_authority`; empty where nothing speaks against it.

        A workspace that is not stored is in order, and so is an actor that is neither a key nor a member.
        """
        found = self._workspace(workspace)
        if found and found.standing.suspended:
            return "suspended"
        return "" if self._may(workspace, actor) else "no_authority"

    def _may(self, workspace: str, actor: str) -> bool:
        places = {"key": key_place, MEMBER: member_place}
        place = places.get(actor.partition("_")[0])
        if place is None:
            return True
        key = aws.marshal(place(workspace, actor))
        answer = self.client().get_item(TableName=self.table, Key=key, ConsistentRead=True)
        return self._connects(aws.unmarshal(answer["Item"])) if "Item" in answer else False

    def _connects(self, item: Item) -> bool:
        """Whether the key, or the member, is still one that connects channels."""
        ended = item.get("expires_at") and utc_moment(item["expires_at"]) <= self.clock()
        return not item.get("revoked_at") and not ended and Role(item["role"]) >= LEAST

    def _workspace(self, workspace: str) -> Workspace | None:
        return Workspaces(self.table, self.clock, self.client).find(workspace, consistent=True)
