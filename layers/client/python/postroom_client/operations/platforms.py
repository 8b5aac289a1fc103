"""What can be done at /v1/platforms. Generated: `make client`."""

from __future__ import annotations

from postroom_client.asking import Call
from postroom_client.calling import Caller
from postroom_client.schemas import Platforms


class PlatformsOperations(Caller):
    """What can be done at /v1/platforms."""

    def list_platforms(self) -> Platforms:
        """List what can be published to, with its limits and the fields that connect it. Needs the role viewer."""
        answer: Platforms = self._document(Call("GET", "/v1/platforms", answers=(200,)))
        return answer
