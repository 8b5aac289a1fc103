"""Adapters of third parties: one absorbs repetitions, one can be read, one works on, one does none of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import httpx

from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Limits, Rate, Resource
from publishing.errors import QuotaSpent
from publishing.model import Channel, Identity, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import Reply, accepted, parsed
from tests.cloud import START

LAG_S = 5.0


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
    limits = replace(Blind.limits, rate=Rate(5, 2.0))

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
    limits = replace(Blind.limits, rate=Rate(1, 4.0))

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
