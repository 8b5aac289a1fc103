"""What single platforms' consents have of their own, on replies written after the vendors' documentation."""

from __future__ import annotations

import base64
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from functions import platforms
from publishing.abilities import Authorizes, Refreshes, Varies, consent_of
from publishing.consent import Account, Grant
from publishing.consenting import Asking
from publishing.errors import Refused, Unauthorized, Unavailable
from publishing.model import Channel
from tests.functions.platforms.conversing import Answer, Recorded, hold, recorded

META = {"app_id": "4711"}, {"app_secret": "s3cret-of-the-app", "access_token": "short-t0ken"}
LONG = httpx.Response(200, json={"access_token": "long-t0ken", "expires_in": 5_184_000})


def grant(platform: str, settings: dict[str, str], secrets: dict[str, str], *scopes: str) -> Grant:
    return Grant(Channel("grt_1", "ws_1", platform, "", settings, secrets), {}, scopes, 3_600.0)


def accounts(given: Grant, *answers: Answer) -> tuple[list[Account], Recorded]:
    """What can be connected with a grant, when that is what the platform answers."""
    adapter, transport = platforms.load(given.channel.platform), recorded(*answers)
    assert isinstance(adapter, Authorizes)
    return list(hold(adapter.accounts(given), transport)), transport


def asked(platform: str, settings: dict[str, str]) -> dict[str, list[str]]:
    """What the consent page is asked for a channel with these settings."""
    adapter = platforms.load(platform)
    assert isinstance(adapter, Authorizes)
    channel = Channel("grt_1", "ws_1", platform, "", settings)
    asking = Asking(consent_of(adapter, settings), adapter.title, channel, "https://api.example.org/back")
    return parse_qs(urlsplit(asking.address("state")).query) | {"host": [urlsplit(asking.page).netloc]}


def test_instagram_is_connected_by_its_own_login() -> None:
    found = asked("instagram", {"client_id": "1", "app_id": "2"})
    assert (found["host"], found["client_id"]) == (["www.instagram.com"], ["1"])
    assert "instagram_business_content_publish" in found["scope"][0].split(",")


def test_instagram_is_connected_by_facebooks_login_where_that_is_asked_for() -> None:
    found = asked("instagram", {"client_id": "1", "app_id": "2", "api": "https://graph.facebook.com"})
    assert (found["host"], found["client_id"]) == (["www.facebook.com"], ["2"])
    assert "instagram_content_publish" in found["scope"][0].split(",")


def test_behind_facebooks_login_are_the_accounts_of_all_pages_that_have_one() -> None:
    settings, secrets = META
    pages = [
        {"id": "1", "instagram_business_account": {"id": "17841", "username": "bakery"}},
        {"id": "2"},
        {"id": "3", "instagram_business_account": {"id": "17842", "username": "brewery"}},
    ]
    given = grant("instagram", {**settings, "api": "https://graph.facebook.com"}, secrets)
    found, transport = accounts(given, LONG, httpx.Response(200, json={"data": pages}))
    assert [(each.id, each.name, each.secrets["access_token"]) for each in found] == [
        ("17841", "bakery", "long-t0ken"),
        ("17842", "brewery", "long-t0ken"),
    ]
    assert found[0].lasts_s == 5_184_000
    assert transport.asked[1].headers["authorization"] == "Bearer long-t0ken"


def test_only_one_platform_has_two_logins() -> None:
    assert [name for name in platforms.names() if isinstance(platforms.load(name), Varies)] == ["instagram"]


def test_a_page_whose_content_the_person_may_not_make_is_not_offered() -> None:
    settings, secrets = META
    pages = [
        {"id": "1", "name": "Read only", "access_token": "p-1", "tasks": ["ANALYZE"]},
        {"id": "2", "name": "Ours", "access_token": "p-2", "tasks": ["CREATE_CONTENT"]},
    ]
    found, _ = accounts(grant("facebook", settings, secrets), LONG, httpx.Response(200, json={"data": pages}))
    assert [(each.name, each.secrets, each.settings, each.lasts_s) for each in found] == [
        ("Ours", {"access_token": "p-2"}, {"page_id": "2"}, 0.0)
    ]


def test_linkedin_is_asked_for_no_more_than_the_operators_app_may() -> None:
    found = asked("linkedin", {"client_id": "1", "scopes": "openid profile w_member_social"})
    assert found["scope"] == ["openid profile w_member_social"]


def test_a_member_who_allows_no_pages_is_the_one_account() -> None:
    given = grant("linkedin", {}, {"access_token": "t0ken"}, "openid", "profile", "w_member_social")
    found, transport = accounts(given, httpx.Response(200, json={"sub": "a1", "name": "Ann"}))
    assert [(each.id, each.name) for each in found] == [("urn:li:person:a1", "Ann")]
    assert len(transport.asked) == 1


def test_an_organization_linkedin_tells_no_name_of_is_called_by_its_number() -> None:
    given = grant("linkedin", {}, {"access_token": "t0ken"}, "w_organization_social", "rw_organization_admin")
    roles = {"elements": [{"organization": "urn:li:organization:7"}, {"organization": "urn:li:organizationBrand:8"}]}
    found, _ = accounts(given, httpx.Response(200, json=roles), httpx.Response(403, json={}))
    assert [(each.id, each.name) for each in found] == [("urn:li:organization:7", "urn:li:organization:7")]


def test_google_without_a_refresh_token_connects_nothing() -> None:
    with pytest.raises(Refused, match="refresh token"):
        accounts(grant("youtube", {}, {"access_token": "t0ken"}))


def test_a_google_account_without_a_channel_has_no_account() -> None:
    given = grant("youtube", {}, {"access_token": "t0ken", "refresh_token": "r"})
    assert accounts(given, httpx.Response(200, json={"items": []}))[0] == []


def test_reddit_is_shown_an_app_without_a_secret_as_when_its_tokens_are_renewed() -> None:
    adapter = platforms.load("reddit")
    assert isinstance(adapter, Authorizes)
    assert isinstance(adapter, Refreshes)
    channel = Channel("grt_1", "ws_1", "reddit", "", {"client_id": "an-id", "username": "ann"}, {"refresh_token": "r"})
    exchanged, renewed = (recorded(httpx.Response(200, json={"access_token": "t", "scope": "*"})) for _ in range(2))
    asking = Asking(replace(adapter.consent, scopes=()), adapter.title, channel, "https://api.example.org/back")
    hold(asking.granted("the-c0de"), exchanged)
    hold(adapter.refresh(channel), renewed)
    shown = exchanged.asked[0].headers["authorization"], renewed.asked[0].headers["authorization"]
    assert shown == (f"Basic {base64.b64encode(b'an-id:').decode()}",) * 2


def test_discord_without_a_webhook_connects_nothing() -> None:
    adapter = platforms.load("discord")
    assert isinstance(adapter, Authorizes)
    given = replace(grant("discord", {}, {"access_token": "t0ken"}), told={"webhook": None})
    with pytest.raises(Exception, match="no webhook"):
        hold(adapter.accounts(given), recorded())


def chosen(**told: object) -> Grant:
    """A grant of WordPress.com's, as its token endpoint tells of it."""
    return replace(grant("wordpress", {"client_id": "1"}, {"access_token": "t0ken"}), told=told, lasts_s=0.0)


def test_the_site_that_was_chosen_on_wordpress_com_is_the_one_account() -> None:
    ann = {"id": 42, "name": "Ann", "link": "https://ours.wordpress.com/author/ann/"}
    answer = httpx.Response(200, json={**ann, "capabilities": {"publish_posts": True}})
    (found,), transport = accounts(chosen(blog_id="59285001", blog_url="https://ours.wordpress.com"), answer)
    site = "https://public-api.wordpress.com/wp/v2/sites/59285001"
    assert (found.id, found.name) == ("59285001", "Ann at ours.wordpress.com")
    assert (found.settings, found.secrets) == ({"site_url": site}, {"access_token": "t0ken"})
    assert str(transport.asked[0].url).startswith(f"{site}/users/me?")
    assert transport.asked[0].headers["authorization"] == "Bearer t0ken"


def test_whoever_may_not_publish_on_wordpress_com_connects_nothing() -> None:
    reader = httpx.Response(200, json={"id": 42, "name": "Ann", "capabilities": {"read": True}})
    with pytest.raises(Unauthorized, match="may not publish"):
        accounts(chosen(blog_id="59285001"), reader)


@pytest.mark.parametrize("told", [{}, {"blog_id": "0", "blog_url": None}, {"blog_id": None}, {"blog_id": "../me"}])
def test_a_token_of_wordpress_com_for_no_one_site_connects_nothing(told: dict[str, object]) -> None:
    with pytest.raises(Unavailable, match="which site was chosen"):
        accounts(chosen(**told))


def test_wordpress_com_is_asked_for_no_more_than_publishing_takes() -> None:
    found = asked("wordpress", {"client_id": "1"})
    assert (found["host"], found["scope"]) == (["public-api.wordpress.com"], ["users posts media taxonomy"])
