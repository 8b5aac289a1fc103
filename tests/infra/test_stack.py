from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cfnlint.api import ManualArgs, lint  # type: ignore[import-untyped]

from functions import platforms
from infra.lanes import stack_of
from tests.infra.synthesis import Synthesised

ROOT = Path(__file__).parents[2]
CDKS_HABIT = "W3005"  # a DependsOn where a GetAtt says the same
SAMPLE = ("-local", "-dev", "-lanes-0")  # of what is alike on all stages: the base, and some lanes
EMULATORS_ACTIONS = "W3037"  # sqs:SendMessageBatch and its like, which AWS does not know
NAMES = (
    *("Name", "QueueName", "AlarmName", "TableName", "BucketName"),
    *("FunctionName", "RoleName", "TopicName", "LogGroupName", "LayerName"),
)


def test_queues_and_alarms_have_names_and_nothing_else_has(stage: Synthesised) -> None:
    named = {
        found.type for found in stage.found.values() for name in NAMES if isinstance(found.properties.get(name), str)
    }
    # An API's, an authorizer's and an alias's name are labels, and AppConfig's are: two stacks may have the same.
    labels = {"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Authorizer", "AWS::Lambda::Alias"}
    labelled = {name for name in named if name in labels or name.startswith("AWS::AppConfig::")}
    assert named - labelled == {"AWS::SQS::Queue", "AWS::CloudWatch::Alarm"}


def test_operators_are_told_where_to_look(stage: Synthesised) -> None:
    assert set(stage.outputs) >= {
        "ApiUrl",
        "FeedsUrl",
        "PublicationsTable",
        "ChannelsTable",
        "OperationsTable",
        "FeedBucket",
        "QueueUrlTemplate",
        "DueQueueUrl",
        "AlertsTopicArn",
        "DashboardName",
    }


def linted(stage: Synthesised) -> list[str]:
    """What cfn-lint says of a stage's templates."""
    arguments = ManualArgs(regions=["us-east-1", "eu-central-1"], ignore_checks=[CDKS_HABIT])
    looked_at = [name for name in stage.templates if stage.stage == "prod" or name.endswith(SAMPLE)]
    found = [match for name in looked_at for match in lint(json.dumps(stage.templates[name]), config=arguments)]
    return [f"{match.rule.id} {match.message}" for match in found]


def test_cfn_lint_finds_nothing(aws: Synthesised) -> None:
    assert linted(aws) == []


def test_cfn_lint_finds_nothing_but_the_emulators_own_actions(local: Synthesised) -> None:
    own = {"sendmessagebatch", "deletemessagebatch", "changemessagevisibilitybatch"}
    found = [finding.partition(" ") for finding in linted(local)]
    assert {(rule, says.split("'")[1]) for rule, _, says in found} == {(EMULATORS_ACTIONS, name) for name in own}


def test_mail_leaves_over_tls_and_never_to_who_bounced(stage: Synthesised) -> None:
    mail = stage.at("Mail/Outgoing").properties
    assert mail["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}
    assert mail["ReputationOptions"] == {"ReputationMetricsEnabled": True}
    assert set(mail["SuppressionOptions"]["SuppressedReasons"]) == {"BOUNCE", "COMPLAINT"}


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """The stage `dev` of a copy of this repository that has one more file: a platform."""
    copy, made = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("made")
    forget = shutil.ignore_patterns("__pycache__", "node_modules")
    for folder in ("functions", "infra", "layers"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=forget)
    shutil.copy(ROOT / "app.py", copy)
    adapter = (ROOT / "functions/platforms/discord.py").read_text()
    (copy / "functions/platforms/newcomer.py").write_text(adapter.replace('name = "discord"', 'name = "newcomer"'))
    context = {"stage": "dev", "aws:cdk:bundling-stacks": [], "aws:cdk:enable-path-metadata": True}
    told = {"CDK_OUTDIR": str(made), "CDK_CONTEXT_JSON": json.dumps(context)}
    paths = os.pathsep.join(map(str, (copy, copy / "layers/engine/python")))
    subprocess.run([sys.executable, "app.py"], cwd=copy, env={**os.environ, **told, "PYTHONPATH": paths}, check=True)
    return Synthesised(made, "dev")


def test_a_platforms_file_alone_makes_its_lane(grown: Synthesised, synthesised: dict[str, Synthesised]) -> None:
    before = {(found.path, found.type) for found in synthesised["dev"].found.values()}
    after = {(found.path, found.type) for found in grown.found.values()}
    discords = {(path, kind) for path, kind in before if path.startswith("Lanes/discord/")}
    assert before < after
    assert after - before == {(path.replace("discord", "newcomer"), kind) for path, kind in discords}


def test_a_platforms_file_changes_no_code_but_of_those_who_check_for_all(
    grown: Synthesised, synthesised: dict[str, Synthesised]
) -> None:
    before, after = synthesised["dev"].zips(), grown.zips()
    changed = {path for path in before if before[path] != after[path]}
    assert changed == {"Submit/Function", "Rest/Function", "Media/Function", "Health/Function"}
    assert set(after) - set(before) == {"Lanes/newcomer/Publish/Function"}


def test_a_platforms_file_changes_no_other_platforms_role(
    grown: Synthesised, synthesised: dict[str, Synthesised]
) -> None:
    for name in platforms.names():
        role = f"Lanes/{name}/Publish/Role"
        assert grown.permissions(role) == synthesised["dev"].permissions(role)


def test_a_platforms_file_leaves_all_stacks_alone_but_its_own_and_the_base(
    grown: Synthesised, synthesised: dict[str, Synthesised]
) -> None:
    before, after = texts(synthesised["dev"]), texts(grown)
    own = f"Postroom-dev-lanes-{stack_of('newcomer')}"
    assert {stack for stack in before if before[stack] != after[stack]} == {"Postroom-dev", own}
    assert list(before) == list(after)


def texts(stage: Synthesised) -> dict[str, bytes]:
    """Each template as it is sent to CloudFormation."""
    return {stack: (stage.directory / f"{stack}.template.json").read_bytes() for stack in stage.templates}


def test_only_prod_is_hard_to_delete(stage: Synthesised) -> None:
    protected = {stack.get("terminationProtection", False) for stack in stage.stacks().values()}
    assert protected == {stage.stage == "prod"}


def test_every_stack_says_whose_it_is(stage: Synthesised) -> None:
    assert [stack["tags"] for stack in stage.stacks().values()] == [{"project": "postroom"}] * len(stage.templates)
