"""Secrets and signatures, held against the two libraries receivers use."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook as Reference
from standardwebhooks.webhooks import WebhookVerificationError as Unverified
from svix.webhooks import Webhook as Svix
from svix.webhooks import WebhookVerificationError as SvixUnverified

from channels.vault import Vault
from notifying import keyring
from notifying.keyring import BOTH_LAST, Keyring
from notifying.model import Endpoint
from publishing.signing import signed
from tests import cloud
from tests.cloud import Cloud
from tests.notifying import samples

EVENT = "evt_01kagwz9r3a1b2c3d4e5f6g7h8"
LIBRARIES: list[Any] = [Reference, Svix]
REFUSES = (Unverified, SvixUnverified)

bodies = st.text().map(lambda text: text.encode(errors="replace"))


def now_s() -> int:
    return int(datetime.now(UTC).timestamp())


@pytest.fixture
def ring(cloud_in_moto: Cloud) -> Keyring:  # noqa: ARG001 - moto's KMS
    return Keyring(Vault(boto3.client("kms", region_name=cloud.REGION).create_key()["KeyMetadata"]["Arn"]))


def sealed(ring: Keyring, secret: str, **changes: Any) -> Endpoint:
    endpoint = replace(samples.endpoint, **changes)
    return replace(endpoint, sealed=ring.seal(endpoint.workspace, endpoint.id, secret))


def test_a_secret_is_256_bits_behind_its_prefix() -> None:
    secret = keyring.made()
    assert (secret[:6], len(base64.b64decode(secret[6:]))) == ("whsec_", 32)
    assert keyring.made() != secret


@pytest.mark.parametrize("library", LIBRARIES)
@given(body=bodies)
def test_what_we_sign_the_libraries_verify(library: Any, body: bytes) -> None:
    secret = keyring.made()
    library(secret).verify(
        b'{"text":' + _json(body) + b"}", signed(EVENT, now_s(), b'{"text":' + _json(body) + b"}", [secret])
    )


def _json(body: bytes) -> bytes:
    return b'"' + base64.b64encode(body) + b'"'


@pytest.mark.parametrize("library", LIBRARIES)
@given(body=bodies)
def test_what_the_libraries_sign_we_would_have_signed_so(library: Any, body: bytes) -> None:
    secret, at = keyring.made(), datetime.now(UTC).replace(microsecond=0)
    theirs = library(secret).sign(EVENT, at, body.decode())
    assert signed(EVENT, int(at.timestamp()), body, [secret])["webhook-signature"] == theirs


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_body_that_was_changed_is_refused(library: Any) -> None:
    secret = keyring.made()
    stamps = signed(EVENT, now_s(), b'{"a":1}', [secret])
    with pytest.raises(REFUSES):
        library(secret).verify(b'{"a": 1}', stamps)


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_stamp_that_is_too_old_or_too_new_is_refused(library: Any, minutes: int) -> None:
    secret = keyring.made()
    with pytest.raises(REFUSES):
        library(secret).verify(b"{}", signed(EVENT, now_s() + 60 * minutes, b"{}", [secret]))


@pytest.mark.parametrize("library", LIBRARIES)
def test_while_secrets_change_each_verifies_and_no_third_does(library: Any) -> None:
    both = [keyring.made(), keyring.made()]
    stamps = signed(EVENT, now_s(), b"{}", both)
    for secret in both:
        library(secret).verify(b"{}", stamps)
    with pytest.raises(REFUSES):
        library(keyring.made()).verify(b"{}", stamps)


def test_a_secret_is_opened_for_the_endpoint_it_was_sealed_for(ring: Keyring) -> None:
    endpoint = sealed(ring, "whsec_canary")
    assert list(ring.secrets(endpoint, cloud.START)) == ["whsec_canary"]
    with pytest.raises(InvalidTag):
        ring.secrets(replace(endpoint, workspace="ws_other"), cloud.START)


def test_the_secret_before_signs_for_a_day(ring: Keyring) -> None:
    before, after = sealed(ring, "whsec_before"), sealed(ring, "whsec_after")
    endpoint = replace(after, previous=before.sealed, previous_until=cloud.START + BOTH_LAST)
    assert list(ring.secrets(endpoint, cloud.START)) == ["whsec_after", "whsec_before"]
    assert list(ring.secrets(endpoint, cloud.START + timedelta(hours=24))) == ["whsec_after"]


def test_neither_a_secret_nor_its_box_is_shown(ring: Keyring) -> None:
    assert "whsec_canary" not in repr(sealed(ring, "whsec_canary"))
