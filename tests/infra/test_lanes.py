from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App

from functions import platforms
from infra import code
from infra.lanes import STACKS, stack_of
from infra.stack import PostroomStack
from publishing.adapter import Adapter
from tests.infra.synthesis import STAGES, Synthesised, synthesise

MOST_RESOURCES, TEMPLATE_BYTES = 500, 1_000_000  # of one stack, says CloudFormation
ROOM = 400  # we stay below this
CROWD = 60
MADE_ONCE = {
    *("AWS::AppConfig::Application", "AWS::AppConfig::Environment", "AWS::AppConfig::ConfigurationProfile"),
    "AWS::ApiGatewayV2::Api",
    "AWS::DynamoDB::Table",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::S3::Bucket",
    "AWS::SES::ConfigurationSet",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Scheduler::ScheduleGroup",
}


def called(name: str, like: Adapter) -> Adapter:
    """An adapter of another name."""
    made = copy.copy(like)
    made.name = name
    return made


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Synthesised:
    """The stage `prod` with many more platforms."""
    likes = [platforms.load(name) for name in platforms.names()]
    adapters = [called(f"platform{number}", likes[number % len(likes)]) for number in range(CROWD)]
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(code, "modules", lambda name: [name])  # they have no files
        return synthesise(STAGES["prod"], tmp_path_factory.mktemp("crowded"), adapters)


@pytest.fixture
def alone(tmp_path: Path) -> Synthesised:
    """The base of the stage `dev`, with nothing beside it."""
    app = App(outdir=str(tmp_path))
    PostroomStack(app, "Postroom-dev", stage=STAGES["dev"], platforms=["discord"])
    app.synth()
    return Synthesised(tmp_path, "dev")


@pytest.mark.parametrize(("platform", "number"), [("discord", 0), ("email", 4), ("webhook", 6)])
def test_a_platform_stays_in_its_stack_for_good(stage: Synthesised, platform: str, number: int) -> None:
    assert (stack_of(platform), STACKS) == (number, 8)
    assert stage.at(f"Lanes/{platform}/Queues/{platform}").stack == f"Postroom-{stage.stage}-lanes-{number}"


def lanes(stage: Synthesised) -> dict[str, str]:
    """The stack of each platform, by what comes behind the stage's name in the stack's."""
    found = [found for found in stage.found.values() if found.path.startswith("Lanes/")]
    return {each.path.split("/")[1]: each.stack.removeprefix(stage.base) for each in found}


def test_what_is_tested_locally_is_shaped_as_what_is_deployed(synthesised: dict[str, Synthesised]) -> None:
    local, dev, prod = synthesised.values()
    assert lanes(local) == lanes(dev) == lanes(prod)
    assert len(local.templates) == len(dev.templates) == len(prod.templates) == 1 + STACKS


def test_every_platform_has_a_lane(stage: Synthesised) -> None:
    assert set(lanes(stage)) == set(platforms.names())


def sizes(stage: Synthesised) -> dict[str, int]:
    return {stack: len(template["Resources"]) for stack, template in stage.templates.items()}


def test_no_stack_comes_near_what_cloudformation_takes(prod: Synthesised) -> None:
    assert max(sizes(prod).values()) <= ROOM < MOST_RESOURCES


def test_nor_would_it_with_many_more_platforms(crowded: Synthesised) -> None:
    assert len(lanes(crowded)) == CROWD
    assert max(sizes(crowded).values()) <= ROOM
    assert max(file.stat().st_size for file in crowded.directory.glob("*.template.json")) < TEMPLATE_BYTES


def imports(value: Any) -> Iterator[str]:
    """The names of all that is imported somewhere in a value of a template."""
    return (name for name in re.findall(r'{"Fn::ImportValue": "([^"]+)"}', json.dumps(value)))


def test_the_base_imports_nothing(stage: Synthesised) -> None:
    assert list(imports(stage.templates[stage.base])) == []


def test_stacks_of_lanes_export_nothing(stage: Synthesised) -> None:
    assert [stack for stack, template in stage.templates.items() if "Outputs" in template] == [stage.base]


def test_what_is_imported_is_made_once_and_never_replaced(stage: Synthesised) -> None:
    imported = {name for template in stage.templates.values() for name in imports(template)}
    resources = stage.templates[stage.base]["Resources"]
    kinds = {
        resources[stage.exports[name].get("Ref") or stage.exports[name]["Fn::GetAtt"][0]]["Type"] for name in imported
    }
    assert kinds <= MADE_ONCE
    assert imported <= set(stage.exports)


def test_what_is_handed_over_does_not_depend_on_the_platforms(
    alone: Synthesised, synthesised: dict[str, Synthesised]
) -> None:
    assert alone.exports == synthesised["dev"].exports


def test_nothing_is_handed_over_that_no_stage_takes(synthesised: dict[str, Synthesised]) -> None:
    taken = {
        name.partition(":")[2]
        for stage in synthesised.values()
        for template in stage.templates.values()
        for name in imports(template)
    }
    assert taken == {name.partition(":")[2] for name in synthesised["dev"].exports}


def test_a_stack_without_a_lane_can_be_deployed(tmp_path: Path) -> None:
    stage = synthesise(STAGES["dev"], tmp_path, [platforms.load("discord")])
    assert set(lanes(stage)) == {"discord"}
    assert min(sizes(stage).values()) > 0
