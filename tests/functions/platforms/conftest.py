"""Every request of a platform's tests is held against its contract, where a package ships one: `tests/contracts`."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from functions import platforms
from tests.functions.platforms import conversing


@pytest.fixture(scope="module", autouse=True)
def _held_against_the_contract(request: pytest.FixtureRequest) -> Iterator[None]:
    conversing.HEARD.clear()
    yield
    heard = list(conversing.HEARD)
    for name in platforms.names():
        if f"{request.path.stem}_".startswith(f"test_{name}_"):
            _hold(name, heard)


def _hold(name: str, heard: list[httpx.Request]) -> None:
    from tests.contracts import judging  # noqa: PLC0415 - a contract is read by those who need it

    if judging.is_written(name):
        assert judging.violations(name, heard) == []
