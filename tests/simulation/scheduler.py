"""EventBridge Scheduler in memory: fires once or twice, up to a minute late, and now and then not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from tests.cloud import START
from tests.simulation.faults import SKEW_S, Exceptions, Faults, Wire
from tests.simulation.loop import Loop
from tests.simulation.sqs import Queue

LATE_S = 58.0  # the service is precise to a minute


class Conflict(ClientError):  # noqa: N818 - named as AWS names it
    """There is a schedule of that name."""


class Scheduler:
    """The client's method our code calls."""

    exceptions = Exceptions(ConflictException=Conflict)

    def __init__(self, loop: Loop, faults: Faults, due: Queue) -> None:
        self.pending: set[str] = set()
        self._loop = loop
        self._faults = faults
        self._due = due
        self._wire = Wire("scheduler", loop, faults, (0.01, 0.06))

    def create_schedule(self, **request: Any) -> dict[str, Any]:
        """Set one up, once."""
        return self._wire.ask(lambda: self._create(request), (_about(request["Name"]),))

    def _create(self, request: Mapping[str, Any]) -> dict[str, Any]:
        name, about = request["Name"], (_about(request["Name"]),)
        if name in self.pending:
            raise Conflict({"Error": {"Code": "ConflictException", "Message": "It exists"}}, "CreateSchedule")
        wait_s = _at_s(request["ScheduleExpression"]) - self._loop.now_s
        assert len(name) <= 64
        assert wait_s > -1.0 - SKEW_S, "a schedule in the past"
        fault = self._faults.pick("schedule", about)
        self.pending.add(name)
        late_s = self._loop.rng.uniform(0.0, LATE_S)
        self._loop.after(max(0.0, wait_s) + late_s, lambda: self._fire(name, request["Target"]["Input"], fault))
        return {"ScheduleArn": f"arn:aws:scheduler:::{name}"}

    def _fire(self, name: str, body: str, fault: str) -> None:
        self.pending.discard(name)
        if fault == "never":
            return
        self._due.send(body)
        if fault == "twice":
            self._loop.after(self._loop.rng.uniform(0.0, 60.0), lambda: self._due.send(body))


def _at_s(expression: str) -> float:
    moment = datetime.fromisoformat(expression.removeprefix("at(").removesuffix(")")).replace(tzinfo=UTC)
    return (moment - START).total_seconds()


def _about(name: str) -> str:
    return name.partition("-")[0]
