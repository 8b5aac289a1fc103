"""Every promise of adapters that declare how a person consents, asked of each of them at its stand-in."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from channels import fields
from functions import platforms
from functions.api.grants import asked_of
from publishing.abilities import Authorizes, Registers
from publishing.adapter import Adapter
from publishing.consent import Account, Consent
from publishing.consenting import Asking, address_of, code_of, granted_by, new_verifier
from publishing.conversation import Conversations
from publishing.errors import PublishingError, Refused, Unavailable
from publishing.model import Channel, Identity
from publishing.transport import Detoured, plain_transport
from tests.sandbox.server import Sandbox

CONSENTING = [name for name in platforms.names() if isinstance(platforms.load(name), Authorizes)]
WITH_PKCE = [name for name in CONSENTING if platforms.load(name).consent.pkce]  # type: ignore[attr-defined]
BACK = "https://api.example.org/v1/oauth/somewhere"
STATE = "grt_01jd6q4t2w8x5y7z9a1b3c5d7e.c2VjcmV0LXN0YXRlLTQ3MTE"
every = pytest.mark.parametrize("name", CONSENTING)


@dataclass
class Noting(httpx.BaseTransport):
    """Remembers what it was asked; `instead` answers in place of whoever was to."""

    transport: httpx.BaseTransport
    asked: list[httpx.Request] = field(default_factory=list)
    instead: httpx.Response | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return self.instead or self.transport.handle_request(request)


@dataclass
class Scene:
    """One platform, with an app of ours at its stand-in and somebody who consents."""

    sandbox: Sandbox
    name: str
    accounts: Sequence[str] = ("press", "member-news")
    mood: str = ""
    verifier: str = ""
    query: str = ""
    channel: Channel = field(init=False)
    transport: Noting = field(init=False)

    def __post_init__(self) -> None:
        self.transport = Noting(Detoured(plain_transport(), self.sandbox.hosts))
        self.verifier = new_verifier() if self.consent.pkce else ""
        opened = self._door("apps", {"accounts": list(self.accounts), "mood": self.mood})
        app = fields.supplied(self.consent.app, opened)
        account = self._door("accounts", {"name": self.accounts[0]})
        asks = {each.name: account[each.name] for each in asked_of(self.adapter) if account.get(each.name)}
        self.channel = Channel("grt_1", "ws_1", self.name, "", {**asks, **app.settings}, app.secret)
        if isinstance(self.adapter, Registers):
            made = self.hold(self.adapter.registered(self.channel, BACK))
            self.channel = replace(self.channel, secrets=made)

    @property
    def adapter(self) -> Adapter:
        return platforms.load(self.name)

    @property
    def consent(self) -> Consent:
        assert isinstance(self.adapter, Authorizes)
        return self.adapter.consent

    @property
    def asking(self) -> Asking:
        return Asking(self.consent, self.adapter.title, self.channel, BACK, self.verifier)

    def hold(self, conversation: Any) -> Any:
        held = Conversations(self.transport, self.transport, sign=lambda _request, _service: None, plain_http=True)
        return held.hold(conversation, within_s=20)

    def sent_back(self, state: str = STATE) -> str:
        """The query with which the person, who is asked with this state, comes back."""
        assert isinstance(self.adapter, Authorizes)
        url = httpx.URL(self.hold(address_of(self.adapter, self.asking, state)))
        place = httpx.URL(self.sandbox.hosts.get(url.host, f"{url.scheme}://{url.netloc.decode()}"))
        answer = httpx.get(url.copy_with(scheme=place.scheme, host=place.host, port=place.port), trust_env=False)
        assert answer.status_code == 302, answer.text
        address, _, query = answer.headers["location"].partition("?")
        assert address == BACK
        return str(query)

    def code(self) -> str:
        self.query = self.sent_back()
        return code_of(self.query, STATE, self.adapter.title)

    def granted(self, code: str = "", **changes: Any) -> Sequence[Account]:
        """The accounts behind a consent."""
        assert isinstance(self.adapter, Authorizes)
        asking, shown = replace(self.asking, **changes), code or self.code()
        grant = self.hold(granted_by(self.adapter, asking, shown, self.query))
        accounts: Sequence[Account] = self.hold(self.adapter.accounts(grant))
        return accounts

    def connected(self, account: Account) -> Channel:
        """The channel an account becomes, as its function opens it."""
        app, given = fields.supplied(self.consent.app, {**self.channel.settings, **self.channel.secrets}), account
        asked = {each.name: self.channel.settings.get(each.name, "") for each in asked_of(self.adapter)}
        kept = {name: value for name, value in asked.items() if value}
        settings = {**kept, **given.settings, **app.settings}
        return replace(self.channel, settings=settings, secrets={**given.secrets, **app.secret})

    def trouble(self, code: str = "", **changes: Any) -> PublishingError:
        """Why nothing comes of a consent, and that no secret is in it, or in what a log could have of it."""
        with pytest.raises(PublishingError) as raised:
            self.granted(code, **changes)
        told = "".join(traceback.format_exception(raised.value)) + repr(raised.value) + raised.value.code
        secrets = [*self.channel.secrets.values(), self.verifier, code]
        assert [secret for secret in secrets if secret and secret in told] == []
        return raised.value

    def _door(self, name: str, body: Mapping[str, Any]) -> dict[str, str]:
        url = f"{self.sandbox.addresses[self.name]}/_sandbox/{name}"
        answer = httpx.post(url, json=body, trust_env=False)
        made: dict[str, str] = answer.raise_for_status().json()
        return made


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@every
def test_each_scope_says_what_for(name: str) -> None:
    scopes = platforms.load(name).consent.scopes  # type: ignore[attr-defined]
    assert [scope.name for scope in scopes if not (scope.why.endswith(".") and scope.why[0].isupper())] == []
    assert len({scope.name for scope in scopes}) == len(scopes)


@every
def test_what_a_consent_brings_are_fields_of_the_platform(name: str) -> None:
    adapter = platforms.load(name)
    assert isinstance(adapter, Authorizes)
    assert set(adapter.consent.supplies) <= {field.name for field in adapter.credentials.fields}


@every
def test_the_state_goes_out_and_comes_back(sandbox: Sandbox, name: str) -> None:
    assert parse_qs(Scene(sandbox, name).sent_back())["state"] == [STATE]


@every
def test_another_state_is_nobodys(sandbox: Sandbox, name: str) -> None:
    query = Scene(sandbox, name).sent_back("grt_another.state")
    with pytest.raises(Refused):
        code_of(query, STATE, "It")


@every
def test_no_secret_is_in_the_address_of_the_consent_page(sandbox: Sandbox, name: str) -> None:
    scene = Scene(sandbox, name)
    secrets = {key: value for key, value in scene.channel.secrets.items() if key != "client_id"}
    address = scene.asking.address(STATE)
    assert urlsplit(address).scheme == "https" or name in {"bluesky", "mastodon"}
    assert [secret for secret in [*secrets.values(), scene.verifier] if secret and secret in address] == []


@pytest.mark.parametrize("name", WITH_PKCE)
def test_the_challenge_goes_out_and_the_verifier_with_the_code(sandbox: Sandbox, name: str) -> None:
    scene = Scene(sandbox, name)
    asked = parse_qs(urlsplit(scene.asking.address(STATE)).query)
    assert (asked["code_challenge_method"], len(asked["code_challenge"][0])) == (["S256"], 43)
    scene.granted()
    assert any(f"code_verifier={scene.verifier}" in request.read().decode() for request in scene.transport.asked)


@every
def test_what_is_connected_has_all_fields_the_platform_asks_for(sandbox: Sandbox, name: str) -> None:
    scene = Scene(sandbox, name)
    accounts = scene.granted()
    assert accounts
    for account in accounts:
        channel, known = scene.connected(account), {each.name for each in scene.adapter.credentials.fields}
        given = {key: value for key, value in {**channel.settings, **channel.secrets}.items() if key in known}
        assert fields.problems(scene.adapter.credentials.fields, given, loopback=True) == []


@every
def test_each_account_is_who_verify_says(sandbox: Sandbox, name: str) -> None:
    scene = Scene(sandbox, name)
    accounts = scene.granted()
    found: list[Identity] = [scene.hold(scene.adapter.verify(scene.connected(account))) for account in accounts]
    assert [identity.id for identity in found] == [account.id for account in accounts]
    assert all(account.name for account in accounts)
    assert len({account.id for account in accounts}) == len(accounts)


@every
def test_the_code_is_sent_once(sandbox: Sandbox, name: str) -> None:
    scene = Scene(sandbox, name)
    code = scene.code()
    scene.granted(code)
    bearing = [each for each in scene.transport.asked if code in f"{each.url}{each.read().decode(errors='replace')}"]
    assert len(bearing) == (1 + ("dpop" in bearing[0].headers))  # a proof without the server's nonce does nothing


@every
def test_the_apps_secret_goes_nowhere_but_to_where_codes_and_tokens_are_exchanged(sandbox: Sandbox, name: str) -> None:
    scene = Scene(sandbox, name)
    scene.granted()
    secret = scene.channel.secrets.get(scene.consent.app_secret, "none")
    carrying = [each.url.path for each in scene.transport.asked if secret in f"{each.url}{each.read().decode()}"]
    assert [path for path in carrying if not any(word in path.lower() for word in ("token", "oauth"))] == []


@every
def test_a_code_is_good_once(sandbox: Sandbox, name: str) -> None:
    scene = Scene(sandbox, name)
    code = scene.code()
    scene.granted(code)
    assert isinstance(scene.trouble(code), Refused)


@every
def test_a_code_that_comes_late_is_refused(sandbox: Sandbox, name: str) -> None:
    assert isinstance(Scene(sandbox, name, mood="late").trouble(), Refused)


@pytest.mark.parametrize("name", WITH_PKCE)
def test_another_verifier_is_refused(sandbox: Sandbox, name: str) -> None:
    scene = Scene(sandbox, name)
    assert isinstance(scene.trouble(verifier=new_verifier()), Refused)


@every
def test_whoever_declines_is_told_so(sandbox: Sandbox, name: str) -> None:
    scene = Scene(sandbox, name, mood="declines")
    with pytest.raises(Refused) as raised:
        scene.code()
    assert raised.value.code == "access_denied"


@every
def test_whoever_allows_too_little_is_told_what_is_missing(sandbox: Sandbox, name: str) -> None:
    scene = Scene(sandbox, name)
    for scope in (scope for scope in scene.consent.scopes if scope.needed):
        given = {each.name for each in scene.consent.scopes} - {scope.name}
        with pytest.raises(Refused, match=scope.name) as raised:
            scene.consent.insist_on(given, scene.adapter.title)
        assert raised.value.code == "partial_consent"


@every
@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>Welcome</html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json=None),
        httpx.Response(200, json={"data": [], "access_token": None}),
        httpx.Response(500, text="down"),
    ],
    ids=["page", "list", "null", "odd", "down"],
)
def test_an_answer_that_is_none_connects_nothing(sandbox: Sandbox, name: str, answer: httpx.Response) -> None:
    scene = Scene(sandbox, name)
    code = scene.code()
    scene.transport.instead = answer
    assert isinstance(scene.trouble(code), Unavailable | Refused)
