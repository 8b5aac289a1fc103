from __future__ import annotations

import pytest
from pydantic import ValidationError

from publishing import settings
from publishing.settings import Publishing, Sending
from tests.cloud import environment

PUBLISHING = {**environment(), "platform": "alpha", "credentials_key_arn": "arn:aws:kms:eu-central-1:1:key/k"}


def in_environment(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    for name, value in values.items():
        monkeypatch.setenv(name.upper(), value)


def test_a_functions_settings_are_read_from_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch, PUBLISHING | {"feeds_url": "https://feeds.test"})
    read = settings.read(Publishing)
    assert (read.platform, read.aws["feeds"], read.open_network) == ("alpha", "https://feeds.test", False)


def test_a_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch, environment())
    monkeypatch.delenv("DUE_QUEUE_ARN")
    with pytest.raises(ValidationError, match="due_queue_arn"):
        settings.read(Sending)


@pytest.mark.parametrize("stage", ["dev", "prod", "LOCAL", ""])
def test_the_network_can_be_opened_on_stage_local_alone(monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    in_environment(monkeypatch, PUBLISHING | {"stage": stage, "open_network": "true"})
    with pytest.raises(ValidationError, match="stage local alone"):
        settings.read(Publishing)


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_what_is_meant_for_a_platform_is_led_elsewhere_on_stage_local_alone(
    monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    in_environment(monkeypatch, PUBLISHING | {"stage": stage, "detours": '{"slack.com": "http://127.0.0.1:1"}'})
    with pytest.raises(ValidationError, match="stage local alone"):
        settings.read(Publishing)


def test_detours_are_told_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch, PUBLISHING | {"stage": "local", "detours": '{"slack.com": "http://127.0.0.1:1"}'})
    assert settings.read(Publishing).detours == {"slack.com": "http://127.0.0.1:1"}


def test_stage_local_opens_the_network_when_told(monkeypatch: pytest.MonkeyPatch) -> None:
    in_environment(monkeypatch, PUBLISHING | {"stage": "local", "open_network": "true"})
    assert settings.read(Publishing).open_network is True
