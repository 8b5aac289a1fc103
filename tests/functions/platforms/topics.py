"""A topic of Amazon SNS as those see it who are subscribed: its messages, signed with a key made for the tests."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from functools import cache

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from publishing.inbound import Call
from tests.functions.platforms.conversing import NOON

TOPIC = "arn:aws:sns:us-east-2:123456789012:s4-MySNSTopic-1G1WEFCOXTC0P"
HOST = "https://sns.us-east-2.amazonaws.com"
CERTIFICATE = f"{HOST}/SimpleNotificationService-f3ecfb7224c7233fe7bb5f59f96de52f.pem"
CONFIRMATION = f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=233..."
NOTIFICATION = {
    "Type": "Notification",
    "MessageId": "4d4dc071-ddbf-465d-bba8-08f81c89da64",
    "TopicArn": TOPIC,
    "Message": "My Test Message",
    "Timestamp": "2026-11-20T12:00:00.000Z",
    "SignatureVersion": "2",
    "SigningCertURL": CERTIFICATE,
}
SUBSCRIPTION = {**NOTIFICATION, "Type": "SubscriptionConfirmation", "Token": "233...", "SubscribeURL": CONFIRMATION}
OF_A_SUBSCRIPTION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
OF_A_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")


@cache
def key(_whose: str) -> RSAPrivateKey:
    return generate_private_key(65_537, 2_048)


@cache
def certificate() -> httpx.Response:
    """What is found where the messages say that the certificate is."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key("SNS").public_key())
    made = made.serial_number(1).not_valid_before(NOON - timedelta(days=9)).not_valid_after(NOON + timedelta(days=9))
    return httpx.Response(200, content=made.sign(key("SNS"), SHA256()).public_bytes(Encoding.PEM))


def canonical(message: dict[str, str]) -> str:
    """The string to sign as the page has it, by the type of the message."""
    names = OF_A_NOTIFICATION if message["Type"] == "Notification" else OF_A_SUBSCRIPTION
    return "".join(f"{name}\n{message[name]}\n" for name in names if name in message)


def proof(text: str, version: str = "2", whose: str = "SNS") -> str:
    digest = SHA1() if version == "1" else SHA256()  # noqa: S303 - what version 1 is
    return base64.b64encode(key(whose).sign(text.encode(), PKCS1v15(), digest)).decode()


def sent(message: dict[str, str]) -> Call:
    """The message as SNS sends it, signed unless it is already."""
    signed = {"Signature": proof(canonical(message), message["SignatureVersion"]), **message}
    headers = {"content-type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": message["Type"]}
    return Call("POST", "https://postroom.example.org/hear", headers=headers, body=json.dumps(signed).encode())
