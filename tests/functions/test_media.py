"""Media, from being announced to being published, through the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from functions.media import handler
from identity.model import Role
from media.addresses import UPLOAD_S, Addresses
from media.depot import PIECE_BYTES, Depot
from publishing.model import Content, Media
from tests import cloud
from tests.cloud import REGION
from tests.functions.service import MEDIA, MEDIA_URL, Service
from tests.media.films import film
from tests.media.test_looking import picture
from tests.web import gateway


@pytest.fixture
def channel(service: Service) -> str:
    found: str = service.connected()["id"]
    return found


def completed(service: Service, content: bytes) -> Any:
    media = service.uploaded(content)["id"]
    reply = service.ask("POST", f"/v1/media/{media}/complete", body={})
    assert reply.status == 200, reply.text
    return reply.json


def test_what_is_announced_is_told_where_to_go(service: Service) -> None:
    reply = service.ask("POST", "/v1/media", body={"size_bytes": 1234}, role=Role.AUTHOR)
    made, upload = reply.json, reply.json["upload"]
    assert (reply.status, made["stage"], upload["method"]) == (201, "awaited", "PUT")
    assert reply.headers["Location"] == f"/v1/media/{made['id']}"
    assert upload["url"].startswith(f"{MEDIA_URL}/{service.ours}/{made['id']}?")
    assert upload["headers"] == {"content-length": "1234", "if-none-match": "*"}
    signed = parse_qs(urlsplit(upload["url"]).query)
    assert signed["X-Amz-Expires"] == [str(UPLOAD_S)]
    assert signed["X-Amz-SignedHeaders"] == ["content-length;host;if-none-match"]


def test_the_same_key_announces_once(service: Service) -> None:
    headers = {"idempotency-key": "the-same-film"}
    first, second = (
        service.ask("POST", "/v1/media", body={"size_bytes": 5}, headers=headers).json["id"] for _ in range(2)
    )
    assert first == second


def test_the_same_key_with_another_size_is_refused(service: Service) -> None:
    headers = {"idempotency-key": "one-film-only"}
    service.ask("POST", "/v1/media", body={"size_bytes": 5}, headers=headers)
    reply = service.ask("POST", "/v1/media", body={"size_bytes": 6}, headers=headers)
    assert (reply.status, reply.problem) == (422, "idempotency-key-reused")


def test_what_was_uploaded_is_looked_at(service: Service) -> None:
    found = completed(service, film(seconds=12.0))
    assert (found["stage"], found["type"], found["codec"]) == ("ready", "video/mp4", "AVC")
    assert (found["width"], found["height"], found["seconds"]) == (1080, 1920, 12.0)
    assert service.ask("GET", f"/v1/media/{found['id']}", role=Role.VIEWER).json == found


def test_to_complete_it_twice_is_to_complete_it_once(service: Service) -> None:
    found = completed(service, picture("PNG"))
    assert service.ask("POST", f"/v1/media/{found['id']}/complete", body={}).json == found


def test_what_was_not_uploaded_cannot_be_completed(service: Service) -> None:
    media = service.ask("POST", "/v1/media", body={"size_bytes": 5}).json["id"]
    reply = service.ask("POST", f"/v1/media/{media}/complete", body={})
    assert (reply.status, reply.problem) == (409, "wrong-state")


@pytest.mark.parametrize(
    ("content", "announced", "says"), [(b"no film", 7, "no image or video"), (film(), 7, "7 were announced")]
)
def test_what_is_something_else_is_refused_for_good(
    service: Service, content: bytes, announced: int, says: str
) -> None:
    media = service.ask("POST", "/v1/media", body={"size_bytes": announced}).json["id"]
    boto3.client("s3", region_name=REGION).put_object(Bucket=MEDIA, Key=f"{service.ours}/{media}", Body=content)
    for _ in range(2):
        reply = service.ask("POST", f"/v1/media/{media}/complete", body={})
        assert (reply.status, reply.problem) == (422, "unfit-content")
        assert says in reply.json["detail"]
    assert service.ask("GET", f"/v1/media/{media}").json["stage"] == "refused"


def test_uploads_are_listed_newest_first_page_by_page(service: Service) -> None:
    made = [service.uploaded(bytes(each))["id"] for each in (1, 2, 3)]
    first = service.ask("GET", "/v1/media", query={"limit": "2"}).json
    second = service.ask("GET", "/v1/media", query={"limit": "2", "cursor": first["next"]}).json
    assert {each["id"] for each in [*first["items"], *second["items"]]} == set(made)
    assert (len(first["items"]), second["next"]) == (2, None)


def test_a_copy_fits_the_platform_it_is_made_for(service: Service) -> None:
    original = completed(service, picture("PNG", (3000, 1000)))
    body = {"platform": "instagram"}
    reply = service.ask("POST", f"/v1/media/{original['id']}/fit", body=body)
    copy = reply.json
    assert (reply.status, copy["stage"], copy["made_from"]) == (201, "ready", original["id"])
    assert copy["type"] == "image/jpeg"
    assert copy["width"] / copy["height"] <= 1.92
    assert service.ask("POST", f"/v1/media/{original['id']}/fit", body=body).json == copy


@pytest.mark.parametrize(
    ("content", "platform", "status"),
    [(film(), "instagram", 422), (picture("PNG"), "nowhere", 422), (picture("PNG"), "youtube", 422)],
)
def test_what_cannot_be_copied_says_so(service: Service, content: bytes, platform: str, status: int) -> None:
    media = completed(service, content)["id"]
    assert service.ask("POST", f"/v1/media/{media}/fit", body={"platform": platform}).status == status


def test_what_is_deleted_is_gone_with_its_file(service: Service) -> None:
    media = completed(service, picture("PNG"))["id"]
    assert service.ask("DELETE", f"/v1/media/{media}").status == 204
    assert service.ask("GET", f"/v1/media/{media}").status == 404
    assert Depot(MEDIA).size(f"{service.ours}/{media}") is None


def test_a_publication_names_an_upload_and_is_checked_with_what_is_known_of_it(service: Service, channel: str) -> None:
    media = completed(service, film())["id"]
    content = {"text": "Look", "media": [{"id": media, "alt": "A film"}]}
    submitted = service.submitted(channel, content=content)
    found = service.ask("GET", f"/v1/publications/{submitted['id']}").json
    assert found["content"]["media"] == [{"url": None, "id": media, "alt": "A film"}]
    stored = service.stored(submitted["id"]).content.media[0]
    assert (stored.type, stored.seconds, stored.codec, stored.alt) == ("video/mp4", 30.0, "AVC", "A film")


def test_an_override_names_one_too(service: Service, channel: str) -> None:
    media = completed(service, film())["id"]
    targets = [{"channel": channel, "overrides": {"media": [{"id": media}]}}]
    submitted = service.submitted(channel, targets=targets)
    stored = service.stored(submitted["id"])
    assert stored.post(stored.targets[0]).content.media[0].seconds == 30.0


@pytest.mark.parametrize("media", ["med_01kagwz8w7e0f4h5j6k7m8n9pq", "nonsense"])
def test_an_upload_that_is_not_there_is_no_media(service: Service, channel: str, media: str) -> None:
    body = {"content": {"text": "Look", "media": [{"id": media}]}, "targets": [{"channel": channel}]}
    reply = service.ask("POST", "/v1/publications", body=body)
    assert (reply.status, reply.json["errors"][0]["field"]) == (422, "content.media[0].id")


def test_an_upload_that_is_not_complete_is_not_published(service: Service, channel: str) -> None:
    media = service.uploaded(film())["id"]
    body = {"content": {"text": "Look", "media": [{"id": media}]}, "targets": [{"channel": channel}]}
    assert service.ask("POST", "/v1/publications", body=body).status == 422


def test_another_workspaces_upload_is_not_published(service: Service, channel: str) -> None:
    media = completed(service, film())["id"]
    other = service.ask(
        "POST",
        "/v1/publications",
        workspace=service.theirs,
        body={"content": {"text": "Look", "media": [{"id": media}]}, "targets": [{"channel": channel}]},
    )
    assert other.status in {404, 422}


def test_a_large_object_is_read_a_piece_at_a_time(service: Service) -> None:
    content = bytes(range(256)) * (PIECE_BYTES // 128)
    boto3.client("s3", region_name=REGION).put_object(Bucket=MEDIA, Key=service.ours, Body=content)
    remote = Depot(MEDIA).opened(service.ours, len(content))
    assert b"".join(iter(lambda: remote.read(1_000), b"")) == content
    assert remote.asked < 6
    remote.seek(-10, 2)
    assert (remote.read(100), remote.tell()) == (content[-10:], len(content))


@pytest.mark.usefixtures("service")
def test_the_event_in_events_is_answered() -> None:
    reply = gateway.reply(handler.handle(gateway.document("media"), None))
    assert (reply.status, reply.json["size_bytes"]) == (201, 52_428_800)


def test_an_address_that_lasts_leads_to_the_file_as_it_is_reached_now(service: Service) -> None:
    media = completed(service, picture("PNG"))["id"]
    reply = service.ask("GET", f"/v1/files/{service.ours}/{media}", role=None)
    assert reply.status == 302
    assert reply.headers["Location"].startswith(f"{MEDIA_URL}/{service.ours}/{media}?")
    assert service.ask("GET", f"/v1/files/{service.theirs}/{media}", role=None).status == 404


def test_nobody_is_led_to_what_was_not_looked_at(service: Service) -> None:
    media = service.uploaded(b"no picture")["id"]
    assert service.ask("GET", f"/v1/files/{service.ours}/{media}", role=None).status == 404


@pytest.mark.parametrize(("lasting", "begins"), [(True, "https://api.test/v1/files/ws_1/med_1"), (False, MEDIA_URL)])
def test_what_readers_are_told_lasts_and_what_platforms_fetch_is_direct(lasting: bool, begins: str) -> None:  # noqa: FBT001
    content = Content(media=(Media(id="med_1", alt="A"), Media("https://example.org/b.png")))
    with cloud.moto():
        found = Addresses(MEDIA_URL, "https://api.test/v1/files").addressed("ws_1", content, lasting=lasting)
    assert found.media[0].url.startswith(begins)
    assert found.media[1] == content.media[1]
