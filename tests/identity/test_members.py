from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from identity.authority import NoAuthority
from identity.members import LastAdmin, Member, Members, admitted, counting
from identity.model import Principal, Role, person_of
from identity.records import together
from identity.workspaces import Workspaces
from tests.cloud import START, Cloud
from tests.identity.callers import admin

ANN, BOB, EVE = (person_of("https://issuer.example/", name) for name in ("ann", "bob", "eve"))


@dataclass
class Team:
    """A workspace with Ann, its first admin."""

    workspace: str
    members: Members

    def joins(self, person: str, role: Role) -> Member:
        """Make the person a member."""
        member = Member.of(self.workspace, person, "Somebody", role, at=START, by="tester")
        counted = counting("channels", self.workspace, int(member.is_admin))
        assert together(self.members.client(), [*admitted("channels", member), counted]) == []
        return member

    @property
    def ann(self) -> Member:
        """The first admin as it stands."""
        return self.of(ANN)

    def of(self, person: str) -> Member:
        """A member as it stands."""
        members, _ = self.members.page(self.workspace, limit=10)
        return next(each for each in members if each.person == person)

    def roles(self) -> dict[str, Role]:
        """Everybody's."""
        return {each.person: each.role for each in self.members.page(self.workspace, limit=10)[0]}


@pytest.fixture
def team(cloud_in_moto: Cloud) -> Team:
    made, _ = Workspaces("channels", cloud_in_moto.watch).create("Acme", admin=ANN)
    return Team(made.id, Members("channels", cloud_in_moto.watch))


def caller(member: Member) -> Principal:
    return Principal(member.workspace, member.id, member.role, person=member.person)


def test_a_member_is_found_by_its_id_in_its_workspace_alone(team: Team) -> None:
    assert team.members.find(team.workspace, team.ann.id) == team.ann
    assert team.members.find("ws_other", team.ann.id) is None


def test_a_person_is_no_member_twice(team: Team) -> None:
    again = Member.of(team.workspace, ANN, "Ann again", Role.VIEWER, at=START, by="tester")
    assert together(team.members.client(), admitted("channels", again)) != []
    assert team.roles() == {ANN: Role.ADMIN}


def test_a_role_is_changed(team: Team) -> None:
    bob = team.joins(BOB, Role.VIEWER)
    assert team.members.change(bob, replace(bob, role=Role.EDITOR, name="Bob"), by=caller(team.ann))
    assert (team.of(BOB).role, team.of(BOB).name) == (Role.EDITOR, "Bob")


def test_what_was_changed_meanwhile_is_not_changed_unseen(team: Team) -> None:
    bob = team.joins(BOB, Role.VIEWER)
    assert team.members.change(bob, replace(bob, role=Role.ADMIN), by=caller(team.ann))
    assert not team.members.change(bob, replace(bob, role=Role.AUTHOR), by=caller(team.ann))
    for seen in (bob, replace(team.of(BOB), name="Robert")):
        assert not team.members.dismiss(seen, by=caller(team.ann))
    assert team.roles() == {ANN: Role.ADMIN, BOB: Role.ADMIN}


def test_the_last_admin_is_neither_demoted_nor_removed(team: Team) -> None:
    team.joins(BOB, Role.EDITOR)
    with pytest.raises(LastAdmin):
        team.members.change(team.ann, replace(team.ann, role=Role.EDITOR), by=admin(team.workspace))
    with pytest.raises(LastAdmin):
        team.members.dismiss(team.ann, by=admin(team.workspace))
    assert team.roles() == {ANN: Role.ADMIN, BOB: Role.EDITOR}


def test_of_two_admins_who_demote_each_other_at_once_one_stays(team: Team) -> None:
    ann, bob = team.ann, team.joins(BOB, Role.ADMIN)
    assert team.members.change(bob, replace(bob, role=Role.VIEWER), by=admin(team.workspace))
    with pytest.raises(LastAdmin):
        team.members.change(ann, replace(ann, role=Role.VIEWER), by=admin(team.workspace))
    assert team.roles() == {ANN: Role.ADMIN, BOB: Role.VIEWER}


def test_an_admin_may_step_down_once_there_is_another(team: Team) -> None:
    bob = team.joins(BOB, Role.EDITOR)
    team.members.change(bob, replace(bob, role=Role.ADMIN), by=caller(team.ann))
    ann = team.ann
    assert team.members.change(ann, replace(ann, role=Role.VIEWER), by=caller(ann))
    with pytest.raises(LastAdmin):
        team.members.dismiss(team.of(BOB), by=caller(team.of(BOB)))


def test_whoever_was_demoted_a_moment_ago_changes_nobody(team: Team) -> None:
    bob = team.joins(BOB, Role.ADMIN)
    eve = team.joins(EVE, Role.VIEWER)
    team.members.change(bob, replace(bob, role=Role.VIEWER), by=caller(team.ann))
    for seen in (eve, team.of(BOB)):  # others, and itself
        with pytest.raises(NoAuthority):
            team.members.change(seen, replace(seen, role=Role.ADMIN), by=caller(bob))
        with pytest.raises(NoAuthority):
            team.members.dismiss(seen, by=caller(bob))
    assert team.roles() == {ANN: Role.ADMIN, BOB: Role.VIEWER, EVE: Role.VIEWER}


def test_whoever_was_removed_a_moment_ago_changes_nobody(team: Team) -> None:
    bob, eve = team.joins(BOB, Role.ADMIN), team.joins(EVE, Role.VIEWER)
    team.members.dismiss(bob, by=caller(team.ann))
    with pytest.raises(NoAuthority):
        team.members.dismiss(eve, by=caller(bob))


def test_whoever_is_dismissed_is_the_least_and_listed_until_nothing_of_it_is_left(team: Team) -> None:
    bob = team.joins(BOB, Role.ADMIN)
    leaving = team.members.dismiss(bob, by=caller(team.ann))
    assert leaving == team.of(BOB) == replace(bob, role=Role.VIEWER, leaving_at=START)
    team.members.remove(leaving)
    assert team.members.find(team.workspace, bob.id) is None


def test_whoever_is_dismissed_gets_no_role_any_more(team: Team) -> None:
    bob = team.joins(BOB, Role.VIEWER)
    team.members.dismiss(bob, by=caller(team.ann))
    leaving = team.of(BOB)
    assert not team.members.change(leaving, replace(leaving, role=Role.ADMIN), by=caller(team.ann))
    assert team.of(BOB) == leaving


def test_an_admin_is_counted_down_once_however_often_it_is_dismissed(team: Team) -> None:
    bob, eve = team.joins(BOB, Role.ADMIN), team.joins(EVE, Role.ADMIN)
    assert team.members.dismiss(bob, by=caller(team.ann))
    for seen in (bob, team.of(BOB)):
        assert team.members.dismiss(seen, by=caller(team.ann)) is None
    assert team.members.dismiss(eve, by=caller(team.ann))
    with pytest.raises(LastAdmin):
        team.members.dismiss(team.ann, by=caller(team.ann))


def test_none_but_who_was_dismissed_is_removed(team: Team, cloud_in_moto: Cloud) -> None:
    bob = team.joins(BOB, Role.AUTHOR)
    team.members.remove(bob)
    assert team.of(BOB) == bob
    first = team.members.dismiss(bob, by=caller(team.ann))
    assert first
    team.members.remove(first)
    again = team.joins(BOB, Role.AUTHOR)
    cloud_in_moto.watch.forward(1)
    assert team.members.dismiss(again, by=caller(team.ann))
    team.members.remove(first)  # of the removal before, late
    assert team.of(BOB).leaving_at


def test_a_removed_member_has_no_workspace_any_more(team: Team) -> None:
    bob = team.joins(BOB, Role.AUTHOR)
    assert team.members.workspaces_of(BOB, limit=10) == ([team.workspace], "")
    leaving = team.members.dismiss(bob, by=caller(team.ann))
    assert leaving
    assert team.members.workspaces_of(BOB, limit=10) == ([], "")
    team.members.remove(leaving)
    assert team.roles() == {ANN: Role.ADMIN}


def test_of_a_person_nothing_is_stored_but_what_stands_for_it_and_a_name(team: Team) -> None:
    stored = team.members.client().scan(TableName="channels")["Items"]
    mine = [item for item in stored if ANN in repr(item)]
    assert sorted(sorted(item) for item in mine) == [
        ["invited_by", "joined_at", "name", "person", "pk", "role", "schema", "sk"],
        ["member", "pk", "schema", "sk"],
    ]


def test_members_and_workspaces_are_listed_page_by_page(team: Team) -> None:
    team.joins(BOB, Role.AUTHOR)
    team.joins(EVE, Role.AUTHOR)
    first, after = team.members.page(team.workspace, limit=2)
    second, end = team.members.page(team.workspace, limit=2, after=after)
    assert {each.person for each in (*first, *second)} == {ANN, BOB, EVE}
    assert (len(first), end) == (2, "")
    others = [Team(f"ws_{number}", team.members).workspace for number in range(2)]
    for each in others:
        member = Member.of(each, BOB, "Bob", Role.VIEWER, at=START, by="tester")
        together(team.members.client(), admitted("channels", member))
    page, after = team.members.workspaces_of(BOB, limit=2)
    rest, end = team.members.workspaces_of(BOB, limit=2, after=after)
    assert (sorted([*page, *rest]), end) == (sorted([team.workspace, *others]), "")


def test_several_members_are_found_in_the_order_they_are_asked_for(team: Team) -> None:
    bob = team.joins(BOB, Role.AUTHOR)
    asked = [(team.workspace, bob.id), (team.workspace, "mbr_none"), (team.workspace, team.ann.id)]
    assert team.members.find_many(asked) == [bob, team.ann]
    assert team.members.find_many([]) == []
