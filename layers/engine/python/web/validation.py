"""A request's plain values as the model they must fit; what does not fit is named, and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from publishing.model import Problem
from web.body import field_path
from web.problems import INVALID, Refusal

M = TypeVar("M", bound=BaseModel)


def parsed(model: type[M], document: object) -> M:
    """`document` as `model`.

    Raises:
        Refusal: 422, naming each field that is wrong; no value is repeated.
    """
    try:
        return model.model_validate(document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        errors = [_problem(each) for each in found]
    raise Refusal(INVALID, f"{errors[0].field}: {errors[0].message}", errors=errors)


def _problem(error: Mapping[str, Any]) -> Problem:
    message, remedy = _SENTENCES.get(error["type"], ("", "Correct it."))
    return Problem(_path(error["loc"]), message.format_map(error.get("ctx", {})) or _sentence(error), remedy)


def _path(steps: Iterable[str | int]) -> str:
    return reduce(field_path, steps, "") or "body"


def _sentence(error: Mapping[str, Any]) -> str:
    text = str(error["msg"]).removeprefix("Value error, ")
    return text if text.endswith(".") else f"{text}."


_BRACES = "Write it in braces: {…}."
_TIME = "Write it like 2026-12-24T18:00:00+01:00."
_SENTENCES = {
    "extra_forbidden": ("There is no such field.", "Remove it; GET /v1/openapi.json names the fields."),
    "missing": ("This field is required.", "Add it."),
    "model_type": ("This must be an object.", _BRACES),
    "model_attributes_type": ("This must be an object.", _BRACES),
    "dict_type": ("This must be an object.", _BRACES),
    "string_type": ("This must be text.", "Write it in quotes."),
    "list_type": ("This must be a list.", "Write it in brackets: […]."),
    "tuple_type": ("This must be a list.", "Write it in brackets: […]."),
    "bool_type": ("This must be true or false.", "Write true or false, without quotes."),
    "int_parsing": ("This must be a whole number.", "Write it in digits alone."),
    "int_type": ("This must be a whole number.", "Write it in digits alone."),
    "greater_than_equal": ("This must be {ge} or more.", "Choose a larger number."),
    "less_than_equal": ("This must be {le} or less.", "Choose a smaller number."),
    "enum": ("This must be {expected}.", "Choose one of these."),
    "literal_error": ("This must be {expected}.", "Choose one of these."),
    "string_too_short": ("This must be {min_length} or more characters long.", "Give it a text."),
    "string_too_long": ("This may be {max_length} characters long at most.", "Shorten it."),
    "too_short": ("This must hold {min_length} or more.", "Add one."),
    "too_long": ("This may hold {max_length} at most.", "Remove some."),
    "datetime_parsing": ("This is not a time.", _TIME),
    "datetime_from_date_parsing": ("This is not a time.", _TIME),
    "datetime_type": ("This is not a time.", _TIME),
    "timezone_aware": ("The time has no offset.", "Add one: +01:00, or Z for UTC."),
}
