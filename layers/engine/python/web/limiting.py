"""How many requests a caller may make: quotas of a minute, for each caller and for its workspace.

They are counted in the operations table, one item for each workspace and minute, which holds the workspace's count and
that of each of its callers: so one conditional write takes from both. A warm function takes at once as many as it
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
NO_LIMIT = 0
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


class Limits:
    """Counts requests; `caller` and `workspace` are how many a minute holds, 0 for no limit."""

    def __init__(self, operations: Operations, *, caller: int, workspace: int) -> None:
        self._operations = operations
        self._quotas = {"caller": caller, "workspace": workspace}
        self._shares: Memory[tuple[str, str], _Share] = Memory(keep_s=2.0 * WINDOW_S, most=MOST_KNOWN)
        self._alone_until = EPOCH

    def admit(self, caller: Principal) -> Mapping[str, str]:
        """Count a request; answers the headers that tell what is left.

        Raises:
            Refusal: 429, nothing was.
        """
        if not any(self._quotas.values()):
            return {}
        share = self._share(caller)
        if not share.left and not share.spent and not self._takes(caller, share):
            return self._policy()
        if not share.left:
            wait = {"Retry-After": str(self._reset_s(caller))}
            raise Refusal(RATE_LIMITED, self._refused(share), headers={**self._headers(caller, share), **wait})
        share.left -= 1
        share.used += 1
        return self._headers(caller, share)

    def _share(self, caller: Principal) -> _Share:
        place, window = (caller.workspace, _name(caller)), self._since_ms(caller) // (WINDOW_S * 1000)
        known = self._shares.recall(place)
        return known if known and known.window == window else self._shares.keep(place, _Share(window))

    def _takes(self, caller: Principal, share: _Share) -> bool:
        """Take from the table what can be; False where it does not answer."""
        if self._operations.clock() < self._alone_until:
            return False
        try:
            wanted = min(share.used, share.callers // SHARE, share.workspaces // SHARE)
            share.spent = not (wanted > 1 and self._took(caller, share, wanted)) and not self._took(caller, share, 1)
        except aws.FAILURES as error:
            logger.warning("Requests cannot be counted: nobody is limited", extra=told(error))
            self._alone_until = self._operations.clock() + timedelta(seconds=ALONE_S)
            return False
        return True

    def _took(self, caller: Principal, share: _Share, count: int) -> bool:
        own, key = _name(caller), f"requests#{caller.workspace}#{share.window}"
        values = {":none": 0, ":count": count, ":own": self._quota("caller") - count}
        values |= {":all": self._quota("workspace") - count}
        update, room = _UPDATE.format(own=own), _ROOM.format(own=own)
        item, taken = self._operations.write(key, update, room, values, lasts_s=2 * WINDOW_S)
        share.callers = self._quota("caller") - int(item.get(own, 0))
        share.workspaces = self._quota("workspace") - int(item.get("taken", 0))
        share.left = count if taken else 0
        return taken

    def _quota(self, name: str) -> int:
        return self._quotas[name] or _ENDLESS

    def _policy(self) -> dict[str, str]:
        limited = [f'"{name}";q={quota};w={WINDOW_S}' for name, quota in self._quotas.items() if quota]
        return {"RateLimit-Policy": ", ".join(limited)}

    def _headers(self, caller: Principal, share: _Share) -> dict[str, str]:
        """As the IETF's draft 11 has them, and in the three older fields that more clients read the tightest."""
        reset_s = self._reset_s(caller)
        left = {"caller": share.callers + share.left, "workspace": share.workspaces + share.left}
        left = {name: max(0, left[name]) for name, quota in self._quotas.items() if quota}
        tightest = min(left, key=left.__getitem__)
        return {
            **self._policy(),
            "RateLimit": ", ".join(f'"{name}";r={count};t={reset_s}' for name, count in left.items()),
            "RateLimit-Limit": str(self._quotas[tightest]),
            "RateLimit-Remaining": str(left[tightest]),
            "RateLimit-Reset": str(reset_s),
        }

    def _refused(self, share: _Share) -> str:
        whose = "caller" if share.callers <= share.workspaces else "workspace"
        most = self._quotas[whose] or self._quotas["caller"] or self._quotas["workspace"]
        return f"This {whose} has made its {most} requests of this minute. Wait for the next one."

    def _since_ms(self, caller: Principal) -> int:
        return self._operations.now_ms - zlib.crc32(caller.workspace.encode()) % (WINDOW_S * 1000)

    def _reset_s(self, caller: Principal) -> int:
        return max(1, math.ceil(WINDOW_S - self._since_ms(caller) / 1000 % WINDOW_S))


def _name(caller: Principal) -> str:
    """The attribute that counts a caller: of the key where one was shown, else of the subject."""
    return "c" + hashlib.sha256((caller.key or caller.subject).encode()).hexdigest()[:16]
