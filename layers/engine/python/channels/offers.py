"""Offers: the accounts behind a consent, each with the channel it may become, and how a grant holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels.model import Sealed
from publishing.operations import moment
from publishing.records import Item


@dataclass(frozen=True, slots=True)
class Offer:
    """An account that may become a channel: its secrets are sealed for that very channel already."""

    account: str
    name: str
    url: str
    channel: str
    settings: Mapping[str, str]
    secret_fields: tuple[str, ...]
    sealed: Sealed
    end_ms: int = 0

    @property
    def secrets_end_at(self) -> datetime | None:
        """When its secrets end, where the platform said so."""
        return moment(self.end_ms) if self.end_ms else None


def offer_item(offer: Offer) -> Item:
    """An offer as it is stored."""
    return {
        "account": offer.account,
        "name": offer.name,
        "url": offer.url,
        "channel": offer.channel,
        "settings": dict(offer.settings),
        "secret_fields": list(offer.secret_fields),
        "data_key": offer.sealed.data_key,
        "box": offer.sealed.box,
        "end_ms": offer.end_ms,
    }


def offer_of(item: Mapping[str, Any]) -> Offer:
    """The offer an item holds."""
    return Offer(
        account=item["account"],
        name=item["name"],
        url=item["url"],
        channel=item["channel"],
        settings=item["settings"],
        secret_fields=tuple(item["secret_fields"]),
        sealed=Sealed(bytes(item["data_key"]), bytes(item["box"])),
        end_ms=int(item["end_ms"]),
    )
