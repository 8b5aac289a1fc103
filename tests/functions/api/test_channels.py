from __future__ import annotations

from typing import Any

import boto3
import pytest

from channels.model import Connection
from channels.registry import Registry
from functions import platforms
from functions.api import handler
from functions.api.samples import SAMPLE
from identity.workspaces import Workspaces
from publishing import aws, ids
from publishing.model import Identity, Post
from tests import cloud
from tests.functions.service import WEBHOOK, Service
from tests.web.gateway import Reply

PATH = "/v1/channels"


def read(service: Service, channel: str) -> Reply:
    return service.ask("GET", f"{PATH}/{channel}")


def change(service: Service, channel: str, headers: dict[str, str] | None = None, **changes: Any) -> Reply:
    return service.ask("PATCH", f"{PATH}/{channel}", body=changes, headers=headers)


def settle(service: Service, channel: str, connection: Connection, **said: Any) -> None:
    """What the platform's own function would write down."""
    registry = Registry("channels")
    stored = registry.find(service.ours, channel)
    assert stored is not None
    assert registry.settle(stored, connection, **said)


def test_a_connected_channel_is_unverified_and_shows_no_secret(service: Service) -> None:
    credentials = {**WEBHOOK, "template": '{"text": "{text}"}'}
    reply = service.ask("POST", PATH, body={"platform": "webhook", "name": "Site", "credentials": credentials})
    assert (reply.status, reply.headers["Location"]) == (201, f"{PATH}/{reply.json['id']}")
    assert (reply.json["connection"], reply.json["created_by"]) == ("unverified", "tester")
    assert reply.json["settings"] == {"template": '{"text": "{text}"}'}
    assert reply.json["secrets"] == ["signing_secret", "url"]
    assert WEBHOOK["signing_secret"] not in reply.text


def test_a_channels_secrets_are_stored_sealed_alone(service: Service) -> None:
    service.connected()
    (item,) = service.items("channels")
    assert "whsec_" not in repr(item)
    assert "example.org" not in repr(item)
    assert {"data_key", "box"} <= set(item)


def test_a_new_channel_is_verified_by_its_platforms_function(service: Service) -> None:
    service.sent("webhook-urgent")
    channel = service.connected()
    assert service.sent("webhook-urgent") == [
        {
            "v": 1,
            "workspace": service.ours,
            "correlation_id": "UVx3Zh1oFiAEJyA=",
            "kind": "verify",
            "channel": channel["id"],
        }
    ]


def test_a_channel_is_connected_even_when_verifying_cannot_be_asked_for(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUEUE_URL_TEMPLATE", cloud.BASE + "gone-{queue}")
    handler.router.cache_clear()
    assert service.connected()["connection"] == "unverified"
    handler.router.cache_clear()


WRONG = [
    ({"platform": "nowhere"}, "platform"),
    ({"platform": "_feeds"}, "platform"),
    ({"platform": "../webhook"}, "platform"),
    ({"name": ""}, "name"),
    ({"name": "x" * 101}, "name"),
    ({"credentials": {}}, "credentials.url"),
    ({"credentials": {**WEBHOOK, "urls": "x"}}, "credentials.urls"),
    ({"credentials": {**WEBHOOK, "url": 1}}, "credentials.url"),
    ({"credentials": {**WEBHOOK, "url": "http://example.org"}}, "credentials.url"),
    ({"credentials": {**WEBHOOK, "url": "http://127.0.0.1:8080"}}, "credentials.url"),
    ({"credentials": {**WEBHOOK, "url": "https://169.254.169.254/"}}, "credentials.url"),
    ({"credentials": {**WEBHOOK, "url": "https://u:p@example.org/"}}, "credentials.url"),
    ({"credentials": {**WEBHOOK, "headers": "[]"}}, "credentials.headers"),
    ({"id": "chn_1"}, "id"),
    ({"workspace": "ws_1"}, "workspace"),
    ({"connection": "connected"}, "connection"),
]


@pytest.mark.parametrize(("changes", "field"), WRONG, ids=lambda value: str(value)[:60])
def test_what_is_wrong_is_refused_and_nothing_is_stored(service: Service, changes: dict[str, Any], field: str) -> None:
    body = {"platform": "webhook", "name": "Site", "credentials": WEBHOOK, **changes}
    reply = service.ask("POST", PATH, body=body)
    assert (reply.status, reply.problem, reply.fields[0]) == (422, "invalid-request", field)
    assert service.items("channels") == []


def test_a_refused_credential_is_not_repeated(service: Service) -> None:
    credentials = {"url": "http://canary.example.org", "signing_secret": "canary" * 1_000, "canary-field": "canary"}
    reply = service.ask("POST", PATH, body={"platform": "webhook", "name": "Site", "credentials": credentials})
    assert reply.status == 422
    assert "canary" not in reply.text.replace("canary-field", "")


def test_a_channel_is_read_as_its_platform_left_it(service: Service) -> None:
    channel = service.connected()["id"]
    settle(service, channel, Connection.CONNECTED, identity=Identity("42", "Site", "https://example.org"))
    found = read(service, channel).json
    assert (found["connection"], found["reason"]) == ("connected", "")
    assert found["identity"] == {"id": "42", "name": "Site", "url": "https://example.org"}
    assert found["verified_at"] is not None


def test_a_channel_to_be_reconnected_says_why(service: Service) -> None:
    channel = service.connected()["id"]
    settle(service, channel, Connection.RECONNECT, reason="The key was revoked.")
    found = read(service, channel).json
    assert (found["connection"], found["reason"]) == ("reconnect", "The key was revoked.")


def test_channels_are_listed_page_by_page_newest_first(service: Service) -> None:
    made = [service.connected()["id"] for _ in range(3)]
    first = service.ask("GET", PATH, query={"limit": "2"}).json
    second = service.ask("GET", PATH, query={"limit": "2", "cursor": first["next"]}).json
    assert [each["id"] for each in first["items"] + second["items"]] == sorted(made, reverse=True)
    assert second["next"] is None


@pytest.mark.parametrize("cursor", ["x", "AAAA", "é"])
def test_a_cursor_that_is_none_is_refused(service: Service, cursor: str) -> None:
    reply = service.ask("GET", PATH, query={"cursor": cursor})
    assert (reply.status, reply.fields) == (422, ["cursor"])


def test_a_cursor_of_another_workspace_is_refused(service: Service) -> None:
    for _ in range(2):
        service.connected()
    cursor = service.ask("GET", PATH, query={"limit": "1"}).json["next"]
    assert service.ask("GET", PATH, query={"cursor": cursor}, workspace=service.theirs).status == 422


def test_a_channel_is_renamed_and_paused(service: Service) -> None:
    channel = service.connected()
    reply = change(service, channel["id"], name="Other", paused=True)
    assert (reply.status, reply.json["name"], reply.json["paused"]) == (200, "Other", True)
    assert read(service, channel["id"]).json == reply.json
    assert reply.json["secrets"] == channel["secrets"]


def test_what_is_left_out_stays(service: Service) -> None:
    channel = service.connected()["id"]
    change(service, channel, paused=True)
    assert change(service, channel, name="Other").json["paused"] is True
    assert change(service, channel, paused=False).json["name"] == "Other"


def test_renaming_keeps_what_the_platform_said(service: Service) -> None:
    channel = service.connected()["id"]
    settle(service, channel, Connection.CONNECTED, identity=Identity("42"))
    assert change(service, channel, name="Other").json["connection"] == "connected"


def test_new_credentials_are_sealed_and_verified_again(service: Service) -> None:
    channel = service.connected()["id"]
    settle(service, channel, Connection.RECONNECT, reason="Revoked.")
    (before,) = service.items("channels")
    service.sent("webhook-urgent")
    reply = change(service, channel, credentials={**WEBHOOK, "headers": "{}"})
    (after,) = service.items("channels")
    assert (reply.json["connection"], reply.json["reason"]) == ("unverified", "")
    assert reply.json["secrets"] == ["headers", "signing_secret", "url"]
    assert before["box"] != after["box"]
    assert [message["kind"] for message in service.sent("webhook-urgent")] == ["verify"]


def test_wrong_credentials_change_nothing(service: Service) -> None:
    channel = service.connected()["id"]
    before = service.items("channels")
    assert change(service, channel, name="Other", credentials={}).status == 422
    assert service.items("channels") == before


def test_who_has_not_seen_a_change_overwrites_nothing(service: Service) -> None:
    channel = service.connected()["id"]
    tag = read(service, channel).headers["ETag"]
    mine = change(service, channel, {"if-match": tag}, name="Mine")
    theirs = change(service, channel, {"if-match": tag}, name="Theirs")
    assert (mine.status, theirs.status, theirs.problem) == (200, 412, "precondition-failed")
    assert read(service, channel).json["name"] == "Mine"


def test_the_tag_of_a_change_serves_for_the_next(service: Service) -> None:
    channel = service.connected()["id"]
    tag = change(service, channel, name="One").headers["ETag"]
    assert read(service, channel).headers["ETag"] == tag
    assert change(service, channel, {"if-match": tag}, name="Two").status == 200


def test_a_channel_that_is_known_already_is_not_sent_again(service: Service) -> None:
    channel = service.connected()["id"]
    tag = read(service, channel).headers["ETag"]
    assert service.ask("GET", f"{PATH}/{channel}", headers={"if-none-match": tag}).status == 304


def test_a_deleted_channel_is_gone(service: Service) -> None:
    channel = service.connected()["id"]
    assert service.ask("DELETE", f"{PATH}/{channel}").status == 204
    assert read(service, channel).status == 404
    assert service.ask("DELETE", f"{PATH}/{channel}").status == 404
    assert change(service, channel, name="Back").status == 404
    assert service.items("channels") == []


def test_a_deleted_channels_feed_is_gone(service: Service) -> None:
    credentials = {"title": "News", "home_page_url": "https://example.org"}
    channel = service.connected(platform="rss", credentials=credentials)["id"]
    service.feed(channel)
    address = f"/v1/feeds/{channel}/rss.xml"
    assert service.ask("GET", address, role=None).status == 200
    assert service.ask("DELETE", f"{PATH}/{channel}").status == 204
    assert service.ask("GET", address, role=None).status == 404


def test_a_test_asks_the_platforms_function_again(service: Service) -> None:
    channel = service.connected()["id"]
    service.sent("webhook-urgent")
    reply = service.ask("POST", f"{PATH}/{channel}/test")
    assert (reply.status, reply.json["channel"]["id"], reply.json["publication"]) == (202, channel, None)
    assert [message["kind"] for message in service.sent("webhook-urgent")] == ["verify"]
    assert service.items("publications") == []


def test_a_test_publishes_a_sample_if_asked(service: Service) -> None:
    channel = service.connected()["id"]
    service.sent("webhook")
    reply = service.ask("POST", f"{PATH}/{channel}/test", body={"publish": True})
    publication = reply.json["publication"]
    assert reply.headers["Location"] == f"/v1/publications/{publication['id']}"
    assert [each["channel"] for each in publication["deliveries"]] == [channel]
    assert [message["publication"] for message in service.sent("webhook")] == [publication["id"]]


@pytest.mark.parametrize("platform", platforms.names())
def test_the_sample_is_fit_for_every_platform_that_publishes_words_alone(platform: str) -> None:
    found = platforms.load(platform).check(Post("dlv_1", SAMPLE, cloud.START))
    own = {"content.media", "content.link"}  # what a platform may insist on, and no sample can have
    assert [problem for problem in found if problem.field not in own] == []


def test_a_channel_that_is_not_there_cannot_be_tested(service: Service) -> None:
    assert service.ask("POST", f"{PATH}/{ids.new('chn')}/test").status == 404


def test_two_changes_at_once_do_not_mix(service: Service) -> None:
    channel = service.connected()["id"]
    rival = boto3.client("dynamodb", region_name=cloud.REGION)

    def first(**_: Any) -> None:
        rival.update_item(
            TableName="channels",
            Key={"pk": {"S": service.ours}, "sk": {"S": f"CHANNEL#{channel}"}},
            UpdateExpression="SET version = version + :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    aws.dynamodb().meta.events.register("before-call.dynamodb.UpdateItem", first)
    reply = change(service, channel, name="Second")
    assert (reply.status, reply.problem) == (409, "conflict")
    assert read(service, channel).json["name"] == "Our site"


MAIL = {"recipients": "ada@example.com", "from_address": "News@example.org"}


def connect_mail(service: Service, **changes: str) -> Reply:
    body = {"platform": "email", "name": "Letter", "credentials": {**MAIL, **changes}}
    return service.ask("POST", PATH, body=body)


def test_mail_is_sent_only_from_where_the_workspace_was_granted(service: Service) -> None:
    refused = connect_mail(service)
    assert (refused.status, refused.fields) == (422, ["credentials.from_address"])
    assert "operator" in refused.json["errors"][0]["remedy"]
    assert "example.org" not in refused.text
    assert service.items("channels") == []
    service.founded()
    Workspaces("channels").grant(service.ours, ["example.org"])
    assert connect_mail(service).status == 201
    assert connect_mail(service, from_address="news@example.com").fields == ["credentials.from_address"]


def test_a_channel_is_not_changed_to_send_from_elsewhere(service: Service) -> None:
    service.founded()
    Workspaces("channels").grant(service.ours, ["news@example.org"])
    channel = connect_mail(service).json["id"]
    reply = change(service, channel, credentials={**MAIL, "from_address": "boss@example.org"})
    assert (reply.status, reply.fields) == (422, ["credentials.from_address"])
    assert read(service, channel).json["settings"]["from_address"] == "News@example.org"
    assert change(service, channel, credentials={**MAIL, "from_name": "Us"}).status == 200


def test_what_was_granted_to_another_workspace_is_no_use(service: Service) -> None:
    service.founded()
    Workspaces("channels").grant(service.ours, ["example.org"])
    body = {"platform": "email", "name": "Letter", "credentials": MAIL}
    assert service.ask("POST", PATH, body=body, workspace=service.theirs).status == 422
