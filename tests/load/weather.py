"""The platforms' bad days: faults switched on at the sandbox, each for the next thing one account publishes."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

FAULTY = 0.1  # of what is published, so much goes wrong at first
# How often each of the sandbox's faults is drawn, beside the others; the accounts stay good.
KINDS = {"throttle": 4, "lose_before": 2, "lose_after": 2, "error": 2, "garbage": 2, "slow": 2, "refuse": 1}
SECONDS = 2.0  # how long the throttled are to wait, and the slow wait


@dataclass
class Weather:
    """Faults at the stand-ins of these addresses, the same in every run."""

    addresses: Mapping[str, str]
    rng: random.Random = field(default_factory=lambda: random.Random(1))  # noqa: S311 - to be repeatable
    made: Counter[str] = field(default_factory=Counter)

    def drawn(self) -> str:
        """A fault, or mostly none."""
        if self.rng.random() >= FAULTY:
            return ""
        (kind,) = self.rng.choices(list(KINDS), weights=list(KINDS.values()))
        return kind

    async def come(self, http: httpx.AsyncClient, accounts: Mapping[str, str]) -> None:
        """Have it come over what is about to be published with these accounts, by platform."""
        for platform, account in accounts.items():
            kind = self.drawn()
            if kind:
                self.made[kind] += 1
                fault = {"platform": platform, "account": account, "kind": kind, "seconds": SECONDS}
                url = f"{self.addresses[platform]}/_sandbox/faults"
                (await http.post(url, json=fault)).raise_for_status()
