from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import boto3
import httpx
import pytest

from channels.connecting import Doors
from channels.hindering import SWITCHED_OFF, Hindrance
from channels.model import Connection, StoredChannel
from channels.registry import Registry, Remembered
from channels.vault import Vault
from publishing.adapter import Field
from publishing.conversation import Conversations
from publishing.model import Channel
from publishing.publication import Trouble
from publishing.standing import Standing
from tests.cloud import REGION, START, Cloud
from tests.publishing.workbench import Alpha

WORKSPACE = "ws_1"
CHANNEL = StoredChannel(
    id="chn_1",
    workspace=WORKSPACE,
    platform="alpha",
    name="Alpha",
    settings={"language": "en"},
    secret_fields=("token",),
    sealed=None,
    created_at=START,
    created_by="tester",
    updated_at=START,
)


@pytest.fixture
def doors(cloud_in_moto: Cloud) -> Doors:
    vault = Vault(boto3.client("kms", region_name=REGION).create_key()["KeyMetadata"]["Arn"])
    sealed = vault.seal(workspace=WORKSPACE, channel="chn_1", platform="alpha", secret={"token": "s3cret"})
    registry = Registry(cloud_in_moto.settings.channels_table, cloud_in_moto.watch)
    registry.create(replace(CHANNEL, sealed=sealed))
    return Doors(Remembered(registry), vault, Alpha(), {"feeds": "https://feeds.test"})


def connection(doors: Doors) -> tuple[Connection, str]:
    stored = doors.channels.registry.find(WORKSPACE, "chn_1", consistent=True)
    assert stored is not None
    return stored.connection, stored.reason


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> Conversations:
    transport = httpx.MockTransport(answer)
    return Conversations(outside=transport, inside=transport, sign=lambda _request, _service: None)


def status(code: int) -> Conversations:
    return answering(lambda request: httpx.Response(code, request=request))


def test_an_open_channel_has_its_settings_secrets_and_addresses(doors: Doors) -> None:
    channel = doors.open(WORKSPACE, "chn_1")
    assert isinstance(channel, Channel)
    assert (channel.secrets, channel.settings["language"]) == ({"token": "s3cret"}, "en")
    assert channel.aws == {"feeds": "https://feeds.test"}


def test_a_channel_that_is_gone_says_so(doors: Doors) -> None:
    doors.channels.registry.delete(WORKSPACE, "chn_1")
    trouble = doors.open(WORKSPACE, "chn_1")
    assert isinstance(trouble, Trouble)
    assert trouble.kind == "channel_deleted"


def test_another_workspaces_channel_is_not_opened(doors: Doors) -> None:
    assert isinstance(doors.open("ws_2", "chn_1"), Trouble)


def opened(doors: Doors) -> Channel:
    channel = doors.open(WORKSPACE, "chn_1")
    assert isinstance(channel, Channel)
    return channel


def test_refused_credentials_shut_the_channel_until_it_is_reconnected(doors: Doors) -> None:
    doors.lost(opened(doors), Trouble("unauthorized", "The token was revoked."))
    assert connection(doors) == (Connection.RECONNECT, "The token was revoked.")
    assert doors.open(WORKSPACE, "chn_1") == Trouble("reconnect", "The token was revoked.")


def test_good_credentials_open_it_again(doors: Doors) -> None:
    doors.lost(opened(doors), Trouble("unauthorized", "The token was revoked."))
    doors.verify(WORKSPACE, "chn_1", status(200))
    assert connection(doors) == (Connection.CONNECTED, "")
    assert isinstance(doors.open(WORKSPACE, "chn_1"), Channel)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (200, Connection.CONNECTED),
        (401, Connection.RECONNECT),
        (404, Connection.RECONNECT),
        (500, Connection.UNVERIFIED),
        (429, Connection.UNVERIFIED),
    ],
)
def test_what_the_platform_says_of_the_credentials_is_written_down(
    doors: Doors, code: int, expected: Connection
) -> None:
    doors.verify(WORKSPACE, "chn_1", status(code))
    assert connection(doors)[0] is expected


def test_a_platform_that_cannot_be_reached_says_nothing_of_the_credentials(doors: Doors) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("down", request=request)

    doors.verify(WORKSPACE, "chn_1", answering(refuse))
    assert connection(doors)[0] is Connection.UNVERIFIED
    assert "Test the channel again" in connection(doors)[1]


REVOKED = Trouble("unauthorized", "The old token was revoked.")


def replaced(doors: Doors, **secret: str) -> None:
    """A person supplies these, and they are found good."""
    seen = doors.channels.registry.find(WORKSPACE, "chn_1", consistent=True)
    assert seen is not None
    sealed = doors.vault.seal(workspace=WORKSPACE, channel="chn_1", platform="alpha", secret=secret)
    given = replace(seen.reconnected(seen.settings, ("token",), sealed), connection=Connection.CONNECTED)
    assert doors.channels.registry.edit(seen, given)


@pytest.mark.parametrize("refusals", [1, 2, 3])
def test_credentials_replaced_meanwhile_are_not_judged_by_refusals_of_the_old_ones(doors: Doors, refusals: int) -> None:
    """Deliveries of one batch open the channel together, and are refused one after the other."""
    together = [opened(doors) for _ in range(refusals)]
    replaced(doors, token="brand-new")
    for channel in together:
        doors.lost(channel, REVOKED)
    assert connection(doors)[0] is Connection.CONNECTED
    assert opened(doors).secrets == {"token": "brand-new"}  # nor are the old ones remembered


def test_settings_changed_meanwhile_are_not_judged_by_a_refusal_of_the_old_ones(doors: Doors) -> None:
    channel = opened(doors)
    seen = doors.channels.registry.find(WORKSPACE, "chn_1", consistent=True)
    assert seen is not None
    doors.channels.registry.edit(seen, replace(seen, settings={"language": "de"}))
    doors.lost(channel, REVOKED)
    assert connection(doors)[0] is Connection.UNVERIFIED


def test_a_channel_that_was_renamed_meanwhile_is_shut_nevertheless(doors: Doors) -> None:
    channel = opened(doors)
    seen = doors.channels.registry.find(WORKSPACE, "chn_1", consistent=True)
    assert seen is not None
    doors.channels.registry.edit(seen, replace(seen, name="Renamed"))
    doors.lost(channel, REVOKED)
    assert connection(doors)[0] is Connection.RECONNECT


def test_a_channel_that_is_gone_is_lost_to_nobody(doors: Doors) -> None:
    channel = opened(doors)
    doors.channels.registry.delete(WORKSPACE, "chn_1")
    doors.lost(channel, REVOKED)
    assert doors.opened(WORKSPACE, "chn_1") is None


@pytest.mark.parametrize("answer", [500, 429])
def test_a_verification_that_could_not_ask_leaves_a_channel_shut_that_was_shut_meanwhile(
    doors: Doors, answer: int
) -> None:
    def meanwhile(request: httpx.Request) -> httpx.Response:
        doors.lost(opened(doors), REVOKED)
        return httpx.Response(answer, request=request)

    doors.verify(WORKSPACE, "chn_1", answering(meanwhile))
    assert connection(doors) == (Connection.RECONNECT, REVOKED.message)


def test_a_deleted_channel_is_not_verified(doors: Doors) -> None:
    doors.channels.registry.delete(WORKSPACE, "chn_1")
    asked: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, request=request)

    doors.verify(WORKSPACE, "chn_1", answering(note))
    assert asked == []


def test_no_channel_of_a_suspended_workspace_is_opened(doors: Doors) -> None:
    suspended = replace(
        doors, hindrance=Hindrance(standing=lambda workspace: Standing(suspended=workspace == WORKSPACE))
    )
    assert suspended.open(WORKSPACE, "chn_1") == Trouble("suspended", "The workspace is suspended.")
    assert isinstance(suspended.opened(WORKSPACE, "chn_1"), Channel)  # a callback about it is still understood


@pytest.mark.parametrize(("granted", "opens"), [("en", True), ("de", False)])
def test_a_channel_opens_only_with_what_its_workspace_was_granted(doors: Doors, granted: str, *, opens: bool) -> None:
    standing = Standing(granted=frozenset({granted}))
    declared = (Field("language", granted=True), Field("other", granted=True, required=False))
    found = replace(doors, hindrance=Hindrance(declared, lambda _: standing)).open(WORKSPACE, "chn_1")
    assert isinstance(found, Channel) is opens
    assert opens or (isinstance(found, Trouble) and found.kind == "not_granted")


def test_a_paused_channel_is_not_opened(doors: Doors) -> None:
    seen = doors.channels.registry.find(WORKSPACE, "chn_1")
    assert seen is not None
    doors.channels.registry.edit(seen, replace(seen, paused=True))
    assert doors.open(WORKSPACE, "chn_1") == Trouble("paused", "The channel is paused.")


def test_where_the_platform_is_switched_off_for_a_workspace_its_channels_are_not_opened(doors: Doors) -> None:
    off = replace(doors, hindrance=Hindrance(delivering=lambda workspace: workspace != WORKSPACE))
    assert off.open(WORKSPACE, "chn_1") == SWITCHED_OFF
    assert isinstance(replace(doors, hindrance=Hindrance(delivering=lambda _: True)).open(WORKSPACE, "chn_1"), Channel)


def test_a_channel_that_is_gone_is_gone_wherever_the_switch_stands(doors: Doors) -> None:
    trouble = replace(doors, hindrance=Hindrance(delivering=lambda _: False)).open(WORKSPACE, "chn_9")
    assert isinstance(trouble, Trouble)
    assert trouble.kind == "channel_deleted"
