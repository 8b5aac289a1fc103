from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from functions import platforms
from functions.api import documentation, handler
from identity.model import Role
from publishing.breaker import IN_A_ROW, Breaker
from publishing.clock import now
from publishing.operations import Operations
from tests.functions.service import Service
from tests.web import conformance, gateway

ROOT = Path(__file__).parents[3]


def test_the_document_of_the_api_is_served_as_it_lies_there(service: Service) -> None:
    reply = service.ask("GET", "/v1/openapi.json", role=None)
    assert (reply.status, reply.json) == (200, json.loads(documentation.OPENAPI.read_text()))


def test_a_platform_that_is_down_is_listed_with_its_breaker_open(service: Service) -> None:
    breaker = Breaker(Operations("operations", now), "discord", 30.0)
    for _ in range(IN_A_ROW):
        breaker.failed()
    listed = service.ask("GET", "/v1/platforms", role=Role.VIEWER).json["items"]
    assert {each["name"]: each["breaker"] for each in listed if each["breaker"] != "closed"} == {"discord": "open"}


def test_every_platform_is_listed_with_its_limits_and_fields(service: Service) -> None:
    listed = service.ask("GET", "/v1/platforms", role=Role.VIEWER).json["items"]
    assert [each["name"] for each in listed] == list(platforms.names())
    webhook = next(each for each in listed if each["name"] == "webhook")
    assert webhook["limits"]["text_chars"] == platforms.load("webhook").limits.text_chars
    assert [field["name"] for field in webhook["credentials"]][:2] == ["url", "signing_secret"]
    assert webhook["credentials"][0] == {
        "name": "url",
        "kind": "url",
        "label": "URL",
        "help": "Must answer 2xx within 20 s; redirects are not followed.",
        "secret": True,
        "required": True,
        "hosts": [],
        "max_chars": 2000,
        "granted": False,
    }
    does = {name for name, able in webhook["abilities"].items() if able}
    assert does == {"idempotent"}


def test_what_a_platform_can_is_what_its_adapter_has_methods_for(service: Service) -> None:
    for each in service.ask("GET", "/v1/platforms", role=Role.VIEWER).json["items"]:
        adapter = platforms.load(each["name"])
        methods = {"finds": "find", "resumes": "resume", "refreshes": "refresh", "removes": "remove"}
        methods |= {"measures": "metrics", "hears": "hear", "rehearses": "stand_in"}
        assert {name: each["abilities"][name] for name in methods} == {
            name: hasattr(adapter, method) for name, method in methods.items()
        }
        assert each["abilities"]["threads"] is adapter.limits.threads
        assert [version["name"] for version in each["versions"]] == [
            version.name for version in getattr(adapter, "versions", ())
        ]


def test_a_platform_without_room_for_media_names_no_rules_for_them(service: Service) -> None:
    for each in service.ask("GET", "/v1/platforms", role=Role.VIEWER).json["items"]:
        limits, declared = each["limits"], platforms.load(each["name"]).limits
        assert (limits["image"] is not None) is (declared.media > 0 and declared.image is not None)
        assert (limits["video"] is not None) is (declared.media > 0 and declared.video is not None)


def test_health_asks_nobody_whether_all_is_well(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHANNELS_TABLE", "a-table-that-is-not-there")
    handler.router.cache_clear()
    reply = service.ask("GET", "/v1/health", role=None)
    handler.router.cache_clear()
    assert (reply.status, reply.json) == (200, {"status": "ok"})


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize("name", ["api", "api_connect", "api_health"])
def test_the_event_documents_are_served(name: str) -> None:
    event = gateway.document(name)
    reply = gateway.reply(handler.handle(event, None))
    conformance.insist(event["requestContext"]["http"]["method"], event["rawPath"], reply)
    assert reply.status < 300


@pytest.mark.parametrize("function", ["api", "submit", "authorize"])
def test_a_function_is_imported_without_any_settings(function: str) -> None:
    code = f"import functions.{function}.handler"
    done = subprocess.run([sys.executable, "-c", code], env={}, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")


HEAVY = ("openapi_pydantic", "jsonschema", "web.openapi", "jwt", "cryptography")


@pytest.mark.parametrize(
    ("function", "unwanted"),
    [("submit", HEAVY), ("authorize", (*HEAVY, "web.contract", "web.router", "functions.platforms"))],
)
def test_a_function_does_not_import_what_it_does_not_need(function: str, unwanted: tuple[str, ...]) -> None:
    code = f"import sys, functions.{function}.handler; print([m for m in {unwanted!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], env={}, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.strip() == "[]"
