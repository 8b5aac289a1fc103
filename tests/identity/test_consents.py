from __future__ import annotations

from datetime import timedelta

import pytest

from identity.consents import Beginnings
from identity.keys import Keys
from identity.members import Member, admitted
from identity.model import Principal, Role, person_of
from identity.records import together
from identity.workspaces import Workspaces
from publishing import aws
from tests.cloud import Cloud

ADMIN = Role.ADMIN


@pytest.fixture
def workspace(cloud_in_moto: Cloud) -> str:
    return Workspaces("channels", cloud_in_moto.watch).create("Ours")[0].id


@pytest.fixture
def beginnings(cloud_in_moto: Cloud) -> Beginnings:
    return Beginnings("channels", cloud_in_moto.watch)


def key(workspace: str, cloud: Cloud, role: Role = Role.EDITOR, days: int = 0) -> str:
    ends_at = cloud.watch() + timedelta(days=days) if days else None
    by = Principal(workspace, "operator", ADMIN)
    return Keys("channels", cloud.watch).create(by, name="CI", role=role, expires_at=ends_at).key.id


def member(workspace: str, cloud: Cloud, role: Role) -> str:
    joined = Member.of(workspace, person_of("https://issuer.example/", "ann"), "Ann", role, at=cloud.watch(), by="x")
    assert together(aws.dynamodb(), admitted("channels", joined)) == []
    return joined.id


def test_a_workspace_is_called_by_its_name(beginnings: Beginnings, workspace: str) -> None:
    assert beginnings.name(workspace) == "Ours"


def test_a_workspace_that_is_not_stored_is_called_by_its_id_and_is_in_order(beginnings: Beginnings) -> None:
    assert (beginnings.name("ws_1"), beginnings.hindrance("ws_1", "tester")) == ("ws_1", "")


def test_nothing_comes_of_it_in_a_workspace_that_is_suspended(beginnings: Beginnings, workspace: str) -> None:
    assert beginnings.hindrance(workspace, "operator") == ""
    Workspaces("channels").suspend(workspace, "Abuse")
    assert beginnings.hindrance(workspace, "operator") == "suspended"


def test_a_key_that_is_good_may_go_on_and_one_that_is_revoked_may_not(
    beginnings: Beginnings, workspace: str, cloud_in_moto: Cloud
) -> None:
    mine = key(workspace, cloud_in_moto)
    assert beginnings.hindrance(workspace, mine) == ""
    Keys("channels", cloud_in_moto.watch).revoke(workspace, mine)
    assert beginnings.hindrance(workspace, mine) == "no_authority"


def test_a_key_that_is_past_may_not(beginnings: Beginnings, workspace: str, cloud_in_moto: Cloud) -> None:
    mine = key(workspace, cloud_in_moto, days=1)
    assert beginnings.hindrance(workspace, mine) == ""
    cloud_in_moto.watch.forward(86_400)
    assert beginnings.hindrance(workspace, mine) == "no_authority"


@pytest.mark.parametrize(("role", "why"), [(Role.EDITOR, ""), (Role.ADMIN, ""), (Role.AUTHOR, "no_authority")])
def test_who_connects_no_channels_any_more_may_not(
    beginnings: Beginnings, workspace: str, cloud_in_moto: Cloud, role: Role, why: str
) -> None:
    assert beginnings.hindrance(workspace, key(workspace, cloud_in_moto, role)) == why
    assert beginnings.hindrance(workspace, member(workspace, cloud_in_moto, role)) == why


@pytest.mark.parametrize("actor", ["key_01jd6q4t2w8x5y7z9a1b3c5d7e", "mbr_01jd6q4t2w8x5y7z9a1b3c5d7e"])
def test_whoever_is_there_no_more_may_not(beginnings: Beginnings, workspace: str, actor: str) -> None:
    assert beginnings.hindrance(workspace, actor) == "no_authority"


def test_a_key_of_another_workspace_is_none_here(beginnings: Beginnings, workspace: str, cloud_in_moto: Cloud) -> None:
    other = Workspaces("channels", cloud_in_moto.watch).create("Theirs")[0].id
    assert beginnings.hindrance(workspace, key(other, cloud_in_moto)) == "no_authority"
