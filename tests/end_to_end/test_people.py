from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from identity.model import person_of
from postroom_client.schemas import Delivery
from tests.end_to_end.world import TIMEOUT_S, World
from tests.identity import issuer

ONCE_S = 120.0  # half a minute of memory, the sweep's doubt, and a slow machine


@pytest.fixture
def people(world: World) -> Iterator[Any]:
    """Connections to the API that show a token of the tests' issuer, by its subject."""
    with ExitStack() as stack:

        def of(subject: str, **claims: Any) -> httpx.Client:
            headers = {"Authorization": f"Bearer {issuer.token(sub=subject, **claims)}"}
            url = world.cloud.api_url
            return stack.enter_context(httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_S, trust_env=False))

        yield of


@pytest.fixture
def tenant(world: World) -> Iterator[World]:
    """A workspace of its own whose first admin is Ann, and which may send no mail."""
    made, key = world.cloud.workspaces.create("Tenant", admin=person_of(issuer.NAME, "ann"))
    found = World(world.cloud, made.id, key.text)
    yield found
    found.close()


def invited(tenant: World, role: str) -> str:
    """The token of an invitation."""
    answer = tenant.http.post("/v1/invitations", json={"role": role, "label": "Bob"})
    return str(answer.raise_for_status().json()["token"])


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:postroom:problem:")


def test_whoever_is_invited_joins_with_a_token_and_does_what_the_role_allows(tenant: World, people: Any) -> None:
    bob = people(f"bob of {tenant.workspace}")
    assert problem(bob.get("/v1/channels")) == (403, "forbidden")
    assert bob.get("/v1/workspaces").raise_for_status().json()["items"] == []
    joined = bob.post("/v1/invitations/accept", json={"token": invited(tenant, "viewer"), "name": "Bob"})
    member = joined.raise_for_status().json()["member"]
    assert bob.get("/v1/workspace").raise_for_status().json()["id"] == tenant.workspace
    assert problem(bob.post("/v1/invitations", json={"role": "admin", "label": "Eve"})) == (403, "forbidden")
    log = tenant.http.get("/v1/audit", params={"actor": member["id"]}).raise_for_status().json()["items"]
    told = [(entry["operation"], entry["status"]) for entry in log]
    assert told == [("createInvitation", 403), ("acceptInvitation", 201)]


def test_a_member_of_several_workspaces_names_one(world: World, tenant: World, people: Any) -> None:
    other, _ = world.cloud.workspaces.create("Other", admin=person_of(issuer.NAME, "ann"))
    ann = people("ann")
    assert problem(ann.get("/v1/workspace")) == (422, "invalid-request")
    for each in (tenant.workspace, other.id):
        assert ann.get("/v1/workspace", headers={"X-Workspace": each}).raise_for_status().json()["id"] == each
    lowered = people("ann", workspace=other.id, role="viewer")
    assert problem(lowered.patch("/v1/workspace", json={"name": "Mine"})) == (403, "forbidden")


def test_a_removed_member_is_a_stranger_within_a_minute(tenant: World, people: Any) -> None:
    bob = people(f"bob of {tenant.workspace}")
    joined = bob.post("/v1/invitations/accept", json={"token": invited(tenant, "editor"), "name": "Bob"})
    member = joined.raise_for_status().json()["member"]["id"]
    assert bob.get("/v1/channels").status_code == 200
    assert tenant.http.delete(f"/v1/members/{member}").raise_for_status().json()["keys_kept"] == []
    tenant.until(lambda: bob.get("/v1/channels").status_code == 403, within_s=60.0)


def test_it_is_shown_when_a_key_was_last_used(tenant: World) -> None:
    (key,) = tenant.http.get("/v1/api-keys").raise_for_status().json()["items"]
    assert key["last_used_at"] is not None


def test_a_workspace_sends_mail_only_from_what_it_was_granted(tenant: World) -> None:
    credentials = {"from_address": "newsroom@example.com", "recipients": "ada@example.com"}
    body = {"platform": "email", "name": "Letter", "credentials": credentials}
    refused = tenant.http.post("/v1/channels", json=body)
    assert problem(refused) == (422, "invalid-request")
    assert refused.json()["errors"][0]["field"] == "credentials.from_address"
    tenant.cloud.workspaces.grant(tenant.workspace, ["example.com"])
    assert tenant.http.post("/v1/channels", json=body).status_code == 201


def test_a_suspended_workspace_is_read_alone_and_its_work_is_held_and_then_goes_out_once(tenant: World) -> None:
    channel = tenant.connected("webhook", "suspended")
    soon = datetime.now(UTC) + timedelta(seconds=3)
    publication = tenant.submitted([channel], "Suspended", publish_at=soon.isoformat())["id"]
    tenant.cloud.workspaces.suspend(tenant.workspace, "Bills are open.")

    def delivery() -> Delivery:
        return tenant.api.read_publication(publication)["deliveries"][0]

    tenant.until(lambda: delivery()["state"] == "held", within_s=ONCE_S)
    trouble = delivery()["trouble"]
    assert trouble is not None
    assert trouble["kind"] == "suspended"

    def refused() -> Any:
        answer = tenant.http.post("/v1/api-keys", json={"name": "x", "role": "viewer"})
        return problem(answer) if answer.is_error else None

    assert tenant.until(refused, within_s=60.0) == (403, "suspended")
    assert tenant.http.get("/v1/workspace").raise_for_status().json()["reason"] == "Bills are open."
    assert tenant.posts("webhook", "suspended") == []
    tenant.cloud.workspaces.resume(tenant.workspace)
    tenant.until(lambda: tenant.sweep() and delivery()["state"] == "published", within_s=ONCE_S)
    assert len(tenant.posts("webhook", "suspended")) == 1
