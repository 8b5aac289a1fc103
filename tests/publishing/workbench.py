"""All that delivers, put together on moto, and a platform at the edge whose answers a test chooses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

import httpx

from publishing import message
from publishing.acceptance import Acceptance
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Limits, Resource
from publishing.conversation import Conversations
from publishing.delivery import Courier
from publishing.desk import Desk
from publishing.equipment import Renew
from publishing.expected import Expected
from publishing.gate import Gate, gate_of
from publishing.ledger import Deliveries
from publishing.model import Channel, Content, Handoff, Identity, Outcome, Pending, Post, Problem, Receipt
from publishing.operations import Operations
from publishing.publication import Delivery, Publication, Trouble, Whole
from publishing.replies import accepted
from publishing.sending import Sender
from publishing.store import Publications
from publishing.submission import Submission
from publishing.sweep import Sweep, Swept
from publishing.watch import UNWATCHED
from tests.cloud import Cloud

LEFT_S = 60.0
Answer = Callable[[httpx.Request], httpx.Response]


class Alpha:
    """A platform that can be read and absorbs nothing."""

    name = "alpha"
    title = "Alpha"
    limits = Limits(text_chars=100, attempts=3, lag_s=30.0)
    credentials = Credentials(())
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Refuses more than a hundred characters."""
        over = len(post.content.text) - self.limits.text_chars
        return [Problem("content.text", f"{over} characters too long", "Shorten it.")] if over > 0 else []

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """One request."""
        request = httpx.Request("POST", f"https://{self.name}.test/posts", json={"id": post.id}, extensions=PUBLISHES)
        reply = accepted((yield request))
        return Receipt(reply.json()["id"], f"https://{self.name}.test/{channel.id}")

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """One request."""
        accepted((yield httpx.Request("GET", f"https://{self.name}.test/me")))
        return Identity(channel.id)


class ReadableAlpha(Alpha):
    """The same, with a way to look."""

    def find(self, post: Post, _channel: Channel, _since: datetime) -> Conversation[Receipt | None]:
        """One request; 404 says it is not there."""
        reply = yield httpx.Request("GET", f"https://{self.name}.test/posts/{post.id}")
        if reply.status_code == httpx.codes.NOT_FOUND:
            return None
        return Receipt(accepted(reply).json()["id"], "https://alpha.test/found")


class IdempotentAlpha(Alpha):
    """The same, absorbing repetitions of its own accord."""

    idempotent = True


class SlowAlpha(Alpha):
    """The same, working on after it has answered: 202 says that it still does."""

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """One request, and nothing is out yet."""
        yield from super().publish(post, channel)
        return Pending({"job": "j-1"}, 10.0)

    def resume(self, pending: Pending, _post: Post, _channel: Channel) -> Conversation[Outcome]:
        """Ask for the job."""
        reply = accepted((yield httpx.Request("GET", f"https://{self.name}.test/jobs/{pending.state['job']}")))
        return Pending(pending.state, 10.0) if reply.status_code == httpx.codes.ACCEPTED else Receipt("p-1")


class HandingAlpha(Alpha):
    """The same, leaving the last step to a person."""

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """One request, and a person goes on."""
        yield from super().publish(post, channel)
        return Handoff("https://alpha.test/finish", "2026-11-21T12:00:00.000Z")


def fine(request: httpx.Request) -> httpx.Response:
    """Accepts everything."""
    return httpx.Response(200, json={"id": f"p-{request.url.path.rsplit('/', 1)[-1]}"}, request=request)


@dataclass
class Platform:
    """What the platform answers, one answer after another; when they are used up, the last one again."""

    answers: list[Answer] = field(default_factory=lambda: [fine])
    asked: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])(request)

    @property
    def published(self) -> int:
        """How many publishing requests it received."""
        return sum(request.method == "POST" for request in self.asked)


@dataclass
class Door:
    """One channel, open unless a test shuts it."""

    shut: Trouble | None = None
    lost_channels: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    renews: bool = False

    def open(self, workspace: str, channel: str) -> Channel | Trouble:
        """The channel, or what the test says."""
        return self.shut or Channel(id=channel, workspace=workspace, platform="alpha", secrets={"token": "s3cret"})

    def opened(self, workspace: str, channel: str) -> Channel | None:
        """It is."""
        return Channel(id=channel, workspace=workspace, platform="alpha", secrets={"token": "s3cret"})

    def lost(self, refused: Channel, _why: Trouble) -> None:
        """Remembered."""
        self.lost_channels.append(refused.id)
        self.refused.append(refused.secrets["token"])

    def renewed(self, channel: Channel, renew: Renew) -> Channel | None:
        """With what the platform gives, where the test says so."""
        return replace(channel, secrets={**channel.secrets, **renew(channel).secrets}) if self.renews else None


@dataclass(frozen=True)
class Connected:
    """A channel as acceptance sees it."""

    platform: str


@dataclass
class Workbench:
    """Everything that delivers."""

    cloud: Cloud
    platform: Platform
    adapter: Adapter = field(default_factory=Alpha)
    door: Door = field(default_factory=Door)
    seen: list[Delivery] = field(default_factory=list)
    watch: Any = UNWATCHED
    expected: Expected | None = None
    channels: Mapping[str, Connected] = field(
        default_factory=lambda: {"chn_1": Connected("alpha"), "chn_2": Connected("alpha"), "chn_b": Connected("beta")}
    )

    @property
    def publications(self) -> Publications:
        """The real store."""
        return Publications(self.cloud.settings.publications_table, self.cloud.watch)

    @property
    def deliveries(self) -> Deliveries:
        """The real ledger."""
        return Deliveries(self.cloud.settings.publications_table, self.cloud.watch)

    @property
    def sender(self) -> Sender:
        """The real sender."""
        return Sender(self.cloud.settings, self.cloud.watch)

    @cached_property
    def acceptance(self) -> Acceptance:
        """The real acceptance, over this bench's channels."""
        return Acceptance(
            publications=self.publications,
            sender=self.sender,
            destinations=lambda _workspace, wanted: {
                each: self.channels[each] for each in wanted if each in self.channels
            },
            adapter=lambda _platform: self.adapter,
            clock=self.cloud.watch,
        )

    @property
    def courier(self) -> Courier:
        """The real courier, its conversations held with this bench's platform."""
        transport = httpx.MockTransport(self.platform)
        return Courier(
            adapter=self.adapter,
            deliveries=self.deliveries,
            sender=self.sender,
            connections=self.door,
            conversations=Conversations(outside=transport, inside=transport, sign=lambda _request, _service: None),
            clock=self.cloud.watch,
            observe=lambda _publication, delivery: self.seen.append(delivery),
            gate=self.gate,
            watch=self.watch,
            expected=self.expected,
        )

    @cached_property
    def operations(self) -> Operations:
        """The real table of operations."""
        return Operations(self.cloud.settings.operations_table, self.cloud.watch)

    @cached_property
    def gate(self) -> Gate:
        """The real gate, as one worker remembers it; waiting moves the clock."""
        made = gate_of(self.adapter, self.operations, opened=lambda: None)
        return replace(made, wait=self.cloud.watch.forward)

    @property
    def desk(self) -> Desk:
        """The real desk."""
        return Desk(self.publications, self.courier, verify=lambda *_: None, renew=lambda *_: None)

    def submit(self, *channels: str, **options: Any) -> Whole:
        """Submit a small content to these channels (one, where none is named)."""
        return self._submitted({channel: {} for channel in channels or ("chn_1",)}, **options)

    def submit_overriding(self, overrides: Mapping[str, Mapping[str, object]], **options: Any) -> Publication:
        """Submit with overrides by channel."""
        return self._submitted(overrides, **options).publication

    def _submitted(self, overrides: Mapping[str, Mapping[str, object]], **options: Any) -> Whole:
        submission = Submission(
            workspace="ws_1",
            subject="tester",
            content=options.pop("content", Content(text="Hello")),
            overrides=overrides,
            **options,
        )
        return self.acceptance.accept(submission).whole

    def stored(self, publication: Publication) -> Whole:
        """The publication as it stands."""
        whole = self.publications.whole(publication.workspace, publication.id)
        assert whole is not None
        return whole

    def delivery(self, publication: Publication, channel: str = "chn_1") -> Delivery:
        """A delivery as it stands."""
        return next(each for each in self.stored(publication).deliveries if each.channel == channel)

    def deliver(self, publication: Publication, channel: str = "chn_1", *, within_s: float = LEFT_S) -> Delivery:
        """Have a courier work the message for that channel."""
        work = message.Deliver(
            workspace=publication.workspace, publication=publication.id, channel=channel, version=publication.version
        )
        self.courier.deliver(work, self.stored(publication).publication, within_s=within_s)
        return self.delivery(publication, channel)

    def sweep(self) -> Swept:
        """Sweep once."""
        return self.sweeper.run(until=lambda: False)

    @property
    def sweeper(self) -> Sweep:
        """The real sweep, in an environment that remembers nothing yet."""
        return Sweep(self.publications, self.deliveries, self.sender, self.operations, self.cloud.watch)
