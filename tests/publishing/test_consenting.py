from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from publishing.adapter import Conversation
from publishing.consent import SCOPES, Consent, Grant, Proof, Scope
from publishing.consenting import Asking, code_of, new_verifier
from publishing.errors import Refused, Unavailable
from publishing.model import Channel
from tests.functions.platforms.conversing import hold, recorded
from tests.sandbox.apps import challenge_of

BACK = "https://api.example.org/v1/oauth/alpha"
CONSENT = Consent(
    authorize_url="https://{host}/authorize?lang=en",
    token_url="https://{host}/token",
    scopes=(Scope("write", "Post."), Scope("count", "Count.", needed=False)),
)
CHANNEL = Channel(
    "grt_1", "ws_1", "alpha", "", {"client_id": "an-id", "host": "alpha.test"}, {"client_secret": "s3cret-of-it"}
)
ASKING = Asking(CONSENT, "Alpha", CHANNEL, BACK, new_verifier())


def granted(asking: Asking, document: object, status: int = 200) -> tuple[Grant, httpx.Request]:
    transport = recorded(httpx.Response(status, json=document))
    return hold(asking.granted("the-c0de"), transport), transport.asked[0]


def told(**more: object) -> dict[str, object]:
    return {"access_token": "t0ken", "token_type": "bearer", "scope": "write count", **more}


def test_the_page_is_asked_with_all_that_the_standard_wants() -> None:
    address = urlsplit(ASKING.address("a-state"))
    assert (address.netloc, address.path) == ("alpha.test", "/authorize")
    assert parse_qs(address.query) == {
        "lang": ["en"],
        "response_type": ["code"],
        "client_id": ["an-id"],
        "redirect_uri": [BACK],
        "scope": ["write count"],
        "state": ["a-state"],
        "code_challenge": [challenge_of(ASKING.verifier)],
        "code_challenge_method": ["S256"],
    }


def test_every_verifier_is_another() -> None:
    assert len({new_verifier() for _ in range(100)}) == 100


def test_an_app_proves_itself_in_the_form_or_in_the_header_and_not_in_both() -> None:
    _, form = granted(ASKING, told())
    _, basic = granted(replace(ASKING, consent=replace(CONSENT, proof=Proof.BASIC)), told())
    assert b"client_secret=s3cret-of-it" in form.content
    assert "authorization" not in form.headers
    assert b"s3cret" not in basic.content
    assert basic.headers["authorization"].startswith("Basic ")


def test_an_app_without_a_secret_shows_its_id_alone() -> None:
    public = replace(ASKING, channel=replace(CHANNEL, secrets={}), consent=replace(CONSENT, proof=Proof.BASIC))
    _, request = granted(public, told())
    assert b"client_id=an-id" in request.content
    assert "authorization" not in request.headers


def test_an_app_that_has_to_prove_itself_in_the_header_does_so_without_a_secret_too() -> None:
    consent = replace(CONSENT, proof=Proof.BASIC_ALONE)
    _, request = granted(replace(ASKING, channel=replace(CHANNEL, secrets={}), consent=consent), told())
    assert request.headers["authorization"] == f"Basic {base64.b64encode(b'an-id:').decode()}"
    assert b"client_id" not in request.content


def test_what_is_told_of_tokens_scopes_and_their_end_is_kept() -> None:
    grant, _ = granted(ASKING, told(refresh_token="r", expires_in=60, user="u"))
    assert grant.tokens == {"access_token": "t0ken", "refresh_token": "r"}
    assert (grant.scopes, grant.lasts_s, grant.told["user"]) == (("write", "count"), 60.0, "u")


@pytest.mark.parametrize("scope", ["write,count", "write, count", ["write", "count"], ["write,count"]])
def test_scopes_are_read_whichever_way_they_are_listed(scope: object) -> None:
    assert granted(ASKING, told(scope=scope))[0].scopes == ("write", "count")


def test_where_no_scopes_are_told_those_asked_for_were_allowed() -> None:
    assert granted(ASKING, told(scope=None))[0].scopes == ("write", "count")


def test_what_need_not_be_allowed_may_be_missing() -> None:
    assert granted(ASKING, told(scope="write"))[0].scopes == ("write",)


def test_what_must_be_allowed_must_not() -> None:
    with pytest.raises(Refused, match=r"write: Post\.") as raised:
        granted(ASKING, told(scope="count"))
    assert raised.value.code == "partial_consent"


def test_a_platform_that_tells_elsewhere_what_was_allowed_is_asked() -> None:
    def allowed(_: Grant) -> Conversation[Sequence[str]]:
        yield from ()
        return ["write"]

    assert granted(replace(ASKING, consent=replace(CONSENT, allowed=allowed)), told())[0].scopes == ("write",)


def test_an_app_that_may_not_ask_for_all_asks_for_what_it_may() -> None:
    consent = replace(CONSENT, app=(*CONSENT.app, SCOPES))
    asking = replace(
        ASKING, consent=consent, channel=replace(CHANNEL, settings={**CHANNEL.settings, "scopes": "write"})
    )
    assert parse_qs(urlsplit(asking.address("s")).query)["scope"] == ["write"]


def test_a_vendors_names_are_said_and_what_it_is_not_told_is_left_out() -> None:
    consent = replace(CONSENT, on_page={"redirect_uri": "back", "scope": ""}, in_exchange={"client_id": "key"})
    asking = replace(ASKING, consent=consent)
    asked = parse_qs(urlsplit(asking.address("s")).query)
    assert (asked["back"], "redirect_uri" in asked, "scope" in asked) == ([BACK], False, False)
    assert b"key=an-id" in granted(asking, told())[1].content


def test_an_objection_is_told_in_the_vendors_words_without_any_secret() -> None:
    words = f"No: the-c0de, {ASKING.verifier}, s3cret-of-it"
    with pytest.raises(Refused, match="Alpha answered: No") as raised:
        granted(ASKING, {"error": "invalid_grant", "error_description": words}, status=400)
    assert raised.value.code == "invalid_grant"
    hidden = ("the-c0de", ASKING.verifier, "s3cret-of-it")
    assert [secret for secret in hidden if secret in str(raised.value)] == []


@pytest.mark.parametrize(("document", "status"), [("down", 503), ([], 200), ({}, 200), ({"access_token": 7}, 200)])
def test_what_cannot_be_read_is_no_refusal(document: object, status: int) -> None:
    with pytest.raises(Unavailable):
        granted(ASKING, document, status)


@pytest.mark.parametrize("error", ["access_denied", "user_cancelled_login"])
def test_a_person_who_declines_is_told_apart_from_all_else(error: str) -> None:
    with pytest.raises(Refused) as raised:
        code_of(f"error={error}&state=s", "s", "Alpha")
    assert raised.value.code == "access_denied"


def test_what_else_a_platform_says_is_repeated_only_where_it_is_a_code() -> None:
    with pytest.raises(Refused, match="invalid_scope"):
        code_of("error=invalid_scope&state=s", "s", "Alpha")
    with pytest.raises(Refused) as raised:
        code_of("error=<script>alert(1)</script>&state=s", "s", "Alpha")
    assert "script" not in str(raised.value)


@pytest.mark.parametrize("query", ["code=c", "code=c&state=", "code=c&state=another", "state=s", "", "state=s&code="])
def test_without_a_code_and_its_own_state_nobody_comes_back(query: str) -> None:
    with pytest.raises(Refused):
        code_of(query, "s", "Alpha")
