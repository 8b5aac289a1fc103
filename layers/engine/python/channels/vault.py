"""The vault: a data key for each channel under KMS, and AES-256-GCM beneath it.

Both layers are bound to the workspace, the channel and the platform (KMS encryption context; additional data of GCM):
credentials moved to another item open nowhere, and the function of one platform may open that platform's alone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from channels import aws
from channels.apps import NO_APP, NONE, App
from channels.fields import Supplied
from channels.model import Sealed, StoredChannel
from publishing.memory import Memory
from publishing.model import Channel

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

NONCE_BYTES = 12  # what GCM takes
REMEMBER_S = 300.0
REMEMBER_KEYS = 500
REMEMBER_USES = 1_000


def _memory() -> Memory[bytes, bytes]:
    return Memory(keep_s=REMEMBER_S, most=REMEMBER_KEYS, uses=REMEMBER_USES)


@dataclass(frozen=True)
class Vault:
    """Seals credentials under one KMS key. Opened data keys are remembered for five minutes or a thousand uses.

    What was sealed under a former key opens, too, while the function's role may use that key: KMS reads from the data
    key which it is, and no other than those that the role names can be meant.

    `app`: what channels connected by consent are completed with when they are opened; it is never sealed with them.
    """

    key_arn: str
    client: Callable[[], KMSClient] = aws.kms
    memory: Memory[bytes, bytes] = field(default_factory=_memory, repr=False)
    app: App = NO_APP

    def seal(self, *, workspace: str, channel: str, platform: str, secret: Mapping[str, str]) -> Sealed:
        """Encrypt a channel's secret fields under a new data key."""
        return self.lock(_context(workspace, channel, platform), secret)

    def lock(self, context: Mapping[str, str], secret: Mapping[str, str]) -> Sealed:
        """Encrypt a secret under a new data key, both bound to `context`."""
        answer = self.client().generate_data_key(KeyId=self.key_arn, KeySpec="AES_256", EncryptionContext=context)
        return Sealed(answer["CiphertextBlob"], _boxed(answer["Plaintext"], secret, context))

    def unlock(self, context: Mapping[str, str], sealed: Sealed) -> dict[str, str]:
        """The secret that `lock` encrypted for that context.

        Raises:
            cryptography.exceptions.InvalidTag: it was not encrypted for it.
        """
        nonce, ciphertext = sealed.box[:NONCE_BYTES], sealed.box[NONCE_BYTES:]
        cipher = AESGCM(self._data_key(sealed.data_key, context))
        opened: dict[str, str] = json.loads(cipher.decrypt(nonce, ciphertext, _bound(context)))
        return opened

    def reseal(self, stored: StoredChannel, secret: Mapping[str, str]) -> Sealed:
        """Encrypt a channel's new secrets under the data key it has: whoever may open it may renew it.

        Raises:
            ValueError: it has no data key.
        """
        if stored.sealed is None:
            raise ValueError("A channel without secrets has none to renew.")
        context = _context(stored.workspace, stored.id, stored.platform)
        key, apps = self._data_key(stored.sealed.data_key, context), self._apps(stored).secret
        own = {name: value for name, value in secret.items() if name not in apps}
        return Sealed(stored.sealed.data_key, _boxed(key, own, context))

    def anew(self, sealed: Sealed, context: Mapping[str, str]) -> Sealed:
        """The same secret under another data key: for the operator alone, who may both open and seal.

        Raises:
            cryptography.exceptions.InvalidTag: it was not sealed in that context.
        """
        key = self._data_key(sealed.data_key, context)
        secret = AESGCM(key).decrypt(sealed.box[:NONCE_BYTES], sealed.box[NONCE_BYTES:], _bound(context))
        answer = self.client().generate_data_key(KeyId=self.key_arn, KeySpec="AES_256", EncryptionContext=context)
        return Sealed(answer["CiphertextBlob"], _boxed(answer["Plaintext"], json.loads(secret), context))

    def open(self, stored: StoredChannel, addresses: Mapping[str, str] | None = None) -> Channel:
        """The channel as its adapter sees it; `addresses` are those of the AWS resources adapters may declare.

        Raises:
            cryptography.exceptions.InvalidTag: what is stored was not sealed for this channel.
        """
        apps, own = self._apps(stored), self._opened(stored, stored.sealed) if stored.sealed else {}
        return Channel(
            id=stored.id,
            workspace=stored.workspace,
            platform=stored.platform,
            name=stored.name,
            settings={**stored.settings, **apps.settings},
            secrets={**own, **apps.secret},
            aws=addresses or {},
        )

    def is_as_stored(self, channel: Channel, stored: StoredChannel) -> bool:
        """Whether a channel that was opened has the settings that are stored, and the secrets."""
        apps = self._app_names(stored)
        same = _without(apps, channel.settings) == _without(apps, stored.settings)
        return same and self.has_stored_secrets(channel, stored)

    def has_stored_secrets(self, channel: Channel, stored: StoredChannel) -> bool:
        """Whether a channel that was opened has the secrets that are stored; its app is rotated apart from them."""
        apps, own = self._app_names(stored), self._opened(stored, stored.sealed) if stored.sealed else {}
        return _without(apps, channel.secrets) == _without(apps, own)

    def unseal(self, *, workspace: str, channel: str, platform: str, sealed: Sealed) -> dict[str, str]:
        """What was sealed for that channel.

        Raises:
            cryptography.exceptions.InvalidTag: it was sealed for another.
        """
        return self.unlock(_context(workspace, channel, platform), sealed)

    def _apps(self, stored: StoredChannel) -> Supplied:
        return NONE if stored.scopes is None else self.app.supplied()

    def _app_names(self, stored: StoredChannel) -> frozenset[str]:
        return frozenset() if stored.scopes is None else self.app.names

    def _opened(self, stored: StoredChannel, sealed: Sealed) -> dict[str, str]:
        return self.unseal(workspace=stored.workspace, channel=stored.id, platform=stored.platform, sealed=sealed)

    def _data_key(self, encrypted: bytes, context: Mapping[str, str]) -> bytes:
        known = self.memory.recall(encrypted)
        if known:
            return known
        answer = self.client().decrypt(CiphertextBlob=encrypted, EncryptionContext=context)
        return self.memory.keep(encrypted, answer["Plaintext"])


def _boxed(key: bytes, secret: Mapping[str, str], context: Mapping[str, str]) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, json.dumps(dict(secret)).encode(), _bound(context))


def _without(names: Collection[str], values: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in values.items() if name not in names}


def _context(workspace: str, channel: str, platform: str) -> dict[str, str]:
    return {"workspace": workspace, "channel": channel, "platform": platform}


def _bound(context: Mapping[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True).encode()
