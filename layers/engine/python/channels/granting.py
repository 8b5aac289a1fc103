"""Leads a person to a platform's consent page, and makes channels of what comes back: in that platform's own function.

Nothing else may open the secret of the operator's app, what the start left for the callback, or the tokens.
"""

from __future__ import annotations

import hmac
import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit

from channels.admitting import Admission
from channels.grants import Grants, GrantState, Refusal, StoredGrant, hashed
from channels.model import Sealed
from channels.offering import Offering, declared
from publishing.abilities import Authorizes, Registers, consent_of
from publishing.adapter import Adapter, Conversation
from publishing.consent import Account, Grant
from publishing.consenting import Asking, address_of, code_of, granted_by, new_verifier
from publishing.conversation import Conversations
from publishing.errors import PublishingError, Refused, Unauthorized
from publishing.failures import told
from publishing.model import Channel

T = TypeVar("T")

SECRET_BYTES = 32
WITHIN_S = 20.0  # a person waits, and API Gateway no longer than 29
AGAIN = "Begin again."
_HINDRANCES = {
    "suspended": "The workspace is suspended.",
    "no_authority": "Who began this may connect channels no more.",
}
_REMEDIES = {
    "suspended": "Ask the operator.",
    "no_authority": "Have somebody begin again who may.",
    "no_app": "Ask the operator for one, or connect a channel with credentials of your own: POST /v1/channels.",
    "access_denied": "Begin again and allow it.",
    "partial_consent": "Begin again and leave all that is needed ticked.",
}

_SECRET = re.compile(r"(grt_[0-9a-z]{26})\.([A-Za-z0-9_-]{43})")

logger = logging.getLogger(__name__)


class Stray(Exception):  # noqa: N818 - named for what it is
    """Who comes shows no grant that is good: it is unknown, used, too old, or another browser's."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a person is asked to allow, before anything of it has begun: `whys`, at the platform's page on `host`."""

    grant: StoredGrant
    title: str
    host: str
    whys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Away:
    """Where the person goes to consent, and what its browser must bring back beside the state."""

    url: str
    grant: str
    browser: str


@dataclass(frozen=True)
class Granting:
    """The consents of one platform; `redirect_uri` is where it sends people back to.

    `hindrance` says of a workspace, and of whoever began a grant there, why nothing may come of it any more, if so.
    """

    adapter: Adapter
    grants: Grants
    offering: Offering
    admission: Admission
    conversations: Conversations
    redirect_uri: str
    hindrance: Callable[[str, str], str]

    def sought(self, start: str) -> Sought:
        """What whoever shows this start would be led to; whoever looks, it begins nothing.

        Raises:
            Stray: it is none, or none any more.
        """
        grant, _ = self._startable(start)
        asking = self._asking(self._channel(grant), "")
        host = urlsplit(asking.page).netloc
        return Sought(grant, self.adapter.title, host, tuple(scope.why for scope in asking.scopes))

    def begin(self, start: str) -> Away | StoredGrant:
        """Where to send whoever shows this start; or the grant, refused, where nobody can be sent anywhere.

        Raises:
            Stray: it is none, or none any more.
        """
        found, ticket = self._startable(start)
        return self._or_refused(found, lambda: self._away(found, ticket))

    def come_back(self, query: str, state: str, browser: str) -> StoredGrant:
        """The grant as it stands after the person came back with this query.

        Raises:
            Stray: the state is none, or none any more, or another browser's.
        """
        identifier, secret = self._named(state)
        found = self._found(identifier)
        if not (found.browser and hmac.compare_digest(found.browser, hashed(browser))):
            raise Stray
        taken = self.grants.take(identifier, secret)
        if taken is None:
            raise Stray
        return self._or_refused(taken, lambda: self._settled(taken, code_of(query, state, self.adapter.title), query))

    # Going

    def _startable(self, start: str) -> tuple[StoredGrant, str]:
        grant, ticket = self._named(start)
        found = self._found(grant)
        if found.state is not GrantState.WAITING or not hmac.compare_digest(found.ticket, hashed(ticket)):
            raise Stray
        return found, ticket

    def _away(self, grant: StoredGrant, ticket: str) -> Away:
        self._insist_on_leave(grant)
        app = self._registered(grant)
        verifier = new_verifier() if consent_of(self._declared, grant.settings).pkce else ""
        asking = self._asking(self._with_app(self._channel(grant), app), verifier)
        if not asking.app_id:
            raise Refused("The operator has set no app for this platform.", code="no_app")
        state, browser = secrets.token_urlsafe(SECRET_BYTES), secrets.token_urlsafe(SECRET_BYTES)
        page = self._hold(address_of(self._declared, asking, f"{grant.id}.{state}"))
        sealed = self._sealed(grant, grant.id, {"verifier": verifier, **app})
        if not self.grants.ask(grant, ticket, state=state, browser=browser, sealed=sealed):
            raise Stray
        return Away(page, grant.id, browser)

    def _registered(self, grant: StoredGrant) -> Mapping[str, str]:
        """The app a server makes for this one consent, where it is servers that know apps."""
        if not isinstance(self.adapter, Registers):
            return {}
        return self._hold(self.adapter.registered(self._channel(grant), self.redirect_uri))

    # Coming back

    def _settled(self, grant: StoredGrant, code: str, query: str) -> StoredGrant:
        self._insist_on_leave(grant)
        kept = self._unsealed(grant)
        asking = self._asking(self._with_app(self._channel(grant), kept), kept.get("verifier", ""))
        given, accounts = self._hold(self._granted(asking, code, query))
        seen = replace(grant, scopes=given.scopes)
        offers = self.offering.of(seen, accounts)
        if len(offers) > 1:
            self.grants.offer(seen, offers, seen.scopes)
        else:
            admitted = self.admission.admit(seen, offers[0])
            if admitted is None:
                raise Refused("The channel to reconnect is there no more, or was changed just now.", code="no_channel")
            self.grants.connect(seen, [admitted], seen.scopes)
        logger.info("Consent was given", extra={"platform": grant.platform, "accounts": len(offers)})
        return self._found(grant.id)

    def _granted(self, asking: Asking, code: str, query: str) -> Conversation[tuple[Grant, Sequence[Account]]]:
        grant = yield from granted_by(self._declared, asking, code, query)
        return grant, (yield from self._declared.accounts(grant))

    # Both

    def _insist_on_leave(self, grant: StoredGrant) -> None:
        """Go on only if this is still wanted: ten minutes are long enough to suspend a workspace, or revoke a key."""
        code = self.hindrance(grant.workspace, grant.created_by)
        if code:
            raise Refused(_HINDRANCES[code], code=code)

    @property
    def _declared(self) -> Authorizes:
        return declared(self.adapter)

    def _asking(self, channel: Channel, verifier: str) -> Asking:
        consent = consent_of(self._declared, channel.settings)
        return Asking(consent, self.adapter.title, channel, self.redirect_uri, verifier)

    def _channel(self, grant: StoredGrant) -> Channel:
        app = self.offering.vault.app.supplied()
        settings = {**grant.settings, **app.settings}
        return Channel(grant.channel or grant.id, grant.workspace, grant.platform, "", settings, app.secret)

    @staticmethod
    def _with_app(channel: Channel, kept: Mapping[str, str]) -> Channel:
        """With the app a server made for this one consent."""
        own = {name: value for name, value in kept.items() if name != "verifier"}
        return replace(channel, secrets={**channel.secrets, **own})

    def _sealed(self, grant: StoredGrant, channel: str, secret: Mapping[str, str]) -> Sealed:
        return self.offering.vault.seal(
            workspace=grant.workspace, channel=channel, platform=grant.platform, secret=secret
        )

    def _unsealed(self, grant: StoredGrant) -> dict[str, str]:
        if grant.sealed is None:
            return {}
        return self.offering.vault.unseal(
            workspace=grant.workspace, channel=grant.id, platform=grant.platform, sealed=grant.sealed
        )

    def _hold(self, conversation: Conversation[T]) -> T:
        return self.conversations.hold(conversation, within_s=min(WITHIN_S, self.adapter.limits.timeout_s))

    def _found(self, identifier: str) -> StoredGrant:
        found = self.grants.find(identifier)
        if found is None or found.platform != self.adapter.name:
            raise Stray
        return found

    @staticmethod
    def _named(text: str) -> tuple[str, str]:
        named = _SECRET.fullmatch(text)
        if named is None:
            raise Stray
        return named[1], named[2]

    def _or_refused(self, grant: StoredGrant, step: Callable[[], T]) -> T | StoredGrant:
        """What comes of a step; or the grant, with the reason why nothing does."""
        try:
            return step()
        except Stray:
            raise
        except PublishingError as error:
            known = isinstance(error, Refused | Unauthorized)
            code = error.code or ("refused" if known else "unavailable")
            refusal = Refusal(code, str(error), _REMEDIES.get(code, AGAIN))
        except Exception as error:  # noqa: BLE001 - ours or AWS's: the person, who waits, is to be told that it is over
            logger.error("A consent could not be worked", extra={"platform": grant.platform, **told(error)})
            refusal = Refusal("failed", "Something failed on our side.", AGAIN)
        logger.info("Nothing came of a consent", extra={"platform": grant.platform, "why": refusal.code})
        self.grants.refuse(grant, refusal)
        return self._found(grant.id)
