from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from identity.keys import Keys, hashed
from identity.model import Role
from tests.functions.service import Service

PATH = "/v1/api-keys"


def test_a_new_key_is_shown_once(service: Service) -> None:
    reply = service.ask("POST", PATH, body={"name": "CI", "role": "author"})
    made = reply.json
    assert (reply.status, reply.headers["Location"]) == (201, f"{PATH}/{made['id']}")
    assert (made["name"], made["role"], made["created_by"], made["revoked_at"]) == ("CI", "author", "tester", None)
    listed = service.ask("GET", PATH)
    assert listed.json["items"] == [{name: value for name, value in made.items() if name != "key"}]
    assert made["key"] not in listed.text


def test_a_new_key_opens_its_workspace_with_its_role(service: Service) -> None:
    found = Keys("channels").find(hashed(service.key(role="editor")["key"]))
    assert found is not None
    assert (found.workspace, found.role) == (service.ours, Role.EDITOR)


def test_a_key_is_stored_as_a_hash_alone(service: Service) -> None:
    made = service.key()
    assert made["key"].rpartition("_")[2] not in repr(service.items("channels"))


def test_a_key_may_end_by_itself(service: Service) -> None:
    end = datetime.now(UTC) + timedelta(days=30)
    assert service.key(expires_at=end.isoformat())["expires_at"][:19] == end.isoformat()[:19]


def test_a_revoked_key_is_listed_as_such(service: Service) -> None:
    made = service.key()
    assert service.ask("DELETE", f"{PATH}/{made['id']}").status == 204
    (listed,) = service.ask("GET", PATH).json["items"]
    assert (listed["id"], listed["revoked_at"] is None) == (made["id"], False)


def test_keys_are_listed_page_by_page_newest_first(service: Service) -> None:
    made = [service.key()["id"] for _ in range(3)]
    first = service.ask("GET", PATH, query={"limit": "2"}).json
    second = service.ask("GET", PATH, query={"limit": "2", "cursor": first["next"]}).json
    assert [each["id"] for each in first["items"] + second["items"]] == sorted(made, reverse=True)
    assert second["next"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"role": "owner"}, "role"),
        ({"role": None}, "role"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": "never"}, "expires_at"),
        ({"expires_at": 1_999_999_999}, "expires_at"),
        ({"expires_at": "9999-12-31T23:59:59-23:59"}, "expires_at"),
        ({"expires_at": "0001-01-01T00:00:00+23:59"}, "expires_at"),
        ({"workspace": "ws_01kagwz8w7e0f4h5j6k7m8n9pq"}, "workspace"),
        ({"key": "pr_mine"}, "key"),
    ],
    ids=str,
)
def test_what_is_wrong_is_refused_and_nothing_is_stored(service: Service, changes: dict[str, Any], field: str) -> None:
    reply = service.ask("POST", PATH, body={"name": "CI", "role": "viewer", **changes})
    assert (reply.status, reply.fields) == (422, [field])
    assert service.items("channels") == []
