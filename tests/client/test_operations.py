"""Every operation, asked by the client of the real functions."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from layers.client.generator.__main__ import DOCUMENT
from layers.client.generator.document import Described, Document
from postroom_client import Problem, etag_of
from tests.client.bridge import Bridge
from tests.functions.ours import Asked, Ours, named
from tests.functions.service import Service
from web.contract import OPERATIONS

DESCRIBED = {each.node["operationId"]: each for each in Document(json.loads(DOCUMENT.read_text())).operations}
MEANT = {"confirm": "webhook"}  # what must be said in a query


def asked(ours: Ours, bridge: Bridge, operation: Described) -> Any:
    """What the client answers of an operation, asked in good order; listings are read to their end."""
    parts = [ours.names[name] for name in re.findall(r"{(\w+)}", operation.path)]
    body = ours.bodies.get(operation.node["operationId"])
    required = [each["name"] for each in operation.parameters("query") if each.get("required")]
    method = getattr(bridge.client(), operation.name)
    answer = method(*parts, *([body] if body else []), **{name: MEANT[name] for name in required})
    return list(answer) if operation.name.startswith("list") and not isinstance(answer, dict) else answer


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.changes], ids=named)
def test_every_change_is_made_and_its_answer_read(ours: Ours, operation: Asked) -> None:
    ours.make_ready_for(operation)
    bridge = Bridge(ours.service)
    answer = asked(ours, bridge, DESCRIBED[operation.id])
    assert bridge.statuses[0] == operation.status
    assert (answer is None) == (operation.status == 204)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if not each.changes], ids=named)
def test_whatever_is_there_is_read(looked_at: Ours, operation: Asked) -> None:
    looked_at.make_ready_for(operation)
    bridge = Bridge(looked_at.service)
    assert asked(looked_at, bridge, DESCRIBED[operation.id]) is not None
    assert bridge.statuses[0] == operation.status


def test_a_listing_is_read_over_all_of_its_pages(service: Service) -> None:
    made = {service.connected(name=f"Number {number}")["id"] for number in range(5)}
    bridge = Bridge(service)
    assert {channel["id"] for channel in bridge.client().list_channels(limit=2)} == made
    assert len(bridge.statuses) == 3


def test_a_submission_whose_answer_was_lost_is_made_once(service: Service) -> None:
    channel = service.connected()["id"]
    bridge = Bridge(service, losing=2)
    accepted = bridge.client().publish({"content": {"text": "Hi"}, "targets": [{"channel": channel}]})
    assert bridge.statuses == [202, 202, 202]
    assert [each["id"] for each in bridge.client().list_publications()] == [accepted["id"]]


def test_a_deletion_whose_answer_was_lost_is_done(service: Service) -> None:
    channel = service.connected()["id"]
    bridge = Bridge(service, losing=1)
    bridge.client().delete_channel(channel)
    assert bridge.statuses == [204, 404]


def test_nobody_overwrites_what_they_have_not_seen(service: Service) -> None:
    postroom, channel = Bridge(service).client(), service.connected()["id"]
    seen = postroom.read_channel(channel)
    postroom.change_channel(channel, {"name": "First"}, if_match=etag_of(seen))
    with pytest.raises(Problem) as refused:
        postroom.change_channel(channel, {"name": "Second"}, if_match=etag_of(seen))
    assert refused.value.type == "urn:postroom:problem:precondition-failed"


def test_what_a_change_answers_may_be_changed_again(service: Service) -> None:
    postroom, channel = Bridge(service).client(), service.connected()["id"]
    changed = postroom.change_channel(channel, {"name": "First"})
    again = postroom.change_channel(channel, {"name": "Second"}, if_match=etag_of(changed))
    assert again["name"] == "Second"


def test_a_field_that_is_wrong_is_named(service: Service) -> None:
    with pytest.raises(Problem) as refused:
        Bridge(service).client().publish({"content": {"text": "Hi"}, "targets": []})
    assert [error.field for error in refused.value.errors] == ["targets"]
