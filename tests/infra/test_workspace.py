from __future__ import annotations

import json

import boto3
import pytest

from identity.keys import Keys, hashed
from infra import workspace
from tests import cloud
from tests.cloud import Cloud


def deploy(outputs: dict[str, str]) -> None:
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    boto3.client("cloudformation").create_stack(StackName="Postroom-dev", TemplateBody=json.dumps(template))


def test_a_workspace_is_made_with_a_key_that_is_known(cloud_in_moto: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    deploy({"ChannelsTable": cloud_in_moto.settings.channels_table})
    workspace.main(["--stage", "dev", "--name", "Newsroom"])
    made, key = (line.split()[-1] for line in capsys.readouterr().out.splitlines())
    known = Keys(cloud_in_moto.settings.channels_table).find(hashed(key))
    assert known
    assert known.workspace == made


def test_a_stack_that_does_not_tell_its_table_is_told() -> None:
    with cloud.moto():
        deploy({"Other": "x"})
        with pytest.raises(LookupError, match="stage dev"):
            workspace.channels_table("dev")


def test_a_stage_without_an_account_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        workspace.main(["--stage", "local", "--name", "Newsroom"])
    assert "invalid choice: 'local'" in capsys.readouterr().err


def test_a_workspace_must_have_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        workspace.main(["--stage", "dev", "--name", ""])
    assert "NAME is missing" in capsys.readouterr().err
