"""Grants: consents on their way to becoming channels, among the operations. Each step is one conditional write.

A grant waits ten minutes for the person to consent, and an hour for accounts to be chosen; an hour after that nothing
tells of it any more. The state of OAuth names the grant and carries a secret of which only a hash is stored: it is good
once, and so is the secret of the address it begins at while that is not used anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from channels.model import Sealed
from channels.offers import Offer, offer_item, offer_of
from publishing.operations import Operations, moment
from publishing.records import Item

WAIT_S, CHOOSE_S, TELL_S = 600, 3_600, 3_600


class GrantState(StrEnum):
    """Where a grant stands."""

    WAITING = "waiting"  # for the person to consent
    TAKEN = "taken"  # the person came back with a code, which is being exchanged
    CHOOSING = "choosing"  # for somebody to choose accounts
    CHOSEN = "chosen"  # accounts were chosen, and are being made channels of
    CONNECTED = "connected"
    REFUSED = "refused"
    EXPIRED = "expired"  # never stored: it was waiting, and its time is over


_SETTLED = frozenset({GrantState.CONNECTED, GrantState.REFUSED})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing came of a grant, and what would help."""

    code: str
    message: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A grant as it is stored. `channel`: the one to reconnect. `sealed` holds what the callback needs of the start.

    `ticket` and `browser` are hashes of what it begins with, and of what the person's browser brings back. `chosen`:
    the accounts that were chosen, each with the name that was given for its channel.
    """

    id: str
    workspace: str
    platform: str
    created_by: str
    ends_at: datetime
    state: GrantState = GrantState.WAITING
    channel: str = ""
    return_to: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    ticket: str = ""
    browser: str = ""
    sealed: Sealed | None = None
    scopes: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    chosen: Mapping[str, str] = field(default_factory=dict)
    channels: tuple[str, ...] = ()
    refusal: Refusal | None = None


def hashed(secret: str) -> str:
    """What is stored of a secret of 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Grants:
    """The grants of all workspaces."""

    operations: Operations

    def begin(self, grant: StoredGrant, ticket: str) -> None:
        """Store a new grant, which begins with `ticket`."""
        values: Item = {
            ":id": grant.id,
            ":workspace": grant.workspace,
            ":platform": grant.platform,
            ":by": grant.created_by,
            ":channel": grant.channel,
            ":back": grant.return_to,
            ":settings": dict(grant.settings),
            ":ticket": hashed(ticket),
        }
        update = (
            "id = :id, workspace = :workspace, platform = :platform, created_by = :by, channel = :channel, "
            "return_to = :back, settings = :settings, ticket = :ticket"
        )
        self._write(grant.id, GrantState.WAITING, update, "attribute_not_exists(pk)", values, ends_at=grant.ends_at)

    def find(self, grant: str) -> StoredGrant | None:
        """The grant as it stands."""
        item = self.operations.read(_key(grant), consistent=True)
        return self._read(item) if item else None

    def ask(self, grant: StoredGrant, ticket: str, *, state: str, browser: str, sealed: Sealed) -> bool:
        """Let the person go and consent with this state; one given before is good no more. False: it is too late."""
        values = {":ticket": hashed(ticket), ":secret": hashed(state), ":browser": hashed(browser)}
        box = {":key": sealed.data_key, ":box": sealed.box}
        update = "asked = :secret, browser = :browser, data_key = :key, box = :box"
        condition = "stands = :waiting AND ticket = :ticket AND ends_ms > :now"
        return self._write(grant.id, GrantState.WAITING, update, condition, values | box, ends_at=grant.ends_at)[1]

    def take(self, grant: str, state: str) -> StoredGrant | None:
        """The grant that this state is good for: from now on for nothing any more."""
        values = {":secret": hashed(state), ":none": ""}
        condition = "stands = :waiting AND asked = :secret AND ends_ms > :now"
        item, taken = self._write(grant, GrantState.TAKEN, "asked = :none", condition, values)
        return self._read(item) if taken else None

    def offer(self, grant: StoredGrant, offers: Sequence[Offer], scopes: Sequence[str]) -> None:
        """Have somebody choose within the hour."""
        ends_at = self.operations.clock() + timedelta(seconds=CHOOSE_S)
        values = {":offers": [offer_item(each) for each in offers], ":scopes": list(scopes)}
        update = "offers = :offers, scopes = :scopes"
        self._write(grant.id, GrantState.CHOOSING, update, "stands = :taken", values, ends_at=ends_at)

    def choose(self, grant: str, chosen: Mapping[str, str]) -> StoredGrant | None:
        """Write down which accounts become channels, by which names; the grant as it stands then, with its offers.

        What was chosen before stays, and there is an hour to see it done. None: the grant is there no more.
        """
        ends_at = self.operations.clock() + timedelta(seconds=CHOOSE_S)
        condition, update = "stands = :choosing AND ends_ms > :now", "chosen = :chosen"
        values = {":chosen": [[account, name] for account, name in chosen.items()]}  # a map would not keep their order
        item, _ = self._write(grant, GrantState.CHOSEN, update, condition, values, ends_at=ends_at)
        return self._read(item) if item else None

    def connect(self, grant: StoredGrant, channels: Sequence[str], scopes: Sequence[str]) -> bool:
        """Write down which channels it became, and forget what was offered; False where that is settled already."""
        values = {":channels": list(channels), ":scopes": list(scopes), ":none": [], ":seen": grant.state.value}
        update = "channels = :channels, scopes = :scopes, offers = :none"
        return self._write(grant.id, GrantState.CONNECTED, update, "stands = :seen", values)[1]

    def refuse(self, grant: StoredGrant, refusal: Refusal) -> None:
        """Write down why nothing comes of it."""
        values = {":code": refusal.code, ":message": refusal.message, ":remedy": refusal.remedy}
        update = "code = :code, message = :message, remedy = :remedy"
        self._write(grant.id, GrantState.REFUSED, update, "stands IN (:waiting, :taken)", values)

    def _write(
        self,
        grant: str,
        state: GrantState,
        update: str,
        condition: str,
        values: Item,
        *,
        ends_at: datetime | None = None,
    ) -> tuple[Item, bool]:
        now_ms = self.operations.now_ms
        ends_ms = round(ends_at.timestamp() * 1000) if ends_at else 0
        lasts_s = max(0, (ends_ms or now_ms) - now_ms) // 1000 + TELL_S
        states = {f":{each.value}": each.value for each in (GrantState.WAITING, GrantState.TAKEN, GrantState.CHOOSING)}
        asked = {**states, ":now": now_ms}
        known = {name: value for name, value in asked.items() if name in condition}
        if ends_at:
            update, known[":ends"] = f"{update}, ends_ms = :ends", ends_ms
        return self.operations.write(
            _key(grant),
            f"stands = :state, {update}",
            condition,
            {**values, **known, ":state": state.value},
            lasts_s=lasts_s,
        )

    def _read(self, item: Mapping[str, Any]) -> StoredGrant:
        state, ends_at = GrantState(item["stands"]), moment(int(item["ends_ms"]))
        over = state not in _SETTLED and ends_at <= self.operations.clock()
        return StoredGrant(
            id=item["id"],
            workspace=item["workspace"],
            platform=item["platform"],
            created_by=item["created_by"],
            ends_at=ends_at,
            state=GrantState.EXPIRED if over else state,
            channel=item["channel"],
            return_to=item["return_to"],
            settings=item["settings"],
            ticket=item["ticket"],
            browser=item.get("browser", ""),
            sealed=Sealed(bytes(item["data_key"]), bytes(item["box"])) if "box" in item else None,
            scopes=tuple(item.get("scopes", ())),
            offers=() if over else tuple(map(offer_of, item.get("offers", ()))),
            chosen={account: name for account, name in item.get("chosen", ())},  # noqa: C416 - for mypy
            channels=tuple(item.get("channels", ())),
            refusal=Refusal(item["code"], item["message"], item["remedy"]) if "code" in item else None,
        )


def _key(grant: str) -> str:
    return f"grant#{grant}"
