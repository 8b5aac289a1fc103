"""Authority at the moment of writing: what lets others in is written only while its writer still may.

What the authorizer remembers of a caller is half a minute old at most. For keys, invitations and roles that is too
much: whoever was just removed could leave a way back behind. So those are written together with a look at the writer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from identity import records
from identity.model import MEMBER, Principal, Role
from publishing import aws

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class NoAuthority(Exception):  # noqa: N818 - named for what is so
    """The caller is not who it was half a minute ago."""


@dataclass(frozen=True)
class Authority:
    """Writes to the channels table for those who may."""

    table: str
    client: Callable[[], DynamoDBClient] = aws.dynamodb

    def write(self, caller: Principal, writes: Sequence[Any]) -> list[str]:
        """Write all of it or nothing, if the caller is still an admin; answers as `identity.records.together`.

        Raises:
            NoAuthority: it is not: its key was revoked, or it was removed or given another role.
        """
        asked = self._asked(caller)
        reasons = records.together(self.client(), [*writes, *asked])
        if asked and records.is_unmet(reasons, len(writes)):
            raise NoAuthority
        return reasons

    def _asked(self, caller: Principal) -> list[Any]:
        if caller.key:
            place = records.key_place(caller.workspace, caller.key)
            return [records.check(self.table, place, "attribute_exists(pk) AND attribute_not_exists(revoked_at)")]
        if caller.subject.startswith(f"{MEMBER}_"):
            place = records.member_place(caller.workspace, caller.subject)
            return [records.check(self.table, place, "#role = :admin", {":admin": Role.ADMIN.value})]
        return []
