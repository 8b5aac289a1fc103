"""Amazon's own models of its services, as botocore ships them."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel
from botocore.validate import ParamValidator

from tests.contracts.asked import Asked, fits

OF_EVERY_REQUEST = {"host", "content-length", "content-type", "user-agent", "accept-encoding", "authorization"}


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def violations_of(service: str, asked: Asked) -> list[str]:
    """What the operation of this address has against the request; where several have it, what the mildest has."""
    model = _service(service)
    operations = [model.operation_model(name) for name in model.operation_names]
    mine = [each for each in operations if _is_at(each, asked)]
    if not mine:
        return [f"{asked}: {service} has no such operation"]
    return min((_objections(each, asked) for each in mine), key=len)


def _is_at(operation: OperationModel, asked: Asked) -> bool:
    path = operation.http["requestUri"].removeprefix("/{Bucket}").partition("?")
    simple = not path[2] or path[2].startswith("x-id=")
    return bool(operation.http["method"] == asked.method and simple and fits(asked.path, path[0]))


def _objections(operation: OperationModel, asked: Asked) -> list[str]:
    shape = operation.input_shape
    members: dict[str, Any] = dict(shape.members) if shape else {}
    at = {name: member.serialization.get("location") for name, member in members.items()}
    headers = {m.serialization["name"].lower() for n, m in members.items() if at[n] == "header"}
    strange = [each for each in _headers(asked) if each not in headers | OF_EVERY_REQUEST]
    given = {name: unquote(asked.path.rsplit("/", 1)[-1]) for name, place in at.items() if place == "uri"}
    given |= (
        asked.body if isinstance(asked.body, dict) and "payload" not in (shape.serialization if shape else {}) else {}
    )
    told = ParamValidator().validate(given, shape).generate_report() if shape else ""
    return [f"{asked}: {operation.name} has no header {each}" for each in strange] + [
        f"{asked}: {line}" for line in told.splitlines()
    ]


def _headers(asked: Asked) -> list[str]:
    return [] if asked.request is None else [each.lower() for each in asked.request.headers]
