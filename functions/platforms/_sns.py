"""Amazon SNS calling over HTTPS: whether it was SNS that spoke, and of the topic that is listened to.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html,
…/http-subscription-confirmation-json.html and …/http-notification-json.html (read 2026-11-21, stored copies)
Anybody may have SNS sign messages of a topic of their own, so a signature is worth nothing without the topic's name.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Generator
from datetime import datetime

import httpx
from pydantic import Field as Key
from pydantic import ValidationError

from publishing.inbound import Call, Forged
from publishing.replies import Reply, accepted

WINDOW_S = 3_600  # SNS tries again for an hour at most, with the time of the first try
# In byte order. The page says that no line end follows the last value; SNS does sign one, and AWS's own validators
# (aws/aws-php-sns-message-validator) have it.
SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
GONE = frozenset({403, 404})

# Whole addresses, so that no two readers of one can differ about its host.
_CERTIFICATE = re.compile(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/[A-Za-z0-9_-]+\.pem")
_CONFIRMATION = re.compile(r"https://sns\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/\?[!-~]+")


class Message(Reply):
    """What SNS sends, whatever it is about; `text` is what was published to the topic."""

    kind: str = Key(alias="Type")
    id: str = Key(alias="MessageId")
    topic: str = Key(alias="TopicArn")
    text: str = Key(alias="Message")
    at: str = Key(alias="Timestamp")
    version: str = Key(alias="SignatureVersion")
    signature: str = Key(alias="Signature")
    certificate: str = Key(alias="SigningCertURL")
    subject: str | None = Key(alias="Subject", default=None)
    token: str | None = Key(alias="Token", default=None)
    confirmation: str | None = Key(alias="SubscribeURL", default=None)

    def canonical(self) -> bytes:
        """What SNS signs of it."""
        told = self.model_dump(by_alias=True, exclude_none=True)
        return "".join(f"{name}\n{told[name]}\n" for name in SIGNED if name in told).encode()


def notified(call: Call, *, topic: str, now: datetime) -> Generator[httpx.Request, httpx.Response, Message | None]:
    """What was published to `topic`, once its signature holds; None where it is about the subscription, now confirmed.

    Raises:
        Forged: SNS did not sign it, or signed it more than an hour from `now`, or for another topic.
        PublishingError: the certificate could not be had, or the subscription not confirmed.
    """
    message = _read(call.body)
    ours = bool(topic) and message.topic == topic
    if not (ours and _is_recent(message.at, now) and _CERTIFICATE.fullmatch(message.certificate)):
        raise Forged
    reply = yield httpx.Request("GET", message.certificate)
    if reply.status_code in GONE or not _is_signed(message, accepted(reply).content):
        raise Forged
    if message.kind == "SubscriptionConfirmation":
        accepted((yield httpx.Request("GET", _confirmation(message))))
    return message if message.kind == "Notification" else None


def _read(body: bytes) -> Message:
    try:
        return Message.model_validate_json(body)
    except ValidationError as error:
        raise Forged from error


def _is_recent(at: str, now: datetime) -> bool:
    try:
        return abs((now - datetime.fromisoformat(at)).total_seconds()) <= WINDOW_S
    except (ValueError, TypeError):  # no time; or one without a zone, as SNS tells none
        return False


def _is_signed(message: Message, certificate: bytes) -> bool:
    # takes longer to import than all the rest here, and only who hears needs it
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA1, SHA256  # noqa: PLC0415
    from cryptography.x509 import load_pem_x509_certificate  # noqa: PLC0415

    digest = {"1": SHA1, "2": SHA256}.get(message.version)
    try:
        key = load_pem_x509_certificate(certificate).public_key()
        if digest is None or not isinstance(key, RSAPublicKey):
            return False
        key.verify(b64decode(message.signature, validate=True), message.canonical(), PKCS1v15(), digest())
    except (InvalidSignature, ValueError):
        return False
    return True


def _confirmation(message: Message) -> str:
    address = message.confirmation or ""
    if not _CONFIRMATION.fullmatch(address):
        raise Forged
    return address
