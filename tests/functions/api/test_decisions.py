from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from identity.model import Principal, Role
from publishing.change import Change
from publishing.clock import now
from publishing.late import too_late
from publishing.ledger import Deliveries
from publishing.model import DeliveryState
from tests.functions.service import Service
from tests.web.gateway import Reply

FAILED, UNCERTAIN = Change(DeliveryState.FAILED), Change(DeliveryState.UNCERTAIN)
PUBLISHED = {"outcome": "published"}


@pytest.fixture
def submitted(service: Service) -> Any:
    made = service.submitted(service.connected()["id"])
    service.sent("webhook")
    return made


def decide(service: Service, submitted: Any, decision: str, body: dict[str, Any] | None = None) -> Reply:
    return service.ask("POST", f"/v1/deliveries/{submitted['deliveries'][0]['id']}/{decision}", body=body)


def asked_by(service: Service, subject: str, role: Role, submitted: Any) -> Reply:
    context = Principal(service.ours, subject, role).context()
    return service.ask("POST", f"/v1/publications/{submitted['id']}/retry", context=context)


def test_a_delivery_in_doubt_is_resolved_as_published_with_its_link(service: Service, submitted: Any) -> None:
    service.attempted(submitted["id"], UNCERTAIN)
    body = {**PUBLISHED, "url": "https://example.org/42", "post_id": "42"}
    reply = decide(service, submitted, "resolve", body)
    assert (reply.status, reply.json["state"], reply.json["url"], reply.json["post_id"]) == (
        200,
        "published",
        "https://example.org/42",
        "42",
    )
    assert (reply.json["history"][-1]["by"], reply.json["history"][-1]["why"]) == ("person", "published")


def test_a_delivery_in_doubt_is_resolved_as_not_published_and_sent_again(service: Service, submitted: Any) -> None:
    service.attempted(submitted["id"], UNCERTAIN)
    reply = decide(service, submitted, "resolve", {"outcome": "not_published"})
    assert (reply.status, reply.json["state"]) == (200, "queued")
    assert [message["publication"] for message in service.sent("webhook")] == [submitted["id"]]


def test_what_is_resolved_already_is_refused_with_the_reason(service: Service, submitted: Any) -> None:
    service.attempted(submitted["id"], UNCERTAIN)
    decide(service, submitted, "resolve", PUBLISHED)
    reply = decide(service, submitted, "resolve", {"outcome": "not_published"})
    assert (reply.status, reply.problem, reply.json["detail"]) == (409, "wrong-state", "It is published.")


@pytest.mark.parametrize("decision", ["resolve", "retry", "cancel"])
def test_who_has_not_seen_how_it_stands_now_does_not_decide(service: Service, submitted: Any, decision: str) -> None:
    path = f"/v1/deliveries/{submitted['deliveries'][0]['id']}"
    seen = service.ask("GET", path).headers["ETag"]
    service.attempted(submitted["id"], FAILED)
    body = PUBLISHED if decision == "resolve" else None
    reply = service.ask("POST", f"{path}/{decision}", body=body, headers={"if-match": seen})
    assert (reply.status, reply.problem) == (412, "precondition-failed")
    assert service.ask("GET", path).json["state"] == "failed"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "outcome"),
        ({"outcome": "maybe"}, "outcome"),
        ({**PUBLISHED, "url": "javascript:alert(1)"}, "url"),
        ({**PUBLISHED, "url": "https://example.org/ x"}, "url"),
        ({"outcome": "not_published", "url": "https://example.org/1"}, "url"),
        ({"outcome": "not_published", "post_id": "1"}, "post_id"),
        ({**PUBLISHED, "by": "me"}, "by"),
    ],
)
def test_a_wrong_resolution_is_refused(service: Service, submitted: Any, body: dict[str, Any], field: str) -> None:
    service.attempted(submitted["id"], UNCERTAIN)
    reply = decide(service, submitted, "resolve", body)
    assert (reply.status, reply.fields) == (422, [field])


def test_a_failed_delivery_is_tried_again(service: Service, submitted: Any) -> None:
    service.attempted(submitted["id"], FAILED)
    reply = decide(service, submitted, "retry")
    assert (reply.status, reply.json["state"], reply.json["attempts"]) == (200, "queued", 0)
    assert len(service.sent("webhook")) == 1


def test_a_failed_publication_is_tried_again(service: Service, submitted: Any) -> None:
    service.attempted(submitted["id"], FAILED)
    reply = asked_by(service, "tester", Role.AUTHOR, submitted)
    assert (reply.status, [each["state"] for each in reply.json["deliveries"]]) == (200, ["queued"])


def test_where_nothing_failed_a_retry_is_refused_with_the_reason(service: Service, submitted: Any) -> None:
    reply = decide(service, submitted, "retry")
    assert (reply.status, reply.problem) == (409, "wrong-state")


def test_an_admin_may_try_anything_again(service: Service, submitted: Any) -> None:
    service.attempted(submitted["id"], FAILED)
    assert asked_by(service, "somebody-else", Role.ADMIN, submitted).status == 200


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.EDITOR])
def test_somebody_elses_publication_is_not_tried_again(service: Service, submitted: Any, role: Role) -> None:
    service.attempted(submitted["id"], FAILED)
    reply = asked_by(service, "somebody-else", role, submitted)
    assert (reply.status, reply.problem) == (403, "forbidden")
    assert service.sent("webhook") == []


def test_what_is_held_for_being_late_is_sent_out_by_a_person(service: Service) -> None:
    submitted = service.submitted(service.connected()["id"], late={"after_s": 60, "then": "hold"})
    late = too_late(service.stored(submitted["id"]), datetime.now(UTC) + timedelta(hours=1))
    assert late is not None
    stored = service.stored(submitted["id"])
    Deliveries("publications", now).close(stored, stored.targets[0], late, unbegun=True)
    held = service.ask("GET", f"/v1/publications/{submitted['id']}").json
    assert (held["status"], held["deliveries"][0]["trouble"]["kind"], held["deliveries"][0]["next_at"]) == (
        "held",
        "late",
        None,
    )
    service.sent("webhook")
    assert decide(service, submitted, "retry").json["state"] == "queued"
    assert len(service.sent("webhook")) == 1


def test_one_delivery_is_called_off(service: Service, submitted: Any) -> None:
    first, second = (decide(service, submitted, "cancel") for _ in range(2))
    assert (first.status, first.json["state"], second.json) == (200, "canceled", first.json)


def test_what_has_left_is_not_called_off(service: Service, submitted: Any) -> None:
    service.attempted(submitted["id"], UNCERTAIN)
    reply = decide(service, submitted, "cancel")
    assert (reply.status, reply.problem) == (409, "wrong-state")
