"""What can be done at /v1/health. Generated: `make client`."""

from __future__ import annotations

from postroom_client.asking import Call
from postroom_client.calling import Caller
from postroom_client.schemas import DeepHealth, Health


class HealthOperations(Caller):
    """What can be done at /v1/health."""

    def read_health(self) -> Health:
        """Tell that the API answers; nothing else is asked. Public."""
        answer: Health = self._document(Call("GET", "/v1/health", answers=(200,), public=True))
        return answer

    def read_deep_health(self) -> DeepHealth:
        """Tell how every part stands; figures are the workspace's own, those of the whole are for operators'
        workspaces. Needs the role admin.
        """
        answer: DeepHealth = self._document(Call("GET", "/v1/health/deep", answers=(200,)))
        return answer
