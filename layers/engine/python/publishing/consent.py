"""What an adapter declares of its platform's consent (OAuth 2.0, RFC 6749), and what a person's consent brings.

`publishing.consenting` speaks the protocol by the declaration; where a vendor has its own words, the declaration says
how they are said in the standard's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from publishing.adapter import Conversation, Field
from publishing.errors import Refused
from publishing.model import Channel

CLIENT_ID = Field("client_id", label="Client id", max_chars=200)
CLIENT_SECRET = Field("client_secret", label="Client secret", secret=True, max_chars=200)
SCOPES = Field(
    "scopes",
    label="Scopes",
    required=False,
    max_chars=1_000,
    help="Which to ask for, blanks between them, where the app may not ask for all; see GET /v1/platforms.",
)
Answer = Mapping[str, Any]


def as_it_is(answer: Answer) -> Answer:
    """The answer of a token endpoint that keeps to the standard."""
    return answer


class Proof(StrEnum):
    """How the operator's app proves to the token endpoint that it is itself."""

    BASIC = "basic"  # HTTP's Basic authentication; its id among the parameters where it has no secret
    BASIC_ALONE = "basic-alone"  # the same, and with nothing for a secret where it has none
    FORM = "form"  # its id and its secret among the parameters


@dataclass(frozen=True, slots=True)
class Scope:
    """One thing the person is asked to allow; `why` says what for, in a sentence. `needed`: no channel without it."""

    name: str
    why: str
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Consent:
    """How consent is asked for and turned into tokens.

    `supplies`: the fields of the adapter's credentials that a grant brings; what else is not secret is asked of whoever
    begins it. `app`: what the operator's app has: first its id, then its secret, then what else channels need of it;
    empty where each server has apps of its own (see `publishing.abilities.Registers`). Addresses may hold settings:
    `{base_url}/oauth/authorize`. `extra`: more parameters of the consent page. `on_page`, `in_exchange`: the vendor's
    names for the standard's parameters; an empty one: it is not told. `standard`: the token endpoint's answer as the
    standard has it; an error as `error`. `allowed` asks what was allowed, where the token endpoint does not tell.
    `one`: of several accounts only one becomes a channel, since to renew one's tokens would end another's. `anew`: each
    consent makes an account, so that what it is known again by is the path of its address. `usual`: what settings that
    addresses hold are where nothing is given.
    """

    authorize_url: str
    token_url: str
    scopes: tuple[Scope, ...]
    supplies: tuple[str, ...] = ("access_token", "refresh_token")
    app: tuple[Field, ...] = (CLIENT_ID, CLIENT_SECRET)
    proof: Proof = Proof.FORM
    pkce: bool = True
    separator: str = " "
    extra: Mapping[str, str] = field(default_factory=dict)
    on_page: Mapping[str, str] = field(default_factory=dict)
    in_exchange: Mapping[str, str] = field(default_factory=dict)
    standard: Callable[[Answer], Answer] = as_it_is
    one: bool = False
    anew: bool = False
    usual: Mapping[str, str] = field(default_factory=dict)
    allowed: Callable[[Grant], Conversation[Sequence[str]]] | None = None

    def insist_on(self, given: Collection[str], title: str) -> None:
        """Go on only if all was allowed that is needed.

        Raises:
            Refused: it was not; which.
        """
        refused = [scope for scope in self.scopes if scope.needed and scope.name not in given]
        if refused:
            named = " ".join(f"{scope.name}: {scope.why}" for scope in refused)
            raise Refused(f"{title} was not allowed all that is needed. {named}", code="partial_consent")

    @property
    def app_id(self) -> str:
        """The name of the field with the app's id."""
        return (self.app or (CLIENT_ID,))[0].name

    @property
    def app_secret(self) -> str:
        """The name of the field with the app's secret."""
        return (self.app or (CLIENT_ID, CLIENT_SECRET))[1].name


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person allowed.

    `channel` is one as far as it is known: what was asked at the beginning and the operator's app, with the tokens as
    `access_token` and `refresh_token`. `told`: the token endpoint's whole answer. `scopes`: what was allowed; what was
    asked for where that is not told.
    """

    channel: Channel
    told: Answer = field(repr=False)
    scopes: tuple[str, ...]
    lasts_s: float = 0.0

    def with_token(self, token: str) -> Channel:
        """The channel with another access token, a longer lived one for one."""
        return replace(self.channel, secrets={**self.channel.secrets, "access_token": token})

    @property
    def tokens(self) -> dict[str, str]:
        """The tokens by the names most adapters give their fields."""
        given = {name: self.channel.secrets.get(name, "") for name in ("access_token", "refresh_token")}
        return {name: token for name, token in given.items() if token}


Exchange = Callable[[Channel], Conversation[Grant]]  # of a code, as the standard has it, for a channel so far known


@dataclass(frozen=True, slots=True)
class Account:
    """One that can be connected with a grant: what `verify` would call it, and the fields of the channel it becomes.

    `lasts_s`: for how many seconds its secrets last; 0: nobody said.
    """

    id: str
    name: str
    url: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    lasts_s: float = 0.0
