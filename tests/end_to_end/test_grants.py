"""A person's consent, on the emulator with its IAM: begun by the API, given at the stand-ins, published with."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import httpx
import pytest

from tests.end_to_end.world import World


def set_app(world: World, platform: str, *accounts: str) -> None:
    """What `make app` does, for an app to which the owner of these accounts consents."""
    url = f"{world.cloud.stand_ins.addresses[platform]}/_sandbox/apps"
    fields = httpx.post(url, json={"accounts": accounts}, trust_env=False).raise_for_status().json()
    client: Any = world.cloud.emulator.client("secretsmanager")  # type: ignore[call-overload]
    client.create_secret(Name=f"postroom/local/apps/{platform}", SecretString=json.dumps(fields))


def begun(world: World, platform: str, **more: Any) -> dict[str, Any]:
    answer = world.http.post("/v1/grants", json={"platform": platform, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def consented(world: World, address: str) -> httpx.Response:
    """The answer the browser has in the end, which follows from one address to the next and keeps cookies."""
    with httpx.Client(trust_env=False, timeout=60) as browser:
        page = httpx.URL(left(browser, address))
        stand_in = httpx.URL(world.cloud.stand_ins.hosts[page.host])
        back = browser.get(page.copy_with(scheme=stand_in.scheme, host=stand_in.host, port=stand_in.port))
        assert back.status_code == 302, back.text
        return browser.get(back.headers["location"])


def left(browser: httpx.Client, address: str) -> str:
    """Where our page leads a browser whose person ticks the box and goes on."""
    front = browser.get(address)
    assert "Go on only if you began this yourself" in front.text
    form = {"proof": re.findall(r'name="proof" value="([^"]+)"', front.text)[0], "own": "yes"}
    answer = browser.post(address, data=form)
    return unescape(re.findall(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text)[0])


def grant(world: World, identifier: str) -> dict[str, Any]:
    found: dict[str, Any] = world.http.get(f"/v1/grants/{identifier}").raise_for_status().json()
    return found


@pytest.fixture(scope="module")
def pages(world: World) -> dict[str, Any]:
    """A consent with several pages behind it, waiting for a choice."""
    set_app(world, "facebook", "bakery", "brewery")
    asked = begun(world, "facebook", return_to="http://127.0.0.1:4711/connected")
    answer = consented(world, asked["authorize_url"])
    assert (answer.status_code, answer.headers["location"]) == (
        302,
        f"http://127.0.0.1:4711/connected?grant={asked['id']}",
    )
    return grant(world, asked["id"])


def test_one_account_is_connected_and_published_with(world: World) -> None:
    set_app(world, "x", "press-office")
    asked = begun(world, "x")
    answer = consented(world, asked["authorize_url"])
    assert "The account is connected" in answer.text
    (channel,) = grant(world, asked["id"])["channels"]
    accepted = world.submitted([channel], "Consented")
    (delivery,) = world.settled(accepted["id"])
    assert (delivery["state"], delivery["trouble"]) == ("published", None)
    assert [post["document"]["text"] for post in world.posts("x", "press-office")] == [
        "Consented\n\nThe text of Consented."
    ]


def test_one_of_several_pages_is_chosen_and_published_on(world: World, pages: dict[str, Any]) -> None:
    assert pages["state"] == "choosing"
    brewery = next(account for account in pages["accounts"] if account["name"] == "brewery")
    chosen = world.http.post(f"/v1/grants/{pages['id']}/choice", json={"accounts": [brewery["id"]]})
    (channel,) = chosen.raise_for_status().json()["channels"]
    (delivery,) = world.settled(world.submitted([channel], "Brewed")["id"])
    assert (delivery["state"], delivery["trouble"]) == ("published", None)
    assert len(world.posts("facebook", "brewery")) == 1
    assert world.posts("facebook", "bakery") == []


def test_a_state_that_was_used_is_good_no_more(world: World) -> None:
    answer = httpx.get(f"{world.cloud.api_url}/v1/oauth/x?state=grt_x.y&code=z", trust_env=False)
    assert answer.status_code == 400
    assert answer.headers["referrer-policy"] == "no-referrer"


def test_a_form_of_another_sites_begins_nothing(world: World) -> None:
    asked = begun(world, "x")
    answer = httpx.post(asked["authorize_url"], data={"proof": "A" * 43, "own": "yes"}, trust_env=False, timeout=60)
    assert (answer.status_code, grant(world, asked["id"])["state"]) == (400, "waiting")


def test_without_an_app_of_the_operators_the_caller_is_told(world: World) -> None:
    asked = begun(world, "linkedin")
    with httpx.Client(trust_env=False, timeout=60) as browser:
        form = re.findall(r'name="proof" value="([^"]+)"', browser.get(asked["authorize_url"]).text)
        assert "Nothing was connected" in browser.post(asked["authorize_url"], data={"proof": form, "own": "yes"}).text
    assert grant(world, asked["id"])["refusal"]["code"] == "no_app"
