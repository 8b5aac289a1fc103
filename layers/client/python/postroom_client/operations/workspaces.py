"""What can be done at /v1/workspaces. Generated: `make client`."""

from __future__ import annotations

from collections.abc import Iterator

from postroom_client.asking import Call
from postroom_client.calling import Caller
from postroom_client.schemas import Membership


class WorkspacesOperations(Caller):
    """What can be done at /v1/workspaces."""

    def list_workspaces(self, *, limit: int | None = None, cursor: str | None = None) -> Iterator[Membership]:
        """List the workspaces the caller is a member of, newest first; of a key, or a token for one alone, that one.
        Needs any role, or a token of the issuer alone: its bearer need not be a member of a workspace.
        """
        return self._items(Call("GET", "/v1/workspaces", answers=(200,), query={"limit": limit, "cursor": cursor}))
