from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from channels import fields
from functions import platforms
from notifying.calling import Call, Caller
from publishing.adapter import Conversation, Field, Kind
from publishing.conversation import Conversations
from publishing.errors import PublishingError
from publishing.transport import GuardedTransport
from tests.functions.service import WEBHOOK, Service
from tests.owasp.walking import leaf, parts, taken
from tests.publishing.test_reaching import LITERALS
from tests.test_architecture import users, within

AN_ADDRESS = re.compile(r"ur[il]|link|return_to|href|host|domain|callback|webhook|endpoint|proxy|redirect|address")
ADDRESSES = {  # every field of a body that is an address, and what is done with it
    "Content.link": "shown; never fetched by us",
    "ContentChanges.link": "as above",
    "Media.url": "fetched by conversations alone, through the guard",
    "NewGrant.return_to": "a browser is led there: to origins of the operator's choice alone; never asked by us",
    "NewWebhook.url": "judged when it is given; called by the call function alone, through the guard",
    "Resolution.url": "shown; never fetched by us",
    "WebhookChanges.url": "as NewWebhook.url",
}
DOMAINS_SHOWN = {"weibo.safe_domain": "what links must lead to for Weibo to take them; compared, never asked"}
SUPPLIED = [
    pytest.param(name, field, id=f"{name}.{field.name}")
    for name in platforms.names()
    for field in platforms.load(name).credentials.fields
    if field.kind is Kind.URL
]
INSIDE = [
    *(f"https://{host}/" for host in LITERALS),
    "https://169.254.169.254/latest/meta-data/iam/security-credentials/",
    "https://[fd00:ec2::254]/latest/meta-data/",
    "https://169.254.170.2/v2/credentials",
    "https://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
]
JUDGED = [  # when they are given; a name, and what a resolver takes for an address, is when it is connected to
    *INSIDE[len(LITERALS) :],
    *(f"https://{host}/" for host in ("10.0.0.1", "127.0.0.1", "[::1]", "[::ffff:10.0.0.1]", "user@127.0.0.1")),
]
NO_ADDRESSES = ["https://user@example.org/", "https://example.org\\@127.0.0.1/", "https:/x", "https://", "x"]
SPELLED = ["http://example.org/", "file:///etc/passwd", "gopher://example.org/", "ftp://example.org/", "//example.org/"]


@pytest.fixture
def guarded() -> Iterator[Conversations]:
    """Conversations with strangers, as the platforms' functions hold them."""
    transport = GuardedTransport()
    yield Conversations(transport, transport, sign=lambda _request, _service: None)
    transport.close()


def asks(url: str) -> Conversation[httpx.Response]:
    """A conversation that asks for this address."""
    return (yield httpx.Request("GET", url))


class TestServerSideRequestForgery:
    """API7, server side request forgery: an address that a caller gives leads us to where only we can go.

    Whatever asks strangers goes through one transport, which judges the very addresses it then connects to, follows no
    redirect and speaks https alone (tests/publishing/test_transport.py has rebinding, mapped and embedded addresses).
    A credential that is an address is judged when it is given, too. Nothing else of ours opens a connection.
    """

    def test_every_address_a_body_may_hold_is_listed_here(self) -> None:
        found = {part.name for part in parts(taken(), "validation") if AN_ADDRESS.search(leaf(part))}
        assert found == set(ADDRESSES)

    def test_every_credential_that_is_called_an_address_is_judged_as_one(self) -> None:
        called = {
            f"{name}.{field.name}"
            for name in platforms.names()
            for field in platforms.load(name).credentials.fields
            if AN_ADDRESS.search(field.name) and field.kind not in {Kind.URL, Kind.EMAIL, Kind.EMAILS}
        }
        assert called == set(DOMAINS_SHOWN)

    @pytest.mark.parametrize(("platform", "field"), SUPPLIED)
    def test_no_credential_leads_inside(
        self, platform: str, field: Field, guarded: Conversations, dialled: list[tuple[str, int]]
    ) -> None:
        assert platform
        for url in INSIDE:
            if not fields.problems([field], {field.name: url}):
                with pytest.raises(PublishingError):
                    guarded.hold(asks(url), within_s=5)
        assert dialled == []

    @pytest.mark.parametrize(("platform", "field"), SUPPLIED)
    @pytest.mark.parametrize("url", [*SPELLED, *NO_ADDRESSES])
    def test_no_credential_is_anything_but_https(self, platform: str, field: Field, url: str) -> None:
        assert platform
        assert fields.problems([field], {field.name: url})

    @pytest.mark.parametrize("url", [*INSIDE, *SPELLED])
    def test_no_conversation_goes_inside(
        self, url: str, guarded: Conversations, dialled: list[tuple[str, int]]
    ) -> None:
        with pytest.raises(PublishingError):
            guarded.hold(asks(url), within_s=5)
        assert dialled == []

    @pytest.mark.parametrize("url", ["http://example.org/hook", "https://10.0.0.1/hook", "https://[::1]/hook"])
    def test_a_channel_that_leads_inside_is_not_connected(self, service: Service, url: str) -> None:
        body = {"platform": "webhook", "name": "Site", "credentials": {**WEBHOOK, "url": url}}
        reply = service.ask("POST", "/v1/channels", body=body)
        assert (reply.status, reply.fields) == (422, ["credentials.url"])

    @pytest.mark.parametrize("url", [*JUDGED, *SPELLED, *NO_ADDRESSES])
    def test_no_webhook_leads_inside(self, service: Service, url: str) -> None:
        before = service.webhook()
        body, path = {"url": url}, f"/v1/webhooks/{before['id']}"
        for reply in (service.ask("POST", "/v1/webhooks", body=body), service.ask("PATCH", path, body=body)):
            assert (reply.status, reply.fields) == (422, ["url"])
        assert service.ask("GET", path).json["url"] == before["url"]

    @pytest.mark.parametrize("url", [*INSIDE, *SPELLED])
    def test_no_webhook_is_called_inside(self, url: str, dialled: list[tuple[str, int]]) -> None:
        with GuardedTransport() as transport:
            assert Caller(transport).call(Call(url=url, headers={}, body="{}")).status == 0
        assert dialled == []

    @pytest.mark.parametrize("url", [*JUDGED, *SPELLED, *NO_ADDRESSES])
    def test_no_consent_is_asked_for_inside(self, service: Service, url: str) -> None:
        body = {"platform": "mastodon", "settings": {"base_url": url}}
        reply = service.ask("POST", "/v1/grants", body=body)
        assert (reply.status, {*reply.fields}) == (422, {"settings.base_url"})

    @pytest.mark.parametrize("url", [*INSIDE, *SPELLED, *NO_ADDRESSES, "https://app.example.org@evil.example/"])
    def test_no_browser_is_led_where_the_operator_did_not_say(self, service: Service, url: str) -> None:
        reply = service.ask("POST", "/v1/grants", body={"platform": "x", "return_to": url})
        assert (reply.status, reply.fields) == (422, ["return_to"])

    def test_nothing_else_opens_a_connection(self) -> None:
        networks = users("socket", "ssl", "httpcore", "requests", "urllib.request", "http.client", "urllib3", "smtplib")
        assert {module for module in networks if not within(module, "infra")} == {"publishing.transport"}
