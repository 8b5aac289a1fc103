"""What can be done at /v1/openapi. Generated: `make client`."""

from __future__ import annotations

from typing import Any

from postroom_client.asking import Call
from postroom_client.calling import Caller


class OpenapiOperations(Caller):
    """What can be done at /v1/openapi."""

    def read_openapi(self) -> Any:
        """Read this document. Public."""
        answer: Any = self._document(Call("GET", "/v1/openapi.json", answers=(200,), public=True))
        return answer
