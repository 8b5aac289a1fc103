from __future__ import annotations

import itertools

import pytest

from identity.model import Denial, Denied, Principal, Role, person_of, principal_of

PERSON = person_of("https://issuer.example/", "somebody")
KNOWN = {"workspace": "ws_01kagwz8w7e0f4h5j6k7m8n9pq", "subject": "somebody", "role": "author"}


@pytest.mark.parametrize(("lesser", "greater"), list(itertools.combinations(Role, 2)))
def test_roles_compare_by_rank(lesser: Role, greater: Role) -> None:
    assert lesser < greater
    assert lesser <= greater
    assert greater > lesser
    assert greater >= lesser
    assert not greater < lesser
    assert not greater <= lesser
    assert not lesser > greater
    assert not lesser >= greater


def test_a_role_is_not_less_than_itself() -> None:
    assert Role.EDITOR <= Role.EDITOR
    assert not Role.EDITOR < Role.EDITOR


def test_a_caller_comes_through_the_context_as_it_went_in() -> None:
    caller = Principal("ws_01kagwz8w7e0f4h5j6k7m8n9pq", "key_1", Role.ADMIN, "key_1")
    assert principal_of(caller.context()) == caller


def test_a_person_and_a_suspension_come_through_the_context() -> None:
    caller = Principal("ws_01kagwz8w7e0f4h5j6k7m8n9pq", "mbr_1", Role.ADMIN, person=PERSON, suspended=True)
    assert principal_of(caller.context()) == caller


@pytest.mark.parametrize(("bound", "most"), [(True, Role.ADMIN), (False, Role.AUTHOR), (True, Role.VIEWER)])
def test_what_a_token_is_narrowed_to_comes_through_the_context(bound: bool, most: Role) -> None:  # noqa: FBT001
    caller = Principal(KNOWN["workspace"], "mbr_1", Role.VIEWER, person=PERSON, bound=bound, most=most)
    found = principal_of(caller.context())
    assert (found, found.narrowed) == (caller, True)
    assert not principal_of(KNOWN).narrowed


@pytest.mark.parametrize("narrowed", [True, False])
def test_that_a_strangers_token_is_narrowed_comes_through_the_context(narrowed: bool) -> None:  # noqa: FBT001
    with pytest.raises(Denied) as caught:
        principal_of(Denied(Denial.NO_MEMBER, PERSON, narrowed=narrowed).context())
    assert caught.value.narrowed is narrowed


def test_a_role_that_is_none_narrows_to_nobody() -> None:
    with pytest.raises(Denied):
        principal_of({**KNOWN, "most": "owner"})


def test_a_person_who_is_no_member_comes_through_the_context() -> None:
    with pytest.raises(Denied) as caught:
        principal_of(Denied(Denial.NO_MEMBER, PERSON).context())
    assert (caught.value.denial, caught.value.person) == (Denial.NO_MEMBER, PERSON)


@pytest.mark.parametrize("person", ["", "somebody@example.org", PERSON + "0", 7])
def test_what_stands_for_no_person_is_nobody(person: object) -> None:
    with pytest.raises(Denied) as caught:
        principal_of({"problem": "no-member", "person": person})
    assert caught.value.person == ""


def test_the_reason_of_a_denial_comes_through_the_context() -> None:
    with pytest.raises(Denied) as caught:
        principal_of({"problem": "expired-key"})
    assert caught.value.denial is Denial.EXPIRED_KEY


@pytest.mark.parametrize("missing", KNOWN)
def test_a_caller_of_whom_something_is_not_known_is_nobody(missing: str) -> None:
    with pytest.raises(Denied):
        principal_of({name: value for name, value in KNOWN.items() if name != missing})


@pytest.mark.parametrize("workspace", ["ws_1", "ws_01kagwz8w7e0f4h5j6k7m8n9pq#x", "pub_01kagwz8w7e0f4h5j6k7m8n9pq", 7])
def test_a_workspace_that_is_none_is_nobodys(workspace: object) -> None:
    with pytest.raises(Denied):
        principal_of({**KNOWN, "workspace": workspace})


def test_a_problem_outweighs_a_name() -> None:
    with pytest.raises(Denied) as caught:
        principal_of({**KNOWN, "problem": "unheard of"})
    assert caught.value.denial is Denial.MISSING
