"""Makes offers of the accounts behind a consent: each with the channel it would be, and its secrets sealed for that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from channels import fields
from channels.grants import StoredGrant
from channels.model import StoredChannel
from channels.offers import Offer
from channels.registry import Registry
from channels.vault import Vault
from publishing import ids
from publishing.abilities import Authorizes, consent_of
from publishing.adapter import Adapter
from publishing.consent import Account
from publishing.errors import Refused

MOST_ACCOUNTS = 100  # an item of DynamoDB has room for them


@dataclass(frozen=True)
class Offering:
    """Makes offers of one platform's accounts."""

    adapter: Adapter
    vault: Vault
    registry: Registry

    def of(self, grant: StoredGrant, accounts: Sequence[Account]) -> Sequence[Offer]:
        """At least one offer. Of a channel that is connected again, the account it has always been.

        Raises:
            Refused: there is no account, or that one is not among them.
        """
        if not accounts:
            raise Refused("There is no account that could be connected with this consent.", code="no_accounts")
        before = self._before(grant)
        wanted = [account for account in accounts if self._is_the_same(account, before)]
        if not wanted:
            raise Refused("This is another account than the channel's.", code="another_account")
        kept = self._kept(before)
        return [self._offer(grant, account, kept) for account in wanted[:MOST_ACCOUNTS]]

    def _before(self, grant: StoredGrant) -> StoredChannel | None:
        return self.registry.find(grant.workspace, grant.channel, consistent=True) if grant.channel else None

    def _is_the_same(self, account: Account, before: StoredChannel | None) -> bool:
        """Whether it is whose channel it was, as far as anybody knows."""
        if before is None or before.identity is None:
            return True
        if consent_of(declared(self.adapter), before.settings).anew:
            return not before.identity.url or urlsplit(before.identity.url).path == urlsplit(account.url).path
        return before.identity.id in {"", account.id}

    def _kept(self, before: StoredChannel | None) -> Mapping[str, str]:
        """What the channel has that no consent brings, the secret of a hub for one."""
        if before is None or before.sealed is None:
            return {}
        consent, had = declared(self.adapter).consent, self.vault.open(replace(before, scopes=None)).secrets
        brought = {*consent.supplies, *(each.name for each in consent.app)}
        return {name: value for name, value in had.items() if name not in brought}

    def _offer(self, grant: StoredGrant, account: Account, kept: Mapping[str, str]) -> Offer:
        given = {**grant.settings, **account.settings, **kept, **account.secrets}
        own, channel = fields.supplied(self.adapter.credentials.fields, given), grant.channel or ids.new("chn")
        sealed = self.vault.seal(workspace=grant.workspace, channel=channel, platform=grant.platform, secret=own.secret)
        return Offer(
            account=account.id,
            name=account.name,
            url=account.url,
            channel=channel,
            settings=own.settings,
            secret_fields=tuple(sorted(own.secret)),
            sealed=sealed,
            end_ms=round((self.registry.clock().timestamp() + account.lasts_s) * 1000) if account.lasts_s else 0,
        )


def declared(adapter: Adapter) -> Authorizes:
    """The adapter as one that declares how a person consents.

    Raises:
        TypeError: it does not.
    """
    if not isinstance(adapter, Authorizes):
        raise TypeError("Nobody can consent on a platform that does not declare how.")
    return adapter
