"""Invitations: whoever holds one's token becomes a member, once, as the person the own JWT says it is."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from identity import records
from identity.authority import Authority
from identity.keys import hashed
from identity.members import Member, Members, admitted, counting
from identity.model import Principal, Role
from identity.records import SCHEMA, Busy, Item, invitation_place, is_unmet, together
from publishing import aws, ids
from publishing.clock import Clock, now
from publishing.model import utc_moment, utc_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "INVITATION#"
_PAGE = 100
_SECRET_BYTES = 32
_TOKEN = re.compile(r"pi_([0-9a-hjkmnp-tv-z]{26})_([0-9a-hjkmnp-tv-z]{26})_[0-9a-f]{64}")


class NotInvited(Exception):  # noqa: N818 - named for what happened
    """There is no such invitation: it never was, is used, revoked or past, or its maker is no admin any more."""


class AlreadyMember(Exception):  # noqa: N818
    """The person is a member of the workspace."""


class Suspended(Exception):  # noqa: N818
    """The workspace is suspended: nobody joins it now."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """What is known of an invitation: everything but its token. `label`: whom it is for, as the inviter wrote it."""

    id: str
    workspace: str
    role: Role
    label: str = field(repr=False)
    created_at: datetime
    created_by: str
    expires_at: datetime


@dataclass(frozen=True)
class Invitations:
    """The invitations in the channels table. What is accepted, revoked or past is not kept, its label least of all."""

    table: str
    clock: Clock = now
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def create(self, by: Principal, *, role: Role, label: str, expires_at: datetime) -> tuple[Invitation, str]:
        """Invite; the token is in the answer and nowhere else.

        Raises:
            NoAuthority: the caller may no longer. Busy: somebody else writes what the caller may.
        """
        made = Invitation(ids.new("inv"), by.workspace, role, label, self.clock(), by.subject, expires_at)
        parts = (by.workspace.removeprefix("ws_"), made.id.removeprefix("inv_"), secrets.token_hex(_SECRET_BYTES))
        token = "_".join(("pi", *parts))
        item = _item(made) | {"token_hash": hashed(token)}
        if Authority(self.table, self.clock, self.client).write(by, [records.put(self.table, item)]):
            raise Busy
        return made, token

    def page(self, workspace: str, *, limit: int, after: str = "") -> tuple[Sequence[Invitation], str]:
        """Open invitations, newest first, and the id after which the next page begins (empty: there is none)."""
        start: Any = {"ExclusiveStartKey": aws.marshal(invitation_place(workspace, after))} if after else {}
        answer = self.client().query(
            TableName=self.table,
            KeyConditionExpression="pk = :workspace AND begins_with(sk, :invitations)",
            ExpressionAttributeValues=aws.marshal({":workspace": workspace, ":invitations": PREFIX}),
            ScanIndexForward=False,
            ConsistentRead=True,
            Limit=limit,
            **start,
        )
        found = [_invitation(aws.unmarshal(item)) for item in answer["Items"]]
        still = [each for each in found if each.expires_at > self.clock()]
        return still, found[-1].id if found and "LastEvaluatedKey" in answer else ""

    def revoke(self, workspace: str, identifier: str) -> bool:
        """Have nobody accept it any more; False where the workspace has no such invitation."""
        try:
            self.client().delete_item(
                TableName=self.table,
                Key=aws.marshal(invitation_place(workspace, identifier)),
                ConditionExpression="attribute_exists(pk)",
            )
        except self.client().exceptions.ConditionalCheckFailedException:
            return False
        return True

    def revoke_of(self, workspace: str, makers: Container[str]) -> Iterator[str]:
        """Revoke every open invitation that one of these made, and tell the id of each when it is done."""
        after = ""
        while True:
            page, after = self.page(workspace, limit=_PAGE, after=after)
            theirs = (each.id for each in page if each.created_by in makers)
            yield from (each for each in theirs if self.revoke(workspace, each))
            if not after:
                return

    def accept(self, token: str, *, person: str, name: str) -> Member:
        """Make a member of whoever holds the token, in the one transaction that uses it up.

        Raises:
            NotInvited: there is no such invitation (any more), or who made it is no admin now.
            AlreadyMember: the invitation stays as it is, for somebody else.
            Suspended: it stays as it is, for later.
            Busy: somebody else wrote the same at this moment.
        """
        invitation, digest = self._held(token), hashed(token)
        inviter = invitation.created_by
        member = Member.of(invitation.workspace, person, name, invitation.role, at=self.clock(), by=inviter)
        if member.id == inviter:
            raise self._own(member)
        place = invitation_place(invitation.workspace, invitation.id)
        mine, now_text = "token_hash = :hash AND expires_at > :now", utc_text(self.clock())
        use = records.deletion(self.table, place, mine, {":hash": digest, ":now": now_text})
        active = " AND attribute_not_exists(suspended_at)"
        counted = counting(self.table, member.workspace, int(member.is_admin), also=active)
        asked = Authority(self.table, self.clock, self.client).asked(member.workspace, inviter)
        reasons = together(self.client(), [use, *admitted(self.table, member), counted, *asked])
        refusals = (NotInvited, AlreadyMember, AlreadyMember, Suspended, NotInvited)
        for place_in in (4, 0, 1, 2, 3):  # an invitation that is none says nothing of who is a member
            if is_unmet(reasons, place_in):
                raise refusals[place_in]
        if reasons:
            raise Busy
        return member

    def _own(self, maker: Member) -> Exception:
        """Why nobody accepts an invitation of one's own; apart, since no item is both written and checked at once."""
        stands = Members(self.table, self.clock, self.client).find(maker.workspace, maker.id)
        return AlreadyMember() if stands and stands.is_admin else NotInvited()

    def _held(self, token: str) -> Invitation:
        parts = _TOKEN.fullmatch(token)
        if not parts:
            raise NotInvited
        place = aws.marshal(invitation_place(f"ws_{parts[1]}", f"inv_{parts[2]}"))
        item = self.client().get_item(TableName=self.table, Key=place, ConsistentRead=True).get("Item")
        found = aws.unmarshal(item) if item else {}
        if not hmac.compare_digest(found.get("token_hash", ""), hashed(token)):
            raise NotInvited
        return _invitation(found)


def _item(invitation: Invitation) -> Item:
    return {
        **invitation_place(invitation.workspace, invitation.id),
        "schema": SCHEMA,
        "role": invitation.role.value,
        "label": invitation.label,
        "created_at": utc_text(invitation.created_at),
        "created_by": invitation.created_by,
        "expires_at": utc_text(invitation.expires_at),
        records.TTL: records.seconds(invitation.expires_at),
    }


def _invitation(item: Mapping[str, Any]) -> Invitation:
    return Invitation(
        id=item["sk"].removeprefix(PREFIX),
        workspace=item["pk"],
        role=Role(item["role"]),
        label=item["label"],
        created_at=utc_moment(item["created_at"]),
        created_by=item["created_by"],
        expires_at=utc_moment(item["expires_at"]),
    )
