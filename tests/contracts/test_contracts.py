"""The requests every adapter makes, held against what others have written down of its platform's API."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from functions import platforms
from publishing.adapter import Conversation
from publishing.model import Receipt
from tests.contracts.asked import Asked, taken_apart
from tests.contracts.judging import contract_of, is_written, unknown, violations
from tests.functions.platforms.conversing import NOON, Platform, outcome_of, platform, recorded

WRITTEN = [name for name in platforms.names() if is_written(name)]
DOCUMENTED = [name for name in platforms.names() if not is_written(name)]
NOTHING = [httpx.Response(404)] * 9


def requests_of(name: str) -> list[httpx.Request]:
    """What a platform is asked while something is published, and at the beginning of every other conversation."""
    asked = platform(name)
    return [*asked.published()[1], *asked.verified(), *(each for begun in _others(asked) for each in _begun(begun))]


def _others(asked: Platform) -> Iterator[Conversation[object]]:
    receipt = getattr(asked.module, "RECEIPT", Receipt("4711"))
    for step in ("remove", "metrics"):
        if hasattr(asked.adapter, step):
            yield getattr(asked.adapter, step)(receipt, asked.channel)
    if hasattr(asked.adapter, "find"):
        yield asked.adapter.find(asked.post, asked.channel, NOON - timedelta(minutes=5))


def _begun(conversation: Conversation[object]) -> list[httpx.Request]:
    transport = recorded(*NOTHING)
    outcome_of(conversation, transport)
    return transport.asked


def covered_of(name: str) -> list[Asked]:
    return [each for each in map(taken_apart, requests_of(name)) if contract_of(name).covers(each)]


def spoiled(asked: Asked) -> Asked:
    """The same request with a word nobody knows wherever one can stand."""
    word = {"postroom_unknown": "1"}
    request = asked.request
    assert request is not None
    headers = {**request.headers, "x-postroom-unknown": "1"}
    return replace(
        asked,
        query=(*asked.query, *word.items()),
        body={**asked.body, **word} if isinstance(asked.body, dict) else asked.body,
        form=asked.form and {**asked.form, **word},
        request=httpx.Request(asked.method, request.url, headers=headers, content=b"{}"),
    )


@pytest.mark.parametrize("name", WRITTEN)
def test_the_contract_covers_what_publishes_and_has_nothing_against_it(name: str) -> None:
    assert covered_of(name)
    assert violations(name, requests_of(name)) == []


@pytest.mark.parametrize("name", WRITTEN)
def test_a_contract_tells_a_word_it_does_not_know(name: str) -> None:
    asked = covered_of(name)
    assert unknown(contract_of(name), list(map(spoiled, asked)))


@pytest.mark.parametrize("name", DOCUMENTED)
def test_where_nobody_has_written_one_it_is_a_contract_by_documentation(name: str) -> None:
    head = inspect.getdoc(sys.modules[type(platforms.load(name)).__module__]) or ""
    assert "contract by documentation" in " ".join(head.lower().split())
