"""What becomes of a channel's credentials: renewed under a lease, told of, refused; each is one conditional write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels.model import Connection, Sealed, StoredChannel
from channels.records import renewal_item
from channels.registry import SAME, SETTLED, Registry, box, settled
from publishing.model import utc_text
from publishing.planned import AtRisk

_AT_RISK = "at_risk = :at_risk, at_risk_count = :count"


@dataclass(frozen=True)
class Standing:
    """Writes it to the channels of a registry."""

    registry: Registry

    def shut(self, seen: StoredChannel, reason: str, at_risk: AtRisk) -> bool:
        """Have a channel wait for a person, and say what waits with it; False where its secrets are no longer these.

        Whoever watches the table learns all of it from this one write.
        """
        values = {**settled(self._now(), Connection.RECONNECT, reason), **_at_risk(at_risk), ":seen": seen.version}
        return self.registry.updated(
            seen,
            f"SET {SETTLED}, {_AT_RISK} REMOVE renew_at, renew_shard, renew_tries",
            f"version = :seen AND {SAME}",
            values | {":same": box(seen)},
        )

    def unasked(self, seen: StoredChannel, reason: str) -> bool:
        """Write down why the platform could not be asked; False where anything was found out or changed meanwhile."""
        return self.registry.updated(
            seen,
            f"SET {SETTLED}",
            f"version = :seen AND #connection = :connection AND {SAME}",
            {**settled(self._now(), seen.connection, reason), ":seen": seen.version, ":same": box(seen)},
        )

    def tell(self, seen: StoredChannel, at_risk: AtRisk, *, end_at: datetime, following: datetime) -> bool:
        """Say when a channel needs a person, and what is planned for later; False where something was done."""
        return self.registry.updated(
            seen,
            f"SET ending_told_for = :end, ending_told_at = :now, renew_at = :following, {_AT_RISK} REMOVE renew_tries",
            "version = :seen AND renew_at = :at",
            {
                **_at_risk(at_risk),
                ":end": utc_text(end_at),
                ":now": utc_text(self._now()),
                ":following": utc_text(following),
                ":seen": seen.version,
                ":at": _text(seen.renew_at),
            },
        )

    def lease(self, seen: StoredChannel, until: datetime, mark: str) -> bool:
        """Have nobody else renew the channel's secrets before `until`; False where somebody does, or they changed."""
        return self.registry.updated(
            seen,
            "SET leased_until = :until, leased_by = :mark",
            "version = :seen AND box = :same AND "
            "(attribute_not_exists(leased_until) OR leased_until < :now OR leased_by = :mark)",
            {
                ":until": utc_text(until),
                ":mark": mark,
                ":now": utc_text(self._now()),
                ":seen": seen.version,
                ":same": box(seen),
            },
        )

    def renew(
        self,
        seen: StoredChannel,
        sealed: Sealed,
        *,
        end_at: datetime | None,
        until: datetime | None,
        renew_at: datetime | None,
    ) -> bool:
        """Store what the secrets became and give the lease back; False where they are others, or sealed anew, by now.

        Whatever else a person changed meanwhile stands: the old ones may be spent, and these are all there is.
        """
        values = {":box": sealed.box, ":key": sealed.data_key, ":past": "", ":same": box(seen)}
        told = {"secrets_end_at": _text(end_at), "renewable_until": _text(until)}
        kept = renewal_item(seen.id, renew_at) | {name: moment for name, moment in told.items() if moment}
        update = "SET box = :box, data_key = :key, leased_until = :past"
        update += "".join(f", {name} = :{name}" for name in kept)
        gone = sorted({"renew_at", "renew_shard", *told} - kept.keys())
        return self.registry.updated(
            seen,
            f"{update} REMOVE {', '.join([*gone, 'renew_tries'])}",
            "box = :same AND data_key = :key",
            values | {f":{name}": value for name, value in kept.items()},
        )

    def _now(self) -> datetime:
        return self.registry.clock()


def _at_risk(at_risk: AtRisk) -> Mapping[str, Any]:
    first = [{"publication": publication, "publish_at": publish_at} for publication, publish_at in at_risk.first]
    return {":at_risk": first, ":count": at_risk.count}


def _text(moment: datetime | None) -> str:
    return utc_text(moment) if moment else ""
