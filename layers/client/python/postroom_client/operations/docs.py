"""What can be done at /v1/docs. Generated: `make client`."""

from __future__ import annotations

from postroom_client.asking import Call
from postroom_client.calling import Caller


class DocsOperations(Caller):
    """What can be done at /v1/docs."""

    def read_page(self) -> bytes:
        """Read this document as a page. Public."""
        return self._bytes(Call("GET", "/v1/docs", answers=(200,), public=True))
