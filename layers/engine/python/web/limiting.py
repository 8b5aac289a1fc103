"""How many requests a caller may make: quotas of a minute, for each caller and for its workspace.

They are counted in the operations table, one item for each workspace and minute, which holds the workspace's count and
that of each of its callers: so one conditional write takes from both. Whoever shows a token and calls for no workspace,
being a member of none perhaps, has an item of its own and a caller's quota. A warm function takes at once as many as it
used before, and the fewer the nearer the end is: busy callers cost a write for a score of requests, and what is taken
and not used is a small part of the quota. A minute begins at another second in each workspace, so that not all that
wait come at once.

A limiter must not be the outage: where the table does not answer soon, nobody is limited for some seconds.
"""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from identity.model import Principal
from publishing import aws
from publishing.failures import told
from publishing.memory import Memory
from publishing.operations import EPOCH, Operations
from publishing.telemetry import logger
from web.problems import RATE_LIMITED, Refusal

WINDOW_S = 60
SHARE = 20  # a function takes at once a twentieth of what is left, at most
ALONE_S = 10  # a table that does not answer is left alone for so long
MOST_KNOWN = 2_000
_ENDLESS = 10**9
_UPDATE = "taken = if_not_exists(taken, :none) + :count, {own} = if_not_exists({own}, :none) + :count"
_ROOM = "(attribute_not_exists(taken) OR taken <= :all) AND (attribute_not_exists({own}) OR {own} <= :own)"


@dataclass
class _Share:
    """What one function knows of a caller's minute; `left` is taken from the table and not used yet."""

    window: int
    left: int = 0
    used: int = 0
    callers: int = _ENDLESS  # left of the caller's quota by the last write
    workspaces: int = _ENDLESS
    spent: bool = False


@dataclass(frozen=True, slots=True)
class _Minute:
    """The minute a request is counted in: that of `whose` requests they are, a workspace's or a person's.

    What is told of it is all of one moment: the minute may end before the request is answered.
    """

    whose: str
    own: str  # the attribute that counts the caller
    quotas: Mapping[str, int]
    since_ms: int  # since the first minute of all began

    @property
    def window(self) -> int:
        return self.since_ms // (WINDOW_S * 1000)

    @property
    def reset_s(self) -> int:
        return max(1, math.ceil(WINDOW_S - self.since_ms / 1000 % WINDOW_S))

    def quota(self, name: str) -> int:
        return self.quotas.get(name) or _ENDLESS

    @property
    def policy(self) -> dict[str, str]:
        limited = [f'"{name}";q={quota};w={WINDOW_S}' for name, quota in self.quotas.items() if quota]
        return {"RateLimit-Policy": ", ".join(limited)}

    def headers(self, share: _Share) -> dict[str, str]:
        """As the IETF's draft 11 has them, and in the three older fields that more clients read the tightest."""
        left = {"caller": share.callers + share.left, "workspace": share.workspaces + share.left}
        left = {name: max(0, left[name]) for name, quota in self.quotas.items() if quota}
        tightest = min(left, key=left.__getitem__)
        return {
            **self.policy,
            "RateLimit": ", ".join(f'"{name}";r={count};t={self.reset_s}' for name, count in left.items()),
            "RateLimit-Limit": str(self.quotas[tightest]),
            "RateLimit-Remaining": str(left[tightest]),
            "RateLimit-Reset": str(self.reset_s),
        }

    def refused(self, share: _Share) -> str:
        whose = "caller" if share.callers <= share.workspaces else "workspace"
        most = self.quotas.get(whose) or max(self.quotas.values())
        return f"This {whose} has made its {most} requests of this minute. Wait for the next one."


class Limits:
    """Counts requests; `caller` and `workspace` are how many a minute holds, 0 for no limit."""

    def __init__(self, operations: Operations, *, caller: int, workspace: int) -> None:
        self._operations = operations
        self._quotas = {"caller": caller, "workspace": workspace}
        self._shares: Memory[tuple[str, str], _Share] = Memory(keep_s=2.0 * WINDOW_S, most=MOST_KNOWN)
        self._alone_until = EPOCH

    def admit(self, caller: Principal | None, person: str = "") -> Mapping[str, str]:
        """Count a request of a caller, or of a `person` who is none; answers the headers that tell what is left.

        Raises:
            Refusal: 429, nothing was.
        """
        minute = self._minute(caller, person)
        if not any(minute.quotas.values()):
            return {}
        share = self._share(minute)
        if not share.left and not share.spent and not self._takes(minute, share):
            return minute.policy
        if not share.left:
            headers = {**minute.headers(share), "Retry-After": str(minute.reset_s)}
            raise Refusal(RATE_LIMITED, minute.refused(share), headers=headers)
        share.left -= 1
        share.used += 1
        return minute.headers(share)

    def _minute(self, caller: Principal | None, person: str) -> _Minute:
        whose = caller.workspace if caller else f"person#{person}"
        quotas = self._quotas if caller else {"caller": self._quotas["caller"]}
        since_ms = self._operations.now_ms - zlib.crc32(whose.encode()) % (WINDOW_S * 1000)
        return _Minute(whose, _name(caller.key or caller.subject if caller else person), quotas, since_ms)

    def _share(self, minute: _Minute) -> _Share:
        place, window = (minute.whose, minute.own), minute.window
        known = self._shares.recall(place)
        return known if known and known.window == window else self._shares.keep(place, _Share(window))

    def _takes(self, minute: _Minute, share: _Share) -> bool:
        """Take from the table what can be; False where it does not answer."""
        if self._operations.clock() < self._alone_until:
            return False
        try:
            wanted = min(share.used, share.callers // SHARE, share.workspaces // SHARE)
            share.spent = not (wanted > 1 and self._took(minute, share, wanted)) and not self._took(minute, share, 1)
        except aws.FAILURES as error:
            logger.warning("Requests cannot be counted: nobody is limited", extra=told(error))
            self._alone_until = self._operations.clock() + timedelta(seconds=ALONE_S)
            return False
        return True

    def _took(self, minute: _Minute, share: _Share, count: int) -> bool:
        own, key = minute.own, f"requests#{minute.whose}#{minute.window}"
        values = {":none": 0, ":count": count, ":own": minute.quota("caller") - count}
        values |= {":all": minute.quota("workspace") - count}
        update, room = _UPDATE.format(own=own), _ROOM.format(own=own)
        item, taken = self._operations.write(key, update, room, values, lasts_s=2 * WINDOW_S)
        share.callers = minute.quota("caller") - int(item.get(own, 0))
        share.workspaces = minute.quota("workspace") - int(item.get("taken", 0))
        share.left = count if taken else 0
        return taken


def _name(caller: str) -> str:
    """The attribute that counts a caller."""
    return "c" + hashlib.sha256(caller.encode()).hexdigest()[:16]
