from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from identity.authority import NoAuthority
from identity.keys import Keys, hashed
from identity.model import Denial, Denied, Principal, Role
from tests.cloud import START, Cloud
from tests.identity.callers import admin

WORKSPACE = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"
OTHER = "ws_01kagwz8w7e0f4h5j6k7m8n9pr"


@pytest.fixture
def keys(cloud_in_moto: Cloud) -> Keys:
    return Keys("channels", cloud_in_moto.watch)


def test_a_key_is_found_by_its_hash(keys: Keys) -> None:
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR)
    assert keys.find(hashed(made.text)) == made.key


def test_a_key_says_what_it_is_and_holds_256_random_bits(keys: Keys) -> None:
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR)
    assert re.fullmatch(r"pr_[0-9a-z]{26}_[0-9a-f]{64}", made.text)
    assert made.text.split("_")[1] == made.key.id.removeprefix("key_")


def test_a_key_is_stored_as_a_hash_alone(keys: Keys) -> None:
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR)
    stored = keys.client().scan(TableName="channels")["Items"]
    assert made.text.rpartition("_")[2] not in repr(stored)
    assert hashed(made.text) in repr(stored)


def test_a_keys_text_is_not_in_its_representation(keys: Keys) -> None:
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR)
    assert made.text not in repr(made)


def test_a_key_stands_for_its_workspace_and_role(keys: Keys) -> None:
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR).key
    assert made.principal(START) == Principal(WORKSPACE, made.id, Role.AUTHOR, made.id)


def test_an_unknown_hash_finds_nothing(keys: Keys) -> None:
    assert keys.find(hashed("pr_made_up")) is None


def test_a_revoked_key_is_refused_and_listed(keys: Keys) -> None:
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR)
    assert keys.revoke(WORKSPACE, made.key.id)
    found = keys.find(hashed(made.text))
    assert found is not None
    assert found.revoked_at == START
    with pytest.raises(Denied) as caught:
        found.principal(START)
    assert caught.value.denial is Denial.REVOKED_KEY


def test_revoking_twice_keeps_the_first_time(keys: Keys, cloud_in_moto: Cloud) -> None:
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR)
    keys.revoke(WORKSPACE, made.key.id)
    cloud_in_moto.watch.forward(60)
    assert keys.revoke(WORKSPACE, made.key.id)
    found, _ = keys.page(WORKSPACE, limit=10)
    assert [key.revoked_at for key in found] == [START]


def test_a_key_of_another_workspace_cannot_be_revoked(keys: Keys) -> None:
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR)
    assert not keys.revoke(OTHER, made.key.id)
    found = keys.find(hashed(made.text))
    assert found is not None
    assert found.revoked_at is None


def test_a_key_ends_when_it_was_made_to(keys: Keys) -> None:
    end = START + timedelta(hours=1)
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.AUTHOR, expires_at=end)
    found = keys.find(hashed(made.text))
    assert found is not None
    assert found.principal(end - timedelta(seconds=1)).role is Role.AUTHOR
    with pytest.raises(Denied) as caught:
        found.principal(end)
    assert caught.value.denial is Denial.EXPIRED_KEY


def test_keys_are_listed_page_by_page_newest_first(keys: Keys) -> None:
    made = [keys.create(admin(WORKSPACE), name=str(number), role=Role.VIEWER).key.id for number in range(3)]
    keys.create(admin(OTHER), name="theirs", role=Role.VIEWER)
    first, after = keys.page(WORKSPACE, limit=2)
    second, end = keys.page(WORKSPACE, limit=2, after=after)
    assert [key.id for key in (*first, *second)] == sorted(made, reverse=True)
    assert end == ""


def test_what_somebody_made_and_what_was_made_with_it_is_found_good_or_not(keys: Keys) -> None:
    made = [keys.create(admin(WORKSPACE, "somebody"), name="0", role=Role.ADMIN).key]
    for number in range(1, 5):
        made.append(keys.create(made[-1].principal(START), name=str(number), role=Role.ADMIN).key)
    keys.create(admin(WORKSPACE, "other"), name="other", role=Role.VIEWER)
    keys.create(admin(OTHER, "somebody"), name="elsewhere", role=Role.VIEWER)
    past = keys.create(admin(WORKSPACE, "somebody"), name="past", role=Role.VIEWER, expires_at=START).key
    keys.revoke(WORKSPACE, made[1].id)
    assert {key.id for key in keys.work_of(WORKSPACE, "somebody")} == {key.id for key in (*made, past)}
    assert {key.id for key in keys.work_of(WORKSPACE, made[1].id)} == {key.id for key in made[2:]}


def test_a_keys_work_is_found_whatever_the_clocks_of_its_makers(keys: Keys) -> None:
    made = [keys.create(admin(WORKSPACE, "somebody"), name=str(number), role=Role.ADMIN).key for number in range(3)]
    for maker, key in ((made[2], made[1]), (made[1], made[0])):  # each as if made with one whose id is later
        keys.client().update_item(
            TableName="channels",
            Key={"pk": {"S": WORKSPACE}, "sk": {"S": f"KEY#{key.id}"}},
            UpdateExpression="SET created_by = :maker",
            ExpressionAttributeValues={":maker": {"S": maker.id}},
        )
    assert len(keys.work_of(WORKSPACE, "somebody")) == len(made)


def test_a_use_makes_no_key_where_there_is_none(keys: Keys) -> None:
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.VIEWER).key
    keys.used(replace(made, workspace=OTHER))
    assert keys.page(OTHER, limit=1) == ([], "")


def test_a_key_that_is_past_or_no_admins_makes_no_other(keys: Keys, cloud_in_moto: Cloud) -> None:
    end = START + timedelta(hours=1)
    past = keys.create(admin(WORKSPACE), name="CI", role=Role.ADMIN, expires_at=end).key
    lesser = keys.create(admin(WORKSPACE), name="CI", role=Role.EDITOR).key
    keys.create(past.principal(START), name="Second", role=Role.ADMIN)
    cloud_in_moto.watch.forward(3_600)
    for each in (past, lesser):
        with pytest.raises(NoAuthority):
            keys.create(each.principal(START), name="Third", role=Role.ADMIN)


def test_a_key_that_was_revoked_makes_no_other(keys: Keys) -> None:
    made = keys.create(admin(WORKSPACE), name="CI", role=Role.ADMIN).key
    keys.create(made.principal(START), name="Second", role=Role.ADMIN)
    keys.revoke(WORKSPACE, made.id)
    with pytest.raises(NoAuthority):
        keys.create(made.principal(START), name="Third", role=Role.ADMIN)
    assert [key.name for key in keys.page(WORKSPACE, limit=10)[0]] == ["Second", "CI"]
