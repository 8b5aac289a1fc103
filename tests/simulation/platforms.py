"""Third parties, misbehaving: they lose answers, fail, throttle, are down, and show what they took a little later."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import httpx

from publishing.adapter import Adapter
from tests.simulation.adapters import LAG_S
from tests.simulation.faults import Faults, die
from tests.simulation.loop import Loop

ANSWER_S = (0.05, 0.4)
LATE_EFFECT_S = 15.0
MOMENTS_S = 0.06  # from when its turn comes until the platform is asked, where nothing is slow in between


@dataclass(frozen=True)
class Effect:
    """A post that became visible: where, when, and from when on `find` sees it."""

    receipt: str
    channel: str
    text: str
    at_s: float
    shown_s: float


@dataclass(frozen=True)
class Asked:
    """A request to publish as it came in; `on_time` when it came in moments after its turn."""

    post: str
    channel: str
    at_s: float
    on_time: bool


@dataclass
class Platform(httpx.BaseTransport):
    """The world's side of one adapter."""

    adapter: Adapter
    loop: Loop
    faults: Faults
    effects: dict[str, list[Effect]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    outage: tuple[float, float, str] = (0.0, 0.0, "")  # from when until when it is down, and how

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or not."""
        publishing = request.method == "POST"
        said = json.loads(request.content) if publishing else {"id": request.url.path.rpartition("/")[2]}
        if publishing:
            self.asked.append(self._noted(said))
        down = self._down(request, said["id"])
        if down:
            return down
        return self._published(request, said) if publishing else self._found(request, said["id"])

    def _noted(self, said: Mapping[str, str]) -> Asked:
        invocation, now_s = self.loop.invocation, self.loop.now_s
        on_time = invocation is not None and not invocation.skew_s and 0 <= now_s - self.loop.strand.due_s < MOMENTS_S
        return Asked(said["id"], said["channel"], now_s, on_time)

    def _down(self, request: httpx.Request, post: str) -> httpx.Response | None:
        """An outage: nobody gets through, or all get an error, or no answer ever."""
        since_s, until_s, kind = self.outage
        if not since_s <= self.loop.now_s < until_s:
            return None
        self.faults.met("not_reached" if kind == "unreachable" else kind, (publication_of(post),))
        if kind == "hanging":
            self._hang(request)
        self.loop.pause(self.loop.rng.uniform(*ANSWER_S))
        if kind == "unreachable":
            raise httpx.ConnectError("No route to host.")
        return httpx.Response(503)

    def _published(self, request: httpx.Request, said: Mapping[str, str]) -> httpx.Response:
        post = said["id"]
        fault = self.faults.pick("platform", (publication_of(post),))
        if fault == "killed_before":
            die(self.loop, self.faults)
        self.loop.pause(self.loop.rng.uniform(*ANSWER_S))
        if fault == "not_reached":
            raise httpx.ConnectError("No route to host.")
        known = self.adapter.idempotent and post in self.effects
        refusal = self._refusal(fault)
        if refusal and not known:
            return refusal
        receipt = self._take(fault, said)
        return self._answer(request, fault, receipt)

    def _refusal(self, fault: str) -> httpx.Response | None:
        """An answer that says the post was not taken."""
        match fault:
            case "refused":
                return httpx.Response(422, json={"error": "We do not like it."})
            case "throttled":
                return httpx.Response(429, headers={"retry-after": str(self.loop.rng.randrange(1, 90))})
            case "quota_spent":
                until_s = self.loop.now_s + self.loop.rng.uniform(60, 7_200)
                return httpx.Response(403, json={"code": "quota", "until_s": until_s})
            case "unauthorized":
                return httpx.Response(401)
        return None

    def _take(self, fault: str, said: Mapping[str, str]) -> str:
        """Make the post visible, now or after whoever asked has given up, unless the fault keeps it from that."""
        if fault in {"lost_before_effect", "error_without_effect", "garbage_without_effect"}:
            return ""
        if fault == "lost_after_effect":
            self.loop.after(self.loop.rng.uniform(0.0, LATE_EFFECT_S), lambda: self._appear(said))
            return ""
        return self._appear(said)

    def _appear(self, said: Mapping[str, str]) -> str:
        post = said["id"]
        there = self.effects.setdefault(post, [])
        if not (there and self.adapter.idempotent):
            late = self.faults.pick("platform_index") == "late"
            shown_s = self.loop.now_s + (self.loop.rng.uniform(0, LAG_S) if late else 0)
            there.append(Effect(f"{post}-{len(there)}", said["channel"], said["text"], self.loop.now_s, shown_s))
        return there[-1].receipt

    def _answer(self, request: httpx.Request, fault: str, receipt: str) -> httpx.Response:
        match fault:
            case "killed_after":
                die(self.loop, self.faults)
            case "lost_before_effect" | "lost_after_effect":
                self._lose(request)
            case "error_without_effect" | "error_after_effect":
                return httpx.Response(self.loop.rng.choice((500, 502, 503, 504)))
            case "garbage" | "garbage_without_effect":
                return httpx.Response(200, content=b"<html>Come back later.</html>")
            case "dripping":
                return httpx.Response(200, stream=Drip(self.loop))
        return httpx.Response(201, json={"id": receipt})

    def _lose(self, request: httpx.Request) -> None:
        if self.loop.rng.random() < 0.5:
            raise httpx.RemoteProtocolError("Server disconnected.")
        self._hang(request)

    def _hang(self, request: httpx.Request) -> None:
        self.loop.pause(float(request.extensions["timeout"]["read"]))
        raise httpx.ReadTimeout("Timed out.")

    def _found(self, _request: httpx.Request, post: str) -> httpx.Response:
        fault = self.faults.pick("platform_read", (publication_of(post),))
        if fault == "killed_before":
            die(self.loop, self.faults)
        self.loop.pause(self.loop.rng.uniform(*ANSWER_S))
        match fault:
            case "error_without_effect":
                return httpx.Response(503)
            case "unauthorized":
                return httpx.Response(401)
            case "not_reached":
                raise httpx.ConnectError("No route to host.")
        shown = [effect for effect in self.effects.get(post, ()) if effect.shown_s <= self.loop.now_s]
        return httpx.Response(200, json={"id": shown[0].receipt}) if shown else httpx.Response(404)


@dataclass
class Drip(httpx.SyncByteStream):
    """A body that comes byte by byte, slower than anybody waits."""

    loop: Loop

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.loop.pause(4.0)
            yield b" "


def publication_of(post: str) -> str:
    """The publication a delivery's id names."""
    return f"pub_{post[4:30]}"
