"""Holds an adapter's conversations as production does, over a transport that answers from a record and remembers.

A platform's test module shows the contract suite one accepted publication: `ACCEPTED`, the replies to it in order.
It may also show `CHANNEL` and `POST` where plausible values are not enough, `VERIFIED` (the replies to `verify`), and
`ANY_2XX = True` where the platform's answer has no content that could be garbage. Where the platform calls back, it
shows `SIGNED`: for each way in which calls are proven, how that is done.
"""

from __future__ import annotations

import importlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import ModuleType
from typing import TypeVar

import httpx

from functions import platforms
from publishing.abilities import Resumes
from publishing.adapter import Adapter, Conversation, Field, Kind
from publishing.conversation import Conversations
from publishing.errors import PublishingError
from publishing.inbound import Call
from publishing.model import Channel, Content, Media, Outcome, Pending, Post

HEARD: list[httpx.Request] = []  # all that any transport here was asked, until it is cleared: see conftest.py
T = TypeVar("T")
Answer = httpx.Response | Exception

STEPS = 3  # so often what is written down before it is published is gone on with

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CONTENT = Content(
    title="Rivers in autumn",
    text="All *rivers* carry [leaves](https://example.org/leaves).",
    link="https://example.org/rivers",
    tags=("rivers",),
    media=(Media("https://example.org/river.png", "A river"),),
)


@dataclass
class Recorded(httpx.BaseTransport):
    """Gives its answers one after the other, raising those that are errors, and remembers what it was asked."""

    answers: deque[Answer]
    asked: list[httpx.Request] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.asked.append(request)
        HEARD.append(request)
        assert self.answers, f"nobody expected {request.method} {request.url}"
        return _given(self.answers.popleft())


@dataclass
class Spoiled(Recorded):
    """Answers as recorded up to the publishing request, and to that and all after it with `spoiler`."""

    spoiler: Answer = field(default_factory=lambda: httpx.Response(500))
    met: bool = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.met = self.met or publishes(request)
        if self.met:
            self.answers = deque([self.spoiler])
        return super().handle_request(request)


def _given(answer: Answer) -> httpx.Response:
    if isinstance(answer, Exception):
        raise answer
    return answer


def publishes(request: httpx.Request) -> bool:
    return bool(request.extensions.get("publishes"))


def recorded(*answers: Answer) -> Recorded:
    return Recorded(deque(answers))


def hold(conversation: Conversation[T], transport: httpx.BaseTransport) -> T:
    """What comes of it when nothing needs to be signed and both insides and outsides are `transport`."""
    return Conversations(transport, transport, sign=lambda _request, _service: None).hold(conversation, within_s=20)


def outcome_of(conversation: Conversation[T], transport: httpx.BaseTransport) -> T | PublishingError:
    try:
        return hold(conversation, transport)
    except PublishingError as error:
        return error


@dataclass(frozen=True)
class Signed:
    """One way in which a platform proves that it is who calls: with what `field` of the channel holds.

    `sign` makes the platform's call of a body and that secret at noon, or of that topic or for that key, where none is
    shared. `header` carries the proof, which is `proof` for `body` by the vendor's own example, or openssl; where none
    does, it is in the body. `timed`: the time is signed, too. `answers` is what the adapter is told where it asks
    before it believes.
    """

    channel: Channel
    field: str
    body: bytes
    sign: Callable[[bytes, str], Call]
    header: str = ""
    proof: str = ""
    timed: bool = False
    another: str = "an0ther-s3cret-4711"
    answers: tuple[Answer, ...] = ()

    @property
    def secret(self) -> str:
        return {**self.channel.settings, **self.channel.secrets}[self.field]

    def call(self, body: bytes | None = None) -> Call:
        """The genuine call of a body; of one that means something, if of none."""
        return self.sign(self.body if body is None else body, self.secret)

    def with_secret(self, secret: str) -> Channel:
        """The channel as if `secret` were what its calls are proven with."""
        if self.field in self.channel.secrets:
            return replace(self.channel, secrets={**self.channel.secrets, self.field: secret})
        return replace(self.channel, settings={**self.channel.settings, self.field: secret})


@dataclass(frozen=True)
class Platform:
    """One platform with what its test module shows of it."""

    adapter: Adapter
    module: ModuleType
    channel: Channel
    post: Post

    @property
    def accepted(self) -> Sequence[Answer]:
        answers: Sequence[Answer] = self.module.ACCEPTED
        return answers

    @property
    def any_2xx(self) -> bool:
        return getattr(self.module, "ANY_2XX", False)

    @property
    def signed(self) -> Sequence[Signed]:
        ways: Sequence[Signed] = getattr(self.module, "SIGNED", ())
        return ways

    @property
    def prepares(self) -> bool:
        """Whether something is written down before the publishing request is asked."""
        transport = recorded(*self.accepted)
        hold(self.adapter.publish(self.post, self.channel), transport)
        return not any(map(publishes, transport.asked))

    def published(self, post: Post | None = None) -> tuple[Outcome, list[httpx.Request]]:
        """A publication as it is accepted, and the requests it took."""
        transport = recorded(*self.accepted)
        return hold(self.publication(transport, post), transport), transport.asked

    def publication(self, transport: Recorded, post: Post | None = None) -> Conversation[Outcome]:
        """Publishing, gone on with where it is written down before the publishing request, until that is asked."""
        post = post or self.post
        outcome = yield from self.adapter.publish(post, self.channel)
        for _ in range(STEPS):
            if not isinstance(outcome, Pending) or any(map(publishes, transport.asked)):
                break
            assert isinstance(self.adapter, Resumes)
            outcome = yield from self.adapter.resume(outcome, post, self.channel)
        return outcome

    def spoiled(self, spoiler: Answer) -> Outcome | PublishingError:
        """What comes of a publication whose publishing request is answered with `spoiler`."""
        transport = Spoiled(deque(self.accepted), spoiler=spoiler)
        outcome = outcome_of(self.publication(transport), transport)
        assert transport.met
        return outcome

    def verified(self, answer: Answer | None = None) -> list[httpx.Request]:
        """The requests of a verification, answered as recorded or always with `answer`."""
        answers = [answer] * 9 if answer else getattr(self.module, "VERIFIED", [httpx.Response(404)] * 9)
        transport = recorded(*answers)
        outcome_of(self.adapter.verify(self.channel), transport)
        return transport.asked


def platform(name: str) -> Platform:
    adapter = platforms.load(name)
    module = importlib.import_module(f"tests.functions.platforms.test_{name}")
    channel = getattr(module, "CHANNEL", None) or plausible_channel(adapter)
    post = getattr(module, "POST", None) or Post("dlv_01JD3V7Q8Z5W2N4K6M8P0R1S3T", CONTENT, NOON)
    return Platform(adapter, module, channel, post)


def plausible_channel(adapter: Adapter) -> Channel:
    """A channel with a value in every required field, as a person might have filled it in."""
    required = [each for each in adapter.credentials.fields if each.required]
    return Channel(
        id="chn_1",
        workspace="wsp_1",
        platform=adapter.name,
        name="Ours",
        settings={each.name: PLAUSIBLE[each.kind](each) for each in required if not each.secret},
        secrets={each.name: PLAUSIBLE[each.kind](each) for each in required if each.secret},
        aws={
            "feeds": "https://feeds.s3.eu-west-1.amazonaws.com",
            "feeds_public": "https://feeds.example.org",
            "mail": "https://email.eu-west-1.amazonaws.com",
            "mail_configuration_set": "postroom",
        },
    )


PLAUSIBLE: dict[Kind, Callable[[Field], str]] = {
    Kind.TEXT: lambda each: f"plausible-{each.name}-4711",
    Kind.URL: lambda each: f"https://{each.hosts[0] if each.hosts else 'example.org'}/plausible-{each.name}-4711",
    Kind.EMAIL: lambda each: f"{each.name}@example.org",
    Kind.EMAILS: lambda _each: "ann@example.org, bob@example.org",
    Kind.JSON: lambda each: f'{{"x-{each.name}": "plausible-4711"}}',
}
