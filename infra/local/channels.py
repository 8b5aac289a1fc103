"""Channels of every platform that a laptop can reach: those of the demonstration first, then all others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from functions import platforms
from infra.local.cloud import SENDERS
from infra.local.programs import Failed
from infra.local.stand_ins import StandIns
from postroom_client import Postroom
from postroom_client.schemas import Channel
from publishing.adapter import Field, Kind

VERIFIED_S, POLL_S = 60.0, 0.3
ACCOUNT = "demonstration"
_SAMPLES = {
    Kind.TEXT: "Postroom on this machine",
    Kind.URL: "https://example.com/",
    Kind.EMAIL: f"newsroom@{SENDERS}",
    Kind.EMAILS: f"ada@{SENDERS}, grace@{SENDERS}",
    Kind.JSON: "{}",
}


@dataclass(frozen=True)
class Connecting:
    """Connects channels; `own` replaces the credentials of platforms whose real account is to be used."""

    api: Postroom
    stand_ins: StandIns
    own: Mapping[str, Mapping[str, str]]

    def demonstrated(self) -> list[Channel]:
        """Connect a channel of each platform to begin with, and wait until the platforms have confirmed them.

        Each starts a function of its own, which takes a second: all of them would take half a minute.

        Raises:
            Failed: a platform did not take its credentials, or nothing was heard of it.
        """
        return self._connected(self._is_demonstrated)

    def others(self) -> list[Channel]:
        """Connect a channel of every other platform of the sandbox.

        Raises:
            Failed: as above.
        """
        return self._connected(lambda name: name in self.stand_ins.addresses and not self._is_demonstrated(name))

    def _connected(self, wanted: Callable[[str], bool]) -> list[Channel]:
        made = [
            self._connect(platform["name"], platform["title"])
            for platform in self.api.list_platforms()["items"]
            if wanted(platform["name"])
        ]
        end_s = time.monotonic() + VERIFIED_S
        return [self._verified(channel, end_s) for channel in made]

    def _connect(self, platform: str, name: str) -> Channel:
        credentials = dict(self._credentials(platform))
        return self.api.connect_channel({"platform": platform, "name": name, "credentials": credentials})

    def _is_demonstrated(self, platform: str) -> bool:
        """Whether it says so, or is the user's own account, or needs nobody but the emulator."""
        return platform in {*self.stand_ins.demonstrated, *self.own} or (
            platform not in self.stand_ins.addresses and bool(platforms.load(platform).uses)
        )

    def _credentials(self, platform: str) -> Mapping[str, str]:
        if platform in self.own:
            return self.own[platform]
        if platform in self.stand_ins.addresses:
            return self.stand_ins.account(platform, ACCOUNT)
        return sample(platforms.load(platform).credentials.fields)

    def _verified(self, channel: Channel, end_s: float) -> Channel:
        while channel["connection"] != "connected":
            if channel["connection"] == "reconnect":
                raise Failed(f"The channel {channel['name']} was refused: {channel['reason']}")
            if time.monotonic() > end_s:
                why = channel["reason"] or "Nothing was heard of it."
                raise Failed(f"The channel {channel['name']} was not verified within {VERIFIED_S:.0f} s. {why}")
            time.sleep(POLL_S)
            channel = self.api.read_channel(channel["id"])
        return channel


def sample(fields: Iterable[Field]) -> dict[str, str]:
    """Something that fits each required field."""
    return {field.name: _SAMPLES[field.kind] for field in fields if field.required}
