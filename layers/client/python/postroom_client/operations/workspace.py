"""What can be done at /v1/workspace. Generated: `make client`."""

from __future__ import annotations

from postroom_client.asking import Call
from postroom_client.calling import Caller
from postroom_client.schemas import Workspace, WorkspaceChanges


class WorkspaceOperations(Caller):
    """What can be done at /v1/workspace."""

    def read_workspace(self) -> Workspace:
        """Read the workspace the caller works in. Needs the role viewer."""
        answer: Workspace = self._document(Call("GET", "/v1/workspace", answers=(200,)))
        return answer

    def change_workspace(self, body: WorkspaceChanges | None = None, *, if_match: str | None = None) -> Workspace:
        """Rename the workspace. Needs the role admin."""
        answer: Workspace = self._document(
            Call("PATCH", "/v1/workspace", answers=(200,), body=body or {}, if_match=if_match)
        )
        return answer
