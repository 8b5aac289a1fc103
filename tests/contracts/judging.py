"""Holds requests against the contract of their platform. A contract registers by the presence of its module here."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from typing import Protocol

import httpx

from tests.contracts.asked import Asked, taken_apart


class Contract(Protocol):
    """What a module named after its platform has; `KNOWN` says, by a part of what is told, why we keep to it."""

    KNOWN: Mapping[str, str]

    def covers(self, asked: Asked) -> bool:
        """Whether the contract speaks of requests like this one."""

    def violations(self, asked: Sequence[Asked]) -> list[str]:
        """What it has against these requests."""


def is_written(name: str) -> bool:
    """Whether a package ships a contract of this platform's."""
    return find_spec(f"tests.contracts.{name}") is not None


def contract_of(name: str) -> Contract:
    module: Contract = importlib.import_module(f"tests.contracts.{name}")
    return module


def violations(name: str, requests: Iterable[httpx.Request]) -> list[str]:
    """What the platform's contract has against these requests, save what is known."""
    contract = contract_of(name)
    covered = {_key(each): each for each in map(taken_apart, requests) if contract.covers(each)}
    return unknown(contract, list(covered.values()))


def unknown(contract: Contract, asked: Sequence[Asked]) -> list[str]:
    """What a contract has against requests, without what is known already."""
    told = contract.violations(asked) if asked else []
    known = getattr(contract, "KNOWN", {})
    return [each for each in told if not any(part in each for part in known)]


def _key(asked: Asked) -> str:
    return repr(asked)
