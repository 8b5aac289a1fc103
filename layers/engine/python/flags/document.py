"""The document flags are written in, by Powertools' schema: `infra/flags.json`, and what AppConfig serves of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aws_lambda_powertools.utilities.feature_flags import RuleAction, SchemaValidator
from aws_lambda_powertools.utilities.feature_flags.exceptions import SchemaValidationError

from flags.declared import BUCKET, BUCKETS, FLAGS, PLATFORM

Document = Mapping[str, Any]
_DECLARED = {flag.name: flag for flag in FLAGS}


def problems(document: Document, platforms: tuple[str, ...]) -> list[str]:
    """What is wrong with a document, in sentences for whoever wrote it: a rule that could never hold, too."""
    try:
        SchemaValidator(schema=dict(document)).validate()
    except SchemaValidationError as error:
        return [str(error)]
    return [*_of_names(document), *_of_rules(document, platforms)]


def rules(feature: Mapping[str, Any]) -> Mapping[str, Any]:
    """The rules of a flag by their names; the first that holds counts."""
    return feature.get("rules") or {}


def _of_names(document: Document) -> Iterator[str]:
    for name, feature in document.items():
        if name not in _DECLARED:
            yield f"{name}: no flag of this name is declared in flags/declared.py."
        elif not isinstance(feature["default"], bool):
            yield f"{name}: its default is to be true or false."
    yield from (f"{name}: it is declared and missing here." for name in _DECLARED if name not in document)


def _of_rules(document: Document, platforms: tuple[str, ...]) -> Iterator[str]:
    for name, feature in document.items():
        known = _DECLARED[name].keys if name in _DECLARED else frozenset()
        for title, rule in rules(feature).items():
            for condition in rule["conditions"]:
                yield from (f"{name}, {title}: {wrong}" for wrong in _of_condition(condition, known, platforms))


def _of_condition(condition: Mapping[str, Any], known: frozenset[str], platforms: tuple[str, ...]) -> Iterator[str]:
    key, value = condition["key"], condition["value"]
    if condition["action"].startswith("SCHEDULE_"):
        return
    if key not in known:
        yield f"it is never told {key}; it may ask for {', '.join(sorted(known))}."
    elif key == PLATFORM:
        named = value if isinstance(value, list) else [value]
        yield from (f"there is no platform {each}." for each in named if each not in platforms)
    elif key == BUCKET and (condition["action"] != RuleAction.MODULO_RANGE.value or value["BASE"] != BUCKETS):
        yield f"a percentage is a MODULO_RANGE with BASE {BUCKETS}."
