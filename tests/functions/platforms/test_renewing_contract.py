"""Every promise of adapters whose credentials are renewed, asked of each of them."""

from __future__ import annotations

import traceback
from dataclasses import replace

import httpx
import pytest

from functions import platforms
from publishing.abilities import Authorizes, Refreshes
from publishing.errors import PublishingError, Unauthorized, Unavailable
from publishing.model import Channel
from tests.functions.platforms.conversing import hold, outcome_of, platform, recorded

RENEWING = [name for name in platforms.names() if isinstance(platforms.load(name), Refreshes)]
SECRETS = {name: f"{name}-s3cret-4711" for name in ("access_token", "refresh_token", "client_secret")}
APP = {"client_id": "an-app-4711", "client_key": "an-app-4711", "open_id": "an-account-4711"}
every = pytest.mark.parametrize("name", RENEWING)


def refreshing(name: str) -> Refreshes:
    adapter = platforms.load(name)
    assert isinstance(adapter, Refreshes)
    return adapter


def channel_of(name: str) -> Channel:
    known = platform(name).channel
    return replace(known, settings={**known.settings, **APP}, secrets={**known.secrets, **SECRETS})


def without_app(name: str) -> Channel:
    """As it is opened while the operator's app is missing."""
    adapter, channel = platforms.load(name), channel_of(name)
    assert isinstance(adapter, Authorizes)
    app = {field.name for field in adapter.consent.app}
    return replace(
        channel,
        settings={name: value for name, value in channel.settings.items() if name not in app},
        secrets={name: value for name, value in channel.secrets.items() if name not in app},
    )


@every
@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_page_of_a_firewall_says_nothing_of_the_credentials(name: str, status: int) -> None:
    page = httpx.Response(status, headers={"content-type": "text/html"}, text="<html>blocked</html>")
    assert type(outcome_of(refreshing(name).refresh(channel_of(name)), recorded(page))) is Unavailable


@every
def test_where_the_app_is_missing_renewing_says_so(name: str) -> None:
    ended = httpx.Response(401, json={"error": "invalid_client"})
    outcome = outcome_of(refreshing(name).refresh(without_app(name)), recorded(ended, ended))
    assert isinstance(outcome, PublishingError)


@every
def test_where_the_app_is_missing_publishing_is_not_in_doubt(name: str) -> None:
    """It is no error of ours: either it gets along without, or the credentials are what must be renewed."""
    shown = platform(name)
    outcome = outcome_of(shown.adapter.publish(shown.post, without_app(name)), recorded(httpx.ConnectError("down")))
    assert type(outcome) in {Unauthorized, Unavailable}


@every
def test_what_is_refused_shows_no_secret(name: str) -> None:
    words = " ".join(SECRETS.values())
    reply = httpx.Response(
        400, json={"error": "invalid_grant", "error_description": words, "message": words, "code": 1}
    )
    with pytest.raises(PublishingError) as raised:
        hold(refreshing(name).refresh(channel_of(name)), recorded(reply))
    told = "".join(traceback.format_exception(raised.value)) + repr(raised.value) + raised.value.code
    assert [secret for secret in SECRETS.values() if secret in told] == []


def test_a_secret_that_is_a_piece_of_the_vendors_code_does_not_hide_it() -> None:
    channel = replace(channel_of("x"), secrets={**SECRETS, "client_secret": "s"})
    outcome = outcome_of(
        refreshing("x").refresh(channel), recorded(httpx.Response(400, json={"error": "invalid_request"}))
    )
    assert isinstance(outcome, Unauthorized)
