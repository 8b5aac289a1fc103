from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from identity.gate import REMEMBER_S, Gate
from identity.keys import ApiKey, Keys, NewKey
from identity.members import Member, Members, admitted
from identity.model import Bearer, Denial, Denied, Principal, Role
from identity.records import together
from publishing import aws
from publishing.memory import Memory
from publishing.standing import Standing
from tests.cloud import START, Cloud
from tests.identity.callers import admin
from tests.web import logs

WORKSPACE, OTHER = "ws_01kagwz8w7e0f4h5j6k7m8n9pq", "ws_01kagwz8w7e0f4h5j6k7m8n9pr"


@dataclass
class Door:
    """A gate whose memory's clock a test holds."""

    keys: Keys
    now_s: float = 0.0
    tokens: list[str] = field(default_factory=list)
    suspended: bool = False

    def __post_init__(self) -> None:
        memory: Memory[str, ApiKey] = Memory(keep_s=REMEMBER_S, most=2, now_s=lambda: self.now_s)
        joined: Memory[tuple[str, str], Member] = Memory(keep_s=REMEMBER_S, most=2, now_s=lambda: self.now_s)
        self.members = Members(self.keys.table, self.keys.clock)
        self.gate = Gate(self.keys, self.members, self.standing, memory=memory)
        self.gate_with_issuer = Gate(self.keys, self.members, self.standing, self, memory, joined)

    def bearer(self, token: str) -> Bearer:
        """An issuer who believes everything: a token is the person, and may name a workspace and a role behind it."""
        self.tokens.append(token)
        person, *narrowed = token.split("/")
        return Bearer(person, "".join(narrowed[:1]), Role(narrowed[1]) if narrowed[1:] else Role.ADMIN)

    def standing(self, _: str) -> Standing:
        """As the operator decided."""
        return Standing(suspended=self.suspended)

    def joins(self, person: str, workspace: str = WORKSPACE, role: Role = Role.EDITOR) -> Member:
        """Make the person a member."""
        member = Member.of(workspace, person, "Ann", role, at=self.keys.clock(), by="operator")
        assert together(self.keys.client(), admitted(self.keys.table, member)) == []
        return member

    def told(self, token: str, named: str = "") -> Principal:
        """Who shows it, to the gate with an issuer."""
        return self.gate_with_issuer.principal(f"Bearer {token}", named)

    def turned_away(self, token: str, named: str = "") -> tuple[Denial, str]:
        """Why it does not open, and for whom."""
        with pytest.raises(Denied) as caught:
            self.told(token, named)
        return caught.value.denial, caught.value.person

    def key(self) -> NewKey:
        """A new key."""
        return self.keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR)

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
    assert door.turned_away("a.b.c") == (Denial.NO_MEMBER, "a.b.c")
    assert door.tokens == ["a.b.c"]


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
    made = door.keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR, expires_at=end)
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


def test_a_member_needs_to_name_no_workspace_where_there_is_but_one(door: Door) -> None:
    member = door.joins("ann")
    assert door.told("ann") == Principal(WORKSPACE, member.id, Role.EDITOR, person="ann")


def test_a_member_of_several_names_one(door: Door) -> None:
    door.joins("ann")
    door.joins("ann", OTHER, Role.VIEWER)
    assert door.turned_away("ann") == (Denial.WHICH_WORKSPACE, "ann")
    assert (door.told("ann", OTHER).workspace, door.told("ann", OTHER).role) == (OTHER, Role.VIEWER)
    assert door.told(f"ann/{WORKSPACE}").workspace == WORKSPACE


@pytest.mark.parametrize("named", [OTHER, "ws_1", "#", "WORKSPACE"])
def test_a_workspace_one_is_no_member_of_does_not_open(door: Door, named: str) -> None:
    door.joins("ann")
    assert door.turned_away("ann", named) == (Denial.NO_MEMBER, "ann")


def test_a_token_for_one_workspace_opens_no_other(door: Door) -> None:
    door.joins("ann")
    door.joins("ann", OTHER)
    assert door.turned_away(f"ann/{WORKSPACE}", OTHER) == (Denial.NO_MEMBER, "ann")


@pytest.mark.parametrize(
    ("claimed", "told"), [("viewer", Role.VIEWER), ("editor", Role.EDITOR), ("admin", Role.EDITOR)]
)
def test_a_tokens_role_lowers_the_members_and_never_raises_it(door: Door, claimed: str, told: Role) -> None:
    door.joins("ann")
    assert door.told(f"ann/{WORKSPACE}/{claimed}").role is told


def test_what_a_token_is_narrowed_to_is_told(door: Door) -> None:
    door.joins("ann")
    told = [door.told(token) for token in (f"ann/{WORKSPACE}", "ann//author", "ann//admin", "ann")]
    assert [(each.bound, each.most, each.narrowed) for each in told] == [
        (True, Role.ADMIN, True),
        (False, Role.AUTHOR, True),
        (False, Role.ADMIN, False),
        (False, Role.ADMIN, False),
    ]


@pytest.mark.parametrize(("token", "named"), [("bob", ""), ("bob", OTHER), ("ann", ""), ("ann", OTHER)])
def test_of_a_stranger_it_is_told_that_its_token_is_narrowed(door: Door, token: str, named: str) -> None:
    door.joins("ann")
    door.joins("ann", "ws_01kagwz8w7e0f4h5j6k7m8n9ps")
    for narrowed in ("", "//viewer", f"/{WORKSPACE if named else OTHER}"):
        with pytest.raises(Denied) as caught:
            door.told(token + narrowed, named)
        assert caught.value.narrowed is bool(narrowed)


def test_a_lowered_role_is_that_tokens_alone(door: Door) -> None:
    door.joins("ann")
    assert door.told(f"ann/{WORKSPACE}/viewer").role is Role.VIEWER
    assert door.told(f"ann/{WORKSPACE}").role is Role.EDITOR


def test_a_new_member_is_let_in_at_once(door: Door) -> None:
    assert door.turned_away("ann", WORKSPACE) == (Denial.NO_MEMBER, "ann")
    door.joins("ann")
    assert door.told("ann", WORKSPACE).role is Role.EDITOR


def test_a_removed_member_is_let_in_half_a_minute_longer_at_most(door: Door) -> None:
    member = door.joins("ann", role=Role.VIEWER)
    door.told("ann")
    assert door.members.dismiss(member, by=admin(WORKSPACE))
    door.now_s = REMEMBER_S - 1
    assert door.told("ann").subject == member.id
    door.now_s = REMEMBER_S
    for named in ("", WORKSPACE):  # named, it is found: it is listed until nothing is left of it
        assert door.turned_away("ann", named) == (Denial.NO_MEMBER, "ann")


def test_a_key_opens_its_own_workspace_alone_whatever_is_named(door: Door) -> None:
    made = door.key()
    assert door.told(made.text, WORKSPACE).key == made.key.id
    assert door.turned_away(made.text, OTHER) == (Denial.NO_MEMBER, "")


def test_callers_of_a_suspended_workspace_are_known_as_such(door: Door) -> None:
    door.joins("ann")
    door.suspended = True
    assert door.told("ann").suspended
    assert door.told(door.key().text).suspended


def last_used(door: Door) -> datetime | None:
    (key,), _ = door.keys.page(WORKSPACE, limit=1)
    return key.last_used_at


def test_when_a_key_was_last_used_is_written_once_an_hour(door: Door, cloud_in_moto: Cloud) -> None:
    made = door.key()
    assert last_used(door) is None
    for seconds in (0, 3_000, 599, 1, 60):
        cloud_in_moto.watch.forward(seconds)
        door.now_s += REMEMBER_S
        door.gate.principal(f"Bearer {made.text}")
    assert last_used(door) == START + timedelta(hours=1)


def test_a_key_that_does_not_open_is_not_used(door: Door) -> None:
    made = door.key()
    door.keys.revoke(WORKSPACE, made.key.id)
    door.denied(f"Bearer {made.text}")
    assert last_used(door) is None


def test_a_key_opens_although_its_use_cannot_be_written_down(door: Door) -> None:
    def refuse(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "canary"}}, "UpdateItem")

    made = door.key()
    aws.dynamodb().meta.events.register("before-call.dynamodb.UpdateItem", refuse)
    with logs.caught() as log:
        assert door.gate.principal(f"Bearer {made.text}").key == made.key.id
    line = log.line("It could not be written down that a key was used")
    assert (line["error"], line["key"]) == ("AccessDeniedException", made.key.id)
