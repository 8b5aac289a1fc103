from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from identity.gate import REMEMBER_S, Gate
from identity.keys import ApiKey, Keys, NewKey
from identity.model import Denial, Denied, Principal, Role
from publishing.memory import Memory
from tests.cloud import Cloud

WORKSPACE = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"


@dataclass
class Door:
    """A gate whose memory's clock a test holds."""

    keys: Keys
    now_s: float = 0.0
    tokens: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        memory: Memory[str, ApiKey] = Memory(keep_s=REMEMBER_S, most=2, now_s=lambda: self.now_s)
        self.gate = Gate(self.keys, memory=memory)
        self.gate_with_issuer = Gate(self.keys, self, memory)

    def principal(self, token: str) -> Principal:
        """An issuer who believes everything."""
        self.tokens.append(token)
        return Principal(WORKSPACE, token, Role.VIEWER)

    def key(self) -> NewKey:
        """A new key."""
        return self.keys.create(WORKSPACE, name="CI", role=Role.AUTHOR, created_by="x")

    def denied(self, authorization: str) -> Denial:
        """Why it does not open."""
        with pytest.raises(Denied) as caught:
            self.gate.principal(authorization)
        return caught.value.denial


@pytest.fixture
def door(cloud_in_moto: Cloud) -> Door:
    return Door(Keys("channels", cloud_in_moto.watch))


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_key_opens(door: Door, scheme: str) -> None:
    made = door.key()
    assert door.gate.principal(f"{scheme} {made.text}").key == made.key.id


@pytest.mark.parametrize("header", ["", "  "])
def test_nothing_shown_is_missing(door: Door, header: str) -> None:
    assert door.denied(header) is Denial.MISSING


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Basic dTpw", "pr_key", "Bearer a b", "Bearer a, Bearer b"])
def test_what_is_no_bearer_is_malformed(door: Door, header: str) -> None:
    assert door.denied(header) is Denial.MALFORMED


@pytest.mark.parametrize("shown", ["pr_made_up", "é", "\ud800", "x" * 8_000])
def test_an_unknown_key_does_not_open(door: Door, shown: str) -> None:
    assert door.denied(f"Bearer {shown}") is Denial.UNKNOWN_KEY


def test_without_an_issuer_a_token_is_an_unknown_key(door: Door) -> None:
    assert door.denied("Bearer a.b.c") is Denial.UNKNOWN_KEY


def test_with_an_issuer_a_token_is_the_issuers_matter(door: Door) -> None:
    assert door.gate_with_issuer.principal("Bearer a.b.c").subject == "a.b.c"


def test_a_key_is_never_shown_to_the_issuer(door: Door) -> None:
    door.gate_with_issuer.principal(f"Bearer {door.key().text}")
    assert door.tokens == []


def test_a_revoked_key_opens_half_a_minute_longer_at_most_however_often_it_is_used(door: Door) -> None:
    made = door.key()
    door.gate.principal(f"Bearer {made.text}")
    door.keys.revoke(WORKSPACE, made.key.id)
    door.now_s = REMEMBER_S - 1
    assert door.gate.principal(f"Bearer {made.text}").key == made.key.id
    door.now_s = REMEMBER_S
    assert door.denied(f"Bearer {made.text}") is Denial.REVOKED_KEY


def test_a_key_that_expires_while_remembered_does_not_open(door: Door, cloud_in_moto: Cloud) -> None:
    end = cloud_in_moto.watch()
    made = door.keys.create(WORKSPACE, name="CI", role=Role.AUTHOR, created_by="x", expires_at=end)
    cloud_in_moto.watch.forward(-1)
    assert door.gate.principal(f"Bearer {made.text}").key == made.key.id
    cloud_in_moto.watch.forward(1)
    assert door.denied(f"Bearer {made.text}") is Denial.EXPIRED_KEY


def test_an_unknown_key_is_not_remembered_as_unknown(door: Door) -> None:
    made = door.key()
    place = {"pk": {"S": WORKSPACE}, "sk": {"S": f"KEY#{made.key.id}"}}
    item = door.keys.client().delete_item(TableName="channels", Key=place, ReturnValues="ALL_OLD")["Attributes"]
    assert door.denied(f"Bearer {made.text}") is Denial.UNKNOWN_KEY
    door.keys.client().put_item(TableName="channels", Item=item)
    assert door.gate.principal(f"Bearer {made.text}").key == made.key.id
