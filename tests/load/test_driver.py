from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from functions import platforms
from tests.load.deployed import FEWEST, accounts
from tests.load.driver import Driven, Driver, Load, turn
from tests.load.weather import KINDS, Weather

Answer = Callable[[httpx.Request], httpx.Response]


def driven(answer: Answer, load: Load) -> Driven:
    """What clients were told by an API that answers so, on a quiet day."""

    async def run() -> Driven:
        async with httpx.AsyncClient(base_url="https://api.test", transport=httpx.MockTransport(answer)) as http:
            quiet = Weather({})
            quiet.drawn = lambda: ""  # type: ignore[method-assign]
            return await Driver(http, http, {"webhook": {"a": "chn_a", "b": "chn_b"}}, quiet, load).run()

    return asyncio.run(run())


def accepting(request: httpx.Request) -> httpx.Response:
    key = request.headers["Idempotency-Key"]
    return httpx.Response(202, json={"id": f"pub_{key}"}, headers={"X-Correlation-Id": key})


def test_each_client_is_told_of_a_publication_of_its_own() -> None:
    found = driven(accepting, Load(100.0, 0.05))
    assert found.accepted == {f"pub_Load-00000{number}": f"Load-00000{number}" for number in range(5)}
    assert len(found.answered_s) == 5


def test_who_comes_later_does_not_wait_for_an_answer_to_who_came_before() -> None:
    under_way: list[int] = []

    async def run() -> Driven:
        async def slow(request: httpx.Request) -> httpx.Response:
            under_way.append(len(under_way) + 1)
            await asyncio.sleep(0.1)
            return accepting(request)

        async with httpx.AsyncClient(base_url="https://api.test", transport=httpx.MockTransport(slow)) as http:
            return await Driver(http, http, {}, Weather({}), Load(100.0, 0.05)).run()

    assert asyncio.run(run()).took_s < 0.3
    assert under_way == [1, 2, 3, 4, 5]


def test_what_is_refused_is_not_asked_again() -> None:
    found = driven(lambda _: httpx.Response(422), Load(100.0, 0.01))
    assert (found.refused, found.again, found.accepted) == (1, 0, {})


def test_what_was_not_answered_is_asked_again_with_the_same_key(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []

    def at_last(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["Idempotency-Key"])
        return accepting(request) if len(keys) > 2 else httpx.Response(502)

    monkeypatch.setattr("tests.load.driver.AGAIN_S", 0.0)
    found = driven(at_last, Load(100.0, 0.01))
    assert (found.again, keys, len(found.accepted)) == (2, ["Load-000000"] * 3, 1)


def test_who_is_never_answered_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.load.driver.AGAIN_S", 0.0)
    found = driven(lambda _: httpx.Response(503), Load(100.0, 0.01))
    assert (found.unanswered, found.accepted) == (1, {})


def test_accounts_take_turns() -> None:
    assert [turn(["a", "b"], number) for number in range(4)] == ["a", "b", "a", "b"]


def test_a_paced_platform_gets_accounts_enough() -> None:
    paced = platforms.load("discord")
    assert accounts(paced, Load(5.0, 60.0)) == 20
    assert accounts(paced, Load(0.1, 60.0)) == FEWEST


def test_about_one_in_ten_has_a_fault_and_the_same_in_every_run() -> None:
    first, second = Weather({}), Weather({})
    drawn = [first.drawn() for _ in range(1_000)]
    assert drawn == [second.drawn() for _ in range(1_000)]
    assert 70 < len(list(filter(None, drawn))) < 130
    assert set(drawn) == {"", *KINDS}
