from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from publishing import ids
from publishing.change import Change
from publishing.model import DeliveryState, Receipt
from publishing.publication import Trouble
from tests.functions.service import Service
from tests.web.gateway import Reply

PATH = "/v1/publications"


@pytest.fixture
def channel(service: Service) -> str:
    return str(service.connected()["id"])


def read(service: Service, publication: str) -> Any:
    return service.ask("GET", f"{PATH}/{publication}").json


def read_delivery(service: Service, submitted: Any) -> Reply:
    return service.ask("GET", f"/v1/deliveries/{submitted['deliveries'][0]['id']}")


def test_a_publication_is_read_as_it_was_submitted(service: Service, channel: str) -> None:
    content = {
        "title": "First light",
        "text": "We are *live*. 👋",
        "summary": "Live",
        "link": "https://example.org/",
        "tags": ["news"],
        "media": [{"url": "https://example.org/a.png", "id": None, "alt": "A sunrise"}],
        "thread": True,
    }
    submitted = service.submitted(channel, content=content, priority="urgent")
    found = read(service, submitted["id"])
    assert found["content"] == content
    assert (found["priority"], found["created_by"], found["deliveries"]) == (
        "urgent",
        "tester",
        submitted["deliveries"],
    )


def test_a_published_delivery_tells_where_it_is(service: Service, channel: str) -> None:
    submitted = service.submitted(channel)
    receipt = Receipt("42", "https://example.org/42", "2026-11-20T12:00:00Z")
    service.attempted(submitted["id"], Change(DeliveryState.PUBLISHED, receipt=receipt))
    found = read_delivery(service, submitted).json
    assert (found["state"], found["attempts"], found["url"], found["post_id"]) == (
        "published",
        1,
        "https://example.org/42",
        "42",
    )
    assert (found["publication"], found["next_at"], found["trouble"]) == (submitted["id"], None, None)
    assert [event["state"] for event in found["history"]] == ["publishing", "published"]
    assert read(service, submitted["id"])["status"] == "published"


def test_a_failed_delivery_tells_why(service: Service, channel: str) -> None:
    submitted = service.submitted(channel)
    trouble = Trouble("refused", "Too many links.", "E17", 422)
    service.attempted(submitted["id"], Change(DeliveryState.FAILED, trouble=trouble))
    found = read_delivery(service, submitted).json
    assert found["trouble"] == {"kind": "refused", "message": "Too many links.", "code": "E17", "status": 422}
    assert found["history"][-1]["why"] == "refused"
    assert read(service, submitted["id"])["status"] == "failed"


def test_a_delivery_nobody_has_taken_is_read_as_queued(service: Service, channel: str) -> None:
    found = read_delivery(service, service.submitted(channel)).json
    assert (found["state"], found["attempts"], found["history"]) == ("queued", 0, [])
    assert found["next_at"] is not None


@pytest.mark.parametrize("other", [ids.delivery(f"pub_{'0' * 26}", f"chn_{'0' * 26}")])
def test_a_delivery_that_is_not_there_is_not_found(service: Service, other: str) -> None:
    assert service.ask("GET", f"/v1/deliveries/{other}").status == 404


def test_a_delivery_to_a_channel_that_was_no_target_is_not_found(service: Service, channel: str) -> None:
    publication = service.submitted(channel)["id"]
    other = ids.delivery(publication, service.connected()["id"])
    assert service.ask("GET", f"/v1/deliveries/{other}").status == 404


def test_publications_are_listed_page_by_page_newest_first(service: Service, channel: str) -> None:
    made = [service.submitted(channel, content={"text": str(number)})["id"] for number in range(3)]
    first = service.ask("GET", PATH, query={"limit": "2"}).json
    second = service.ask("GET", PATH, query={"limit": "2", "cursor": first["next"]}).json
    assert [each["id"] for each in first["items"] + second["items"]] == list(reversed(made))
    assert second["next"] is None


def test_a_listed_publication_tells_its_title_and_deliveries_without_its_content(
    service: Service, channel: str
) -> None:
    submitted = service.submitted(channel, content={"text": "Hello\n\nand more"})
    service.attempted(submitted["id"], Change(DeliveryState.PUBLISHED, receipt=Receipt("42")))
    (listed,) = service.ask("GET", PATH).json["items"]
    assert (listed["id"], listed["status"], listed["title"]) == (submitted["id"], "published", "Hello\n\nand more")
    assert listed["deliveries"][0]["post_id"] == "42"
    assert "content" not in listed


def test_another_workspaces_cursor_is_refused(service: Service, channel: str) -> None:
    for _ in range(2):
        service.submitted(channel)
    cursor = service.ask("GET", PATH, query={"limit": "1"}).json["next"]
    reply = service.ask("GET", PATH, query={"cursor": cursor}, workspace=service.theirs)
    assert (reply.status, reply.fields) == (422, ["cursor"])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1000"}, "limit"),
        ({"status": "failed"}, "status"),
        ({"cursor": "x"}, "cursor"),
    ],
)
def test_a_wrong_query_is_refused(service: Service, query: dict[str, str], field: str) -> None:
    reply = service.ask("GET", PATH, query=query)
    assert (reply.status, reply.fields) == (422, [field])


def test_a_scheduled_publication_can_be_canceled(service: Service, channel: str) -> None:
    at = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    submitted = service.submitted(channel, publish_at=at)
    reply = service.ask("DELETE", f"{PATH}/{submitted['id']}")
    assert (submitted["status"], reply.status, reply.json["status"]) == ("scheduled", 200, "canceled")
    assert [each["state"] for each in reply.json["deliveries"]] == ["canceled"]
    assert reply.json["canceled_at"] is not None
    assert read(service, submitted["id"]) == reply.json


def test_what_is_out_stays_out_when_the_rest_is_canceled(service: Service, channel: str) -> None:
    targets = [{"channel": channel}, {"channel": service.connected()["id"]}]
    submitted = service.submitted(channel, targets=targets)
    service.attempted(submitted["id"], Change(DeliveryState.PUBLISHED, receipt=Receipt("42")))
    canceled = service.ask("DELETE", f"{PATH}/{submitted['id']}").json
    assert [each["state"] for each in canceled["deliveries"]] == ["published", "canceled"]
    assert canceled["status"] == "published"


def test_canceling_twice_is_canceling_once(service: Service, channel: str) -> None:
    submitted = service.submitted(channel)
    first, second = (service.ask("DELETE", f"{PATH}/{submitted['id']}") for _ in range(2))
    assert (first.status, second.status, second.json) == (200, 200, first.json)


def test_what_has_not_changed_is_not_sent_again(service: Service, channel: str) -> None:
    path = f"{PATH}/{service.submitted(channel)['id']}"
    tag = service.ask("GET", path).headers["ETag"]
    assert service.ask("GET", path, headers={"if-none-match": tag}).status == 304
    service.ask("DELETE", path)
    assert service.ask("GET", path, headers={"if-none-match": tag}).status == 200
