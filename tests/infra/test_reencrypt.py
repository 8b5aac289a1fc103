from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from channels.model import Sealed, StoredChannel
from channels.registry import Registry
from channels.vault import Vault
from infra import reencrypt
from infra.reencrypt import Walk
from notifying.keyring import Keyring, context
from publishing import aws
from tests import cloud
from tests.channels.test_vault import CHANNEL
from tests.cloud import Cloud

SECRET = {"signing_secret": "whsec_canary"}


@dataclass
class Kept:
    """Channels sealed under a key, beside another key that nothing is sealed under yet."""

    table: str
    kms: Any = field(default_factory=lambda: boto3.client("kms", region_name=cloud.REGION))

    def __post_init__(self) -> None:
        self.old, self.new = (self.kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
        self.registry = Registry(self.table)

    def channel(self, number: int = 0) -> StoredChannel:
        """A stored channel with a secret."""
        made = replace(CHANNEL, id=f"chn_{number:026}")
        sealed = self.vault(self.old).seal(
            workspace=made.workspace, channel=made.id, platform=made.platform, secret=SECRET
        )
        self.registry.create(replace(made, sealed=sealed))
        return self.again(made)

    def again(self, channel: StoredChannel) -> StoredChannel:
        found = self.registry.find(channel.workspace, channel.id, consistent=True)
        assert found
        return found

    def sealed(self, channel: StoredChannel) -> Sealed:
        found = self.again(channel).sealed
        assert found
        return found

    def data_key(self, channel: StoredChannel, key: str) -> bytes:
        """A channel's data key, where it is wrapped under `key`."""
        context = {"workspace": channel.workspace, "channel": channel.id, "platform": channel.platform}
        wrapped = self.sealed(channel).data_key
        opened: bytes = self.kms.decrypt(CiphertextBlob=wrapped, KeyId=key, EncryptionContext=context)["Plaintext"]
        return opened

    def vault(self, key: str) -> Vault:
        """The vault of a function that has just started."""
        return Vault(key, lambda: self.kms)

    def opened(self, channel: StoredChannel) -> dict[str, str]:
        return dict(self.vault(self.new).open(self.again(channel)).secrets)

    def walk(self, key: str = "", **more: Any) -> Walk:
        return Walk(self.table, key or self.old, kms=lambda: self.kms, **more)

    def meanwhile(self, act: Callable[[], object], times: int = 1) -> None:
        """Have something happen between the walk's reading an item and its writing it."""
        left, busy = [act] * times, [False]

        def happen(**_: object) -> None:
            if left and not busy[0]:  # what happens writes, too
                busy[0] = True
                left.pop()()
                busy[0] = False

        aws.dynamodb().meta.events.register("before-call.dynamodb.UpdateItem", happen, unique_id="meanwhile")


@pytest.fixture
def kept(cloud_in_moto: Cloud) -> Kept:
    return Kept(cloud_in_moto.settings.channels_table)


def test_every_data_key_is_wrapped_anew_and_nothing_is_opened(kept: Kept) -> None:
    channels = [kept.channel(number) for number in range(3)]
    before = [kept.sealed(channel) for channel in channels]
    asked: list[str] = []
    kept.kms.meta.events.register("before-call.kms", lambda model, **_: asked.append(model.name))
    assert list(kept.walk().on()) == ["✓ 3 items seen, 3 secrets sealed anew"]
    assert set(asked) == {"ReEncrypt"}
    after = [kept.sealed(channel) for channel in channels]
    assert [each.box for each in after] == [each.box for each in before]
    assert not {each.data_key for each in after} & {each.data_key for each in before}
    assert [kept.opened(channel) for channel in channels] == [SECRET] * 3


def test_what_was_under_another_key_moves_and_the_other_is_needed_no_more(kept: Kept) -> None:
    channel = kept.channel()
    assert list(kept.walk(kept.new).on()) == ["✓ 1 items seen, 1 secrets sealed anew, 1 of them from under another key"]
    assert kept.data_key(channel, kept.new)
    assert kept.opened(channel) == SECRET
    assert list(kept.walk(kept.new).on()) == ["✓ 1 items seen, 1 secrets sealed anew"]


def test_until_it_is_moved_a_vault_with_a_new_key_opens_what_is_under_the_former(kept: Kept) -> None:
    assert kept.vault(kept.new).open(kept.channel()).secrets == SECRET


def test_asked_to_it_gives_each_secret_a_new_data_key(kept: Kept) -> None:
    channel = kept.channel()
    box, key = kept.sealed(channel).box, kept.data_key(channel, kept.old)
    list(kept.walk(fresh=True).on())
    assert kept.sealed(channel).box != box
    assert kept.data_key(channel, kept.old) != key
    assert kept.opened(channel) == SECRET


@pytest.mark.parametrize("fresh", [False, True])
def test_credentials_that_a_person_supplies_meanwhile_stand(kept: Kept, fresh: bool) -> None:  # noqa: FBT001
    channel = kept.channel()
    other = {"signing_secret": "another"}

    def supply() -> None:
        sealed = kept.vault(kept.old).seal(
            workspace=channel.workspace, channel=channel.id, platform=channel.platform, secret=other
        )
        seen = kept.again(channel)
        assert kept.registry.edit(seen, replace(seen, name="Renamed", sealed=sealed))

    kept.meanwhile(supply)
    assert list(kept.walk(kept.new, fresh=fresh).on())[-1].startswith("✓ 1 items seen, 1 secrets sealed anew")
    assert kept.data_key(channel, kept.new)
    assert kept.opened(channel) == other
    assert kept.again(channel).name == "Renamed"


def test_a_channel_deleted_meanwhile_does_not_come_back(kept: Kept) -> None:
    channel = kept.channel()
    kept.meanwhile(lambda: kept.registry.delete(channel.workspace, channel.id))
    assert list(kept.walk().on()) == ["✓ 1 items seen, 0 secrets sealed anew"]
    assert kept.registry.find(channel.workspace, channel.id, consistent=True) is None


def test_what_never_stands_still_is_told(kept: Kept) -> None:
    channel = kept.channel()

    def supply() -> None:
        sealed = kept.vault(kept.old).seal(
            workspace=channel.workspace, channel=channel.id, platform=channel.platform, secret=SECRET
        )
        kept.registry.edit(kept.again(channel), replace(kept.again(channel), sealed=sealed))

    kept.meanwhile(supply, times=reencrypt.TRIES)
    walk = kept.walk()
    assert list(walk.on())[-1] == "✗ 1 kept changing and were left as they were: run it once more"
    assert walk.left == 1


def test_it_goes_on_where_it_was_broken_off(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reencrypt, "PAGE", 2)
    before = [kept.channel(number) for number in range(5)]
    first = next(kept.walk().on())
    assert first.startswith("… 2 items seen, 2 secrets sealed anew; AFTER=")
    rest = kept.walk()
    list(rest.on(first.rpartition("AFTER=")[2]))
    assert rest.seen == 3
    assert [kept.again(each).sealed != each.sealed for each in before] == [True] * 5


def test_items_without_secrets_are_passed_over(kept: Kept) -> None:
    kept.registry.create(CHANNEL)
    assert list(kept.walk().on()) == ["✓ 1 items seen, 0 secrets sealed anew"]
    assert kept.again(CHANNEL) == CHANNEL


def test_secrets_of_an_unknown_kind_are_told_and_left(kept: Kept) -> None:
    item = {"pk": "ws_1", "sk": "OTHER#1", "first_data_key": b"k", "first_box": b"b"}
    aws.dynamodb().put_item(TableName=kept.table, Item=aws.marshal(item))
    walk = kept.walk()
    assert list(walk.on())[-1] == "✗ Secrets of OTHER#… were left as they were: their context is not known here"
    assert walk.unknown == {"OTHER#"}


def test_a_secret_bound_to_another_channel_is_not_wrapped(kept: Kept) -> None:
    channel = kept.channel()
    kept.registry.create(replace(channel, id="chn_thief"))
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        list(kept.walk().on())


def test_the_command_finds_the_table_and_the_key(
    kept: Kept, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = kept.channel()
    outputs = {"ChannelsTable": kept.table, "CredentialsKeyArn": kept.new}
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    boto3.client("cloudformation").create_stack(StackName="Postroom-prod", TemplateBody=json.dumps(template))
    assert reencrypt.main(["--stage", "prod"]) == 0
    assert "1 of them from under another key" in capsys.readouterr().out
    assert kept.opened(channel) == SECRET
    monkeypatch.setattr(reencrypt, "CONTEXTS", {})
    assert reencrypt.main(["--stage", "prod", "--fresh"]) == 1


def test_the_secrets_of_a_webhook_are_wrapped_anew_those_it_had_before_too(kept: Kept) -> None:
    workspace, webhook = CHANNEL.workspace, "whk_1"
    old, new = Keyring(kept.vault(kept.old)), kept.vault(kept.new)
    secrets = {"": "whsec_now", "previous_": "whsec_before"}
    item: dict[str, object] = {"pk": workspace, "sk": f"WEBHOOK#{webhook}"}
    for prefix, secret in secrets.items():
        sealed = old.seal(workspace, webhook, secret)
        item |= {f"{prefix}data_key": sealed.data_key, f"{prefix}box": sealed.box}
    aws.dynamodb().put_item(TableName=kept.table, Item=aws.marshal(item))
    walk = kept.walk(kept.new)
    assert "2 secrets sealed anew" in list(walk.on())[-1]
    stored = aws.unmarshal(
        aws.dynamodb().get_item(TableName=kept.table, Key=aws.marshal({"pk": workspace, "sk": item["sk"]}))["Item"]
    )
    for prefix, secret in secrets.items():
        sealed = Sealed(bytes(stored[f"{prefix}data_key"]), bytes(stored[f"{prefix}box"]))
        assert new.unlock(context(workspace, webhook), sealed) == {"secret": secret}
        assert kept.kms.decrypt(
            CiphertextBlob=sealed.data_key, KeyId=kept.new, EncryptionContext=context(workspace, webhook)
        )
