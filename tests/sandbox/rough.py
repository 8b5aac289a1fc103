"""A network on which anything is lost, and workers that die before they write down what they know; from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import httpx

from publishing.abilities import Resumes
from publishing.adapter import Adapter
from publishing.conversation import Conversations
from publishing.errors import PublishingError
from publishing.model import Channel, Outcome, Pending, Post

TURNS = 200


@dataclass
class Rough(httpx.BaseTransport):
    """Carries requests, but for some; of others the answer is lost, or spoiled. Media comes through."""

    carrier: httpx.BaseTransport
    draw: random.Random

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The answer, if it is lucky."""
        if request.url.host.startswith("media."):
            return self.carrier.handle_request(request)
        luck = self.draw.random()
        if luck < 0.1:
            raise httpx.ConnectError("")
        answers = [httpx.Response(503), httpx.Response(429, headers={"retry-after": "1"})]
        if luck < 0.2:
            return self.draw.choice(answers)
        answer = self.carrier.handle_request(request)
        if luck < 0.35:
            raise httpx.ReadTimeout("")
        return self.draw.choice([httpx.Response(500), httpx.Response(200, text="<html>")]) if luck < 0.45 else answer


@dataclass
class Rougher:
    """Publishes as the engine does, on a rough network, with workers of which every fifth dies at its end."""

    adapter: Adapter
    carrier: httpx.BaseTransport
    seed: int
    draw: random.Random = field(init=False)

    def __post_init__(self) -> None:
        """The same again for the same seed."""
        self.draw = random.Random(self.seed)  # noqa: S311 - chance, not secrets

    def published(self, post: Post, channel: Channel) -> Outcome | None:
        """What comes of it in the end; only good for what may be published again while nothing is written down."""
        outcome: Outcome | None = None
        for _ in range(TURNS):
            outcome = self._gone_on(outcome, post, channel)
        return outcome

    def _gone_on(self, outcome: Outcome | None, post: Post, channel: Channel) -> Outcome | None:
        if outcome is not None and not isinstance(outcome, Pending):
            return outcome
        network = Rough(self.carrier, self.draw)
        conversations = Conversations(network, network, lambda *_: None)
        assert isinstance(self.adapter, Resumes)
        turn = self.adapter.resume(outcome, post, channel) if outcome else self.adapter.publish(post, channel)
        try:
            further = conversations.hold(turn, within_s=60)
        except PublishingError:
            return outcome
        return outcome if self.draw.random() < 0.2 else further
