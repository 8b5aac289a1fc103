from __future__ import annotations

import re
from typing import Any

import pytest

from publishing import ids
from web import answers, problems
from web.contract import OPERATIONS
from web.operation import PATH_PATTERNS
from web.problems import ProblemType


def test_no_two_operations_have_one_name_or_one_address() -> None:
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)
    assert len({(operation.method, operation.path) for operation in OPERATIONS}) == len(OPERATIONS)


def test_every_varying_part_of_an_address_has_a_pattern() -> None:
    assert {name for operation in OPERATIONS for name in re.findall(r"{(\w+)}", operation.path)} == set(PATH_PATTERNS)


@pytest.mark.parametrize(("part", "prefix"), [("publication", "pub"), ("channel", "chn"), ("key", "key")])
def test_the_patterns_are_those_of_our_ids(part: str, prefix: str) -> None:
    assert re.fullmatch(PATH_PATTERNS[part], ids.new(prefix))


def test_the_pattern_of_a_delivery_is_that_of_its_id() -> None:
    assert re.fullmatch(PATH_PATTERNS["delivery"], ids.delivery(ids.new("pub"), ids.new("chn")))


EDITABLE = {each.path for each in OPERATIONS if each.method in {"PUT", "PATCH"}}
READ_BY_ITSELF = {each.path for each in OPERATIONS if each.method == "GET" and each.tagged}


def test_whatever_can_be_edited_can_be_read_with_a_tag() -> None:
    assert set() == EDITABLE - READ_BY_ITSELF


def test_whatever_changes_what_has_a_tag_takes_if_match() -> None:
    changing = [each for each in OPERATIONS if each.edits and each.path in EDITABLE | READ_BY_ITSELF]
    assert {each.id for each in changing if not each.tagged} == set()
    assert len(changing) > 5


def test_every_post_of_a_known_caller_takes_an_idempotency_key() -> None:
    posts = [each for each in OPERATIONS if each.method == "POST" and each.least]
    assert all(each.takes_key for each in posts)


def test_an_answer_that_shows_a_secret_is_known_to() -> None:
    """By its fields' names; an answer that is kept for a day must hold none."""
    showing = {
        each.id
        for each in OPERATIONS
        if each.takes_key
        and not each.idempotent
        and {"key", "secret", "token", "authorize_url"} & set(_fields(each.gives))
    }
    assert showing == {each.id for each in OPERATIONS if each.secret}


def _fields(model: Any) -> list[str]:
    return list(getattr(model, "model_fields", ()))


def test_every_kind_of_problem_says_what_to_do() -> None:
    assert [kind.slug for kind in answers.problem_kinds() if not kind.remedy] == []


def test_a_problem_type_is_known_by_its_slug() -> None:
    kinds = [kind for kind in vars(problems).values() if isinstance(kind, ProblemType)]
    assert len({kind.uri for kind in kinds}) == len(kinds)
    assert all(re.fullmatch(r"urn:postroom:problem:[a-z-]+", kind.uri) for kind in kinds)
