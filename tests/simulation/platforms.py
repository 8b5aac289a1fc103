"""Third parties: one absorbs repetitions, one can be read, one works on, one does none of it; all of them misbehave."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Limits, Resource
from publishing.errors import QuotaSpent
from publishing.model import Channel, Identity, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, accepted, parsed
from tests.cloud import START
from tests.simulation.faults import Faults, die
from tests.simulation.loop import Loop

ANSWER_S = (0.05, 0.4)
LAG_S = 5.0
LATE_EFFECT_S = 15.0


class _Made(Reply):
    id: str


class _Blamed(Reply):
    code: str = ""
    until_s: float = 0.0


class Blind:
    """A platform that takes posts and tells nothing of them afterwards."""

    name = "blind"
    title = "Blind"
    limits = Limits(text_chars=500, attempts=6, lag_s=LAG_S, timeout_s=20.0)
    credentials = Credentials(())
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, _post: Post) -> Sequence[Problem]:
        """Everything fits."""
        return ()

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """One request."""
        said = {"id": post.id, "text": post.content.text, "channel": channel.id}
        reply = yield httpx.Request("POST", f"https://{self.name}.test/posts", json=said, extensions=PUBLISHES)
        if reply.status_code == httpx.codes.FORBIDDEN:
            blamed = parsed(_Blamed, reply)
            raise QuotaSpent("The day's posts are used up.", until=START + timedelta(seconds=blamed.until_s))
        return Receipt(parsed(_Made, accepted(reply)).id)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Nothing asks it here."""
        accepted((yield httpx.Request("GET", f"https://{self.name}.test/me")))
        return Identity(channel.id)


class Readable(Blind):
    """One that can be read, a little later."""

    name = "readable"

    def find(self, post: Post, _channel: Channel, _since: datetime) -> Conversation[Receipt | None]:
        """One request; 404 says it is not there, or not yet."""
        reply = yield httpx.Request("GET", f"https://{self.name}.test/posts/{post.id}")
        if reply.status_code == httpx.codes.NOT_FOUND:
            return None
        return Receipt(parsed(_Made, accepted(reply)).id)


class Absorbing(Blind):
    """One that knows a post it has had by its id."""

    name = "absorbing"
    idempotent = True


class Working(Blind):
    """One that works on after it has answered, and is asked how far it is."""

    name = "working"

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """One request, and a job is begun."""
        yield from super().publish(post, channel)
        return Pending({"job": post.id}, 3.0)

    def resume(self, pending: Pending, _post: Post, _channel: Channel) -> Conversation[Outcome]:
        """Ask for the job; 404 says that it is not done."""
        reply = yield httpx.Request("GET", f"https://{self.name}.test/posts/{pending.state['job']}")
        if reply.status_code == httpx.codes.NOT_FOUND:
            return Pending(pending.state, 10.0)
        return Receipt(parsed(_Made, accepted(reply)).id)


ADAPTERS: Mapping[str, Adapter] = {each.name: each for each in (Absorbing(), Readable(), Blind(), Working())}


@dataclass(frozen=True)
class Effect:
    """A post that became visible: where, when, and from when on `find` sees it."""

    receipt: str
    channel: str
    at_s: float
    shown_s: float


@dataclass
class Platform(httpx.BaseTransport):
    """The world's side of one adapter."""

    adapter: Adapter
    loop: Loop
    faults: Faults
    effects: dict[str, list[Effect]] = field(default_factory=dict)
    asked_s: dict[str, list[float]] = field(default_factory=dict)  # when requests to publish left us

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or not."""
        if request.method == "POST":
            said = json.loads(request.content)
            self.asked_s.setdefault(said["id"], []).append(self.loop.now_s)
            return self._published(request, said["id"], said["channel"])
        return self._found(request, request.url.path.rpartition("/")[2])

    def _published(self, request: httpx.Request, post: str, channel: str) -> httpx.Response:
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
        receipt = self._take(fault, post, channel)
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

    def _take(self, fault: str, post: str, channel: str) -> str:
        """Make the post visible, now or after whoever asked has given up, unless the fault keeps it from that."""
        if fault in {"lost_before_effect", "error_without_effect", "garbage_without_effect"}:
            return ""
        if fault == "lost_after_effect":
            self.loop.after(self.loop.rng.uniform(0.0, LATE_EFFECT_S), lambda: self._appear(post, channel))
            return ""
        return self._appear(post, channel)

    def _appear(self, post: str, channel: str) -> str:
        there = self.effects.setdefault(post, [])
        if not (there and self.adapter.idempotent):
            late = self.faults.pick("platform_index") == "late"
            shown_s = self.loop.now_s + (self.loop.rng.uniform(0, LAG_S) if late else 0)
            there.append(Effect(f"{post}-{len(there)}", channel, self.loop.now_s, shown_s))
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
