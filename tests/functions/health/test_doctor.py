from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NoReturn

from functions.health.doctor import COUNTED_S, LATELY_S, Doctor
from functions.health.sign import Sign
from identity.model import Principal, Role
from publishing.memory import Memory
from tests.cloud import START
from web.request import Request
from web.schemas.base import Nothing
from web.schemas.health import DeepHealth

OURS, OPERATING = "ws_1", "ws_ops"


def broken() -> NoReturn:
    raise RuntimeError("canary")


@dataclass
class Clinic:
    """A doctor with three parts to look at, and a clock."""

    asked: Counter[str] = field(default_factory=Counter)
    value: float = 1.0
    now_s: float = 1_000.0
    broken: bool = False

    def __post_init__(self) -> None:
        self.doctor = Doctor(
            lately={"queues": lambda: self._look("queues")},
            counted={"waiting": lambda: self._look("waiting")},
            owned={"your channels": self._look},
            operators=frozenset({OPERATING}),
            clock=lambda: START,
            seen_lately=Memory(keep_s=LATELY_S, most=10, now_s=lambda: self.now_s),
            seen_counted=Memory(keep_s=COUNTED_S, most=10, now_s=lambda: self.now_s),
        )

    def _look(self, of: str) -> list[Sign]:
        self.asked[of] += 1
        if self.broken:
            broken()
        return [Sign(of, "depth", self.value, "messages", "Look.", warns=5, fails=10)]

    def read(self, workspace: str = OURS) -> DeepHealth:
        principal = Principal(workspace, "tester", Role.ADMIN)
        return self.doctor.read(Request(Nothing(), principal, {}, {}, "correlation")).body


def signs(health: DeepHealth) -> dict[str, list[str]]:
    return {part.name: [sign.of for sign in part.signs] for part in health.parts}


def test_an_operators_workspace_sees_every_figure() -> None:
    health = Clinic().read(OPERATING)
    assert health.operator
    assert signs(health) == {"queues": ["queues"], "waiting": ["waiting"], "your channels": [OPERATING]}


def test_another_sees_how_each_part_stands_and_its_own_figures_alone() -> None:
    health = Clinic(value=6.0).read()
    assert not health.operator
    assert signs(health) == {"queues": [], "waiting": [], "your channels": [OURS]}
    assert [part.state for part in health.parts] == ["warn", "warn", "warn"]


def test_a_figure_stands_beside_its_limits_and_what_to_do() -> None:
    (sign,) = Clinic(value=11.0).read().parts[-1].signs
    assert (sign.value, sign.warns_above, sign.fails_above, sign.state, sign.do) == (11.0, 5, 10, "fail", "Look.")


def test_the_whole_is_as_bad_as_its_worst_part() -> None:
    assert Clinic(value=11.0).read().status == "fail"
    assert Clinic().read().status == "ok"


def test_a_part_that_fails_is_unknown_and_no_exception() -> None:
    health = Clinic(broken=True).read(OPERATING)
    assert (health.status, [part.state for part in health.parts]) == ("unknown", ["unknown"] * 3)
    assert signs(health) == {"queues": [], "waiting": [], "your channels": []}


def test_polling_is_cheap() -> None:
    clinic = Clinic()
    for _ in range(60):
        clinic.read()
        clinic.now_s += 1.0
    assert clinic.asked == {"queues": 6, "waiting": 1, OURS: 6}


def test_what_did_not_answer_is_not_asked_at_once_again() -> None:
    clinic = Clinic(broken=True)
    clinic.read()
    clinic.read()
    assert clinic.asked["queues"] == 1


def test_what_is_a_workspaces_own_is_remembered_for_it_alone() -> None:
    clinic = Clinic()
    assert signs(clinic.read("ws_1"))["your channels"] == ["ws_1"]
    assert signs(clinic.read("ws_2"))["your channels"] == ["ws_2"]
