"""Workspaces: the tenants, made, suspended and granted things by an operator, and named by their admins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from identity.keys import Keys, NewKey
from identity.members import Member, admitted
from identity.model import OPERATOR, Role
from identity.records import SCHEMA, Item, put, together, workspace_place
from publishing import aws, ids
from publishing.clock import Clock, now
from publishing.memory import Memory
from publishing.model import utc_moment, utc_text
from publishing.standing import IN_ORDER, Standing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REMEMBER_S = 30.0
REMEMBER_WORKSPACES = 1_000
BATCH = 100  # DynamoDB's own limit


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant: every key in the tables starts with its id. `reason`: why it is suspended."""

    id: str
    name: str
    created_at: datetime
    updated_at: datetime
    updated_by: str = OPERATOR
    suspended_at: datetime | None = None
    reason: str = ""
    granted: tuple[str, ...] = ()

    @property
    def standing(self) -> Standing:
        """How it stands with its operator."""
        return Standing(self.suspended_at is not None, frozenset(self.granted))


@dataclass(frozen=True)
class Workspaces:
    """The workspaces in the channels table."""

    table: str
    clock: Clock = now
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def create(self, name: str, *, admin: str = "", granted: Sequence[str] = ()) -> tuple[Workspace, NewKey]:
        """Make a workspace and its first key, an admin's; `admin`: what stands for the person who is its first."""
        moment = self.clock()
        workspace = Workspace(ids.new("ws"), name, moment, moment, granted=tuple(sorted(map(plain, granted))))
        key, item = Keys(self.table, self.clock).made(
            workspace.id, name="First admin key", role=Role.ADMIN, created_by=OPERATOR
        )
        writes = [put(self.table, item)]
        if admin:
            first = Member.of(workspace.id, admin, "First admin", Role.ADMIN, at=moment, by=OPERATOR)
            writes += admitted(self.table, first)
        own = put(self.table, _item(workspace) | {"admins": int(bool(admin))})
        own["Put"]["Item"] |= {"granted": {"SS": list(workspace.granted)}} if workspace.granted else {}
        reasons = together(self.client(), [own, *writes])
        if reasons:
            raise RuntimeError(f"The workspace was not made: {', '.join(reasons)}.")
        return workspace, key

    def find(self, workspace: str, *, consistent: bool = False) -> Workspace | None:
        """The workspace; None where there is none."""
        place = aws.marshal(workspace_place(workspace))
        answer = self.client().get_item(TableName=self.table, Key=place, ConsistentRead=consistent)
        return _workspace(aws.unmarshal(answer["Item"])) if "Item" in answer else None

    def standing(self, workspace: str) -> Standing:
        """How the workspace stands now; one that is not stored is in order."""
        found = self.find(workspace, consistent=True)
        return found.standing if found else IN_ORDER

    def find_many(self, workspaces: Sequence[str]) -> dict[str, Workspace]:
        """Those of at most a hundred workspaces there are, by id."""
        keys = [aws.marshal(workspace_place(each)) for each in workspaces[:BATCH]]
        wanted: Any = {self.table: {"Keys": keys}} if keys else {}
        found: dict[str, Workspace] = {}
        while wanted:
            answer = self.client().batch_get_item(RequestItems=wanted)
            items = map(aws.unmarshal, answer["Responses"].get(self.table, []))
            found |= {item["pk"]: _workspace(item) for item in items}
            wanted = answer.get("UnprocessedKeys")
        return found

    def rename(self, seen: Workspace, name: str, *, by: str) -> bool:
        """Give it another name; False where it has another than was seen."""
        values = {":name": name, ":seen": seen.name, ":by": by}
        return self._changed(seen.id, "SET #name = :name, updated_by = :by", "#name = :seen", values)

    def suspend(self, workspace: str, reason: str) -> bool:
        """Have nothing changed in it and nothing published for it; False where there is none, or it is already."""
        change = "SET suspended_at = :now, suspended_for = :reason, updated_by = :by"
        values = {":reason": reason, ":by": OPERATOR}
        return self._changed(workspace, change, "attribute_not_exists(suspended_at)", values)

    def resume(self, workspace: str) -> bool:
        """Let it go on; False where there is none, or it is not suspended."""
        change = "REMOVE suspended_at, suspended_for SET updated_by = :by"
        return self._changed(workspace, change, "attribute_exists(suspended_at)", {":by": OPERATOR})

    def grant(self, workspace: str, values: Sequence[str]) -> bool:
        """Let it send from these, addresses or domains; False where there is no such workspace."""
        return self._granting("ADD", workspace, values)

    def withdraw(self, workspace: str, values: Sequence[str]) -> bool:
        """Let it send from these no more; False where there is no such workspace."""
        return self._granting("DELETE", workspace, values)

    def _granting(self, how: str, workspace: str, values: Sequence[str]) -> bool:
        change = f"{how} granted :granted SET updated_by = :by"
        typed = {":granted": {"SS": sorted(set(map(plain, values)))}}
        return self._changed(workspace, change, "attribute_exists(pk)", {":by": OPERATOR}, typed)

    def _changed(
        self, workspace: str, change: str, condition: str, values: Item, typed: Mapping[str, Any] | None = None
    ) -> bool:
        names = {"ExpressionAttributeNames": {"#name": "name"}} if "#name" in change else {}
        request: dict[str, Any] = {
            "TableName": self.table,
            "Key": aws.marshal(workspace_place(workspace)),
            "UpdateExpression": change.replace("SET ", "SET updated_at = :now, "),
            "ConditionExpression": f"attribute_exists(pk) AND {condition}",
            "ExpressionAttributeValues": aws.marshal({**values, ":now": utc_text(self.clock())}) | dict(typed or {}),
            **names,
        }
        try:
            self.client().update_item(**request)
        except self.client().exceptions.ConditionalCheckFailedException:
            return False
        return True


def plain(granted: str) -> str:
    """An address or a domain as it is compared."""
    return granted.strip().lower()


def _memory() -> Memory[str, Standing]:
    return Memory(keep_s=REMEMBER_S, most=REMEMBER_WORKSPACES)


@dataclass(frozen=True)
class Remembered:
    """How workspaces stand, through a memory of half a minute; one that is not stored is in order."""

    workspaces: Workspaces
    memory: Memory[str, Standing] = field(default_factory=_memory, repr=False)

    def standing(self, workspace: str) -> Standing:
        """How the workspace stood at most half a minute ago."""
        known = self.memory.recall(workspace)
        if known is not None:
            return known
        found = self.workspaces.find(workspace)
        return self.memory.keep(workspace, found.standing if found else IN_ORDER)


def _item(workspace: Workspace) -> Item:
    return {
        **workspace_place(workspace.id),
        "schema": SCHEMA,
        "name": workspace.name,
        "created_at": utc_text(workspace.created_at),
        "updated_at": utc_text(workspace.updated_at),
        "updated_by": workspace.updated_by,
    }


def _workspace(item: Mapping[str, Any]) -> Workspace:
    return Workspace(
        id=item["pk"],
        name=item["name"],
        created_at=utc_moment(item["created_at"]),
        updated_at=utc_moment(item.get("updated_at", item["created_at"])),
        updated_by=item.get("updated_by", OPERATOR),
        suspended_at=utc_moment(item["suspended_at"]) if "suspended_at" in item else None,
        reason=item.get("suspended_for", ""),
        granted=tuple(sorted(item.get("granted", ()))),
    )
