"""The lists of differences name cases there are, and the cases cover what our code asks of the three services."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.session import get_session

from tests.simulation.contract import differences
from tests.simulation.contract.suite import Contract
from tests.simulation.expressions import Given, Unsupported, holds

ROOT = Path(__file__).parents[2]
CODE = (ROOT / "layers" / "engine" / "python", ROOT / "functions")
CASES = ROOT / "tests" / "simulation" / "contract"
CALL = re.compile(r"\.(\w+)\(")
SERVICES = ("dynamodb", "sqs", "scheduler")
EXPRESSION = re.compile(r"attribute_(not_)?exists\(|[<>=] [:#]|\bBETWEEN :|\bIN \(|^ ?(SET|ADD|REMOVE|DELETE|AND|OR) ")
FORM = re.compile(r"\b[a-z_]+(?=\()|\b(?:SET|ADD|REMOVE|DELETE|AND|OR|NOT|IN|BETWEEN)\b|<>|[<>]=?|=| [+-] ")


def texts(*places: Path) -> Iterator[str]:
    """The source of each module there."""
    return (path.read_text() for place in places for path in place.rglob("*.py"))


def operations(*places: Path) -> set[str]:
    """What is asked of a client of one of the services."""
    models = (get_session().get_service_model(service) for service in SERVICES)
    known = {xform_name(name) for model in models for name in model.operation_names}
    return {name for text in texts(*places) for name in CALL.findall(text)} & known


def forms(*places: Path) -> set[str]:
    """The words, functions and signs of what looks like an expression of DynamoDB."""
    nodes = (node for text in texts(*places) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant))
    written = (node.value for node in nodes if isinstance(node.value, str) and EXPRESSION.search(node.value))
    return {form.strip() for literal in written for form in FORM.findall(literal)}


def test_every_operation_our_code_asks_for_has_cases() -> None:
    asked = operations(*CODE)
    assert {"put_item", "transact_write_items", "send_message_batch", "create_schedule"} <= asked
    assert asked <= operations(CASES)


def test_every_form_of_expression_our_code_writes_has_cases() -> None:
    written = forms(*CODE)
    assert {"SET", "REMOVE", "BETWEEN", "IN", "if_not_exists", "list_append", "begins_with", "<>", "+"} <= written
    assert written <= forms(CASES)


@pytest.mark.parametrize("listed", [differences.MEMORY, differences.MOTO, differences.MINISTACK])
def test_every_difference_is_about_a_case_there_is(listed: Mapping[str, str]) -> None:
    assert listed.keys() <= set(dir(Contract))


def test_no_case_hides_another_of_its_name() -> None:
    names = [name for part in Contract.__bases__ for name in vars(part) if name.startswith("test_")]
    assert len(names) == len(set(names))


def test_an_expression_that_is_not_known_is_refused() -> None:
    with pytest.raises(Unsupported):
        holds("size(history) > :n", Given({}, {}, {":n": {"N": "1"}}))
