from __future__ import annotations

import re

import pytest

from publishing import ids
from web import problems
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


def test_a_problem_type_is_known_by_its_slug() -> None:
    kinds = [kind for kind in vars(problems).values() if isinstance(kind, ProblemType)]
    assert len({kind.uri for kind in kinds}) == len(kinds)
    assert all(re.fullmatch(r"urn:postroom:problem:[a-z-]+", kind.uri) for kind in kinds)
