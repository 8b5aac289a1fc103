"""Consents, from the API's first answer to channels that can publish."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import boto3
import httpx
import pytest

from channels.connecting import Doors
from channels.records import place
from channels.registry import Remembered
from channels.standing import Standing
from functions import platforms
from functions.platforms.bluesky import Bluesky
from identity.model import Principal, Role
from identity.workspaces import Workspaces
from notifying import channel_events
from publishing import aws
from publishing.clock import now
from publishing.model import utc_text
from publishing.planned import AtRisk
from tests import cloud
from tests.functions.consenting import Browser, Consenting, filled, led_to
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


def stored(begun: Any) -> dict[str, Any]:
    """A grant's own item."""
    client = boto3.client("dynamodb", region_name=cloud.REGION)
    found = client.get_item(TableName="operations", Key={"pk": {"S": f"grant#{begun['id']}"}})["Item"]
    return dict(aws.unmarshal(found))


def item(workspace: str, channel: str) -> dict[str, Any]:
    """A channel's own item."""
    client = boto3.client("dynamodb", region_name=cloud.REGION)
    return dict(
        aws.unmarshal(client.get_item(TableName="channels", Key=aws.marshal(place(workspace, channel)))["Item"])
    )


def test_a_grant_begins_at_an_address_of_ours_with_its_scopes_and_ends_in_ten_minutes(x: Consenting) -> None:
    begun = x.begun()
    assert begun["authorize_url"].startswith(f"https://api.example.org/v1/oauth/x?start={begun['id']}.")
    assert {"name": "tweet.write", "why": "Post, and take posts back.", "needed": True} in begun["scopes"]
    assert (begun["state"], begun["accounts"], begun["channels"]) == ("waiting", [], [])


def test_who_opens_it_reads_whom_it_is_for_and_what_will_be_possible(x: Consenting) -> None:
    x.service.founded(name="<b>Ours & co</b>")
    body = x.opened_page(x.begun()["authorize_url"])["body"]
    assert "<strong><bdi>&lt;b&gt;Ours &amp; co&lt;/b&gt;</bdi></strong>" in body
    assert "<li>Post, and take posts back.</li>" in body
    assert "Go on only if you began this yourself" in body
    assert "Go on to x.com" in body


def test_the_page_lists_no_more_than_the_operators_app_asks_for(service: Service, sandbox: Sandbox) -> None:
    linkedin = Consenting(service, sandbox, "linkedin", cloud.Watch(now()))
    linkedin.set_app("press")
    client = boto3.client("secretsmanager", region_name=cloud.REGION)
    app = json.loads(client.get_secret_value(SecretId=linkedin.secret)["SecretString"])
    told = json.dumps({**app, "scopes": "openid profile w_member_social"})
    client.put_secret_value(SecretId=linkedin.secret, SecretString=told)
    body = linkedin.opened_page(linkedin.begun()["authorize_url"])["body"]
    assert body.count("<li>") == 3


def test_that_page_runs_nothing_and_cannot_be_framed_or_kept(x: Consenting) -> None:
    answer = x.opened_page(x.begun()["authorize_url"])
    headers, policy = answer["headers"], answer["headers"]["content-security-policy"]
    assert "<script" not in answer["body"]
    assert {"default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"} <= set(policy.split("; "))
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")


def test_to_look_begins_nothing_whoever_looks(x: Consenting) -> None:
    begun = x.begun()
    for browser in (Browser(x.sandbox), Browser(x.sandbox)):
        x.browser = browser
        answer = x.opened_page(begun["authorize_url"])
        assert (answer["statusCode"], led_to(answer)) == (200, "")
    assert "asked" not in stored(begun)
    assert x.left(begun["authorize_url"])["statusCode"] == 200


def test_the_page_leaves_a_mark_that_comes_with_its_own_form_alone(x: Consenting) -> None:
    begun = x.begun()
    (cookie,) = x.opened_page(begun["authorize_url"])["cookies"]
    assert cookie.startswith(f"__Host-postroom_seen_{begun['id']}=")
    assert cookie.endswith("; Max-Age=600; Path=/; HttpOnly; SameSite=Strict; Secure")


@pytest.mark.parametrize("form", [{}, {"own": "yes"}, {"proof": "", "own": "yes"}, {"proof": "A" * 43, "own": "yes"}])
def test_another_sites_form_begins_nothing(x: Consenting, form: dict[str, str]) -> None:
    begun = x.begun()
    x.opened_page(begun["authorize_url"])  # a page can have anybody's browser open ours; but not read it
    assert x.pressed(begun["authorize_url"], form)["statusCode"] == 400
    assert "asked" not in stored(begun)


@pytest.mark.parametrize("form", [{"own": "yes"}, {"proof": "", "own": "yes"}, {"proof": "A" * 43, "own": "yes"}])
def test_another_sites_form_begins_nothing_in_a_browser_that_was_shown_no_page(
    x: Consenting, form: dict[str, str]
) -> None:
    begun = x.begun()
    assert x.pressed(begun["authorize_url"], form)["statusCode"] == 400
    assert "asked" not in stored(begun)


def test_a_form_from_a_page_that_another_browser_was_shown_begins_nothing(x: Consenting) -> None:
    begun = x.begun()
    form = filled(x.opened_page(begun["authorize_url"]))  # whoever began it knows what it says
    x.browser = Browser(x.sandbox)
    assert x.pressed(begun["authorize_url"], form)["statusCode"] == 400
    x.opened_page(begun["authorize_url"])
    assert x.pressed(begun["authorize_url"], form)["statusCode"] == 400
    assert "asked" not in stored(begun)


def test_nobody_goes_on_by_two_clicks_on_one_spot(x: Consenting) -> None:
    begun = x.begun()
    form = filled(x.opened_page(begun["authorize_url"]))
    del form["own"]
    assert x.pressed(begun["authorize_url"], form)["statusCode"] == 400


def test_a_form_is_read_as_api_gateway_tells_it(x: Consenting) -> None:
    begun = x.begun()
    form = urlencode(filled(x.opened_page(begun["authorize_url"]))).encode()
    packed = {"body": base64.b64encode(form).decode(), "isBase64Encoded": True}
    assert led_to(x.pressed(begun["authorize_url"], {}, **packed))


@pytest.mark.parametrize(
    "body", [{"body": "%%%", "isBase64Encoded": True}, {"body": "/w==", "isBase64Encoded": True}, {"body": None}]
)
def test_what_is_no_form_begins_nothing(x: Consenting, body: dict[str, Any]) -> None:
    begun = x.begun()
    x.opened_page(begun["authorize_url"])
    assert x.pressed(begun["authorize_url"], {}, **body)["statusCode"] == 400


def test_a_form_that_is_too_long_begins_nothing(x: Consenting) -> None:
    begun = x.begun()
    form = filled(x.opened_page(begun["authorize_url"]))
    assert x.pressed(begun["authorize_url"], {**form, "more": "a" * 2_000})["statusCode"] == 400


def test_a_form_leads_nobody_back(x: Consenting) -> None:
    begun = x.begun()
    query = x.allowed(begun["authorize_url"])
    assert x.pressed(f"{begun['authorize_url'].partition('?')[0]}?{query}", {})["statusCode"] == 400
    assert x.came_back(query)["statusCode"] == 200


def test_cookies_of_others_that_are_odd_hide_none_of_ours(x: Consenting) -> None:
    x.browser.cookies |= {'{"a"': '{"b":1}', "theme[dark]": "1 2"}
    assert x.consented()[0]["state"] == "connected"


def test_who_goes_on_is_led_to_the_platforms_consent_page_and_not_by_redirect(x: Consenting) -> None:
    answer = x.left(x.begun()["authorize_url"])
    assert (answer["statusCode"], led_to(answer).partition("?")[0]) == (200, "https://x.com/i/oauth2/authorize")
    assert answer["headers"]["referrer-policy"] == "no-referrer"
    assert answer["headers"]["cache-control"] == "no-store"


def test_the_browser_is_marked_so_that_it_is_known_again(x: Consenting) -> None:
    cookie, _ = x.left(x.begun()["authorize_url"])["cookies"]
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


def test_what_is_not_offered_cannot_be_chosen(pages: Consenting) -> None:
    grant, _ = pages.consented()
    reply = pages.chosen(grant["id"], "4711")
    assert (reply.status, reply.json["errors"][0]["field"]) == (422, "accounts[0]")


def test_an_hour_later_nothing_can_be_chosen(pages: Consenting) -> None:
    pages.clock.forward(-3_601)  # the person consented an hour before whoever chooses
    begun = pages.begun()
    query = pages.allowed(begun["authorize_url"])
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
    query = x.allowed(begun["authorize_url"])
    cookies = dict(x.browser.cookies)
    x.came_back(query)
    x.browser.cookies = cookies
    assert x.came_back(query)["statusCode"] == 400
    assert len(x.service.ask("GET", "/v1/channels").json["items"]) == 1


def test_a_state_is_good_in_the_browser_that_left_with_it_alone(x: Consenting) -> None:
    begun = x.begun()
    query = x.allowed(begun["authorize_url"])
    own, x.browser = x.browser, Browser(x.sandbox)
    assert x.came_back(query)["statusCode"] == 400
    x.browser = own
    assert x.came_back(query)["statusCode"] == 200
    assert x.grant(begun["id"])["state"] == "connected"


def test_after_ten_minutes_a_state_is_good_no_more(x: Consenting) -> None:
    begun = x.begun()
    query = x.allowed(begun["authorize_url"])
    x.clock.forward(601)
    assert x.came_back(query)["statusCode"] == 400
    assert x.left(begun["authorize_url"])["statusCode"] == 400
    assert x.service.ask("GET", "/v1/channels").json["items"] == []


def test_to_leave_anew_makes_the_state_before_worthless(x: Consenting) -> None:
    begun = x.begun()
    first = x.allowed(begun["authorize_url"])
    second = x.allowed(begun["authorize_url"])
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


def test_a_workspace_that_was_suspended_meanwhile_gets_no_channel(x: Consenting) -> None:
    x.service.founded()
    begun = x.begun()
    query = x.allowed(begun["authorize_url"])
    assert Workspaces("channels").suspend(x.service.ours, "Abuse")
    assert "is suspended" in x.came_back(query)["body"]
    assert x.grant(begun["id"])["refusal"]["code"] == "suspended"
    assert x.service.ask("GET", "/v1/channels").json["items"] == []


def test_nobody_leaves_for_a_workspace_that_is_suspended(x: Consenting) -> None:
    x.service.founded(suspended_at=utc_text(now()), suspended_for="Abuse")
    begun = x.begun()
    assert "is suspended" in x.left(begun["authorize_url"])["body"]
    assert x.grant(begun["id"])["refusal"]["code"] == "suspended"


def test_what_a_key_began_comes_to_nothing_once_it_is_revoked(x: Consenting) -> None:
    key = x.service.key(role="editor")["id"]
    begun = x.begun(by=Principal(x.service.ours, key, Role.EDITOR, key=key))
    query = x.allowed(begun["authorize_url"])
    assert x.service.ask("DELETE", f"/v1/api-keys/{key}").status == 204
    assert "no more" in x.came_back(query)["body"]
    assert x.grant(begun["id"])["refusal"]["code"] == "no_authority"


def test_what_a_member_began_comes_to_nothing_once_it_is_removed(x: Consenting) -> None:
    x.service.founded()
    member = x.service.joined(Role.EDITOR)
    begun = x.begun(by=Principal(x.service.ours, member.id, Role.EDITOR))
    query = x.allowed(begun["authorize_url"])
    assert x.service.ask("DELETE", f"/v1/members/{member.id}").status == 200
    x.came_back(query)
    assert x.grant(begun["id"])["refusal"]["code"] == "no_authority"


def test_where_it_was_refused_on_the_way_out_the_browser_goes_back_all_the_same(
    service: Service, sandbox: Sandbox
) -> None:
    bare = Consenting(service, sandbox, "x", cloud.Watch(now()))
    begun = bare.begun(return_to=HOME)
    answer = bare.left(begun["authorize_url"])
    assert (answer["statusCode"], led_to(answer)) == (200, f"{HOME}&grant={begun['id']}")


def test_whose_consent_made_a_channel_and_whose_replaced_its_credentials_is_in_the_log(x: Consenting) -> None:
    (channel,) = x.consented()[0]["channels"]
    x.clock.forward(1)
    x.service.founded()
    member = x.service.joined(Role.EDITOR)
    again = x.begun(by=Principal(x.service.ours, member.id, Role.EDITOR), channel=channel)
    x.came_back(x.allowed(again["authorize_url"]))
    log = x.service.ask("GET", "/v1/audit").json["items"]
    replaced, made = (entry for entry in log if entry["operation"] == "connectByConsent")
    assert (replaced["actor"], replaced["status"], replaced["made"]) == (member.id, 200, "")
    assert replaced["ids"] == {"grant": again["id"], "channel": channel}
    assert (made["actor"], made["status"], made["made"]) == ("tester", 201, f"/v1/channels/{channel}")


def test_a_consent_that_came_to_nothing_is_not_in_the_log(service: Service, sandbox: Sandbox) -> None:
    declined = Consenting(service, sandbox, "x", cloud.Watch(now()))
    declined.set_app("press", mood="declines")
    declined.consented()
    log = service.ask("GET", "/v1/audit").json["items"]
    assert [entry["operation"] for entry in log] == ["beginGrant"]


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


def test_a_platform_that_makes_an_account_with_each_consent_connects_a_channel_again(
    service: Service, sandbox: Sandbox
) -> None:
    discord = Consenting(service, sandbox, "discord", cloud.Watch(now()))
    discord.set_app("news")
    (channel,) = discord.consented()[0]["channels"]
    before = discord.opened(channel).secrets["webhook_url"]
    grant, _ = discord.consented(channel=channel)
    assert (grant["state"], grant["channels"]) == ("connected", [channel])
    assert discord.opened(channel).secrets["webhook_url"] != before


def test_a_site_at_wordpress_com_is_connected_by_consent_and_again(service: Service, sandbox: Sandbox) -> None:
    wordpress = Consenting(service, sandbox, "wordpress", cloud.Watch(now()))
    wordpress.set_app("ada")
    (channel,) = wordpress.consented()[0]["channels"]
    opened = wordpress.opened(channel)
    site = wordpress.stored(channel).identity
    assert site is not None
    assert opened.settings["site_url"] == f"https://public-api.wordpress.com/wp/v2/sites/{site.id}"
    assert not {"username", "application_password"} & {*opened.settings, *opened.secrets}
    assert wordpress.consented(channel=channel)[0]["channels"] == [channel]
    assert wordpress.opened(channel).secrets["access_token"] != opened.secrets["access_token"]


@pytest.mark.parametrize("given", [{}, {"username": "ada"}, {"application_password": "abcd EFGH"}])
def test_a_site_of_ones_own_still_takes_name_and_password(service: Service, given: dict[str, str]) -> None:
    body = {"platform": "wordpress", "name": "Ours", "credentials": {"site_url": "https://example.org", **given}}
    reply = service.ask("POST", "/v1/channels", body=body)
    missed = {f"credentials.{name}" for name in ("username", "application_password") if name not in given}
    assert (reply.status, {each["field"] for each in reply.json["errors"]}) == (422, missed)


def test_a_channel_of_discord_does_not_become_another_of_discords(service: Service, sandbox: Sandbox) -> None:
    discord = Consenting(service, sandbox, "discord", cloud.Watch(now()))
    discord.set_app("news")
    (channel,) = discord.consented()[0]["channels"]
    boto3.client("secretsmanager", region_name=cloud.REGION).delete_secret(
        SecretId=discord.secret, ForceDeleteWithoutRecovery=True
    )
    discord.set_app("memes")
    grant, _ = discord.consented(channel=channel)
    assert (grant["state"], grant["refusal"]["code"]) == ("refused", "another_account")


def test_what_was_at_risk_is_told_no_more_of_a_channel_that_is_connected_again(x: Consenting) -> None:
    (channel,) = x.consented()[0]["channels"]
    at_risk = AtRisk(1, (("pub_1", "2026-11-21T12:00:00Z"),))
    assert Standing(x.registry).shut(x.stored(channel), "Revoked.", at_risk)
    before = item(x.service.ours, channel)
    x.consented(channel=channel)
    (notice,) = channel_events.notices(before, item(x.service.ours, channel), utc_text(now()))
    assert (notice.data["connection"], notice.data["at_risk"], notice.data["at_risk_count"]) == ("connected", [], 0)


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


@pytest.fixture
def bluesky(service: Service, sandbox: Sandbox) -> Consenting:
    made = Consenting(service, sandbox, "bluesky", cloud.Watch(now()))
    made.set_app("ada")
    return made


def test_an_account_is_connected_at_a_server_that_is_told_beforehand_what_is_asked(bluesky: Consenting) -> None:
    begun = bluesky.begun()
    page = led_to(bluesky.left(begun["authorize_url"]))
    assert "request_uri=" in page
    assert "code_challenge" not in page
    bluesky.came_back(bluesky.browser.consents(page))
    (channel,) = bluesky.grant(begun["id"])["channels"]
    opened = bluesky.opened(channel)
    assert (opened.settings["handle"], set(opened.secrets)) == (
        "ada.test",
        {"access_token", "refresh_token", "dpop_key"},
    )


def test_what_a_consent_left_for_the_callback_is_sealed(bluesky: Consenting) -> None:
    begun = bluesky.begun()
    bluesky.left(begun["authorize_url"])
    assert "dpop" not in repr(stored(begun)).lower()


def test_who_comes_back_from_another_server_than_the_one_that_was_asked_connects_nothing(bluesky: Consenting) -> None:
    begun = bluesky.begun()
    query = bluesky.allowed(begun["authorize_url"])
    bluesky.came_back(query.replace("iss=http", "iss=https"))
    assert bluesky.grant(begun["id"])["refusal"]["code"] == "another_server"


def test_what_a_consent_brought_is_renewed_with_its_key_and_its_last_day_known(bluesky: Consenting) -> None:
    grant, _ = bluesky.consented()
    (channel,), adapter = grant["channels"], Bluesky()
    before = bluesky.opened(channel)
    doors = Doors(Remembered(bluesky.registry), bluesky.vault, adapter)
    after = doors.renew(before, lambda known: bluesky.conversations.hold(adapter.refresh(known), within_s=20))
    assert after is not None
    changed = {name for name, secret in after.secrets.items() if secret != before.secrets[name]}
    assert changed == {"access_token", "refresh_token"}
    until = bluesky.stored(channel).renewable_until
    assert until is not None
    assert 13 <= (until - now()).days < 14


def test_an_app_password_gives_way_to_a_consent(bluesky: Consenting) -> None:
    url = f"{bluesky.sandbox.addresses['bluesky']}/_sandbox/accounts"
    given = httpx.post(url, json={"name": "ada"}, trust_env=False).json()
    known = {name: given[name] for name in ("handle", "app_password")}
    body = {"platform": "bluesky", "name": "Ada", "credentials": known}
    made = bluesky.service.ask("POST", "/v1/channels", body=body).json
    bluesky.consented(channel=made["id"])
    assert "app_password" not in bluesky.opened(made["id"]).secrets


def test_servers_read_what_the_app_says_of_itself(bluesky: Consenting) -> None:
    answer = bluesky.porch.answer(bluesky._event("client=metadata"))
    told = json.loads(answer["body"])
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "application/json")
    assert told["client_id"] == "https://api.example.org/v1/oauth/bluesky?client=metadata"
    assert told["redirect_uris"] == ["https://api.example.org/v1/oauth/bluesky"]


def test_of_other_platforms_apps_nothing_is_told(x: Consenting) -> None:
    assert x.porch.answer(x._event("client=metadata"))["statusCode"] == 400
