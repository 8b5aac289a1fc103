from __future__ import annotations

import itertools

import pytest

from identity.model import Denial, Denied, Principal, Role, principal_of

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
