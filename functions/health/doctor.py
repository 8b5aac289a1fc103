"""Looks at every part at once, remembers what it saw for a while, and tells callers what is for their eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from functions.health.asking import answers
from functions.health.sign import Part, Sign, worst
from publishing.clock import Clock
from publishing.memory import Memory
from publishing.model import utc_text
from web.request import Answer, Request
from web.schemas.base import Nothing
from web.schemas.health import DeepHealth, HealthPart, HealthSign

WITHIN_S = 6.0  # a part that takes longer is unknown
LATELY_S, COUNTED_S = 10.0, 60.0  # what CloudWatch counts costs by the metric, and changes by the minute
MOST_REMEMBERED = 1_000

Signs = Sequence[Sign]
Looks = Mapping[str, Callable[[], Signs]]
Seen = Memory[str, Part]


def _seen(keep_s: float) -> Seen:
    return Memory(keep_s=keep_s, most=MOST_REMEMBERED)


@dataclass(frozen=True)
class Doctor:
    """Looks at the whole system, `lately` or as `counted`, and at what is a workspace's own.

    The figures of the whole are for the admins of `operators` alone; all others are told how each part stands. What
    was seen, also that a part did not answer, is remembered, so that polling is cheap.
    """

    lately: Looks
    counted: Looks
    owned: Mapping[str, Callable[[str], Signs]]
    operators: frozenset[str]
    clock: Clock
    within_s: float = WITHIN_S
    seen_lately: Seen = field(default_factory=lambda: _seen(LATELY_S))
    seen_counted: Seen = field(default_factory=lambda: _seen(COUNTED_S))

    def read(self, request: Request[Nothing]) -> Answer[DeepHealth]:
        """How everything stands, with the figures this caller may see."""
        workspace = request.principal.workspace
        operator = workspace in self.operators
        parts = self._examined(workspace)
        health = DeepHealth(
            status=worst(part.state for part in parts).value,
            at=utc_text(self.clock()),
            operator=operator,
            parts=[_shown(part, whole=operator or part.name in self.owned) for part in parts],
        )
        return Answer(health)

    def _examined(self, workspace: str) -> list[Part]:
        places = list(self._places(workspace))
        known = {place.key: place.seen.recall(place.key) for place in places}
        missing = {place.key: place.look for place in places if known[place.key] is None}
        found = answers(missing, within_s=self.within_s)
        return [known[place.key] or place.keep(found[place.key]) for place in places]

    def _places(self, workspace: str) -> Iterator[_Place]:
        yield from (_Place(name, name, look, self.seen_lately) for name, look in self.lately.items())
        yield from (_Place(name, name, look, self.seen_counted) for name, look in self.counted.items())
        for name, look in self.owned.items():
            yield _Place(name, f"{name}#{workspace}", partial(look, workspace), self.seen_lately)


@dataclass(frozen=True)
class _Place:
    """Where to look, and where it is remembered what was seen there."""

    name: str
    key: str
    look: Callable[[], Signs]
    seen: Seen

    def keep(self, signs: Signs | None) -> Part:
        """The part, remembered."""
        return self.seen.keep(self.key, Part(self.name, signs))


def _shown(part: Part, *, whole: bool) -> HealthPart:
    signs = [_shown_sign(sign) for sign in part.signs or ()] if whole else []
    return HealthPart(name=part.name, state=part.state.value, signs=signs)


def _shown_sign(sign: Sign) -> HealthSign:
    return HealthSign(
        of=sign.of,
        name=sign.name,
        value=sign.value,
        unit=sign.unit,
        warns_above=sign.warns,
        fails_above=sign.fails,
        state=sign.state.value,
        do=sign.do,
    )
