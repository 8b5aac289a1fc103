from __future__ import annotations

import pytest

from functions import platforms
from functions.health import handler
from identity.model import Role
from tests.functions.service import Service
from tests.web import conformance, gateway

PATH = "/v1/health/deep"
WHOLE = [
    *("queues", "publications", "channels", "operations", "breakers", "schedule", "mail"),
    *("waiting", "throttles", "reputation"),
]
OWN = ["your channels", "your backlog", "your flags"]


@pytest.fixture
def operating(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """The service, with its workspace as an operator's."""
    monkeypatch.setenv("OPERATORS", f"ws_other, {service.ours}")
    handler.router.cache_clear()
    return service


def test_an_admin_is_told_how_each_part_stands_and_the_workspaces_own_figures(service: Service) -> None:
    handler.router.cache_clear()
    service.connected()
    health = service.ask("GET", PATH).json
    assert [part["name"] for part in health["parts"]] == [*WHOLE, *OWN]
    assert {part["name"] for part in health["parts"] if part["signs"]} == set(OWN)
    assert health["operator"] is False
    (own,) = [part for part in health["parts"] if part["name"] == "your channels"]
    assert own["signs"][0]["value"] == 1


def test_nobody_less_is(service: Service) -> None:
    assert service.ask("GET", PATH, role=Role.EDITOR).status == 403


def test_an_operators_admin_is_told_all(operating: Service) -> None:
    health = operating.ask("GET", PATH).json
    parts = {part["name"]: part for part in health["parts"]}
    assert health["operator"] is True
    assert {sign["of"] for sign in parts["breakers"]["signs"]} == set(platforms.names())
    assert {sign["of"] for sign in parts["queues"]["signs"]} >= {*platforms.names(), "due"}
    # moto knows no GetAccount: a part that cannot be asked is unknown, and the others are told nevertheless
    assert {name for name, part in parts.items() if part["state"] == "unknown"} == {"mail"}
    handler.router.cache_clear()


@pytest.mark.usefixtures("service")
def test_the_event_document_is_served() -> None:
    reply = gateway.reply(handler.handle(gateway.document("health"), None))
    conformance.insist("GET", PATH, reply)
    assert reply.status == 200
