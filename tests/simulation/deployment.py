"""The functions as they are deployed: their own handlers and compositions; what lies around them is the world's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3

from channels import aws as channels_aws
from channels.registry import REMEMBER_CHANNELS, REMEMBER_S, Registry, Remembered
from channels.renewals import Renewals
from functions import platforms
from functions.api import handler as api
from functions.dispatch import handler as dispatch
from functions.publish import handler as publish
from functions.renew import handler as renew
from functions.submit import handler as submit
from functions.sweep import handler as sweep
from publishing import aws
from publishing.backlog import Allowance
from publishing.batch import worked
from publishing.conversation import Conversations
from publishing.desk import Desk
from publishing.gate import Gate, gate_of
from publishing.memory import Memory
from publishing.sending import Sender
from publishing.sweep import Sweep
from tests import cloud
from tests.simulation.lock import Lock
from tests.simulation.loop import Invocation, Loop
from tests.simulation.observations import Watched
from web import aws as web_aws

if TYPE_CHECKING:
    from tests.simulation.world import World

REACHED_BY_NAME = (api, dispatch, publish, renew, submit, sweep)
ELSEWHERE = {
    "notices_table": "notices",
    "notify_queue_url": cloud.BASE + "notify",
    "credentials_key_arn": "none",
    "feeds_bucket": "none",
    "feeds_public_url": "https://feeds.test",
    "oauth_url": "https://oauth.test",
}
NO_LIMIT = {"caller_limit": "0", "workspace_limit": "0"}  # each of its few workspaces asks as hundreds would


class Environments:
    """A function's warm environments: each has a memory of its own, and works one invocation at a time."""

    def __init__(self, loop: Loop, made: Callable[[], Any]) -> None:
        self._loop, self._made, self._idle = loop, made, list[Any]()

    def run(self, work: Callable[[], Any]) -> Any:
        """Have an environment do this; one that dies of it is not used again."""
        invocation = self._loop.invocation
        assert invocation is not None
        invocation.environment = self._idle.pop() if self._idle else self._made()
        answer = work()
        self._idle.append(invocation.environment)
        return answer


class Context:
    """What Lambda tells a function of its time."""

    def __init__(self, loop: Loop, invocation: Invocation) -> None:
        self._loop, self._invocation = loop, invocation

    def get_remaining_time_in_millis(self) -> int:
        """How long it may go on."""
        return round(1000 * (self._invocation.ends_s - self._loop.now_s))


class Deployment:
    """The functions of the stack, each to be asked as AWS asks it."""

    def __init__(self, world: World) -> None:
        self._world, self._loop = world, world.loop
        self._desks = {
            name: Environments(world.loop, partial(self._composed, publish.desk, name)) for name in world.adapters
        }
        self._dispatchers = Environments(world.loop, partial(self._composed, dispatch.dispatch))
        self._sweepers = Environments(world.loop, partial(self._composed, sweep.sweep))
        self._renewers = Environments(world.loop, partial(self._composed, renew.renewals))

    def publish(self, platform: str, records: Sequence[Mapping[str, Any]]) -> Any:
        """Have a platform's function work a batch."""
        return self._desks[platform].run(lambda: publish.handle({"Records": records}, self._context()))

    def dispatch(self, records: Sequence[Mapping[str, Any]]) -> Any:
        """Have what came due sent on."""
        return self._dispatchers.run(lambda: dispatch.handle({"Records": records}, self._context()))

    def sweep(self) -> None:
        """Sweep once."""
        self._sweepers.run(lambda: sweep.handle({}, self._context()))

    def renew(self) -> None:
        """Have what is due renewed."""
        self._renewers.run(lambda: renew.handle({}, self._context()))

    def ask(self, event: dict[str, Any]) -> Mapping[str, Any]:
        """Have API Gateway's event answered by the function it belongs to."""
        http = event["requestContext"]["http"]
        entry = submit if (http["method"], http["path"]) == ("POST", "/v1/publications") else api
        answer: Mapping[str, Any] = entry.handle(event, self._context())
        return answer

    @contextmanager
    def open(self) -> Iterator[None]:
        """Whatever the functions reach out for is the world's meanwhile."""
        with ExitStack() as stack:
            enter = stack.enter_context
            enter(patch.dict(os.environ, _environment()))
            enter(patch.object(boto3, "client", self._client))
            _forget()
            stack.callback(_forget)
            for owner, name, stand_in in (*self._edges(), *self._world.observations.edges()):
                enter(patch.object(owner, name, stand_in))
            yield

    def _edges(self) -> Iterator[tuple[ModuleType, str, Any]]:
        world, loop = self._world, self._loop
        for module in REACHED_BY_NAME:
            yield module, "now", loop
            yield module, "Sender", partial(Sender, pool=world.pool, sleep=loop.pause)
        yield submit, "Allowance", partial(Allowance, now_s=loop.seconds)
        yield dispatch, "worked", partial(worked, pool=world.pool)
        yield sweep, "Sweep", partial(Sweep, pool=world.pool)
        yield publish, "Desk", partial(Desk, pool=world.pool)
        yield publish, "Doors", world.doors_of
        yield publish, "Remembered", self._remembered
        yield renew, "Renewals", partial(Renewals, pool=world.pool)
        yield publish, "Conversations", partial(Conversations, now_s=loop.seconds)
        for name in ("GuardedTransport", "plain_transport"):
            yield publish, name, lambda: world.platforms[os.environ["PLATFORM"]]
        yield publish, "gate_of", self._gate_of
        yield publish, "Observed", lambda platform: Watched(platform, world.observations)
        for module, name in ((publish, "desk"), (dispatch, "dispatch"), (sweep, "sweep"), (renew, "renewals")):
            yield module, name, self._environment
        yield platforms, "load", world.adapters.__getitem__

    def _remembered(self, registry: Registry) -> Remembered:
        return Remembered(registry, Memory(keep_s=REMEMBER_S, most=REMEMBER_CHANNELS, now_s=self._loop.seconds))

    def _gate_of(self, *given: Any, **named: Any) -> Gate:
        return replace(gate_of(*given, **named, lock=lambda: Lock(self._loop)), wait=self._loop.pause)

    def _environment(self) -> Any:
        invocation = self._loop.invocation
        assert invocation is not None
        return invocation.environment

    @staticmethod
    def _composed(root: Any, platform: str = "") -> Any:
        """What a function puts together on its first call, without keeping it for good."""
        os.environ["PLATFORM"] = platform
        return root.__wrapped__()

    def _client(self, service: str, **_: Any) -> Any:
        world = self._world
        return {"dynamodb": world.dynamodb, "sqs": world.sqs, "scheduler": world.scheduler, "kms": world.kms}[service]

    def _context(self) -> Context:
        invocation = self._loop.invocation
        assert invocation is not None
        return Context(self._loop, invocation)


def _environment() -> dict[str, str]:
    return {name.upper(): value for name, value in (cloud.environment() | ELSEWHERE | NO_LIMIT).items()}


def _forget() -> None:
    """What processes keep for good is of another world."""
    kept = [each for module in (*REACHED_BY_NAME, aws, channels_aws, web_aws) for each in vars(module).values()]
    for each in kept:
        if hasattr(each, "cache_clear"):
            each.cache_clear()
