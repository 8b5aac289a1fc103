"""What can be done at /v1/files. Generated: `make client`."""

from __future__ import annotations

from postroom_client.asking import Call
from postroom_client.calling import Caller, path


class FilesOperations(Caller):
    """What can be done at /v1/files."""

    def read_file(self, workspace: str, media: str) -> str:
        """Be led to an upload's file; its ids make the address a secret that posts may tell. Public."""
        return self._address(Call("GET", path("/v1/files/{}/{}", workspace, media), answers=(302,), public=True))
