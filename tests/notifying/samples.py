"""Items as the streams show them, made by the very code that stores them, and a workspace's endpoints."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from channels.model import Connection, Sealed, StoredChannel
from channels.records import item_of
from notifying.model import Endpoint
from publishing import aws, records
from publishing.model import Content, Target
from publishing.publication import Publication
from tests import cloud

WORKSPACE = "ws_01kagwz8w7e0f4h5j6k7m8n9pq"
CHANNEL = "chn_01kagwz9r3a1b2c3d4e5f6g7h8"
PUBLICATION = "pub_0123456789abcdefghjkmnpqrs"
DELIVERY = "dlv_0123456789abcdefghjkmnpqrs_01kagwz9r3a1b2c3d4e5f6g7h8"
SECONDS = cloud.START.timestamp()

publication = Publication(
    id=PUBLICATION,
    workspace=WORKSPACE,
    content=Content(title="Canary", text="A canary sings."),
    targets=(Target(CHANNEL, "webhook"),),
    created_at=cloud.START,
    created_by="tester",
    publish_at=cloud.START,
    fingerprint="f",
)
channel = StoredChannel(
    id=CHANNEL,
    workspace=WORKSPACE,
    platform="webhook",
    name="Site",
    settings={"template": "canary"},
    secret_fields=("signing_secret",),
    sealed=None,
    created_at=cloud.START,
    created_by="tester",
    updated_at=cloud.START,
)
endpoint = Endpoint(
    id="whk_01kagwz9r3a1b2c3d4e5f6g7h8",
    workspace=WORKSPACE,
    url="https://example.org/hook",
    name="Ours",
    events=(),
    sealed=Sealed(b"key", b"box"),
    created_at=cloud.START,
    created_by="tester",
    updated_at=cloud.START,
)


def published(**changes: Any) -> dict[str, Any]:
    """The item of the publication."""
    return records.publication_item(replace(publication, **changes), shards=4)


def connected(**changes: Any) -> dict[str, Any]:
    """The item of the channel, connected an hour after it was made."""
    at = cloud.START + timedelta(hours=1)
    return item_of(replace(channel, connection=Connection.CONNECTED, verified_at=at, **changes))


def record(old: dict[str, Any] | None, new: dict[str, Any] | None, *, at_s: float = SECONDS) -> dict[str, Any]:
    """The record of a stream that shows this change."""
    item = new or old or {}
    images = {name: aws.marshal(each) for name, each in (("OldImage", old), ("NewImage", new)) if each}
    keys = aws.marshal({name: item[name] for name in ("pk", "sk")})
    return {
        "eventName": "REMOVE" if new is None else "MODIFY" if old else "INSERT",
        "dynamodb": {"ApproximateCreationDateTime": at_s, "Keys": keys, "SequenceNumber": "1", **images},
    }
