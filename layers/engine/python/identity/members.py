"""Members: people in a workspace, each with a role. Of a person no more is kept than what stands for it, and a name.

`admins` on the workspace's item counts the members who are admins: whoever makes one more or one less writes both.
Who is removed is first dismissed, which ends what it may, and is an item no more when what it leaves behind is seen to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from identity import records
from identity.authority import Authority, NoAuthority
from identity.model import MEMBER, Principal, Role
from identity.records import SCHEMA, is_unmet, member_place, person_place, together, workspace_place
from publishing import aws, ids
from publishing.clock import Clock, now
from publishing.model import utc_moment, utc_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "MEMBER#"
_SEEN = "#role = :seen AND #name = :known AND attribute_not_exists(leaving_at)"


class LastAdmin(Exception):  # noqa: N818 - named for what is refused
    """The workspace would be left without an admin."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a workspace; the id follows from both, so that nobody is one twice.

    `leaving_at`: since when it is dismissed, and may do nothing.
    """

    id: str
    workspace: str
    person: str
    name: str
    role: Role
    joined_at: datetime
    invited_by: str
    leaving_at: datetime | None = None

    @classmethod
    def of(cls, workspace: str, person: str, name: str, role: Role, *, at: datetime, by: str) -> Member:
        """A new member."""
        return cls(member_id(workspace, person), workspace, person, name, role, at, by)

    @property
    def is_admin(self) -> bool:
        """Whether it counts as one of the workspace's admins."""
        return self.role is Role.ADMIN


def member_id(workspace: str, person: str) -> str:
    """The id a person has as a member of a workspace."""
    return ids.derived(MEMBER, workspace, person)


@dataclass(frozen=True)
class Members:
    """The members in the channels table."""

    table: str
    clock: Clock = now
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def find(self, workspace: str, identifier: str) -> Member | None:
        """The member, as it stands now; None where the workspace has no such member."""
        place = aws.marshal(member_place(workspace, identifier))
        answer = self.client().get_item(TableName=self.table, Key=place, ConsistentRead=True)
        return _member(aws.unmarshal(answer["Item"])) if "Item" in answer else None

    def find_many(self, wanted: Sequence[tuple[str, str]]) -> list[Member]:
        """Those of at most a hundred members there are, by workspace and id, in that order."""
        keys = [aws.marshal(member_place(*each)) for each in wanted]
        asked: Any = {self.table: {"Keys": keys, "ConsistentRead": True}} if keys else {}
        found: dict[tuple[str, str], Member] = {}
        while asked:
            answer = self.client().batch_get_item(RequestItems=asked)
            members = (_member(aws.unmarshal(item)) for item in answer["Responses"].get(self.table, []))
            found |= {(member.workspace, member.id): member for member in members}
            asked = answer.get("UnprocessedKeys")
        return [found[each] for each in wanted if each in found]

    def page(self, workspace: str, *, limit: int, after: str = "") -> tuple[Sequence[Member], str]:
        """Members of a workspace by id, and the id after which the next page begins (empty: there is none)."""
        start: Any = {"ExclusiveStartKey": aws.marshal(member_place(workspace, after))} if after else {}
        answer = self.client().query(
            TableName=self.table,
            KeyConditionExpression="pk = :workspace AND begins_with(sk, :members)",
            ExpressionAttributeValues=aws.marshal({":workspace": workspace, ":members": PREFIX}),
            Limit=limit,
            **start,
        )
        members = [_member(aws.unmarshal(item)) for item in answer["Items"]]
        return members, members[-1].id if members and "LastEvaluatedKey" in answer else ""

    def workspaces_of(self, person: str, *, limit: int, after: str = "") -> tuple[Sequence[str], str]:
        """Workspaces a person is a member of, newest first, and after which the next page begins (empty: none)."""
        start: Any = {"ExclusiveStartKey": aws.marshal(person_place(person, after))} if after else {}
        answer = self.client().query(
            TableName=self.table,
            KeyConditionExpression="pk = :person",
            ExpressionAttributeValues=aws.marshal({":person": person_place(person, "")["pk"]}),
            ScanIndexForward=False,
            ConsistentRead=True,  # who was just admitted is a member
            Limit=limit,
            **start,
        )
        found = [aws.unmarshal(item)["sk"] for item in answer["Items"]]
        return found, found[-1] if found and "LastEvaluatedKey" in answer else ""

    def change(self, seen: Member, changed: Member, *, by: Principal) -> bool:
        """Store another role or name; False where the member was changed or dismissed since it was seen.

        Raises:
            LastAdmin: nobody would be left who is an admin.
            NoAuthority: the caller is no admin any more.
        """
        values = {":name": changed.name, ":role": changed.role.value, ":seen": seen.role.value, ":known": seen.name}
        own = records.update(
            self.table,
            member_place(seen.workspace, seen.id),
            "SET #name = :name, #role = :role",
            _SEEN,
            values,
        )
        return self._written(seen, [own], by, step=changed.is_admin - seen.is_admin)

    def dismiss(self, seen: Member, *, by: Principal) -> Member | None:
        """Let a member in no more; answers it as it stands then, None where it was changed or dismissed since seen.

        Raises:
            LastAdmin: nobody would be left who is an admin.
            NoAuthority: the caller is no admin any more.
        """
        place, person = member_place(seen.workspace, seen.id), person_place(seen.person, seen.workspace)
        least, at = Role.VIEWER, utc_text(self.clock())  # the least for whatever overlooks that it leaves
        values = {":least": least.value, ":at": at, ":seen": seen.role.value, ":known": seen.name}
        own = records.update(self.table, place, "SET #role = :least, leaving_at = :at", _SEEN, values)
        other = records.deletion(self.table, person, "attribute_exists(pk)")
        done = self._written(seen, [own, other], by, step=-int(seen.is_admin))
        return replace(seen, role=least, leaving_at=utc_moment(at)) if done else None

    def remove(self, leaving: Member) -> None:
        """Keep nothing of a member who was dismissed, and did not join anew since."""
        at = utc_text(leaving.leaving_at) if leaving.leaving_at else ""
        with suppress(self.client().exceptions.ConditionalCheckFailedException):
            self.client().delete_item(
                TableName=self.table,
                Key=aws.marshal(member_place(leaving.workspace, leaving.id)),
                ConditionExpression="leaving_at = :at",
                ExpressionAttributeValues=aws.marshal({":at": at}),
            )

    def _written(self, seen: Member, writes: list[Any], by: Principal, *, step: int) -> bool:
        counted = [counting(self.table, seen.workspace, step)] if step else []
        reasons = self._reasons(seen, [*writes, *counted], by)
        if step and is_unmet(reasons, len(writes)) and not is_unmet(reasons, 0):
            raise LastAdmin
        return not reasons

    def _reasons(self, seen: Member, writes: list[Any], by: Principal) -> list[str]:
        if by.subject != seen.id:
            return Authority(self.table, self.clock, self.client).write(by, writes)
        if not seen.is_admin:  # its own item cannot be looked at beside; but what was seen must stand in any case
            raise NoAuthority
        return together(self.client(), writes)


def counting(table: str, workspace: str, step: int, *, also: str = "") -> Any:
    """One write of several: so many admins more or less; never none, where there were some. `also` must hold, too."""
    fewer = " AND admins > :least" if step < 0 else ""
    values = {":step": step, ":none": 0} | ({":least": -step} if step < 0 else {})
    change = "SET admins = if_not_exists(admins, :none) + :step"
    return records.update(table, workspace_place(workspace), change, f"attribute_exists(pk){fewer}{also}", values)


def admitted(table: str, member: Member) -> list[Any]:
    """Two writes of several: the person is a member, once."""
    own = {
        **member_place(member.workspace, member.id),
        "schema": SCHEMA,
        "person": member.person,
        "name": member.name,
        "role": member.role.value,
        "joined_at": utc_text(member.joined_at),
        "invited_by": member.invited_by,
    }
    known = {**person_place(member.person, member.workspace), "schema": SCHEMA, "member": member.id}
    return [records.put(table, own), records.put(table, known)]


def _member(item: Mapping[str, Any]) -> Member:
    return Member(
        id=item["sk"].removeprefix(PREFIX),
        workspace=item["pk"],
        person=item["person"],
        name=item["name"],
        role=Role(item["role"]),
        joined_at=utc_moment(item["joined_at"]),
        invited_by=item["invited_by"],
        leaving_at=utc_moment(item["leaving_at"]) if "leaving_at" in item else None,
    )
