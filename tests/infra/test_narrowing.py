"""What code writes of the channels table, held against what the roles of its functions let them write.

The emulator's IAM knows no conditions on attributes: AWS would be the first to refuse what is forgotten here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from channels.model import Connection, Sealed
from channels.registry import Registry
from channels.renewals import Renewals
from channels.standing import Standing
from functions import platforms
from identity.keys import Keys
from identity.model import OPERATOR, Role
from identity.workspaces import Workspaces
from infra.narrowing import MADE, STANDING
from notifying.endpoints import Endpoints
from notifying.model import DisabledWhy
from notifying.records import item_of as endpoint_item
from publishing import aws
from publishing.abilities import Authorizes
from publishing.model import Identity
from publishing.planned import AtRisk
from publishing.week import Week
from tests import cloud
from tests.infra.synthesis import Synthesised
from tests.notifying import samples

LATER = cloud.START + timedelta(days=1)
WORDS = {"SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "attribute_exists", "attribute_not_exists"}
WORDS |= {"if_not_exists", "begins_with", "list_append"}


@dataclass
class Asked:
    """Takes what a writer asks of DynamoDB. It is its own factory."""

    actions: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    returned: set[str] = field(default_factory=set)
    exceptions: Any = field(default_factory=lambda: SimpleNamespace(ConditionalCheckFailedException=KeyError))

    def __call__(self) -> Any:
        return self

    def update_item(self, **request: Any) -> Any:
        """Note the attributes an update names, wherever it does."""
        names = request.get("ExpressionAttributeNames", {})
        text = f"{request['UpdateExpression']} {request.get('ConditionExpression', '')}"
        words = {names.get(word, word) for word in re.findall(r"(?<![:\w#])#?[A-Za-z_]\w*", text)} - WORDS
        return self._noted("UpdateItem", {*words, *request["Key"]}, request)

    def put_item(self, **request: Any) -> Any:
        """Note the attributes of an item that is put."""
        assert request.get("ConditionExpression") == "attribute_not_exists(pk)"
        return self._noted("PutItem", set(request["Item"]), request)

    def query(self, **_: Any) -> Any:
        """One channel that is to be attended to."""
        at = {"renew_at": "2026-11-20T12:00:00.000Z", "platform": "mastodon"}
        return {"Items": [aws.marshal({"pk": samples.WORKSPACE, "sk": f"CHANNEL#{samples.CHANNEL}", **at})]}

    def _noted(self, action: str, attributes: set[str], request: Mapping[str, Any]) -> Any:
        self.actions.add(action)
        self.attributes |= attributes
        self.returned.add(request.get("ReturnValues", "NONE"))
        return {"Attributes": aws.marshal(endpoint_item(samples.endpoint))}


SEALED = Sealed(b"key", b"box")
BARE = replace(samples.channel, sealed=SEALED)
FULL = replace(
    BARE,
    connection=Connection.CONNECTED,
    identity=Identity("1"),
    verified_at=cloud.START,
    secrets_end_at=LATER,
    renewable_until=LATER,
    renew_at=LATER,
    week=Week.of("UTC", {"mon": ["09:00"]}),
    scopes=("write",),
    grant="grt_1",
)
RISK = AtRisk(0, ())


def kept(registry: Registry) -> Iterator[object]:
    """All that is written of how a channel's credentials stand."""
    standing = Standing(registry)
    for connection in Connection:
        yield registry.settle(FULL, connection, reason="So.", identity=Identity("1"), renew_at=LATER)
    yield standing.shut(FULL, "Revoked.", RISK)
    yield standing.unasked(FULL, "No answer.")
    yield standing.tell(FULL, RISK, end_at=LATER, following=LATER)
    yield standing.lease(FULL, LATER, "mark")
    for moment in (LATER, None):
        yield standing.renew(FULL, SEALED, end_at=moment, until=moment, renew_at=moment)


def made(registry: Registry) -> Iterator[object]:
    """All that is written of channels that are made or made anew of a consent."""
    for channel in (BARE, FULL):
        registry.create(channel)
        yield True
    for seen, edited in ((BARE, FULL), (FULL, BARE)):
        yield registry.edit(seen, edited)


def called(endpoints: Endpoints) -> Iterator[object]:
    """All that is written of an endpoint that is called."""
    for write in (endpoints.ails, endpoints.warn, endpoints.recovers):
        yield write(samples.endpoint)
    for why in (DisabledWhy.GONE, DisabledWhy.FAILING):
        yield endpoints.disable(samples.endpoint, why)
    for seen in (samples.endpoint, replace(samples.endpoint, slow_until=cloud.START)):
        yield endpoints.slows(seen, LATER) or None


def condition(stage: Synthesised, function: str, action: str) -> dict[str, Any]:
    """What a function is bound to where it writes the channels table, but for the audit log."""
    (statement,) = (
        each
        for each in stage.statements(f"{function}/Role")
        if f"dynamodb:{action}" in each["Action"] and stage.text(each["Resource"]) == "Store/Channels"
        if "AUDIT" not in str(each["Condition"])
    )
    found: dict[str, Any] = statement["Condition"]
    return found


def insist_on_leave(stage: Synthesised, function: str, asked: Asked) -> None:
    """Insist that a function may do what was asked, and that it needs all that it may."""
    for action in asked.actions:
        bound = condition(stage, function, action)
        assert set(bound["ForAllValues:StringEquals"]["dynamodb:Attributes"]) == asked.attributes
        returned = bound["StringEqualsIfExists"]["dynamodb:ReturnValues"]
        assert asked.returned <= {*([returned] if isinstance(returned, str) else returned)}


def written(*writers: Callable[[Registry], Iterator[object]]) -> Asked:
    asked = Asked()
    registry = Registry("channels", cloud.Watch(), asked)
    for writer in writers:
        assert all(done is not False for done in writer(registry))
    return asked


CONSENTING = [name for name in platforms.names() if isinstance(platforms.load(name), Authorizes)]


@pytest.mark.parametrize("platform", platforms.names())
def test_a_platforms_function_may_write_of_channels_what_it_writes_and_nothing_else(
    stage: Synthesised, platform: str
) -> None:
    asked = written(kept, made) if platform in CONSENTING else written(kept)
    insist_on_leave(stage, f"Lanes/{platform}/Publish", asked)


def test_nothing_that_is_written_of_how_a_channel_stands_is_forgotten_here() -> None:
    assert {name for name in vars(Standing) if not name.startswith("_")} - {"registry"} == {
        *("shut", "unasked", "tell", "lease", "renew")
    }


def test_who_tells_endpoints_may_write_what_it_writes_and_nothing_else(stage: Synthesised) -> None:
    asked = Asked()
    assert None not in list(called(Endpoints("channels", cloud.Watch(), asked)))
    insist_on_leave(stage, "Notify", asked)


def test_who_asks_for_renewals_may_write_what_it_writes_and_nothing_else(stage: Synthesised) -> None:
    asked = Asked()
    sender: Any = SimpleNamespace(send=lambda _: None)
    done = Renewals(Registry("channels", cloud.Watch(), asked), sender).run(until=lambda: False)
    assert (done.asked, done.failed) == (4, 0)  # of every shard one
    insist_on_leave(stage, "Renew", asked)


def test_nobody_who_calls_strangers_can_write_what_lets_others_in() -> None:
    asked = Asked()
    keys, workspaces = Keys("channels", cloud.Watch(), asked), Workspaces("channels", cloud.Watch(), asked)
    _, key = keys.made(samples.WORKSPACE, name="n", role=Role.ADMIN, created_by=OPERATOR, expires_at=LATER)
    keys.revoke(samples.WORKSPACE, "key_1")
    workspaces.suspend(samples.WORKSPACE, "So.")
    let_in = {*key, *asked.attributes} - {"pk", "sk"}
    assert {"key_hash", "role", "expires_at", "revoked_at", "suspended_at"} <= let_in
    assert let_in & set(STANDING) == set()
    assert let_in & {*STANDING, *MADE} == {"schema", "name", "created_at", "created_by", "updated_at"}
