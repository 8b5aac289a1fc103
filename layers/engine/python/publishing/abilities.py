"""What an adapter can beyond publishing: each ability is a method, and having it is declaring it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, runtime_checkable

import httpx

from publishing.adapter import Conversation, Life, Version
from publishing.consent import Account, Consent, Exchange, Grant
from publishing.inbound import Call, Heard
from publishing.model import Channel, Fresh, Metric, Outcome, Pending, Post, Receipt

Said = str | Sequence[Heard]


@runtime_checkable
class Finds(Protocol):
    """An adapter whose platform can be read: it can look for what may already be out."""

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | Pending | None]:
        """The receipt of `post` if it is out, looking at what was published after `since`; read only.

        `Pending` where a part of it is out (a thread's first posts): what `resume` needs to go on after that part.
        """


@runtime_checkable
class Foretells(Protocol):
    """An adapter whose platform says in its answers when nothing more is allowed for now; it declares a rate, too."""

    def pause_s(self, reply: httpx.Response) -> float:
        """For how many seconds the channel must not be published to after this answer; 0 where it says nothing."""


@runtime_checkable
class Resumes(Protocol):
    """An adapter whose platform works on after it has answered."""

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Continue; once the publishing request went through this must never publish again."""


@runtime_checkable
class Rehearses(Protocol):
    """An adapter that asks something before it publishes, and whose publishing can be rehearsed nevertheless."""

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """What the platform might answer a request that comes before the publishing one."""


@runtime_checkable
class Refreshes(Protocol):
    """An adapter whose credentials end and can be renewed without a person."""

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """The life of a channel's credentials; None where those of this one take a person to be renewed.

        `supplied` are its settings, and its secrets by name alone: each is there, and empty.
        """

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """New secrets for old ones; asked for under the channel's lease, and stored before they are used.

        Raises:
            Unauthorized: the platform refuses to renew them: a person must connect the channel again.
        """


@runtime_checkable
class Removes(Protocol):
    """An adapter that can take back what it published."""

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Remove what is out; what is not there any more counts as removed."""


@runtime_checkable
class Measures(Protocol):
    """An adapter whose platform tells how a post does."""

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """The counts the platform has for what is out, as of now; what it does not tell is left out."""


@runtime_checkable
class Hears(Protocol):
    """An adapter whose platform calls back: `functions/inbound` has it judge what came."""

    def hear(self, call: Call, channel: Channel, now: datetime) -> Said | Conversation[Said]:
        """What came: a challenge's answer, as text, or what it says of posts; asking for it, where that takes asking.

        Raises:
            publishing.inbound.Forged: it is not signed with this channel's secret, or was signed too long ago.
        """


@runtime_checkable
class Versioned(Protocol):
    """An adapter that speaks more than one version of its platform's API; a channel's `api_version` pins one."""

    versions: tuple[Version, ...]  # the one to use where nothing is pinned comes first


@runtime_checkable
class Authorizes(Protocol):
    """An adapter whose platform lets a person consent (OAuth 2.0): channels are connected without copying tokens."""

    consent: Consent

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """What can be connected with the grant; each answers to the name that `verify` would tell.

        Raises:
            Refused: what the person allowed is not enough; why.
        """


@runtime_checkable
class Varies(Protocol):
    """An adapter whose platform has more than one way to consent; `consent` is the one where nothing is asked for."""

    def consent_for(self, settings: Mapping[str, str]) -> Consent:
        """The one that these settings ask for."""


@runtime_checkable
class Registers(Protocol):
    """An adapter whose platform is many servers, each of which knows apps of its own and takes a new one at once."""

    def registered(self, channel: Channel, redirect_uri: str) -> Conversation[Mapping[str, str]]:
        """A new app at the server that the channel's settings name: the fields of that app, `client_id` for one."""


@runtime_checkable
class Pushes(Protocol):
    """An adapter whose platform is told beforehand what a person will be asked, and knows apps by what they publish."""

    def introduction(self, redirect_uri: str) -> Mapping[str, object]:
        """What the app publishes of itself, for anybody to read."""

    def pushed(self, channel: Channel, asked: Mapping[str, str]) -> Conversation[str]:
        """Tell the platform what will be asked, by the standard's names; the address of the page where it is."""

    def exchanged(self, channel: Channel, exchange: Exchange, query: str) -> Conversation[Grant]:
        """What the exchange of the code, which is held once, brings; the person came back with `query`."""


def consent_of(adapter: Authorizes, settings: Mapping[str, str]) -> Consent:
    """How a person consents to a channel with these settings."""
    return adapter.consent_for(settings) if isinstance(adapter, Varies) else adapter.consent
