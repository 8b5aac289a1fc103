"""What can be done at /v1/health. Generated: `make client`."""

from __future__ import annotations

from postroom_client.asking import Call
from postroom_client.calling import Caller
from postroom_client.schemas import Health


class HealthOperations(Caller):
    """What can be done at /v1/health."""

    def read_health(self) -> Health:
        """Tell whether publications are taken. Public."""
        answer: Health = self._document(Call("GET", "/v1/health", answers=(200, 503), public=True))
        return answer
