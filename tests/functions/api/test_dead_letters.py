from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from publishing.change import Change
from publishing.model import DeliveryState
from publishing.publication import Trouble
from tests import cloud
from tests.functions.service import Service

PATH = "/v1/dead-letters"


@pytest.fixture
def submitted(service: Service) -> Any:
    """A publication whose message has died, and nothing else is dead."""
    service.cloud.received("webhook-dead")
    made = service.submitted(service.connected()["id"], content={"text": "private"})
    for message in service.sent("webhook"):
        bury(json.dumps(message))
    return made


def bury(body: str) -> None:
    boto3.client("sqs", region_name=cloud.REGION).send_message(QueueUrl=f"{cloud.BASE}webhook-dead", MessageBody=body)


def dead(service: Service, **asked: Any) -> dict[str, int]:
    return {each["platform"]: each["count"] for each in service.ask("GET", PATH, **asked).json["items"]}


@pytest.mark.usefixtures("submitted")
def test_every_platforms_dead_letters_are_counted(service: Service) -> None:
    (ours,) = [each for each in service.ask("GET", PATH).json["items"] if each["platform"] == "webhook"]
    assert (ours["count"], ours["complete"]) == (1, True)
    assert ours["oldest_at"] is not None
    assert {"due", "discord"} <= set(dead(service))


def test_a_dead_letter_tells_what_it_was_for_and_how_that_stands(service: Service, submitted: Any) -> None:
    service.attempted(submitted["id"], Change(DeliveryState.FAILED, trouble=Trouble("refused", "No.")))
    reply = service.ask("GET", f"{PATH}/webhook")
    (letter,) = reply.json["items"]
    told = {"kind": "deliver", "publication": submitted["id"], "state": "failed", "why": "refused"}
    assert {name: letter[name] for name in told} == told
    assert letter["delivery"] == submitted["deliveries"][0]["id"]
    assert "private" not in reply.text


def test_a_dead_letter_whose_publication_is_not_there_is_shown_nevertheless(service: Service) -> None:
    service.cloud.received("webhook-dead")
    bury(json.dumps({"workspace": service.ours, "kind": "verify", "channel": "chn_1"}))
    (letter,) = service.ask("GET", f"{PATH}/webhook").json["items"]
    assert (letter["kind"], letter["channel"], letter["state"], letter["delivery"]) == ("verify", "chn_1", None, None)


def test_dead_letters_are_sent_once_more(service: Service, submitted: Any) -> None:
    reply = service.ask("POST", f"{PATH}/webhook/redrive", body={})
    assert reply.json == {"moved": 1, "left": 0, "complete": True}
    assert [message["publication"] for message in service.sent("webhook")] == [submitted["id"]]
    assert dead(service)["webhook"] == 0


@pytest.mark.usefixtures("submitted")
def test_dead_letters_are_thrown_away_where_that_is_meant(service: Service) -> None:
    refused = service.ask("DELETE", f"{PATH}/webhook", query={"confirm": "discord"})
    assert (refused.status, refused.fields, dead(service)["webhook"]) == (422, ["confirm"], 1)
    reply = service.ask("DELETE", f"{PATH}/webhook", query={"confirm": "webhook"})
    assert (reply.json, dead(service)["webhook"]) == ({"deleted": 1, "left": 0, "complete": True}, 0)


@pytest.mark.usefixtures("submitted")
def test_nothing_is_thrown_away_without_a_confirmation(service: Service) -> None:
    reply = service.ask("DELETE", f"{PATH}/webhook")
    assert (reply.status, reply.fields, dead(service)["webhook"]) == (422, ["confirm"], 1)


@pytest.mark.usefixtures("submitted")
def test_another_workspaces_admin_sees_moves_and_deletes_nothing(service: Service) -> None:
    theirs: dict[str, Any] = {"workspace": service.theirs}
    assert dead(service, **theirs)["webhook"] == 0
    assert service.ask("GET", f"{PATH}/webhook", **theirs).json["items"] == []
    assert service.ask("POST", f"{PATH}/webhook/redrive", body={}, **theirs).json["moved"] == 0
    assert service.ask("DELETE", f"{PATH}/webhook", query={"confirm": "webhook"}, **theirs).json["deleted"] == 0
    assert (service.sent("webhook"), dead(service)["webhook"]) == ([], 1)


@pytest.mark.parametrize("most", [0, 101, "all"])
def test_a_redrive_is_bounded(service: Service, most: object) -> None:
    reply = service.ask("POST", f"{PATH}/webhook/redrive", body={"most": most})
    assert (reply.status, reply.fields) == (422, ["most"])


@pytest.mark.parametrize("platform", ["nowhere", "webhook-urgent", "UPPER", "webhook%2Fdead"])
def test_a_platform_that_is_none_has_no_dead_letters(service: Service, platform: str) -> None:
    assert service.ask("GET", f"{PATH}/{platform}").status == 404
    assert service.ask("POST", f"{PATH}/{platform}/redrive", body={}).status == 404
