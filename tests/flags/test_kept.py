from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools.utilities.feature_flags import ConfigurationStoreError, StoreProvider
from aws_lambda_powertools.utilities.feature_flags.exceptions import StoreClientError

from flags.declared import ACCEPTING
from flags.kept import AGAIN_S, KEEP_S, File, Kept
from flags.switches import Switches
from tests.web.logs import caught

ON: dict[str, Any] = {"accepting": {"default": True}}
OFF: dict[str, Any] = {"accepting": {"default": False}}
NONSENSE: dict[str, Any] = {"accepting": {}}


@dataclass
class Store(StoreProvider):
    """Answers what it is told to, or raises it; counts how often it was made and asked."""

    answer: Any = field(default_factory=lambda: ON)
    made: int = 0
    asked: int = 0
    now_s: float = 1_000.0

    @property
    def get_raw_configuration(self) -> dict[str, Any]:
        return self.get_configuration()

    def get_configuration(self) -> dict[str, Any]:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return dict(self.answer)

    def make(self) -> Store:
        self.made += 1
        return self

    def kept(self) -> Kept:
        return Kept(self.make, now_s=lambda: self.now_s)


def test_nobody_is_asked_twice_within_a_minute() -> None:
    store = Store()
    kept = store.kept()
    first = kept.get_configuration()
    store.now_s += KEEP_S - 1
    assert kept.get_configuration() is first
    store.now_s += 1
    kept.get_configuration()
    assert (store.asked, store.made) == (2, 1)
    assert KEEP_S >= 60


def test_a_change_is_known_when_it_is_asked_for_again() -> None:
    store = Store()
    kept = store.kept()
    kept.get_configuration()
    store.answer = OFF
    store.now_s += KEEP_S
    assert kept.get_configuration() == OFF


@pytest.mark.parametrize("failure", [ConfigurationStoreError("away"), StoreClientError("AccessDenied"), NONSENSE])
def test_where_nobody_answers_what_was_known_stands_and_that_is_logged_once(failure: Any) -> None:
    store = Store(OFF)
    kept = store.kept()
    kept.get_configuration()
    store.answer = failure
    with caught() as log:
        for _ in range(3):
            store.now_s += KEEP_S
            assert kept.get_configuration() == OFF
    assert [line["message"] for line in log.lines] == ["Flags cannot be read; what was known of them stands"]
    assert not kept.answers


@pytest.mark.parametrize("failure", [ConfigurationStoreError("away"), {}])
def test_where_nobody_ever_answered_defaults_hold(failure: Any) -> None:
    store = Store(failure)
    with pytest.raises(ConfigurationStoreError):
        store.kept().get_configuration()
    assert Switches(store.kept).on(ACCEPTING, "ws_1")


def test_after_a_failure_it_is_asked_again_soon_and_of_a_store_made_anew() -> None:
    store = Store(ConfigurationStoreError("away"))
    kept = store.kept()
    for _ in range(2):
        with pytest.raises(ConfigurationStoreError):
            kept.get_configuration()
    store.now_s += AGAIN_S
    store.answer = OFF
    assert kept.get_configuration() == OFF
    assert (store.asked, store.made, kept.answers) == (2, 2, True)


def test_of_many_threads_one_asks_and_none_goes_on_without_the_answer() -> None:
    store = Store(OFF)
    kept = store.kept()
    with ThreadPoolExecutor(8) as pool:
        answers = [*pool.map(lambda _: kept.get_configuration(), range(32))]
    assert answers == [OFF] * 32
    assert store.asked == 1


@pytest.mark.parametrize("write", [lambda path: path.write_text("{"), lambda _: None])
def test_a_file_that_is_none_or_cannot_be_read_is_a_store_that_fails(
    tmp_path: Path, write: Callable[[Path], Any]
) -> None:
    write(tmp_path / "flags.json")
    with pytest.raises(ConfigurationStoreError):
        File(str(tmp_path / "flags.json")).get_configuration()
