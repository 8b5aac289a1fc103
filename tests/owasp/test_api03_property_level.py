from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from pydantic import BaseModel

from tests.functions.ours import Ours
from tests.functions.service import WEBHOOK, Service
from tests.owasp.walking import WITH_BODY, Asked, given, leaf, named, parts, taken
from web import contract
from web.contract import OPERATIONS
from web.schemas.base import Nothing, Whatever

SET_BY_US = {  # what a caller would like to choose
    "workspace": "ws_01kagwz8w7e0f4h5j6k7m8n9pq",
    "created_by": "somebody",
    "created_at": "2020-01-01T00:00:00.000Z",
    "state": "published",
    "status": "published",
    "connection": "connected",
    "key_hash": "0",
    "pk": "ws_1",
    "schema": 9,
    "__class__": "x",
    "constructor": {"prototype": {"role": "admin"}},
}
TELLING = ("secret", "password", "token", "credential", "hash", "sealed", "fingerprint", "key")
TOLD = {  # fields with a telling name, and why they may be told
    "ApiKeyWithText.key": "the key just made, this once",
    "Channel.secrets": "the names of fields",
    "Channel.secrets[]": "as above",
    "Channel.credentials_end_at": "a time",
    "CredentialField.secret": "whether a field is one",
    "InvitationWithToken.token": "the invitation just made, this once",
    "MemberWithKeys.keys_above": "ids of keys",
    "MemberWithKeys.keys_above[]": "as above",
    "Platform.credentials": "which fields there are",
    "Platform.credentials[]": "as above",
    "RemovedMember.keys_kept": "ids of keys",
    "RemovedMember.keys_kept[]": "as above",
    "RemovedMember.keys_revoked": "as above",
    "RemovedMember.keys_revoked[]": "as above",
    "Webhook.previous_secret_until": "a time",
    "WebhookWithSecret.previous_secret_until": "as above",
    "WebhookWithSecret.secret": "the secret just made, this once",
}
FREE = {  # what is answered under names that no model knows
    "Channel.settings": "what the caller supplied, less the secrets",
    "LogEntry.ids": "what was named in the address: parts of the described paths, with ids of the workspace's own",
    "Request.body": "the request that would be published, with stand-ins for secrets",
    "Upload.headers": "what the upload is to be sent with",
}
CANARY = "c4nary-" + "0" * 32


def with_more(document: object, name: str, value: object) -> Iterator[tuple[str, object]]:
    """The document with one more field, in each of its objects in turn, and that object's path."""
    places: list[tuple[str, list[str | int]]] = [("", [])]
    while places:
        path, steps = places.pop()
        copy = deepcopy(document)
        here: Any = copy
        for step in steps:
            here = here[step]
        if isinstance(here, dict):
            places += [(f"{path}.{step}".lstrip("."), [*steps, step]) for step in here]
            here[name] = value
            yield path, copy
        elif isinstance(here, list):
            places += [(f"{path}[{place}]", [*steps, place]) for place in range(len(here))]


def models_within(models: list[type[BaseModel]]) -> set[type[BaseModel]]:
    """These models and all they are made of."""
    found: set[type[BaseModel]] = set()
    waiting: list[Any] = list(models)
    while waiting:
        each = waiting.pop()
        if isinstance(each, type) and issubclass(each, BaseModel) and each not in found:
            found.add(each)
            waiting += [field.annotation for field in each.model_fields.values()]
        waiting += [inner for inner in getattr(each, "__args__", ()) if inner is not each]
    return found


class TestPropertyLevel:
    """API3, broken object property level authorization: a field is set that is ours to set, or told that is secret.

    Every object of every body refuses what is not described, by name; what is answered is put together from models
    that refuse it, too. Of what is secret only the name is ever told, and a new key once.
    """

    @pytest.mark.parametrize("operation", WITH_BODY, ids=named)
    def test_no_body_takes_what_is_not_described(self, looked_at: Ours, operation: Asked) -> None:
        path, good = operation.path.format(**looked_at.names), looked_at.bodies.get(operation.id, {})
        assert operation.id in looked_at.bodies or not operation.takes.model_fields
        for where, body in with_more(good, "surplus", 1):
            reply = looked_at.service.ask(operation.method, path, body=body)
            assert reply.status == 422
            assert f"{where}.surplus".lstrip(".") in reply.fields

    @pytest.mark.parametrize("operation", WITH_BODY, ids=named)
    def test_no_body_takes_what_is_ours_to_set(self, looked_at: Ours, operation: Asked) -> None:
        path, good = operation.path.format(**looked_at.names), looked_at.bodies.get(operation.id, {})
        for name, value in SET_BY_US.items():
            reply = looked_at.service.ask(operation.method, path, body={**good, name: value})
            assert (reply.status, reply.fields) == (422, [name])

    def test_every_model_of_what_is_sent_refuses_what_it_does_not_know(self) -> None:
        found = models_within(taken())
        assert len(found) > len(taken())
        assert {model.__name__ for model in found if model.model_config.get("extra") != "forbid"} == set()
        assert {each.id for each in OPERATIONS if each.takes is Whatever and each.least} == set()

    def test_every_model_of_what_is_answered_holds_what_it_describes_and_no_more(self) -> None:
        loose = {model.__name__ for model in models_within(given()) if model.model_config.get("extra") != "forbid"}
        assert loose == set()

    def test_what_is_answered_under_names_no_model_knows_is_listed_here(self) -> None:
        free = {
            part.name
            for part in parts(given(), "serialization")
            if part.node.get("type") == "object" and part.node.get("additionalProperties") is not False
        }
        assert free == set(FREE)

    def test_what_is_answered_under_a_telling_name_is_listed_here(self) -> None:
        names = {part.name for part in parts(given(), "serialization") if any(each in leaf(part) for each in TELLING)}
        assert names == set(TOLD)

    def test_no_answer_tells_a_credential(self, service: Service) -> None:
        secret = f"whsec_{CANARY}AAAAAAAAA="
        ours = Ours(service)
        ours.names["channel"] = service.connected(credentials={**WEBHOOK, "signing_secret": secret})["id"]
        ours.names["publication"] = service.submitted(ours.names["channel"])["id"]
        told = [ours.ask(each) for each in OPERATIONS if each.least and each.takes is Nothing and each.method == "GET"]
        bodies = {**ours.bodies, contract.CHANGE_CHANNEL.id: {"name": "Renamed"}}
        told += [
            ours.service.ask(each.method, each.path.format(**ours.names), body=bodies.get(each.id, {}))
            for each in WITH_BODY
        ]
        assert any(reply.status == 200 for reply in told)
        assert [reply.text for reply in told if CANARY in reply.text] == []

    def test_a_refused_credential_is_not_told_back(self, service: Service) -> None:
        wrong = {"url": f"http://{CANARY}:{CANARY}@10.0.0.1/{CANARY}", "signing_secret": CANARY, "odd": CANARY}
        body = {"platform": "webhook", "name": "Site", "credentials": wrong}
        reply = service.ask("POST", "/v1/channels", body=body)
        assert reply.status == 422
        assert CANARY not in json.dumps([reply.json, dict(reply.headers)])
