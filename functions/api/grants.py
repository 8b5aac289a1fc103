"""Grants: begun, told of, and chosen from. No token is seen here: the platforms' own functions have sealed them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from channels import fields
from channels.admitting import Admission
from channels.grants import WAIT_S, Grants, GrantState, StoredGrant
from functions import platforms
from publishing import ids
from publishing.abilities import Authorizes, consent_of
from publishing.adapter import Adapter, Field
from publishing.consent import Consent
from publishing.model import Problem, utc_text
from web import grants as operations
from web.problems import CONFLICT, INVALID, WRONG_STATE, Refusal, invalid, missing
from web.request import Answer, I, Request
from web.router import Router
from web.schemas import grants as shown
from web.schemas.base import Nothing

TICKET_BYTES = 32
_SHOWN = {GrantState.TAKEN: shown.GrantState.WAITING}


@dataclass(frozen=True)
class Consents:
    """What callers do with grants. `note` enters in the audit log what is connected.

    `origins`: where people may be sent back to; `loopback` admits this machine, too.
    """

    grants: Grants
    admission: Admission
    oauth_url: str
    origins: frozenset[str]
    note: Callable[[StoredGrant, str], None]
    loopback: bool = False

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about grants."""
        router.serve(operations.BEGIN_GRANT, self.begin)
        router.serve(operations.READ_GRANT, self.read)
        router.serve(operations.CHOOSE_ACCOUNTS, self.choose)

    def begin(self, request: Request[shown.NewGrant]) -> Answer[shown.GrantBegun]:
        """Store a grant; who opens its address goes on to the platform's consent page."""
        asked, caller, ticket = request.input, request.principal, secrets.token_urlsafe(TICKET_BYTES)
        adapter = _consenting(asked.platform)
        grant = StoredGrant(
            id=ids.new("grt"),
            workspace=caller.workspace,
            platform=asked.platform,
            created_by=caller.subject,
            ends_at=self.grants.operations.clock() + timedelta(seconds=WAIT_S),
            channel=asked.channel or "",
            return_to=self._allowed(asked.return_to) if asked.return_to else "",
        )
        grant = replace(grant, settings=self._settings(adapter, asked, self._before(grant)))
        self.grants.begin(grant, ticket)
        address = f"{self.oauth_url}/{asked.platform}?start={grant.id}.{ticket}"
        begun = shown.GrantBegun(**dict(_view(grant)), authorize_url=address)
        return Answer(begun, headers={"Location": f"/v1/grants/{grant.id}"})

    def read(self, request: Request[Nothing]) -> Answer[shown.Grant]:
        """One grant."""
        return Answer(_view(self._found(request)))

    def choose(self, request: Request[shown.Choice]) -> Answer[shown.Grant]:
        """Make channels of accounts: sealed for them already, so nobody opens anything here.

        The choice is written down before anything comes of it, and good for all who make it: whoever asks again, or at
        the same time, does what is still to be done of that choice, and of no other.
        """
        grant, asked = self._found(request), request.input
        if grant.state is GrantState.CHOOSING:
            _insist_on_offered(asked, {offer.account for offer in grant.offers}, one=_is_for_one(grant))
            chosen = {account: asked.names.get(account, "") for account in asked.accounts}
            grant = self.grants.choose(grant.id, chosen) or grant
        if grant.state not in {GrantState.CHOSEN, GrantState.CONNECTED}:
            raise Refusal(WRONG_STATE, f"Nothing can be chosen: this grant is {_view(grant).state.value}.")
        _insist_on_the_same(asked, grant.chosen)
        if grant.state is GrantState.CHOSEN:
            self._connect(grant, request.correlation_id)
        return Answer(_view(self._found(request)))

    def _connect(self, grant: StoredGrant, correlation_id: str) -> None:
        offered = {offer.account: offer for offer in grant.offers}
        admitted = [self.admission.admit(grant, offered[account], name) for account, name in grant.chosen.items()]
        channels = [channel for channel in admitted if channel]
        if len(channels) < len(admitted):
            raise Refusal(CONFLICT, "The channel is there no more, or was changed by somebody just now; ask again.")
        if self.grants.connect(grant, channels, grant.scopes):
            self.note(replace(grant, channels=tuple(channels)), correlation_id)

    def _found(self, request: Request[I]) -> StoredGrant:
        found = self.grants.find(request.path["grant"])
        if found is None or found.workspace != request.principal.workspace:
            raise missing("grant")
        return found

    def _before(self, grant: StoredGrant) -> Mapping[str, str]:
        """The settings of the channel that is to be connected again."""
        if not grant.channel:
            return {}
        found = self.admission.registry.find(grant.workspace, grant.channel, consistent=True)
        if found is None or found.platform != grant.platform:
            raise missing("channel")
        return found.settings

    def _settings(self, adapter: Adapter, asked: shown.NewGrant, before: Mapping[str, str]) -> Mapping[str, str]:
        """What no consent brings, as it was given, or else as it was before."""
        wanted = asked_of(adapter)
        known = {field.name: before[field.name] for field in wanted if field.name in before}
        given = {**known, **asked.settings}
        problems = [
            Problem(problem.field.replace("credentials.", "settings.", 1), problem.message, problem.remedy)
            for problem in fields.problems(wanted, given, loopback=self.loopback)
        ]
        if problems:
            raise Refusal(INVALID, f"{problems[0].field}: {problems[0].message}", errors=problems)
        return fields.supplied(wanted, given).settings

    def _allowed(self, address: str) -> str:
        """The address, if it is one of those the operator allows.

        Raises:
            Refusal: it is not; an address of anybody's choice would make a trap of our own.
        """
        try:
            parts = urlsplit(address)
            origin = f"{parts.scheme}://{parts.netloc}"
            here = self.loopback and parts.hostname in {"127.0.0.1", "localhost"}
        except ValueError:
            raise invalid("return_to", "This is not a web address.", "Begin it with https://.") from None
        plain = address.isascii() and address.isprintable() and not set(address) & set(' \\"<>') and "@" not in origin
        if not plain or parts.fragment or not (origin in self.origins or (here and parts.scheme == "http")):
            remedy = (
                "The operator allows origins with -c return_to=https://app.example.org; leave it out for a plain page."
            )
            raise invalid("return_to", "Nobody is sent there from here.", remedy)
        return address


def asked_of(adapter: Adapter) -> Sequence[Field]:
    """The fields that neither a consent nor the operator's app brings: whoever begins a grant gives them."""
    if not isinstance(adapter, Authorizes):
        return ()
    brought = {*adapter.consent.supplies, *(field.name for field in adapter.consent.app)}
    return [field for field in adapter.credentials.fields if not field.secret and field.name not in brought]


def scopes_of(consent: Consent) -> list[shown.ConsentScope]:
    """What a person is asked to allow."""
    return [shown.ConsentScope(name=scope.name, why=scope.why, needed=scope.needed) for scope in consent.scopes]


def _consenting(platform: str) -> Adapter:
    adapter = platforms.load(platform) if platform in platforms.names() else None
    if adapter is None:
        raise invalid("platform", "There is no such platform.", "Use a name from GET /v1/platforms.")
    if not isinstance(adapter, Authorizes):
        remedy = "Supply its credentials: POST /v1/channels."
        raise invalid("platform", "This platform cannot be connected by consent.", remedy)
    return adapter


def _is_for_one(grant: StoredGrant) -> bool:
    """Whether one account alone may be chosen: one channel is connected again, or the tokens are good for one."""
    adapter = platforms.load(grant.platform)
    return bool(grant.channel) or (isinstance(adapter, Authorizes) and consent_of(adapter, grant.settings).one)


def _insist_on_offered(asked: shown.Choice, offered: set[str], *, one: bool) -> None:
    for place, account in enumerate(asked.accounts):
        if account not in offered:
            raise invalid(f"accounts[{place}]", "This account is not offered.", "Use ids of the grant's `accounts`.")
    if one and len(set(asked.accounts)) > 1:
        raise invalid(
            "accounts", "Of these accounts one becomes a channel.", "Choose one, and begin anew for the next."
        )
    for account in asked.names:
        if account not in asked.accounts:
            raise invalid("names", "A name is given to an account that is not chosen.", "Choose it, or leave it out.")


def _insist_on_the_same(asked: shown.Choice, chosen: Mapping[str, str]) -> None:
    """Go on only with the choice that was made, where there was one; names may be left out the second time."""
    named = {account: chosen.get(account, "") for account in asked.names}
    if chosen and (set(asked.accounts) != set(chosen) or asked.names != named):
        raise Refusal(
            WRONG_STATE, "Something else was chosen before: see `accounts` or `channels`; begin anew for more."
        )


def _view(grant: StoredGrant) -> shown.Grant:
    adapter, refusal = platforms.load(grant.platform), grant.refusal
    accounts = [each for each in grant.offers if not grant.chosen or each.account in grant.chosen]
    return shown.Grant(
        id=grant.id,
        platform=grant.platform,
        state=_SHOWN.get(grant.state) or shown.GrantState(grant.state.value),
        expires_at=utc_text(grant.ends_at),
        scopes=scopes_of(consent_of(adapter, grant.settings)) if isinstance(adapter, Authorizes) else [],
        allowed=list(grant.scopes),
        channel=grant.channel or None,
        accounts=[shown.GrantAccount(id=each.account, name=each.name, url=each.url) for each in accounts],
        only_one=_is_for_one(grant),
        channels=list(grant.channels),
        refusal=shown.GrantRefusal(code=refusal.code, message=refusal.message, remedy=refusal.remedy)
        if refusal
        else None,
    )
