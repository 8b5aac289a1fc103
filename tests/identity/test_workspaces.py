from __future__ import annotations

from identity import workspaces
from identity.keys import Keys, hashed
from identity.model import WORKSPACE, Role
from tests.cloud import START, Cloud


def test_a_workspace_is_made_with_its_first_admin_key(cloud_in_moto: Cloud) -> None:
    keys = Keys("channels", cloud_in_moto.watch)
    workspace, key = workspaces.create("Acme", keys=keys)
    found = keys.find(hashed(key.text))
    assert found is not None
    assert (found.workspace, found.role, found.created_by) == (workspace.id, Role.ADMIN, workspaces.OPERATOR)


def test_a_workspace_is_stored_under_its_id(cloud_in_moto: Cloud) -> None:
    keys = Keys("channels", cloud_in_moto.watch)
    workspace, _ = workspaces.create("Acme", keys=keys)
    place = {"pk": {"S": workspace.id}, "sk": {"S": "WORKSPACE"}}
    stored = keys.client().get_item(TableName="channels", Key=place)["Item"]
    assert WORKSPACE.fullmatch(workspace.id)
    assert (stored["name"]["S"], workspace.created_at) == ("Acme", START)
