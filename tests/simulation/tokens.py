"""A platform whose refresh tokens are good for one time, and what it saw of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import httpx

from publishing.adapter import PUBLISHES, Conversation, Credentials, Field, Life
from publishing.errors import Unauthorized, Unavailable
from publishing.model import Channel, Fresh, Identity, Outcome, Post, Receipt
from publishing.replies import Reply, accepted, parsed
from tests.simulation.adapters import Absorbing
from tests.simulation.faults import die
from tests.simulation.loop import Invocation
from tests.simulation.platforms import ANSWER_S, Platform
from tests.simulation.world import SECRET

LIFE_S = 900.0
REVOKED = 0.3  # so many access tokens end before they should
RATES = {
    "not_reached": 0.04,
    "error_without_effect": 0.04,
    "lost_before_effect": 0.02,
    "lost_after_effect": 0.03,
    "killed_before": 0.02,
    "killed_after": 0.03,
}


class _Granted(Reply):
    access_token: str
    refresh_token: str
    expires_in: float


class Rotating(Absorbing):
    """One that is published to with an access token, which a refresh token renews once."""

    name = "rotating"
    limits = replace(Absorbing.limits, in_flight=8)
    credentials = Credentials((Field("refresh_token", secret=True), Field("access_token", secret=True)))

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """One request, with the token."""
        said = {"id": post.id, "text": post.content.text, "channel": channel.id}
        url = f"https://{self.name}.test/posts"
        reply = yield httpx.Request("POST", url, json=said, headers=_shown(channel), extensions=PUBLISHES)
        return Receipt(parsed(_Made, accepted(reply)).id)

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """A quarter of an hour."""
        return Life(LIFE_S) if "refresh_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """Both anew."""
        asked = {"channel": channel.id, "refresh_token": channel.secrets["refresh_token"]}
        reply = yield httpx.Request("POST", f"https://{self.name}.test/token", json=asked)
        if reply.status_code == httpx.codes.BAD_REQUEST:
            raise Unauthorized("The refresh token was used before.")
        if not reply.is_success:
            raise Unavailable
        granted = parsed(_Granted, reply)
        return Fresh({"access_token": granted.access_token, "refresh_token": granted.refresh_token}, granted.expires_in)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """One request, with the token."""
        accepted((yield httpx.Request("GET", f"https://{self.name}.test/me", headers=_shown(channel))))
        return Identity(channel.id)


class _Made(Reply):
    id: str


def _shown(channel: Channel) -> dict[str, str]:
    return {"authorization": channel.secrets["access_token"]}


@dataclass
class Presented:
    """A refresh token as it was presented: from when until when, by whom, and whether it was good."""

    token: str
    invocation: Invocation | None
    since_s: float
    until_s: float
    good: bool = False

    @property
    def skewed(self) -> bool:
        """Whether a wrong clock may have taken the lease for run out."""
        return bool(self.invocation and self.invocation.skew_s)


@dataclass
class Issuing(Platform):
    """The world's side of it: gives tokens out, and remembers what it was shown."""

    current: dict[str, str] = field(default_factory=dict)  # each channel's one good refresh token
    access: dict[str, float] = field(default_factory=dict)  # until when each access token is good
    presented: list[Presented] = field(default_factory=list)
    refused: list[Invocation | None] = field(default_factory=list)  # who showed an access token that had ended
    numbers: int = 0

    @property
    def _about(self) -> tuple[str, ...]:
        return self.loop.invocation.about if self.loop.invocation else ()

    def grant(self, channel: str) -> dict[str, str]:
        """Other tokens for a channel; its refresh token of before is good no more."""
        self.numbers += 1
        rng = self.loop.rng
        lasts_s = rng.uniform(0.0, LIFE_S) if self.faults.scale and rng.random() < REVOKED else LIFE_S
        access, refresh = f"{SECRET}-a{self.numbers}", f"{SECRET}-r{self.numbers}"
        self.current[channel], self.access[access] = refresh, self.loop.now_s + lasts_s
        return {"access_token": access, "refresh_token": refresh}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Renew tokens; else answer as others do, whoever shows one that is good."""
        if request.url.path == "/token":
            return self._renewed(request, json.loads(request.content))
        if self.access.get(request.headers.get("authorization", ""), 0.0) <= self.loop.now_s:
            self.refused.append(self.loop.invocation)
            self.faults.met("unauthorized", self._about)
            self.loop.pause(self.loop.rng.uniform(*ANSWER_S))
            return httpx.Response(401)
        if request.url.path == "/me":
            return httpx.Response(200, json={})
        return super().handle_request(request)

    def _renewed(self, request: httpx.Request, said: Mapping[str, str]) -> httpx.Response:
        shown = Presented(said["refresh_token"], self.loop.invocation, self.loop.now_s, self.loop.now_s)
        self.presented.append(shown)
        try:
            return self._judged(request, said, shown)
        finally:
            shown.until_s = self.loop.now_s

    def _judged(self, request: httpx.Request, said: Mapping[str, str], shown: Presented) -> httpx.Response:
        fault = self.faults.pick("token", self._about)
        if fault == "killed_before":
            die(self.loop, self.faults)
        self.loop.pause(self.loop.rng.uniform(*ANSWER_S))
        if fault == "not_reached":
            raise httpx.ConnectError("No route to host.")
        if fault == "error_without_effect":
            return httpx.Response(503)
        if fault == "lost_before_effect":
            self._lose(request)
        channel, shown.good = said["channel"], self.current.get(said["channel"]) == said["refresh_token"]
        given = self.grant(channel) if shown.good else {}
        self.loop.pause(self.loop.rng.uniform(*ANSWER_S))
        if fault == "lost_after_effect":
            self._lose(request)
        if fault == "killed_after":
            die(self.loop, self.faults)
        return httpx.Response(200, json=given | {"expires_in": LIFE_S}) if given else httpx.Response(400)
