"""What can be done at /v1/feeds. Generated: `make client`."""

from __future__ import annotations

from postroom_client.asking import Call
from postroom_client.calling import Caller, path


class FeedsOperations(Caller):
    """What can be done at /v1/feeds."""

    def read_feed(self, token: str, format_: str) -> bytes:
        """Read a channel's feed as rss.xml, atom.xml or feed.json. Public."""
        return self._bytes(Call("GET", path("/v1/feeds/{}/{}", token, format_), answers=(200,), public=True))
