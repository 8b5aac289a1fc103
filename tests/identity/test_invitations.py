from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from identity.authority import NoAuthority
from identity.invitations import AlreadyMember, Invitation, Invitations, NotInvited, Suspended
from identity.keys import Keys
from identity.members import Member, Members
from identity.model import OPERATOR, Role, person_of
from identity.workspaces import Workspaces
from tests.cloud import START, Cloud
from tests.identity.callers import admin

ANN, BOB, EVE = (person_of("https://issuer.example/", name) for name in ("ann", "bob", "eve"))
DAY = timedelta(days=1)


@dataclass
class Desk:
    """A workspace that invites."""

    workspace: str
    workspaces: Workspaces
    cloud: Cloud

    @property
    def invitations(self) -> Invitations:
        """The real ones."""
        return Invitations("channels", self.cloud.watch)

    @property
    def members(self) -> Members:
        """The real ones."""
        return Members("channels", self.cloud.watch)

    def invites(self, role: Role = Role.AUTHOR, by: str = "tester") -> tuple[Invitation, str]:
        """Invite somebody for a day."""
        caller = admin(self.workspace, by)
        return self.invitations.create(caller, role=role, label="bob@example.org", expires_at=self.cloud.watch() + DAY)

    def admitted(self, person: str) -> Member:
        """A new admin."""
        return self.invitations.accept(self.invites(Role.ADMIN)[1], person=person, name="Ann")

    def ends(self, member: Member, how: str) -> None:
        """Have the admin be none any more."""
        by = admin(self.workspace)
        self.admitted("0" * 64)
        if how == "demoted":
            assert self.members.change(member, replace(member, role=Role.EDITOR), by=by)
            return
        leaving = self.members.dismiss(member, by=by)
        assert leaving
        if how == "removed":
            self.members.remove(leaving)

    def stored(self) -> list[Any]:
        """Every item there is."""
        items: list[Any] = self.members.client().scan(TableName="channels")["Items"]
        return items


@pytest.fixture
def desk(cloud_in_moto: Cloud) -> Desk:
    workspaces = Workspaces("channels", cloud_in_moto.watch)
    made, _ = workspaces.create("Acme")
    return Desk(made.id, workspaces, cloud_in_moto)


def test_whoever_has_the_token_becomes_a_member_with_the_role(desk: Desk) -> None:
    _, token = desk.invites(Role.EDITOR)
    member = desk.invitations.accept(token, person=BOB, name="Bob")
    assert (member.workspace, member.role, member.name, member.joined_at) == (
        desk.workspace,
        Role.EDITOR,
        "Bob",
        START,
    )
    assert desk.members.find(desk.workspace, member.id) == member


def test_a_token_is_stored_as_a_hash_alone_and_holds_256_random_bits(desk: Desk) -> None:
    made, token = desk.invites()
    secret = re.fullmatch(r"pi_[0-9a-z]{26}_[0-9a-z]{26}_([0-9a-f]{64})", token)
    assert secret
    assert secret[1] not in repr(desk.stored())
    assert "bob" not in repr(made)


def test_a_token_is_used_once(desk: Desk) -> None:
    _, token = desk.invites()
    desk.invitations.accept(token, person=BOB, name="Bob")
    with pytest.raises(NotInvited):
        desk.invitations.accept(token, person=ANN, name="Ann")


def test_two_who_use_a_token_at_once_are_not_both_let_in(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = desk.invites()
    held = desk.invitations._held(token)
    desk.invitations.accept(token, person=BOB, name="Bob")
    monkeypatch.setattr(Invitations, "_held", lambda *_: held)  # as the second read it before the first wrote
    with pytest.raises(NotInvited):
        desk.invitations.accept(token, person=ANN, name="Ann")
    assert desk.members.workspaces_of(ANN, limit=1) == ([], "")


def test_what_is_used_or_revoked_is_forgotten_with_whom_it_was_for(desk: Desk) -> None:
    _, token = desk.invites()
    desk.invitations.accept(token, person=BOB, name="Bob")
    made, other = desk.invites()
    assert desk.invitations.revoke(desk.workspace, made.id)
    assert not desk.invitations.revoke(desk.workspace, made.id)
    with pytest.raises(NotInvited):
        desk.invitations.accept(other, person=ANN, name="Ann")
    assert "bob@example.org" not in repr(desk.stored())


def test_an_invitation_ends_in_time_is_not_listed_and_is_removed_by_the_table(desk: Desk) -> None:
    made, token = desk.invites()
    (item,) = (each for each in desk.stored() if each["sk"]["S"].startswith("INVITATION#"))
    assert item["gone_at"] == {"N": str(int((START + DAY).timestamp()))}
    desk.cloud.watch.forward(DAY.total_seconds() - 1)
    assert desk.invitations.page(desk.workspace, limit=10) == ([made], "")
    desk.cloud.watch.forward(1)
    with pytest.raises(NotInvited):
        desk.invitations.accept(token, person=BOB, name="Bob")
    assert desk.invitations.page(desk.workspace, limit=10) == ([], "")


def test_a_member_does_not_use_up_an_invitation(desk: Desk) -> None:
    _, first = desk.invites()
    _, second = desk.invites(Role.ADMIN)
    desk.invitations.accept(first, person=BOB, name="Bob")
    with pytest.raises(AlreadyMember):
        desk.invitations.accept(second, person=BOB, name="Bob")
    assert desk.invitations.accept(second, person=ANN, name="Ann").role is Role.ADMIN


def test_nobody_joins_a_suspended_workspace_and_the_invitation_stays(desk: Desk) -> None:
    _, token = desk.invites()
    desk.workspaces.suspend(desk.workspace, "Bills are open.")
    with pytest.raises(Suspended):
        desk.invitations.accept(token, person=BOB, name="Bob")
    desk.workspaces.resume(desk.workspace)
    assert desk.invitations.accept(token, person=BOB, name="Bob").person == BOB


@pytest.mark.parametrize(
    "shown", ["", "pi_", "pr_made_up", "é", "pi_{ws}_{inv}_" + "0" * 64, "pi_{inv}_{ws}_" + "0" * 64]
)
def test_a_token_that_is_none_invites_nobody(desk: Desk, shown: str) -> None:
    made, _ = desk.invites()
    token = shown.format(ws=desk.workspace.removeprefix("ws_"), inv=made.id.removeprefix("inv_"))
    with pytest.raises(NotInvited):
        desk.invitations.accept(token, person=BOB, name="Bob")


def test_every_open_invitation_of_some_makers_is_revoked(desk: Desk) -> None:
    mine = {desk.invites(by=each)[0].id for each in ("somebody", "somebody", "another")}
    theirs, _ = desk.invites()
    assert set(desk.invitations.revoke_of(desk.workspace, {"somebody", "another"})) == mine
    assert desk.invitations.page(desk.workspace, limit=10) == ([theirs], "")


def test_an_invitation_ends_with_the_key_it_was_made_with(desk: Desk) -> None:
    keys = Keys("channels", desk.cloud.watch)
    end = START + timedelta(hours=1)
    revoked = keys.create(admin(desk.workspace), name="CI", role=Role.ADMIN).key
    past = keys.create(admin(desk.workspace), name="CI", role=Role.ADMIN, expires_at=end).key
    tokens = [desk.invites(Role.ADMIN, by=key.id)[1] for key in (revoked, revoked, past, past)]
    for token, person in ((tokens[0], ANN), (tokens[2], BOB)):
        assert desk.invitations.accept(token, person=person, name="Somebody").is_admin
    keys.revoke(desk.workspace, revoked.id)
    desk.cloud.watch.forward(3_600)
    for token in (tokens[1], tokens[3]):
        with pytest.raises(NotInvited):
            desk.invitations.accept(token, person=EVE, name="Eve")
    assert desk.members.workspaces_of(EVE, limit=1) == ([], "")


@pytest.mark.parametrize("ended", ["demoted", "dismissed", "removed"])
def test_an_invitation_ends_with_its_makers_authority(desk: Desk, ended: str) -> None:
    ann = desk.admitted(ANN)
    first, second = (desk.invites(Role.ADMIN, by=ann.id)[1] for _ in range(2))
    assert desk.invitations.accept(first, person=BOB, name="Bob").invited_by == ann.id
    desk.ends(ann, ended)
    for person in (EVE, ANN):  # others, and itself
        with pytest.raises(NotInvited):
            desk.invitations.accept(second, person=person, name="Somebody")
    assert desk.members.workspaces_of(EVE, limit=1) == ([], "")


def test_nobody_accepts_an_invitation_of_ones_own(desk: Desk) -> None:
    ann = desk.admitted(ANN)
    _, token = desk.invites(Role.ADMIN, by=ann.id)
    with pytest.raises(AlreadyMember):
        desk.invitations.accept(token, person=ANN, name="Ann")
    desk.ends(ann, "removed")
    desk.invitations.accept(desk.invites(Role.VIEWER)[1], person=ANN, name="Ann")
    for person in (ANN, EVE):
        with pytest.raises(NotInvited):
            desk.invitations.accept(token, person=person, name="Somebody")
    assert desk.members.find(desk.workspace, ann.id) == replace(ann, role=Role.VIEWER)


def test_an_invitation_of_an_operator_is_accepted(desk: Desk) -> None:
    _, token = desk.invites(by=OPERATOR)
    assert desk.invitations.accept(token, person=BOB, name="Bob").invited_by == OPERATOR


def test_invitations_are_listed_page_by_page_newest_first(desk: Desk) -> None:
    made = [desk.invites()[0].id for _ in range(3)]
    first, after = desk.invitations.page(desk.workspace, limit=2)
    second, end = desk.invitations.page(desk.workspace, limit=2, after=after)
    assert ([each.id for each in (*first, *second)], end) == (sorted(made, reverse=True), "")


def test_whoever_may_no_longer_invites_nobody(desk: Desk) -> None:
    keys = Keys("channels", desk.cloud.watch)
    key = keys.create(admin(desk.workspace), name="CI", role=Role.ADMIN).key
    keys.revoke(desk.workspace, key.id)
    with pytest.raises(NoAuthority):
        desk.invitations.create(key.principal(START), role=Role.ADMIN, label="Eve", expires_at=START + DAY)
    with pytest.raises(NoAuthority):
        desk.invites(by="mbr_01kagwz8w7e0f4h5j6k7m8n9pq")
    assert desk.invitations.page(desk.workspace, limit=10) == ([], "")
