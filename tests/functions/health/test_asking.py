from __future__ import annotations

import threading
from typing import NoReturn

from botocore.exceptions import EndpointConnectionError

from functions.health.asking import answers
from tests.web.logs import caught


def broken() -> NoReturn:
    raise EndpointConnectionError(endpoint_url="https://canary.test")


def test_everybody_is_asked_at_the_same_time() -> None:
    all_there = threading.Barrier(3, timeout=5)
    assert answers(dict.fromkeys("abc", all_there.wait), within_s=5.0).keys() == {"a", "b", "c"}


def test_who_does_not_answer_in_time_is_passed_over_and_the_others_are_not() -> None:
    asleep = threading.Event()
    try:
        with caught() as log:
            assert answers({"fast": lambda: 1, "slow": lambda: asleep.wait(10)}, within_s=0.2) == {
                "fast": 1,
                "slow": None,
            }
    finally:
        asleep.set()
    assert [(line["message"], line["part"]) for line in log.lines] == [
        ("A part of the system did not answer in time", "slow")
    ]


def test_who_fails_is_passed_over_and_the_log_says_so_without_its_text() -> None:
    with caught() as log:
        assert answers({"broken": broken, "fine": lambda: 1}, within_s=5.0) == {"broken": None, "fine": 1}
    assert [(line["part"], line["error"]) for line in log.lines] == [("broken", "EndpointConnectionError")]
    assert "canary" not in log.text


def test_nobody_asked_nobody_answers() -> None:
    assert answers({}, within_s=1.0) == {}
