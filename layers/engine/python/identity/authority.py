"""Authority at the moment of writing: what lets others in is written only while its writer still may.

What the authorizer remembers of a caller is half a minute old at most. For keys, invitations and roles that is too
much: whoever was just removed could leave a way back behind. So those are written together with a look at the writer;
and whoever joins is written with a look at the inviter, so that an invitation ends with its maker's authority.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from identity import records
from identity.model import KEY, MEMBER, Principal, Role
from publishing import aws
from publishing.clock import Clock, now
from publishing.model import utc_text

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


_ADMIN = "#role = :admin"
_GOOD = f"{_ADMIN} AND attribute_not_exists(revoked_at) AND (attribute_not_exists(expires_at) OR expires_at > :now)"


class NoAuthority(Exception):  # noqa: N818 - named for what is so
    """The caller is not who it was half a minute ago."""


@dataclass(frozen=True)
class Authority:
    """Writes to the channels table for those who may."""

    table: str
    clock: Clock = now
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def write(self, caller: Principal, writes: Sequence[Any]) -> list[str]:
        """Write all of it or nothing, if the caller is still an admin; answers as `identity.records.together`.

        Raises:
            NoAuthority: it is not: its key was revoked or is past, or it was removed or given another role.
        """
        asked = self.asked(caller.workspace, caller.subject)
        reasons = records.together(self.client(), [*writes, *asked])
        if asked and records.is_unmet(reasons, len(writes)):
            raise NoAuthority
        return reasons

    def asked(self, workspace: str, subject: str) -> list[Any]:
        """One of several writes: a check that a key or a member is an admin now; none of an operator."""
        admin = {":admin": Role.ADMIN.value}
        if subject.startswith(f"{KEY}_"):
            place, values = records.key_place(workspace, subject), {**admin, ":now": utc_text(self.clock())}
            return [records.check(self.table, place, _GOOD, values)]
        if subject.startswith(f"{MEMBER}_"):
            return [records.check(self.table, records.member_place(workspace, subject), _ADMIN, admin)]
        return []
