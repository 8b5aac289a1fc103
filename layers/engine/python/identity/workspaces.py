"""Workspaces: the tenants, made by an operator together with their first admin key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from identity.keys import Keys, NewKey
from identity.model import Role
from publishing import aws, ids
from publishing.model import utc_text

SCHEMA = 1
OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant: every key in the tables starts with its id."""

    id: str
    name: str
    created_at: datetime


def create(name: str, *, keys: Keys) -> tuple[Workspace, NewKey]:
    """Make a workspace in the table of `keys`, and its first key, an admin's."""
    workspace = Workspace(ids.new("ws"), name, keys.clock())
    keys.client().put_item(
        TableName=keys.table,
        Item=aws.marshal(
            {
                "pk": workspace.id,
                "sk": "WORKSPACE",
                "schema": SCHEMA,
                "name": workspace.name,
                "created_at": utc_text(workspace.created_at),
            }
        ),
        ConditionExpression="attribute_not_exists(pk)",
    )
    return workspace, keys.create(workspace.id, name="First admin key", role=Role.ADMIN, created_by=OPERATOR)
