"""A stand-in without a network around it: fast, for what is not about connections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import httpx

from publishing.adapter import Conversation
from publishing.conversation import Conversations
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.stand_in import StandIn
from tests.sandbox.wall import Wall

T = TypeVar("T")
HOME = "https://stand-in.example.org"


@dataclass(frozen=True)
class Indoors:
    """The wall, the way to the stand-in and the fields that connect an account."""

    wall: Wall
    faults: Faults
    transport: httpx.BaseTransport
    fields: Mapping[str, str]

    def hold(self, conversation: Conversation[T]) -> T:
        """What comes of it, whichever host it asks."""
        conversations = Conversations(self.transport, self.transport, lambda _request, _service: None)
        return conversations.hold(conversation, within_s=10)

    def ask(self, method: str, path: str, **content: object) -> httpx.Response:
        """An answer to the account's own token."""
        headers = {"authorization": f"Bearer {self.fields['access_token']}"}
        with httpx.Client(transport=self.transport, base_url=HOME, headers=headers) as client:
            return client.request(method, path, **content)  # type: ignore[arg-type]


def indoors(stand_in: Callable[[Wall], StandIn], name: str = "ada") -> Indoors:
    """The stand-in with one account."""
    wall, faults = Wall(), Faults()
    transport = httpx.WSGITransport(app=Application(stand_in(wall), wall, faults))
    with httpx.Client(transport=transport, base_url=HOME) as client:
        fields: dict[str, str] = client.post("/_sandbox/accounts", json={"name": name}).json()
    return Indoors(wall, faults, transport, fields)
