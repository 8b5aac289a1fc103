from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag

from channels.model import StoredChannel
from channels.vault import REMEMBER_KEYS, REMEMBER_S, REMEMBER_USES, Vault
from publishing.memory import Memory
from tests import cloud

WORKSPACE = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"
CHANNEL = StoredChannel(
    id="chn_01kagwz9r3a1b2c3d4e5f6g7h8",
    workspace=WORKSPACE,
    platform="webhook",
    name="Site",
    settings={"template": "{text}"},
    secret_fields=("signing_secret",),
    sealed=None,
    created_at=cloud.START,
    created_by="tester",
    updated_at=cloud.START,
)
SECRET = {"signing_secret": "whsec_canary"}


@dataclass
class Safe:
    """A vault on moto, whose memory's clock a test holds, and which counts what KMS is asked."""

    key: str
    now_s: float = 0.0
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kms = boto3.client("kms", region_name=cloud.REGION)
        self.kms.meta.events.register("before-call.kms", lambda model, **_: self.asked.append(model.name))
        self.vault = self.another()

    def another(self) -> Vault:
        """The vault of another process: it remembers nothing of this one's."""
        memory: Memory[bytes, bytes] = Memory(keep_s=REMEMBER_S, most=10, now_s=lambda: self.now_s)
        return Vault(self.key, lambda: self.kms, memory)

    def sealed(self, **changes: Any) -> StoredChannel:
        """A channel with its secret sealed."""
        channel = replace(CHANNEL, **changes)
        sealed = self.vault.seal(
            workspace=channel.workspace, channel=channel.id, platform=channel.platform, secret=SECRET
        )
        return replace(channel, sealed=sealed)


@pytest.fixture
def safe() -> Iterator[Safe]:
    with cloud.moto():
        yield Safe(boto3.client("kms", region_name=cloud.REGION).create_key()["KeyMetadata"]["Arn"])


def test_what_is_sealed_can_be_opened(safe: Safe) -> None:
    opened = safe.vault.open(safe.sealed(), {"feeds": "https://feeds"})
    assert (opened.secrets, opened.settings, opened.aws) == (SECRET, {"template": "{text}"}, {"feeds": "https://feeds"})
    assert (opened.id, opened.workspace, opened.platform, opened.name) == (CHANNEL.id, WORKSPACE, "webhook", "Site")


def test_a_channel_without_secrets_opens_without_kms(safe: Safe) -> None:
    assert safe.vault.open(CHANNEL).secrets == {}
    assert safe.asked == []


def test_what_is_stored_does_not_show_the_secret(safe: Safe) -> None:
    sealed = safe.sealed().sealed
    assert sealed is not None
    assert b"canary" not in sealed.box + sealed.data_key
    assert "canary" not in repr(safe.vault.open(safe.sealed()))


@pytest.mark.parametrize("change", ["workspace", "id", "platform"])
def test_credentials_moved_elsewhere_do_not_open(safe: Safe, change: str) -> None:
    moved = replace(safe.sealed(), **{change: "elsewhere"})  # type: ignore[arg-type]  # all three are texts
    with pytest.raises(ClientError, match="InvalidCiphertext"):
        safe.vault.open(moved)


def test_credentials_moved_elsewhere_do_not_open_even_with_the_data_key_in_memory(safe: Safe) -> None:
    stored = safe.sealed()
    safe.vault.open(stored)
    with pytest.raises(InvalidTag):
        safe.vault.open(replace(stored, platform="elsewhere"))


def test_credentials_that_were_tampered_with_do_not_open(safe: Safe) -> None:
    stored = safe.sealed()
    assert stored.sealed is not None
    box = stored.sealed.box[:-1] + bytes([stored.sealed.box[-1] ^ 1])
    with pytest.raises(InvalidTag):
        safe.vault.open(replace(stored, sealed=replace(stored.sealed, box=box)))


def test_each_sealing_has_a_data_key_and_a_nonce_of_its_own(safe: Safe) -> None:
    one, two = safe.sealed().sealed, safe.sealed().sealed
    assert one is not None
    assert two is not None
    assert one.data_key != two.data_key
    assert one.box[:12] != two.box[:12]


def test_data_keys_are_remembered_for_five_minutes(safe: Safe) -> None:
    stored = safe.sealed()
    safe.asked.clear()
    safe.vault.open(stored)
    safe.now_s = REMEMBER_S - 1
    safe.vault.open(stored)
    assert safe.asked == ["Decrypt"]
    safe.now_s = REMEMBER_S
    safe.vault.open(stored)
    assert safe.asked == ["Decrypt", "Decrypt"]


def test_a_data_key_is_asked_for_anew_after_so_many_uses(safe: Safe) -> None:
    stored, vault = safe.sealed(), Vault(safe.key, lambda: safe.kms)
    safe.asked.clear()
    for _ in range(REMEMBER_USES + 1):
        vault.open(stored)
    assert safe.asked == ["Decrypt"]
    vault.open(stored)
    assert safe.asked == ["Decrypt", "Decrypt"]


def test_of_very_many_data_keys_the_oldest_is_let_go(safe: Safe) -> None:
    first, vault = safe.sealed(), Vault(safe.key, lambda: safe.kms)
    vault.open(first)
    for number in range(REMEMBER_KEYS):
        vault.memory.keep(b"%d" % number, b"key")
    safe.asked.clear()
    vault.open(first)
    assert safe.asked == ["Decrypt"]


def test_sealing_never_decrypts_and_remembers_nothing(safe: Safe) -> None:
    stored = safe.sealed()
    assert stored.sealed is not None
    assert safe.asked == ["GenerateDataKey"]
    assert safe.vault.memory.recall(stored.sealed.data_key) is None
