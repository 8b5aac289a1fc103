"""Our signatures against the published vector and the reference library of Standard Webhooks."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook as Reference

from publishing.errors import Unauthorized
from publishing.signing import signed

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
AT_S = 1_614_265_330

keys = st.binary(min_size=24, max_size=64)


def secret_of(key: bytes) -> str:
    return f"whsec_{base64.b64encode(key).decode()}"


def test_the_published_vector_is_reproduced() -> None:
    assert signed("msg_p5jXN8AQM9LWM0D4loKWxJek", AT_S, b'{"test": 2432232314}', [SECRET]) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(keys, st.text(), st.integers(0, 4_102_444_800))
def test_the_signature_is_the_reference_librarys(key: bytes, body: str, at_s: int) -> None:
    body = body.encode(errors="replace").decode()
    reference = Reference(secret_of(key)).sign("msg_1", datetime.fromtimestamp(at_s, UTC), body)
    assert signed("msg_1", at_s, body.encode(), [secret_of(key)])["webhook-signature"] == reference


def test_each_secret_signs_while_they_are_rotated() -> None:
    both = signed("msg_1", AT_S, b"{}", [SECRET, OTHER])["webhook-signature"].split(" ")
    assert both == [
        signed("msg_1", AT_S, b"{}", [SECRET])["webhook-signature"],
        signed("msg_1", AT_S, b"{}", [OTHER])["webhook-signature"],
    ]


def test_a_secret_is_read_without_prefix_and_padding_too() -> None:
    key = secret_of(b"k" * 25)
    assert signed("msg_1", AT_S, b"{}", [key]) == signed("msg_1", AT_S, b"{}", [key[6:].rstrip("=") + "\n"])


@pytest.mark.parametrize("length", [24, 64])
def test_keys_of_the_specified_lengths_are_taken(length: int) -> None:
    assert signed("msg_1", AT_S, b"{}", [secret_of(b"k" * length)])


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_not base64", "whsec_ключ", secret_of(b"k" * 23), secret_of(b"k" * 65)]
)
def test_what_is_no_secret_holds_the_channel(secret: str) -> None:
    with pytest.raises(Unauthorized, match="signing secret"):
        signed("msg_1", AT_S, b"{}", [secret])
