"""What can be done at /v1/members. Generated: `make client`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from postroom_client.asking import Call
from postroom_client.calling import Caller, path
from postroom_client.schemas import Member, MemberChanges, MemberWithKeys, RemovedMember


class MembersOperations(Caller):
    """What can be done at /v1/members."""

    def list_members(self, *, limit: int | None = None, cursor: str | None = None) -> Iterator[Member]:
        """List the members of the workspace. Needs the role viewer."""
        return self._items(Call("GET", "/v1/members", answers=(200,), query={"limit": limit, "cursor": cursor}))

    def read_member(self, member: str) -> MemberWithKeys:
        """Read a member. Needs the role viewer."""
        answer: MemberWithKeys = self._document(Call("GET", path("/v1/members/{}", member), answers=(200,)))
        return answer

    def change_member(
        self, member: str, body: MemberChanges | None = None, *, if_match: str | None = None
    ) -> MemberWithKeys:
        """Give a member another role or name, and see which of its keys may more; it counts everywhere within a minute.
        Needs the role admin.
        """
        answer: MemberWithKeys = self._document(
            Call("PATCH", path("/v1/members/{}", member), answers=(200,), body=body or {}, if_match=if_match)
        )
        return answer

    def remove_member(
        self, member: str, *, keys: Literal["keep", "revoke"] | None = None, if_match: str | None = None
    ) -> RemovedMember:
        """Remove a member, with open invitations by it and its keys; its token is refused everywhere within a minute.
        Needs the role admin.
        """
        answer: RemovedMember = self._document(
            Call("DELETE", path("/v1/members/{}", member), answers=(200,), query={"keys": keys}, if_match=if_match)
        )
        return answer
