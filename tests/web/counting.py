"""What answers say is left of a quota, as it is to be compared: of requests of one and the same minute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol


class Answered(Protocol):
    """An answer of ours, however it was asked for."""

    @property
    def headers(self) -> Mapping[str, str]:
        """Its headers."""


def left_within_a_minute(ask: Callable[[], Sequence[Answered]]) -> list[int]:
    """What is left after each of a few requests.

    A minute begins at another second in each workspace, by the clock on the wall: where one does between two of them,
    they are made again, with all of it ahead.
    """
    answers = ask()
    if _told(answers, "Reset") != sorted(_told(answers, "Reset"), reverse=True):
        answers = ask()
    return _told(answers, "Remaining")


def _told(answers: Sequence[Answered], what: str) -> list[int]:
    return [int(each.headers[f"RateLimit-{what}"]) for each in answers]
