"""Consents, from the API's first answer to channels that can publish."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from functions import platforms
from identity.model import Role
from publishing.clock import now
from tests import cloud
from tests.functions.consenting import Browser, Consenting
from tests.functions.service import Service
from tests.sandbox.server import Sandbox

HOME = "https://app.example.org/connected?tab=2"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def x(service: Service, sandbox: Sandbox) -> Consenting:
    made = Consenting(service, sandbox, "x", cloud.Watch(now()))
    made.set_app("press")
    return made


@pytest.fixture
def pages(service: Service, sandbox: Sandbox) -> Consenting:
    made = Consenting(service, sandbox, "facebook", cloud.Watch(now()))
    made.set_app("bakery", "brewery")
    return made


def begins(answer: dict[str, Any]) -> tuple[int, str]:
    return answer["statusCode"], answer["headers"].get("location", "").partition("?")[0]


def test_a_grant_begins_at_an_address_of_ours_with_its_scopes_and_ends_in_ten_minutes(x: Consenting) -> None:
    begun = x.begun()
    assert begun["authorize_url"].startswith(f"https://api.example.org/v1/oauth/x?start={begun['id']}.")
    assert {"name": "tweet.write", "why": "Post, and take posts back.", "needed": True} in begun["scopes"]
    assert (begun["state"], begun["accounts"], begun["channels"]) == ("waiting", [], [])


def test_who_opens_it_is_led_to_the_platforms_consent_page(x: Consenting) -> None:
    answer = x.left(x.begun()["authorize_url"])
    assert begins(answer) == (302, "https://x.com/i/oauth2/authorize")
    assert answer["headers"]["referrer-policy"] == "no-referrer"
    assert answer["headers"]["cache-control"] == "no-store"


def test_the_browser_is_marked_so_that_it_is_known_again(x: Consenting) -> None:
    (cookie,) = x.left(x.begun()["authorize_url"])["cookies"]
    assert "; HttpOnly; SameSite=Lax; Secure" in cookie
    assert "; Path=/v1/oauth/x;" in cookie


def test_one_account_becomes_a_channel_at_once(x: Consenting) -> None:
    grant, answer = x.consented()
    assert (grant["state"], len(grant["channels"]), grant["refusal"]) == ("connected", 1, None)
    assert answer["statusCode"] == 200
    channel = x.service.ask("GET", f"/v1/channels/{grant['channels'][0]}").json
    assert (channel["connection"], channel["identity"]["name"], channel["name"]) == ("connected", "press", "press")
    assert channel["scopes"] == grant["allowed"]
    assert channel["credentials_end_at"] is not None
    assert channel["created_by"] == "tester"


def test_the_apps_secret_is_in_no_channel_and_yet_in_each_that_is_opened(x: Consenting) -> None:
    (channel,) = x.consented()[0]["channels"]
    stored = x.stored(channel)
    assert (stored.settings, stored.secret_fields) == ({}, ("access_token", "refresh_token"))
    opened = x.opened(channel)
    assert {"client_secret", "access_token", "refresh_token"} == set(opened.secrets)
    assert opened.settings["client_id"]


def test_a_channel_is_renewed_with_the_operators_app_which_is_not_stored_with_it(x: Consenting) -> None:
    (channel,) = x.consented()[0]["channels"]
    adapter, opened = platforms.load("x"), x.opened(channel)
    fresh = x.conversations.hold(adapter.refresh(opened), within_s=10)  # type: ignore[attr-defined]
    sealed = x.vault.reseal(x.stored(channel), {**opened.secrets, **fresh.secrets})
    kept = x.vault.unseal(workspace=x.service.ours, channel=channel, platform="x", sealed=sealed)
    assert set(kept) == {"access_token", "refresh_token"}


def test_an_app_that_is_set_anew_is_used_by_the_channels_there_are(x: Consenting) -> None:
    (channel,) = x.consented()[0]["channels"]
    text = json.dumps({"client_id": "another", "client_secret": "an0ther"})
    boto3.client("secretsmanager", region_name=cloud.REGION).put_secret_value(SecretId=x.secret, SecretString=text)
    assert x.opened(channel).secrets["client_secret"] == "an0ther"


def test_credentials_a_person_supplies_take_the_place_of_a_consent(x: Consenting) -> None:
    (channel,) = x.consented()[0]["channels"]
    own = {"client_id": "mine", "refresh_token": "m1ne"}
    x.service.ask("PATCH", f"/v1/channels/{channel}", body={"credentials": own})
    assert (x.stored(channel).scopes, x.opened(channel).settings["client_id"]) == (None, "mine")


def test_several_accounts_are_offered_by_name_and_none_is_connected(pages: Consenting) -> None:
    grant, _ = pages.consented()
    assert (grant["state"], grant["channels"]) == ("choosing", [])
    assert [account["name"] for account in grant["accounts"]] == ["bakery", "brewery"]


def test_what_is_chosen_becomes_channels_under_the_names_that_are_given(pages: Consenting) -> None:
    grant, _ = pages.consented()
    one, other = (account["id"] for account in grant["accounts"])
    chosen = pages.chosen(grant["id"], one, other, names={one: "Our bread"}).json
    assert (chosen["state"], chosen["accounts"]) == ("connected", [])
    names = [pages.stored(channel).name for channel in chosen["channels"]]
    assert names == ["Our bread", "brewery"]
    opened = pages.opened(chosen["channels"][1])
    assert opened.settings["page_id"] == other
    assert pages.conversations.hold(platforms.load("facebook").verify(opened), within_s=10).name == "brewery"


def test_to_choose_again_changes_nothing(pages: Consenting) -> None:
    grant, _ = pages.consented()
    one, other = (account["id"] for account in grant["accounts"])
    first = pages.chosen(grant["id"], one).json
    assert pages.chosen(grant["id"], other).json == first
    assert len(pages.service.ask("GET", "/v1/channels").json["items"]) == 1


def test_what_is_not_offered_cannot_be_chosen(pages: Consenting) -> None:
    grant, _ = pages.consented()
    reply = pages.chosen(grant["id"], "4711")
    assert (reply.status, reply.json["errors"][0]["field"]) == (422, "accounts[0]")


def test_an_hour_later_nothing_can_be_chosen(pages: Consenting) -> None:
    pages.clock.forward(-3_601)  # the person consented an hour before whoever chooses
    begun = pages.begun()
    query = pages.browser.consents(pages.left(begun["authorize_url"])["headers"]["location"])
    pages.came_back(query)
    grant = pages.grant(begun["id"])
    assert (grant["state"], grant["accounts"]) == ("expired", [])
    assert (pages.chosen(grant["id"], "1").status, pages.chosen(grant["id"], "1").problem) == (409, "wrong-state")


def test_tokens_of_accounts_nobody_chose_are_forgotten(pages: Consenting) -> None:
    grant, _ = pages.consented()
    pages.chosen(grant["id"], grant["accounts"][0]["id"])
    client = boto3.client("dynamodb", region_name=cloud.REGION)
    item = client.get_item(TableName="operations", Key={"pk": {"S": f"grant#{grant['id']}"}})["Item"]
    assert item["offers"] == {"L": []}


def test_no_token_and_no_secret_lies_open_in_a_grant(pages: Consenting) -> None:
    grant, _ = pages.consented()
    client = boto3.client("dynamodb", region_name=cloud.REGION)
    item = client.get_item(TableName="operations", Key={"pk": {"S": f"grant#{grant['id']}"}})["Item"]
    pages.chosen(grant["id"], *(account["id"] for account in grant["accounts"]))
    (first, *_) = pages.grant(grant["id"])["channels"]
    secrets = pages.opened(first).secrets.values()
    assert [secret for secret in secrets if secret in repr(item)] == []


def test_the_browser_goes_back_to_where_it_came_from_with_the_grants_id_alone(x: Consenting) -> None:
    grant, answer = x.consented(return_to=HOME)
    assert (answer["statusCode"], answer["headers"]["location"]) == (302, f"{HOME}&grant={grant['id']}")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.org/",
        "https://app.example.org.evil.example/",
        "https://app.example.org@evil.example/",
        "https://app.example.org:444/",
        "http://app.example.org/",
        "https:app.example.org",
        "//app.example.org/",
        "https://app.example.org/\\evil",
        "https://app.example.org/#token",
        "https://app.example.org/\r\nset-cookie: a=b",
        "javascript:alert(1)//app.example.org",
        "https://[app.example.org/",
        "",
        "https://app.example.org/ä",
    ],
)
def test_nobody_is_sent_anywhere_else(x: Consenting, address: str) -> None:
    reply = x.service.ask("POST", "/v1/grants", body={"platform": "x", "return_to": address})
    if address:
        assert (reply.status, reply.json["errors"][0]["field"]) == (422, "return_to")
    else:
        assert reply.status == 201  # none at all: a plain page


def test_a_page_without_script_says_that_it_is_done(x: Consenting) -> None:
    _, answer = x.consented()
    assert "The account is connected" in answer["body"]
    assert "<script" not in answer["body"]


def test_a_state_is_good_once(x: Consenting) -> None:
    begun = x.begun()
    query = x.browser.consents(x.left(begun["authorize_url"])["headers"]["location"])
    cookies = dict(x.browser.cookies)
    x.came_back(query)
    x.browser.cookies = cookies
    assert x.came_back(query)["statusCode"] == 400
    assert len(x.service.ask("GET", "/v1/channels").json["items"]) == 1


def test_a_state_is_good_in_the_browser_that_left_with_it_alone(x: Consenting) -> None:
    begun = x.begun()
    query = x.browser.consents(x.left(begun["authorize_url"])["headers"]["location"])
    own, x.browser = x.browser, Browser(x.sandbox)
    assert x.came_back(query)["statusCode"] == 400
    x.browser = own
    assert x.came_back(query)["statusCode"] == 200
    assert x.grant(begun["id"])["state"] == "connected"


def test_after_ten_minutes_a_state_is_good_no_more(x: Consenting) -> None:
    begun = x.begun()
    query = x.browser.consents(x.left(begun["authorize_url"])["headers"]["location"])
    x.clock.forward(601)
    assert x.came_back(query)["statusCode"] == 400
    assert x.left(begun["authorize_url"])["statusCode"] == 400
    assert x.service.ask("GET", "/v1/channels").json["items"] == []


def test_to_leave_anew_makes_the_state_before_worthless(x: Consenting) -> None:
    begun = x.begun()
    first = x.browser.consents(x.left(begun["authorize_url"])["headers"]["location"])
    second = x.browser.consents(x.left(begun["authorize_url"])["headers"]["location"])
    assert x.came_back(first)["statusCode"] == 400
    assert x.came_back(second)["statusCode"] == 200


@pytest.mark.parametrize(
    "query",
    [
        "",
        "state=",
        "state=grt_01kagwz8w7e0f4h5j6k7m8n9pq.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&code=x",
        "start=grt_01kagwz8w7e0f4h5j6k7m8n9pq.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "start=<script>alert(1)</script>",
        "state=%00&code=%00",
        "error=access_denied",
    ],
)
def test_who_shows_nothing_good_reads_a_plain_page_that_repeats_nothing(x: Consenting, query: str) -> None:
    answer = x.came_back(query)
    assert answer["statusCode"] == 400
    assert "location" not in answer["headers"]
    assert "script" not in answer["body"]
    assert "default-src 'none'" in answer["headers"]["content-security-policy"]


def test_a_grant_of_one_platform_is_nothing_at_another(x: Consenting, pages: Consenting) -> None:
    assert pages.left(x.begun()["authorize_url"])["statusCode"] == 400


def test_who_declines_connects_nothing_and_the_caller_is_told(service: Service, sandbox: Sandbox) -> None:
    declined = Consenting(service, sandbox, "x", cloud.Watch(now()))
    declined.set_app("press", mood="declines")
    grant, answer = declined.consented(return_to=HOME)
    assert (grant["state"], grant["refusal"]["code"]) == ("refused", "access_denied")
    assert answer["headers"]["location"] == f"{HOME}&grant={grant['id']}"


def test_who_allows_too_little_is_told_what_is_missing(service: Service, sandbox: Sandbox) -> None:
    partly = Consenting(service, sandbox, "x", cloud.Watch(now()))
    partly.set_app("press", mood="part")
    grant, _ = partly.consented()
    assert (grant["state"], grant["refusal"]["code"]) == ("refused", "partial_consent")
    assert "offline.access" in grant["refusal"]["message"]
    assert service.ask("GET", "/v1/channels").json["items"] == []


def test_without_an_app_of_the_operators_nothing_begins(service: Service, sandbox: Sandbox) -> None:
    bare = Consenting(service, sandbox, "x", cloud.Watch(now()))
    begun = bare.begun()
    assert bare.left(begun["authorize_url"])["statusCode"] == 200
    assert bare.grant(begun["id"])["refusal"]["code"] == "no_app"


def test_who_knows_a_grant_by_its_id_alone_neither_begins_nor_ends_it(service: Service, sandbox: Sandbox) -> None:
    bare = Consenting(service, sandbox, "x", cloud.Watch(now()))
    begun = bare.begun()
    assert bare.left(f"https://api.example.org/v1/oauth/x?start={begun['id']}.{'A' * 43}")["statusCode"] == 400
    assert bare.grant(begun["id"])["state"] == "waiting"


def test_a_channel_that_is_connected_again_keeps_its_id_its_name_and_its_slots(x: Consenting) -> None:
    (channel,) = x.consented()[0]["channels"]
    slots = {"zone": "Europe/Zurich", "weekly": {"mon": ["09:00"]}}
    x.service.ask("PATCH", f"/v1/channels/{channel}", body={"name": "Ours", "slots": slots})
    before = x.opened(channel).secrets["access_token"]
    grant, _ = x.consented(channel=channel)
    assert (grant["state"], grant["channels"]) == ("connected", [channel])
    stored = x.stored(channel)
    assert (stored.name, stored.week.zone, stored.connection.value) == ("Ours", "Europe/Zurich", "connected")
    assert x.opened(channel).secrets["access_token"] != before


def test_a_channel_is_connected_again_with_its_own_page_whatever_others_there_are(pages: Consenting) -> None:
    first, _ = pages.consented()
    (channel,) = pages.chosen(first["id"], first["accounts"][1]["id"]).json["channels"]
    again, _ = pages.consented(channel=channel)
    assert (again["state"], again["channels"]) == ("connected", [channel])
    assert pages.stored(channel).settings["page_id"] == first["accounts"][1]["id"]


def test_a_channel_does_not_become_another_account(x: Consenting) -> None:
    (channel,) = x.consented()[0]["channels"]
    boto3.client("secretsmanager", region_name=cloud.REGION).delete_secret(
        SecretId=x.secret, ForceDeleteWithoutRecovery=True
    )
    x.set_app("somebody-else")
    grant, _ = x.consented(channel=channel)
    assert (grant["state"], grant["refusal"]["code"]) == ("refused", "another_account")
    assert x.stored(channel).identity.name == "press"  # type: ignore[union-attr]


def test_a_channel_of_another_workspace_is_not_there_to_be_connected_again(x: Consenting) -> None:
    (channel,) = x.consented()[0]["channels"]
    body = {"platform": "x", "channel": channel}
    reply = x.service.ask("POST", "/v1/grants", body=body, workspace=x.service.theirs)
    assert reply.status == 404


def test_a_grant_is_seen_in_its_own_workspace_alone(x: Consenting) -> None:
    begun = x.begun()
    assert x.service.ask("GET", f"/v1/grants/{begun['id']}", workspace=x.service.theirs).status == 404
    assert x.service.ask("GET", f"/v1/grants/{begun['id']}", role=Role.VIEWER).status == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"platform": "nowhere"}, "platform"),
        ({"platform": "webhook"}, "platform"),
        ({"platform": "x", "settings": {"client_id": "mine"}}, "settings.client_id"),
        ({"platform": "facebook", "settings": {"page_id": "1"}}, "settings.page_id"),
        ({"platform": "x", "secret": "x"}, "secret"),
    ],
)
def test_what_cannot_be_begun_says_why(service: Service, body: dict[str, Any], field: str) -> None:
    reply = service.ask("POST", "/v1/grants", body=body)
    assert (reply.status, reply.json["errors"][0]["field"]) == (422, field)


def test_platforms_tell_what_their_consent_takes(service: Service) -> None:
    told = {each["name"]: each["consent"] for each in service.ask("GET", "/v1/platforms").json["items"]}
    assert told["webhook"] is None
    assert "tweet.write" in {scope["name"] for scope in told["x"]["scopes"]}
    assert told["x"]["asks"] == []
