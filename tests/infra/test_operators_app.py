from __future__ import annotations

import io
import json
import sys
from typing import Any

import boto3
import pytest

from infra import operators_app
from tests import cloud


def stored(name: str) -> Any:
    client = boto3.client("secretsmanager", region_name=cloud.REGION)
    return json.loads(client.get_secret_value(SecretId=name)["SecretString"])


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_DEFAULT_REGION", cloud.REGION)
    with cloud.moto():
        yield


def given(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_an_app_is_stored_under_its_platforms_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given(monkeypatch, "the-id\nthe-s3cret\n")
    operators_app.main(["--stage", "dev", "--platform", "x"])
    assert stored("postroom/dev/apps/x") == {"client_id": "the-id", "client_secret": "the-s3cret"}
    assert "the-s3cret" not in capsys.readouterr().out


def test_to_store_it_again_is_how_it_is_rotated(monkeypatch: pytest.MonkeyPatch) -> None:
    for secret in ("the-old-one", "the-new-one"):
        given(monkeypatch, f"the-id\n{secret}\n")
        operators_app.main(["--stage", "dev", "--platform", "x"])
    assert stored("postroom/dev/apps/x")["client_secret"] == "the-new-one"


def test_half_an_app_is_not_stored(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    given(monkeypatch, "the-id\n")
    with pytest.raises(SystemExit):
        operators_app.main(["--stage", "dev", "--platform", "linkedin"])
    assert "client_secret: missing" in capsys.readouterr().err
    assert boto3.client("secretsmanager", region_name=cloud.REGION).list_secrets()["SecretList"] == []


def test_a_platform_without_apps_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        operators_app.main(["--stage", "dev", "--platform", "webhook"])
    assert "invalid choice" in capsys.readouterr().err
