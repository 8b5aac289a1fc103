from __future__ import annotations

from dataclasses import dataclass

from publishing.memory import Memory


@dataclass
class Clock:
    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_a_value_is_remembered_for_its_time() -> None:
    clock = Clock()
    memory: Memory[str, int] = Memory(keep_s=30.0, most=10, now_s=clock)
    assert memory.keep("one", 1) == 1
    clock.now_s += 29.9
    assert memory.recall("one") == 1
    clock.now_s += 0.1
    assert memory.recall("one") is None


def test_recalling_does_not_make_a_value_last_longer() -> None:
    clock = Clock()
    memory: Memory[str, int] = Memory(keep_s=30.0, most=10, now_s=clock)
    memory.keep("one", 1)
    clock.now_s += 20
    memory.recall("one")
    clock.now_s += 20
    assert memory.recall("one") is None


def test_the_oldest_makes_room() -> None:
    memory: Memory[str, int] = Memory(keep_s=30.0, most=2, now_s=Clock())
    memory.keep("one", 1)
    memory.keep("two", 2)
    memory.keep("one", 11)
    memory.keep("three", 3)
    assert [memory.recall(key) for key in ("one", "two", "three")] == [11, None, 3]


def test_what_is_forgotten_is_asked_anew() -> None:
    memory: Memory[str, int] = Memory(keep_s=30.0, most=2, now_s=Clock())
    memory.keep("one", 1)
    memory.forget("one")
    memory.forget("never known")
    assert memory.recall("one") is None
