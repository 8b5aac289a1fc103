"""From the client straight into the functions behind API Gateway; answers are checked against OpenAPI on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from identity.model import Role
from postroom_client import Postroom
from tests.functions.service import Service


@dataclass
class Bridge:
    """Carries requests to the functions as their gateway would; `statuses` are what came back."""

    service: Service
    role: Role = Role.ADMIN
    statuses: list[int] = field(default_factory=list)
    losing: int = 0  # so many answers are lost on the way back

    def carry(self, request: httpx.Request) -> httpx.Response:
        """Ask the functions."""
        sent: dict[str, Any] = {"raw": request.content.decode()} if request.content else {}
        headers = {name: value for name, value in request.headers.items() if name in {"if-match", "idempotency-key"}}
        query = dict(request.url.params)
        reply = self.service.ask(request.method, request.url.path, role=self.role, query=query, headers=headers, **sent)
        self.statuses.append(reply.status)
        if self.losing:
            self.losing -= 1
            raise httpx.ReadTimeout("lost", request=request)
        return httpx.Response(reply.status, headers=dict(reply.headers), text=reply.text)

    def client(self) -> Postroom:
        """A client that is carried so."""
        http = httpx.Client(transport=httpx.MockTransport(self.carry))
        return Postroom("https://api.test", "pr_key", http=http, sleep=lambda _: None)
