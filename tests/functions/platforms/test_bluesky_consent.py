"""Bluesky by consent, at its stand-in: what is proven, and whose word is taken for what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import jwt
import pytest

from functions import platforms
from functions.platforms._atproto import opened
from functions.platforms._bluesky_video import handed_over
from functions.platforms._dpop import new_key
from functions.platforms.bluesky import Bluesky
from publishing.adapter import Conversation
from publishing.consenting import Asking, address_of, code_of, granted_by, new_verifier
from publishing.conversation import Conversations
from publishing.errors import PublishingError, QuotaSpent, Refused, Unauthorized, Unavailable
from publishing.model import Channel, Content, Fresh, Media, Metric, Post, Receipt
from publishing.transport import Detoured, plain_transport
from tests.functions.platforms.conversing import NOON, hold, outcome_of, recorded
from tests.sandbox.server import Sandbox

BACK = "https://api.example.org/v1/oauth/bluesky"
STATE = "grt_01jd6q4t2w8x5y7z9a1b3c5d7e.c2VjcmV0LXN0YXRlLTQ3MTE"
POST = Post("dlv_1", Content(text="All rivers carry leaves."), NOON)
SERVED = {
    "issuer": "https://pds.example.org",
    "authorization_endpoint": "https://pds.example.org/oauth/authorize",
    "token_endpoint": "https://pds.example.org/oauth/token",
    "pushed_authorization_request_endpoint": "https://pds.example.org/oauth/par",
}


@dataclass
class Person:
    """Somebody with an account at the stand-in, who consents; `asked` is all that was asked meanwhile."""

    sandbox: Sandbox
    channel: Channel = field(init=False)
    asked: list[httpx.Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        service = self.sandbox.addresses["bluesky"]
        httpx.post(f"{service}/_sandbox/apps", json={"accounts": ["ada"]}, trust_env=False).raise_for_status()
        adapter = Bluesky()
        bare = Channel("chn_1", "wsp_1", "bluesky", "", {"service": service})
        app = self.hold(adapter.registered(bare, BACK))
        asking = Asking(adapter.consent, "Bluesky", replace(bare, secrets=app), BACK, new_verifier())
        query = self.came_back(self.hold(address_of(adapter, asking, STATE)))
        grant = self.hold(granted_by(adapter, asking, code_of(query, STATE, "Bluesky"), query))
        (account,) = self.hold(adapter.accounts(grant))
        self.channel = replace(bare, settings=account.settings, secrets=account.secrets)
        self.asking, self.account = asking, account

    def came_back(self, page: str) -> str:
        answer = httpx.get(page, trust_env=False)
        return str(answer.headers["location"].partition("?")[2])

    def hold(self, conversation: Any, within_s: float = 20) -> Any:
        transport = Detoured(plain_transport(), self.sandbox.hosts)
        held = Conversations(transport, transport, sign=lambda _request, _service: None, plain_http=True)
        return held.hold(conversation, within_s=within_s, see=lambda reply: self.asked.append(reply.request))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def person(sandbox: Sandbox) -> Person:
    return Person(sandbox)


def refusal(conversation: Any, *answers: httpx.Response) -> object:
    return outcome_of(conversation, recorded(*answers))


def asking(**settings: str) -> Asking:
    secrets = {"client_id": f"{BACK}?client=metadata", "dpop_key": new_key(60)}
    channel = Channel("grt_1", "wsp_1", "bluesky", "", {"service": "https://pds.example.org", **settings}, secrets)
    return Asking(Bluesky().consent, "Bluesky", channel, BACK, new_verifier())


def resource(*servers: str) -> httpx.Response:
    return httpx.Response(200, json={"authorization_servers": servers})


def server(**changes: str) -> httpx.Response:
    return httpx.Response(200, json={**SERVED, **changes})


def test_what_is_asked_is_told_beforehand_and_the_browser_learns_none_of_it() -> None:
    transport = recorded(
        resource(SERVED["issuer"]), server(), httpx.Response(201, json={"request_uri": "urn:x", "expires_in": 60})
    )
    asked = asking()
    page = hold(address_of(Bluesky(), asked, STATE), transport)
    assert (
        page == f"{SERVED['authorization_endpoint']}?{urlencode({'client_id': asked.app_id, 'request_uri': 'urn:x'})}"
    )
    told = dict(parse_qsl(transport.asked[2].content.decode()))
    assert (told["state"], told["code_challenge_method"], told["scope"]) == (
        STATE,
        "S256",
        "atproto transition:generic",
    )
    assert told["client_id"] == asked.app_id


def test_each_request_to_the_server_has_a_proof_of_its_own_by_one_key(person: Person) -> None:
    proofs = [request.headers["dpop"] for request in person.asked if request.method == "POST"]
    read = [jwt.decode(each, options={"verify_signature": False}) for each in proofs]
    assert len({each["jti"] for each in read}) == len(proofs) == 4  # each of two again, with the server's nonce
    assert len({json.dumps(jwt.get_unverified_header(each)["jwk"]) for each in proofs}) == 1
    assert all("d" not in jwt.get_unverified_header(each)["jwk"] for each in proofs)
    assert [bool(each.get("nonce")) for each in read] == [False, True, False, True]


def test_each_consent_has_a_key_of_its_own(sandbox: Sandbox) -> None:
    assert Person(sandbox).channel.secrets["dpop_key"] != Person(sandbox).channel.secrets["dpop_key"]


def test_a_post_is_put_found_counted_and_taken_back(person: Person) -> None:
    adapter = Bluesky()
    receipt = person.hold(adapter.publish(POST, person.channel))
    assert isinstance(receipt, Receipt)
    assert person.hold(adapter.find(POST, person.channel, NOON)) == receipt
    assert person.hold(adapter.metrics(receipt, person.channel))[Metric.LIKES] == 3
    person.hold(adapter.remove(receipt, person.channel))
    assert person.hold(adapter.find(POST, person.channel, NOON)) is None


def test_the_nonce_of_the_session_goes_on_so_that_nothing_is_put_twice(person: Person) -> None:
    person.asked.clear()
    person.hold(Bluesky().publish(POST, person.channel))
    assert [request.url.path.rpartition(".")[2] for request in person.asked] == [
        "getSession",
        "getSession",
        "putRecord",
    ]


def test_what_was_renewed_goes_on_and_what_it_was_renewed_with_does_not(person: Person) -> None:
    fresh: Fresh = person.hold(Bluesky().refresh(person.channel))
    newer = replace(person.channel, secrets={**person.channel.secrets, **fresh.secrets})
    assert person.hold(Bluesky().verify(newer)).id == person.account.id
    with pytest.raises(Unauthorized):
        person.hold(Bluesky().refresh(person.channel))
    assert 13.9 * 86_400 < fresh.renewable_s <= 14 * 86_400
    assert fresh.lasts_s == 1_800


def test_a_token_is_nothing_without_its_key(person: Person) -> None:
    stolen = replace(person.channel, secrets={**person.channel.secrets, "dpop_key": new_key(60)})
    with pytest.raises(Unauthorized):
        person.hold(Bluesky().verify(stolen))


def test_a_key_that_is_none_asks_for_another_consent() -> None:
    channel = Channel("chn_1", "wsp_1", "bluesky", "", {}, {"access_token": "t0ken", "dpop_key": "{}"})
    found = refusal(Bluesky().verify(channel))
    assert isinstance(found, Unauthorized)
    assert "connect it again" in str(found)


@pytest.mark.parametrize("told", ["", "&iss=https%3A%2F%2Fevil.example.org"])
def test_a_code_from_another_server_is_shown_to_nobody(told: str) -> None:
    transport = recorded(resource(SERVED["issuer"]), server())
    found = outcome_of(granted_by(Bluesky(), asking(), "c0de", f"code=c0de{told}"), transport)
    assert isinstance(found, Refused)
    assert found.code == "another_server"
    assert [request.method for request in transport.asked] == ["GET", "GET"]


DID = "did:plc:aaaabbbbccccddddeeeeffff"
TOKENS = httpx.Response(
    200,
    json={
        "access_token": "t",
        "token_type": "DPoP",
        "refresh_token": "r",
        "sub": DID,
        "scope": "atproto transition:generic",
    },
)


def document(did: str = DID, pds: str = "https://pds.example.net") -> httpx.Response:
    home = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": pds}
    return httpx.Response(200, json={"id": did, "alsoKnownAs": ["at://ada.example.org"], "service": [home]})


def exchanged(*answers: httpx.Response) -> object:
    query = f"code=c0de&{urlencode({'iss': SERVED['issuer']})}"
    return refusal(granted_by(Bluesky(), asking(), "c0de", query), resource(SERVED["issuer"]), server(), *answers)


def test_a_server_has_a_say_in_those_accounts_alone_whose_own_server_names_it() -> None:
    other = {**SERVED, "issuer": "https://honest.example.net"}
    found = exchanged(TOKENS, document(), resource("https://honest.example.net"), httpx.Response(200, json=other))
    assert isinstance(found, Refused)
    assert found.code == "another_server"


def test_where_the_account_is_its_dids_document_says() -> None:
    grant: Any = exchanged(TOKENS, document(), resource(SERVED["issuer"]), server())
    assert grant.channel.settings == {"service": "https://pds.example.net", "handle": "ada.example.org"}


@pytest.mark.parametrize(
    "sub", ["", "did:key:z6Mk", "did:web:localhost", "did:plc:../../x", "did:web:a.example.org:x", 7]
)
def test_an_account_without_a_did_that_leads_anywhere_is_not_connected(sub: object) -> None:
    told = {"access_token": "t", "token_type": "DPoP", "sub": sub, "scope": "atproto transition:generic"}
    assert isinstance(exchanged(httpx.Response(200, json=told)), Refused)


def test_a_server_that_does_not_say_what_was_allowed_connects_nothing() -> None:
    told = httpx.Response(200, json={"access_token": "t", "token_type": "DPoP", "sub": DID})
    assert isinstance(exchanged(told), Refused)


def test_a_document_of_another_did_says_nothing() -> None:
    assert isinstance(exchanged(TOKENS, document("did:plc:bbbbbbbbccccddddeeeeffff")), Refused)


def test_an_account_that_its_server_calls_another_is_not_connected() -> None:
    grant: Any = exchanged(TOKENS, document(), resource(SERVED["issuer"]), server())
    session = httpx.Response(200, json={"did": "did:plc:bbbbbbbbccccddddeeeeffff", "handle": "bob.example.org"})
    assert isinstance(refusal(Bluesky().accounts(grant), session), Refused)


def test_a_server_speaks_for_itself_alone() -> None:
    found = refusal(address_of(Bluesky(), asking(), STATE), resource("https://bsky.social"), server())
    assert isinstance(found, Refused)


@pytest.mark.parametrize("page", ["http://pds.example.org/authorize", "javascript:alert(1)", "//pds.example.org/"])
def test_nobody_is_sent_to_a_page_that_is_not_https(page: str) -> None:
    answers = resource(SERVED["issuer"]), server(authorization_endpoint=page)
    assert isinstance(refusal(address_of(Bluesky(), asking(), STATE), *answers), Refused)


def test_nothing_is_told_in_the_clear() -> None:
    answers = resource(SERVED["issuer"]), server(pushed_authorization_request_endpoint="http://pds.example.org/par")
    assert isinstance(refusal(address_of(Bluesky(), asking(), STATE), *answers), Refused)


def test_no_code_is_shown_in_the_clear() -> None:
    query = f"code=c0de&{urlencode({'iss': SERVED['issuer']})}"
    answers = resource(SERVED["issuer"]), server(token_endpoint="http://pds.example.org/token")
    assert isinstance(refusal(granted_by(Bluesky(), asking(), "c0de", query), *answers), Refused)


def test_an_entry_that_is_no_pds_is_asked_as_the_server_itself() -> None:
    pushed = httpx.Response(201, json={"request_uri": "urn:x"})
    transport = recorded(httpx.Response(404), server(issuer="https://bsky.social"), pushed)
    hold(address_of(Bluesky(), asking(service=""), STATE), transport)
    assert [request.url.host for request in transport.asked[:2]] == ["bsky.social", "bsky.social"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(400, json={"error": "invalid_client_metadata", "error_description": "No."}), Refused),
        (httpx.Response(400, json={"error": "Odd <b>words</b>"}), Refused),
        (httpx.Response(500, json={"error": "server_error"}), Unavailable),
        (httpx.Response(403, text="<html>"), Unavailable),
        (httpx.Response(201, json={}), Unavailable),
    ],
)
def test_a_server_that_does_not_want_to_be_told_sends_nobody_anywhere(
    answer: httpx.Response, kind: type[PublishingError]
) -> None:
    found = refusal(address_of(Bluesky(), asking(), STATE), resource(SERVED["issuer"]), server(), answer)
    assert type(found) is kind
    assert isinstance(found, kind)
    assert found.code in {"", "invalid_client_metadata"}


def test_a_server_that_wants_another_nonce_each_time_is_asked_twice() -> None:
    wanting = httpx.Response(400, json={"error": "use_dpop_nonce"}, headers={"dpop-nonce": "n0nce"})
    transport = recorded(resource(SERVED["issuer"]), server(), wanting, wanting)
    assert isinstance(outcome_of(address_of(Bluesky(), asking(), STATE), transport), Refused)
    assert len(transport.asked) == 4


def test_the_app_says_of_itself_what_servers_ask() -> None:
    told = Bluesky().introduction(BACK)
    assert told["client_id"] == f"{BACK}?client=metadata"
    assert told["redirect_uris"] == [BACK]
    assert (told["token_endpoint_auth_method"], told["dpop_bound_access_tokens"]) == ("none", True)


def test_on_this_machine_the_app_is_one_in_the_making() -> None:
    back = "http://127.0.0.1:4566/v1/oauth/bluesky"
    app = hold(Bluesky().registered(Channel("grt_1", "wsp_1", "bluesky"), back), recorded())
    query = {"redirect_uri": back, "scope": "atproto transition:generic"}
    assert app["client_id"] == f"http://localhost?{urlencode(query)}"


def test_an_app_password_does_not_end() -> None:
    assert Bluesky().life({"handle": "ann.example.org", "app_password": ""}) is None
    assert platforms.load("bluesky").credentials.fields[1].unless == "access_token"


def test_a_token_for_the_video_service_is_asked_for_with_a_proof() -> None:
    channel = replace(asking().channel, secrets={"access_token": "t0ken", "dpop_key": new_key(60)})
    session = httpx.Response(200, json={"did": DID, "handle": "ada.example.org"}, headers={"dpop-nonce": "n0nce"})
    none_left = httpx.Response(200, json={"canUpload": False, "remainingDailyVideos": 0})
    transport = recorded(session, httpx.Response(200, json={"token": "t0ken"}), none_left)

    def uploading() -> Conversation[object]:
        opening = yield from opened(channel)
        return (yield from handed_over(Media("https://example.org/a.mp4"), "dlv_1", channel, opening))

    assert isinstance(outcome_of(uploading(), transport), QuotaSpent)
    asked = transport.asked[1]
    assert (asked.url.path, asked.headers["authorization"].split()[0]) == (
        "/xrpc/com.atproto.server.getServiceAuth",
        "DPoP",
    )
    assert jwt.decode(asked.headers["dpop"], options={"verify_signature": False})["nonce"] == "n0nce"
    assert transport.asked[2].headers["authorization"] == "Bearer t0ken"
