"""A whole consent: the API as callers ask it, a lane's function, a browser, and the stand-ins, with moto beneath."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urlencode

import boto3
import httpx

from channels.admitting import Admission
from channels.apps import App
from channels.connecting import Doors
from channels.granting import Granting
from channels.grants import Grants
from channels.model import StoredChannel
from channels.offering import Offering
from channels.registry import Registry, Remembered
from channels.vault import Vault
from functions import platforms
from functions.publish.consenting import Porch
from identity.audit import Audit
from identity.consents import Beginnings
from identity.model import Principal
from publishing.abilities import Authorizes
from publishing.conversation import Conversations
from publishing.model import Channel
from publishing.operations import Operations
from publishing.transport import Detoured, plain_transport
from tests import cloud
from tests.functions.service import OAUTH_URL, Service
from tests.sandbox.server import Sandbox
from tests.web.gateway import Reply
from web.consented import Consented
from web.witness import Witness


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies and goes where it is led, one step at a time."""

    sandbox: Sandbox
    cookies: dict[str, str] = field(default_factory=dict)

    def consents(self, address: str) -> str:
        """The query with which the platform's page sends it back."""
        url = httpx.URL(address)
        place = httpx.URL(self.sandbox.hosts.get(url.host, f"{url.scheme}://{url.netloc.decode()}"))
        answer = httpx.get(url.copy_with(scheme=place.scheme, host=place.host, port=place.port), trust_env=False)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"]).partition("?")[2]

    def taken(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The answer, its cookies kept."""
        for cookie in answer.get("cookies", ()):
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer


def led_to(answer: dict[str, Any]) -> str:
    """Where an answer leads a browser at once, whether or not it is a page."""
    refresh = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer["body"])
    return unescape(refresh[1]) if refresh else str(answer["headers"].get("location", ""))


def filled(answer: dict[str, Any]) -> dict[str, str]:
    """The form on a page, its box ticked."""
    proof = re.search(r'name="proof" value="([^"]+)"', answer["body"])
    return {"proof": proof[1], "own": "yes"} if proof else {}


@dataclass
class Consenting:
    """One platform whose app the operator has set, and a workspace that connects channels there."""

    service: Service
    sandbox: Sandbox
    platform: str
    clock: cloud.Watch = field(default_factory=cloud.Watch)
    registry: Registry = field(init=False)
    browser: Browser = field(init=False)

    def __post_init__(self) -> None:
        self.registry, self.browser = Registry("channels", self.clock), Browser(self.sandbox)

    # The operator

    def set_app(self, *accounts: str, mood: str = "") -> None:
        """Store an app to which the owner of these accounts consents."""
        url = f"{self.sandbox.addresses[self.platform]}/_sandbox/apps"
        body = {"accounts": accounts, "mood": mood}
        fields = httpx.post(url, json=body, trust_env=False).raise_for_status().json()
        client = boto3.client("secretsmanager", region_name=cloud.REGION)
        client.create_secret(Name=self.secret, SecretString=json.dumps(fields))

    @property
    def secret(self) -> str:
        """One for each workspace of the tests, since these share what is deployed."""
        return f"postroom/dev/apps/{self.platform}-{self.service.ours}"

    # The caller

    def begun(self, *, by: Principal | None = None, **more: Any) -> Any:
        """A grant, just begun."""
        body = {"platform": self.platform, **more}
        reply = self.service.ask("POST", "/v1/grants", body=body, context=by.context() if by else None)
        assert reply.status == 201, reply.text
        return reply.json

    def grant(self, identifier: str) -> Any:
        """A grant as it stands."""
        return self.service.ask("GET", f"/v1/grants/{identifier}").json

    def chosen(self, identifier: str, *accounts: str, **more: Any) -> Reply:
        """What the choice of accounts is answered."""
        return self.service.ask("POST", f"/v1/grants/{identifier}/choice", body={"accounts": accounts, **more})

    # The person

    def opened_page(self, address: str) -> dict[str, Any]:
        """What the browser is answered at the address a grant begins with."""
        return self.browser.taken(self.porch.answer(self._event(address.partition("?")[2])))

    def pressed(self, address: str, form: dict[str, str], **changes: Any) -> dict[str, Any]:
        """What the browser is answered when it sends a form there."""
        event = {**self._event(address.partition("?")[2], "POST"), "body": urlencode(form), **changes}
        return self.browser.taken(self.porch.answer(event))

    def left(self, address: str) -> dict[str, Any]:
        """What the browser is answered when the person has read the page there, and goes on."""
        return self.pressed(address, filled(self.opened_page(address)))

    def allowed(self, address: str) -> str:
        """The query with which the platform sends the person back who went there by way of our page."""
        return self.browser.consents(led_to(self.left(address)))

    def came_back(self, query: str) -> dict[str, Any]:
        """What the browser is answered when the platform has sent it back."""
        return self.browser.taken(self.porch.answer(self._event(query)))

    def consented(self, **more: Any) -> tuple[Any, dict[str, Any]]:
        """A whole consent: the grant as it stands then, and the browser's last answer."""
        begun = self.begun(**more)
        answer = self.came_back(self.allowed(begun["authorize_url"]))
        return self.grant(begun["id"]), answer

    # The lane

    @property
    def porch(self) -> Porch:
        """As the platform's function puts it together."""
        adapter = platforms.load(self.platform)
        grants, place = Grants(Operations("operations", self.clock)), f"{OAUTH_URL}/{self.platform}"
        offering, admission = Offering(adapter, self.vault, self.registry), Admission(self.registry, platforms.load)
        beginnings, witness = Beginnings("channels", self.clock), Witness(Audit("channels", self.clock))
        granting = Granting(adapter, grants, offering, admission, self.conversations, place, beginnings.hindrance)
        return Porch(granting, beginnings.name, Consented(witness))

    @property
    def vault(self) -> Vault:
        """With the operator's app."""
        adapter = platforms.load(self.platform)
        assert isinstance(adapter, Authorizes)
        client = boto3.client("kms", region_name=cloud.REGION)
        key = client.list_keys()["Keys"][0]["KeyArn"]
        return Vault(key, app=App(self.secret, adapter.consent.app))

    @property
    def conversations(self) -> Conversations:
        """With the stand-ins in place of the platforms."""
        transport = Detoured(plain_transport(), self.sandbox.hosts)
        return Conversations(transport, transport, sign=lambda _request, _service: None, plain_http=True)

    def stored(self, channel: str) -> StoredChannel:
        """A channel as it is stored."""
        found = self.registry.find(self.service.ours, channel, consistent=True)
        assert found is not None
        return found

    def opened(self, channel: str) -> Channel:
        """A channel as its adapter sees it."""
        adapter = platforms.load(self.stored(channel).platform)
        found = Doors(Remembered(self.registry), self.vault, adapter).open(self.service.ours, channel)
        assert isinstance(found, Channel), found
        return found

    def _event(self, query: str, method: str = "GET") -> dict[str, Any]:
        return {
            "routeKey": f"{method} /v1/oauth/{self.platform}",
            "rawPath": f"/v1/oauth/{self.platform}",
            "rawQueryString": query,
            "queryStringParameters": dict(httpx.QueryParams(query)),
            "cookies": [f"{name}={value}" for name, value in self.browser.cookies.items()],
            "headers": {},
            "requestContext": {"requestId": "r1", "http": {"method": method}},
        }
