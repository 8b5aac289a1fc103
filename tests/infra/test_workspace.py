from __future__ import annotations

import json
from datetime import timedelta

import boto3
import pytest

from identity.audit import Audit
from identity.keys import Keys, hashed
from identity.members import Members
from identity.model import Role, person_of
from identity.workspaces import Workspaces
from infra import workspace
from publishing.clock import now
from tests import cloud
from tests.cloud import Cloud


def deploy(outputs: dict[str, str]) -> None:
    template = {
        "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
        "Outputs": {name: {"Value": value} for name, value in outputs.items()},
    }
    boto3.client("cloudformation").create_stack(StackName="Postroom-dev", TemplateBody=json.dumps(template))


@pytest.fixture
def deployed(cloud_in_moto: Cloud) -> Cloud:
    """A stage whose stack tells its tables."""
    deploy({"ChannelsTable": cloud_in_moto.settings.channels_table})
    return cloud_in_moto


def run(*command: str) -> None:
    workspace.main(["--stage", "dev", *command])


def made(capsys: pytest.CaptureFixture[str], *more: str) -> tuple[str, str]:
    """The id and the key of a workspace, just made."""
    run("make", "--name", "Newsroom", *more)
    found, key = (line.split()[-1] for line in capsys.readouterr().out.splitlines())
    return found, key


def audited(identifier: str) -> list[str]:
    """What operators did, as the audit log tells, the last of it first."""
    end = now() + timedelta(minutes=1)
    entries, _ = Audit("channels", now).page(identifier, since=end - timedelta(days=1), until=end, limit=10)
    assert {entry.actor for entry in entries} == {"operator"}
    return [entry.operation for entry in entries]


@pytest.mark.usefixtures("deployed")
def test_a_workspace_is_made_with_a_key_that_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    identifier, key = made(capsys)
    known = Keys("channels").find(hashed(key))
    assert known
    assert known.workspace == identifier
    assert audited(identifier) == ["operator:make"]


@pytest.mark.usefixtures("deployed")
def test_a_workspace_may_be_made_with_its_first_admin_and_its_senders(capsys: pytest.CaptureFixture[str]) -> None:
    person = ("--issuer", "https://issuer.example/", "--subject", "ann")
    identifier, _ = made(capsys, *person, "--mail", "Example.org, news@example.com")
    (member,), _ = Members("channels").page(identifier, limit=10)
    assert (member.person, member.role) == (person_of("https://issuer.example/", "ann"), Role.ADMIN)
    found = Workspaces("channels").find(identifier)
    assert found is not None
    assert found.granted == ("example.org", "news@example.com")


@pytest.mark.usefixtures("deployed")
def test_a_workspace_is_suspended_and_resumed(capsys: pytest.CaptureFixture[str]) -> None:
    identifier, _ = made(capsys)
    run("suspend", "--workspace", identifier, "--reason", "Bills are open.")
    assert Workspaces("channels").standing(identifier).suspended
    run("resume", "--workspace", identifier)
    assert not Workspaces("channels").standing(identifier).suspended
    assert audited(identifier) == ["operator:resume", "operator:suspend", "operator:make"]


@pytest.mark.usefixtures("deployed")
def test_senders_are_granted_and_withdrawn(capsys: pytest.CaptureFixture[str]) -> None:
    identifier, _ = made(capsys)
    run("grant", "--workspace", identifier, "--mail", "example.org example.net")
    assert Workspaces("channels").standing(identifier).grants("ann@example.net")
    run("withdraw", "--workspace", identifier, "--mail", "example.net")
    assert not Workspaces("channels").standing(identifier).grants("ann@example.net")
    assert audited(identifier)[:2] == ["operator:withdraw", "operator:grant"]


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("command", ["suspend --reason x", "resume", "grant --mail a.b", "withdraw --mail a.b"])
def test_of_a_workspace_that_there_is_not_nothing_is_changed(command: str) -> None:
    with pytest.raises(SystemExit, match="Nothing was changed"):
        run(*command.split(), "--workspace", "ws_01kagwz8w7e0f4h5j6k7m8n9pq")


def test_a_stack_that_does_not_tell_its_table_is_told() -> None:
    with cloud.moto():
        deploy({"Other": "x"})
        with pytest.raises(LookupError, match="stage dev"):
            workspace.channels_table("dev")


def test_a_stage_without_an_account_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        workspace.main(["--stage", "local", "make", "--name", "Newsroom"])
    assert "invalid choice: 'local'" in capsys.readouterr().err


WS = "--workspace ws_01kagwz8w7e0f4h5j6k7m8n9pq"


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("make", "NAME is missing"),
        ("make --name x --subject ann", "Give both or none"),
        ("make --name x --issuer https://issuer.example/", "Give both or none"),
        ("resume", "WORKSPACE is missing"),
        ("resume --workspace ws_1", "WORKSPACE is missing"),
        (f"suspend {WS}", "REASON is missing"),
        (f"grant {WS}", "MAIL is missing"),
        (f"withdraw {WS} --mail ,", "MAIL is missing"),
    ],
)
def test_what_a_command_needs_is_named(command: str, missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(*command.split())
    assert missing in capsys.readouterr().err
