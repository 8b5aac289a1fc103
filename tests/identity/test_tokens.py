from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from identity.model import Bearer, Denial, Denied, Role, person_of
from identity.tokens import KEEP_S, PAUSE_S, Issuer, PublishedKeys, published_at
from tests.identity import issuer
from tests.identity.issuer import Published

SOMEBODY = person_of(issuer.NAME, issuer.SUBJECT)


@dataclass
class Stand:
    """An issuer whose keys and clock a test holds."""

    published: Published = field(default_factory=Published)
    now_s: float = 0.0

    def __post_init__(self) -> None:
        keys = PublishedKeys(self.published, lambda: self.now_s)
        self.issuer = Issuer(issuer.NAME, issuer.AUDIENCE, keys)

    def denied(self, token: str) -> Denial:
        """Why a token is not accepted."""
        with pytest.raises(Denied) as caught:
            self.issuer.bearer(token)
        return caught.value.denial


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_good_token_tells_who_calls(stand: Stand, algorithm: str) -> None:
    key = issuer.ec_key() if algorithm == "ES256" else issuer.rsa_key()
    assert stand.issuer.bearer(issuer.token(key=key, algorithm=algorithm)) == Bearer(SOMEBODY)


def test_a_token_may_say_which_workspace_and_at_most_which_role_it_is_for(stand: Stand) -> None:
    narrowed = issuer.token(workspace=issuer.WORKSPACE, role="author")
    assert stand.issuer.bearer(narrowed) == Bearer(SOMEBODY, issuer.WORKSPACE, Role.AUTHOR)


def test_the_same_subject_of_another_issuer_is_another_person() -> None:
    assert person_of("https://another.example/", issuer.SUBJECT) != SOMEBODY


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", None])
def test_access_tokens_are_accepted_by_their_type(stand: Stand, kind: str | None) -> None:
    assert stand.issuer.bearer(issuer.token(headers={"typ": kind})).person == SOMEBODY


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE"])
def test_tokens_of_another_kind_are_none(stand: Stand, kind: str) -> None:
    assert stand.denied(issuer.token(headers={"typ": kind})) is Denial.INVALID_TOKEN


def in_minutes(minutes: int) -> datetime:
    return datetime.now(UTC) + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://another.example/"},
        {"iss": None},
        {"aud": "another-api"},
        {"aud": None},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"iat": in_minutes(10)},
        {"nbf": in_minutes(10)},
        {"sub": None},
        {"sub": ""},
        {"workspace": "ws_1#pub_2"},
        {"workspace": "ws_01kagwz8w7e0f4h5j6k7m8n9pq\n"},
        {"role": "owner"},
        {"role": ["admin"]},
    ],
    ids=lambda changes: "-".join(f"{name}={type(value).__name__}" for name, value in changes.items()),
)
def test_a_token_that_lacks_something_or_is_not_for_us_is_refused(stand: Stand, changes: dict[str, Any]) -> None:
    assert stand.denied(issuer.token(**changes)) is Denial.INVALID_TOKEN


def test_an_expired_token_is_told_so(stand: Stand) -> None:
    assert stand.denied(issuer.token(exp=in_minutes(-5))) is Denial.EXPIRED_TOKEN


def test_a_token_without_a_signature_is_refused(stand: Stand) -> None:
    unsigned = jwt.encode(issuer.claims(), "", algorithm="none", headers={"kid": "rsa"})
    assert stand.denied(unsigned) is Denial.INVALID_TOKEN


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(stand: Stand) -> None:
    times = {"iat": 1_795_176_000, "exp": 4_102_444_800}
    parts = ({"alg": "HS256", "typ": "JWT", "kid": "rsa"}, issuer.claims(**times))
    signed = b".".join(encoded(json.dumps(part).encode()) for part in parts)
    forged = signed + b"." + encoded(hmac.digest(issuer.public_pem(), signed, hashlib.sha256))
    assert stand.denied(forged.decode()) is Denial.INVALID_TOKEN


def encoded(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def test_a_token_of_another_key_under_a_known_name_is_refused(stand: Stand) -> None:
    assert stand.denied(issuer.token(key=issuer.rsa_key("two"))) is Denial.INVALID_TOKEN


def test_a_key_made_for_another_algorithm_is_not_used(stand: Stand) -> None:
    crossed = issuer.token(key=issuer.ec_key(), algorithm="ES256", headers={"kid": "rsa"})
    assert stand.denied(crossed) is Denial.INVALID_TOKEN


def test_a_key_published_for_encryption_signs_nothing(stand: Stand) -> None:
    stand.published.keys["keys"][0]["use"] = "enc"
    assert stand.denied(issuer.token()) is Denial.INVALID_TOKEN


@pytest.mark.parametrize("text", ["", "a", "a.b.c", "....", "é.é.é", "e30.e30."])
def test_what_is_no_token_is_refused(stand: Stand, text: str) -> None:
    assert stand.denied(text) is Denial.INVALID_TOKEN


def test_keys_are_fetched_once_for_many_tokens(stand: Stand) -> None:
    for _ in range(3):
        stand.issuer.bearer(issuer.token())
    assert stand.published.fetched == 1


def test_unknown_keys_are_looked_for_once_a_minute_at_most(stand: Stand) -> None:
    for _ in range(3):
        stand.denied(issuer.token(headers={"kid": "made up"}))
    assert stand.published.fetched == 1
    stand.now_s += PAUSE_S
    stand.denied(issuer.token(headers={"kid": "made up"}))
    assert stand.published.fetched == 2


def test_a_key_published_later_is_found(stand: Stand) -> None:
    rotated = {**issuer.key_set()["keys"][0], "kid": "rotated"}
    stand.issuer.bearer(issuer.token())
    stand.published.keys["keys"].append(rotated)
    stand.now_s += PAUSE_S
    assert stand.issuer.bearer(issuer.token(headers={"kid": "rotated"})).person == SOMEBODY


def test_a_key_no_longer_published_is_dropped(stand: Stand) -> None:
    stand.issuer.bearer(issuer.token())
    del stand.published.keys["keys"][0]
    stand.now_s += KEEP_S + 1
    assert stand.denied(issuer.token()) is Denial.INVALID_TOKEN


def test_known_keys_outlast_an_issuer_that_is_down(stand: Stand) -> None:
    stand.issuer.bearer(issuer.token())
    stand.published.down = True
    stand.now_s += KEEP_S + 1
    assert stand.issuer.bearer(issuer.token()).person == SOMEBODY


def test_without_any_keys_nothing_can_be_said(stand: Stand) -> None:
    stand.published.down = True
    assert stand.denied(issuer.token()) is Denial.UNAVAILABLE


@pytest.fixture
def address() -> Iterator[str]:
    """Where the key set is really served."""
    with issuer.served() as url:
        yield url


def test_keys_are_fetched_over_http_on_the_laptop(address: str) -> None:
    assert [key["kid"] for key in published_at(f"{address}/keys", plain_http=True)()["keys"]] == ["rsa", "ec"]


def test_keys_are_not_fetched_from_where_a_redirect_leads(address: str) -> None:
    with pytest.raises(jwt.PyJWTError):
        published_at(f"{address}/moved", plain_http=True)()


@pytest.mark.parametrize("url", ["http://issuer.example/keys", "file:///etc/passwd", ""])
def test_keys_are_fetched_over_https_alone(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        published_at(url)
