"""Channels: connected, listed, read, changed, deleted, tested. Secrets go into the vault and never come out here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from channels import fields
from channels.ahead import life_of
from channels.model import Connection, Sealed, StoredChannel
from channels.registry import Registry
from channels.vault import Vault
from functions import platforms
from functions.api.samples import Samples
from publishing import aws, ids
from publishing.abilities import Hears
from publishing.adapter import Field, Resource
from publishing.clock import Clock
from publishing.message import Verify
from publishing.model import Identity, Priority, utc_text
from publishing.planned import Planned
from publishing.sending import Parcel, Sender, SendFailed, lane
from publishing.standing import Stands
from publishing.telemetry import logger
from web import contract, cursor, slots
from web.operation import PATH_PATTERNS
from web.problems import CONFLICT, INVALID, Refusal, changed, invalid, missing
from web.request import Answer, I, Request
from web.router import Router
from web.schemas import channels as shown
from web.schemas.base import Nothing, Paging

LISTING = "channels"


@dataclass(frozen=True)
class Channels:
    """What callers do with a workspace's channels. `loopback` admits stand-ins of platforms on this machine."""

    registry: Registry
    vault: Vault
    sender: Sender
    samples: Samples
    remove_feed: Callable[[str], None]
    clock: Clock
    standing: Stands
    planned: Planned
    loopback: bool = False

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about channels."""
        router.serve(contract.CONNECT_CHANNEL, self.connect)
        router.serve(contract.LIST_CHANNELS, self.list)
        router.serve(contract.READ_CHANNEL, self.read)
        router.serve(contract.CHANGE_CHANNEL, self.change)
        router.serve(contract.DELETE_CHANNEL, self.delete)
        router.serve(contract.TEST_CHANNEL, self.test)

    def connect(self, request: Request[shown.NewChannel]) -> Answer[shown.Channel]:
        """Store a channel, and have its platform's own function find out whether it is connected."""
        asked, caller, now = request.input, request.principal, self.clock()
        blank = StoredChannel(
            id=ids.new("chn"),
            workspace=caller.workspace,
            platform=asked.platform,
            name=asked.name,
            settings={},
            secret_fields=(),
            sealed=None,
            created_at=now,
            created_by=caller.subject,
            updated_at=now,
            week=slots.asked_week(asked.slots),
        )
        channel = self._with(blank, asked.credentials)
        self.registry.create(channel)
        self._verify_soon(channel, request.correlation_id)
        return Answer(_view(channel), headers={"Location": f"/v1/channels/{channel.id}"})

    def list(self, request: Request[Paging]) -> Answer[shown.Channels]:
        """A page of channels."""
        workspace, patterns = request.principal.workspace, [PATH_PATTERNS["channel"]]
        after = cursor.place(request.input.cursor, listing=LISTING, workspace=workspace, patterns=patterns)
        found, last = self.registry.page(workspace, limit=request.input.limit, after=next(iter(after), ""))
        following = cursor.text([last], listing=LISTING, workspace=workspace) if last else None
        return Answer(shown.Channels(items=[_view(channel) for channel in found], next=following))

    def read(self, request: Request[Nothing]) -> Answer[shown.Channel]:
        """One channel."""
        return Answer(self._whole(self._found(request)))

    def change(self, request: Request[shown.ChannelChanges]) -> Answer[shown.Channel]:
        """Rename or pause a channel, or give it other slots or new credentials."""
        asked, seen = request.input, self._found(request)
        request.insist_on(self._whole(seen))
        edited = replace(
            seen,
            name=seen.name if asked.name is None else asked.name,
            paused=seen.paused if asked.paused is None else asked.paused,
            week=slots.asked_week(asked.slots) if "slots" in asked.model_fields_set else seen.week,
        )
        if asked.credentials is not None:
            edited = self._with(edited, asked.credentials)
        stored = self.registry.edit(seen, edited)
        if stored is None:
            raise Refusal(CONFLICT, "The channel was changed by somebody else just now; ask again.")
        if asked.credentials is not None:
            self._verify_soon(stored, request.correlation_id)
        return Answer(self._whole(stored))

    def delete(self, request: Request[Nothing]) -> Answer[None]:
        """Delete a channel with its credentials and, where it is one, its feed."""
        channel = self._found(request)
        request.insist_on(self._whole(channel))
        if not self.registry.delete(channel.workspace, channel.id, seen=request.named(channel)):
            raise changed()
        if Resource.FEEDS in platforms.load(channel.platform).uses:
            self._remove_feed(channel)
        return Answer(None)

    def test(self, request: Request[shown.ChannelTest]) -> Answer[shown.ChannelTested]:
        """Have a channel verified again and, if asked, publish a sample there."""
        channel, _ = self._found(request), request.idempotency_key  # malformed, it is refused in any case
        sample = self.samples.publish(channel, request) if request.input.publish else None
        self._verify(channel, request.correlation_id)
        headers = {"Location": f"/v1/publications/{sample.id}"} if sample else {}
        return Answer(shown.ChannelTested(channel=_view(channel), publication=sample), headers=headers)

    def _found(self, request: Request[I]) -> StoredChannel:
        channel = self.registry.find(request.principal.workspace, request.path["channel"], consistent=True)
        if channel is None:
            raise missing("channel")
        return channel

    def _whole(self, channel: StoredChannel) -> shown.Channel:
        """The channel with what is planned for it and at risk."""
        view, end_at = _view(channel), channel.secrets_end_at
        if channel.connection is Connection.RECONNECT:
            found = self.planned.for_channel(channel.workspace, channel.id)
        elif end_at and not life_of(platforms.load(channel.platform), channel):
            found = self.planned.for_channel(channel.workspace, channel.id, since=end_at)
        else:
            return view
        first = [shown.PlannedPublication(id=each, publish_at=at) for each, at in found.first]
        return view.model_copy(update={"at_risk": shown.AtRisk(count=found.count, more=found.more, first=first)})

    def _remove_feed(self, channel: StoredChannel) -> None:
        """A feed that stays keeps its channel: whoever asks again finds it, and deletes both."""
        try:
            self.remove_feed(channel.id)
        except aws.FAILURES:
            self.registry.create(channel)
            raise

    def _with(self, channel: StoredChannel, given: Mapping[str, str]) -> StoredChannel:
        """The channel with these credentials, the secret ones sealed."""
        declared = _declared(channel.platform)
        problems = fields.problems(declared, given, loopback=self.loopback)
        if not problems and any(field.granted for field in declared):
            problems = fields.ungranted(declared, given, self.standing(channel.workspace).grants)
        if problems:
            raise Refusal(INVALID, f"{problems[0].field}: {problems[0].message}", errors=problems)
        supplied = fields.supplied(declared, given)
        sealed = self._sealed(channel, supplied.secret) if supplied.secret else None
        return channel.reconnected(supplied.settings, tuple(sorted(supplied.secret)), sealed)

    def _sealed(self, channel: StoredChannel, secret: Mapping[str, str]) -> Sealed:
        return self.vault.seal(
            workspace=channel.workspace, channel=channel.id, platform=channel.platform, secret=secret
        )

    def _verify_soon(self, channel: StoredChannel, correlation_id: str) -> None:
        """The channel is stored already, so what fails here is no failure of the request: it stays unverified."""
        try:
            self._verify(channel, correlation_id)
        except (SendFailed, *aws.FAILURES) as error:
            logger.warning("Not asked to verify", extra={"channel": channel.id, "error": aws.name_of(error)})

    def _verify(self, channel: StoredChannel, correlation_id: str) -> None:
        """Ask the platform's own function, which alone may open the credentials; a person waits, so it is urgent."""
        work = Verify(workspace=channel.workspace, channel=channel.id, correlation_id=correlation_id)
        self.sender.send([Parcel(lane(channel.platform, Priority.URGENT), work)])


def _declared(platform: str) -> tuple[Field, ...]:
    try:
        return platforms.load(platform).credentials.fields
    except KeyError:
        raise invalid("platform", "There is no such platform.", "Use a name from GET /v1/platforms.") from None


def _view(channel: StoredChannel) -> shown.Channel:
    return shown.Channel(
        id=channel.id,
        platform=channel.platform,
        name=channel.name,
        settings=dict(channel.settings),
        secrets=list(channel.secret_fields),
        paused=channel.paused,
        slots=slots.view(channel.week),
        connection=channel.connection,
        reason=channel.reason,
        identity=_owner(channel.identity),
        verified_at=utc_text(channel.verified_at) if channel.verified_at else None,
        credentials_end_at=utc_text(channel.secrets_end_at) if channel.secrets_end_at else None,
        scopes=None if channel.scopes is None else list(channel.scopes),
        renews_at=_renewal(channel),
        callback=_callback(channel),
        created_at=utc_text(channel.created_at),
        created_by=channel.created_by,
        updated_at=utc_text(channel.updated_at),
    )


def _renewal(channel: StoredChannel) -> str | None:
    """When its credentials are renewed; what else is done at that time is told of no one."""
    renewed = channel.renew_at and life_of(platforms.load(channel.platform), channel)
    return utc_text(channel.renew_at) if channel.renew_at and renewed else None


def _callback(channel: StoredChannel) -> str | None:
    if not isinstance(platforms.load(channel.platform), Hears):
        return None
    return f"/v1/inbound/{channel.platform}?for={channel.workspace}.{channel.id}"


def _owner(identity: Identity | None) -> shown.Owner | None:
    return shown.Owner(id=identity.id, name=identity.name, url=identity.url) if identity else None
