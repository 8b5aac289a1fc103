"""Health: whether what this API hangs on answers. Public, so it says no more, and asks no oftener than it must."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from publishing import aws
from publishing.memory import Memory
from publishing.telemetry import logger
from web import contract
from web.request import Answer, Request
from web.router import Router
from web.schemas.base import Whatever
from web.schemas.health import Health, State

REMEMBER_S = 5.0


def _memory() -> Memory[str, Health]:
    return Memory(keep_s=REMEMBER_S, most=1)


@dataclass(frozen=True)
class Doctor:
    """Asks each dependency, by name, for something small; one that does not answer raises."""

    asks: Mapping[str, Callable[[], object]]
    memory: Memory[str, Health] = field(default_factory=_memory)

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about health."""
        router.serve(contract.READ_HEALTH, self.read)

    def read(self, _: Request[Whatever]) -> Answer[Health]:
        """How it stood at most five seconds ago."""
        health = self.memory.recall("health") or self.memory.keep("health", self._examined())
        return Answer(health, status=200 if health.status == "ok" else 503)

    def _examined(self) -> Health:
        states = {name: _state(name, ask) for name, ask in self.asks.items()}
        return Health(status="down" if "down" in states.values() else "ok", dependencies=states)


def _state(name: str, ask: Callable[[], object]) -> State:
    try:
        ask()
    except aws.FAILURES as error:
        logger.warning("A dependency does not answer", extra={"dependency": name, "error": aws.name_of(error)})
        return "down"
    return "ok"
