"""What is a workspace's own: its channels' credentials, how much of it waits, and what is switched off for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from channels.model import Connection, StoredChannel
from channels.registry import Registry
from flags.declared import FLAGS, PLATFORM, Flag
from flags.switches import Switches
from functions.health.sign import Sign
from publishing.backlog import SHARE
from publishing.thresholds import ENDING_DAYS

MOST_CHANNELS = 500  # so many are looked at
_PAGE = 100


def channels(registry: Registry, workspace: str, now: datetime) -> list[Sign]:
    """How many of a workspace's channels must be reconnected, or have credentials that end soon."""
    found = list(_channels(registry, workspace))
    lost = sum(each.connection is Connection.RECONNECT for each in found)
    soon = now + timedelta(days=ENDING_DAYS)
    ending = sum(each.secrets_end_at is not None and each.secrets_end_at <= soon for each in found)
    reconnect = "Give each of them new credentials; what is for them is held until then."
    renew = f"Look whether they are renewed in time: these credentials end within {ENDING_DAYS} days."
    return [
        Sign("channels", "looked at", len(found), "channels", f"Nothing: the newest {MOST_CHANNELS} at most."),
        Sign("channels", "to be reconnected", lost, "channels", reconnect, warns=0),
        Sign("channels", "credentials near their end", ending, "channels", renew, warns=0),
    ]


def _channels(registry: Registry, workspace: str) -> Iterator[StoredChannel]:
    after = ""
    for _ in range(MOST_CHANNELS // _PAGE):
        page, after = registry.page(workspace, limit=_PAGE, after=after)
        yield from page
        if not after:
            return


def backlog(waiting: Callable[[], int], limit: int) -> list[Sign]:
    """How many of a workspace's publications wait; few are not counted, and 0."""
    do = "Wait until some are out, or cancel what need not be published: past the limit no more are accepted."
    return [Sign("backlog", "waiting", waiting(), "publications", do, warns=limit // SHARE, fails=limit - 1)]


def flags(switches: Switches, workspace: str, platforms: Sequence[str]) -> list[Sign]:
    """What operators have switched for a workspace; and whether the flags can be read."""
    switched = [_switched(switches, workspace, flag, each) for flag in FLAGS for each in _subjects(flag, platforms)]
    do = "Look at AppConfig, and at what this function may read; until it answers, what was known last stands."
    return [*switched, Sign("flags", "not read", float(not switches.answers), "1: yes", do, warns=0)]


def _subjects(flag: Flag, platforms: Sequence[str]) -> Sequence[str]:
    return platforms if PLATFORM in flag.keys else ("",)


def _switched(switches: Switches, workspace: str, flag: Flag, platform: str) -> Sign:
    differs = switches.on(flag, workspace, platform=platform) is not flag.default
    do = f"Wait, or ask the operators why: README.md, Flags. {flag.purpose}"
    return Sign(platform or "all", f"{flag.name} switched", float(differs), "1: not as by default", do, warns=0)
