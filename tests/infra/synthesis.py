"""A synthesised stage as tests ask about it: by construct path, never by logical id, whichever stack it is in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.deployment import postroom
from infra.stage import Stage
from publishing.adapter import Adapter

STAGES = {
    "local": Stage("local", endpoint="http://127.0.0.1:1"),
    "dev": Stage("dev"),
    "prod": Stage("prod"),
}
Properties = dict[str, Any]
_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"
_HERE = "<Region>:<AccountId>"


def app_of(stage: Stage, directory: Path, adapters: Sequence[Adapter] | None = None) -> App:
    """The app of a stage, with nothing bundled."""
    unbundled = {"aws:cdk:bundling-stacks": [], "aws:cdk:enable-path-metadata": True}
    app = App(context=unbundled, outdir=str(directory))
    postroom(app, stage, adapters)
    return app


def synthesise(stage: Stage, directory: Path, adapters: Sequence[Adapter] | None = None) -> Synthesised:
    """`stage` as CloudFormation gets it."""
    app_of(stage, directory, adapters).synth()
    return Synthesised(directory, stage.name)


@dataclass(frozen=True)
class Found:
    """A resource, by the path of its construct.

    In the base that is the path within the stack; a lane is at `Lanes/<platform>`, and what a stack of lanes has
    besides is under the end of the stack's name, `lanes-0`.
    """

    stack: str
    path: str
    type: str
    properties: Properties
    whole: Properties


class Synthesised:
    """A stage's templates, with the assets beside them.

    References are read across stacks, and a queue or an alarm that is named is as good as one referred to.
    """

    def __init__(self, directory: Path, stage: str) -> None:
        self.directory = directory
        self.stage = stage
        self.base = f"Postroom-{stage}"
        suffix = ".template.json"
        files = sorted(directory.glob(f"{self.base}*{suffix}"))
        self.templates: dict[str, Properties] = {
            file.name.removesuffix(suffix): json.loads(file.read_text()) for file in files
        }

    @property
    def outputs(self) -> Properties:
        """What operators are told."""
        outputs: Properties = self._within(self.base, self.templates[self.base]["Outputs"])
        return outputs

    @cached_property
    def found(self) -> dict[str, Found]:
        """Every resource by its stack and logical id."""
        return {
            f"{stack}.{logical_id}": self._found(stack, self._within(stack, resource))
            for stack, template in self.templates.items()
            for logical_id, resource in template["Resources"].items()
        }

    def _found(self, stack: str, resource: Properties) -> Found:
        own = resource["Metadata"]["aws:cdk:path"].removeprefix(f"{stack}/").removesuffix("/Resource")
        beside = stack.removeprefix(self.base).removeprefix("-")
        above = "" if not beside else "Lanes/" if own[0].islower() else f"{beside}/"
        return Found(stack, f"{above}{own}", resource["Type"], resource.get("Properties", {}), resource)

    def _within(self, stack: str, value: Any) -> Any:
        """A value of a stack's template, its references with the stack's name and its imports as what they bring."""
        match value:
            case {"Fn::ImportValue": name}:
                return self._within(self.base, self.exports[name])
            case {"Ref": name}:
                return {"Ref": f"{stack}.{name}" if name in self.templates[stack]["Resources"] else name}
            case {"Fn::GetAtt": [name, attribute]}:
                return {"Fn::GetAtt": [f"{stack}.{name}", attribute]}
            case dict():
                return {key: self._within(stack, inner) for key, inner in value.items()}
            case list():
                return [self._within(stack, inner) for inner in value]
            case _:
                return value

    @cached_property
    def exports(self) -> dict[str, Any]:
        """What the base hands over, by name."""
        outputs = self.templates[self.base]["Outputs"].values()
        return {each["Export"]["Name"]: each["Value"] for each in outputs if "Export" in each}

    def all(self, kind: str) -> list[Found]:
        """The resources of one type, `SQS::Queue`."""
        return [found for found in self.found.values() if found.type == f"AWS::{kind}"]

    def at(self, path: str, kind: str = "") -> Found:
        """The one resource at a path, of one type where the path has several."""
        (one,) = [found for found in self.found.values() if found.path == path and found.type.endswith(kind)]
        return one

    @cached_property
    def named(self) -> dict[str, str]:
        """The paths of what has a name, by the ARNs these names make."""
        queues = {f"sqs:{_HERE}:{each.properties['QueueName']}": each.path for each in self.all("SQS::Queue")}
        alarms = {
            f"cloudwatch:{_HERE}:alarm:{each.properties['AlarmName']}": each.path
            for each in self.all("CloudWatch::Alarm")
        }
        return {f"arn:<Partition>:{rest}": path for rest, path in (queues | alarms).items()}

    def text(self, value: Any) -> str:
        """A value of the template with its references written as construct paths."""
        match value:
            case {"Ref": name} | {"Fn::GetAtt": [name, "Arn"]}:
                return self.found[name].path if name in self.found else f"<{name.removeprefix('AWS::')}>"
            case {"Fn::GetAtt": [name, attribute]}:
                return f"{self.found[name].path}.{attribute}"
            case {"Fn::Join": [separator, parts]}:
                joined = str(separator).join(map(self.text, parts))
                return self.named.get(joined, joined)
            case {"Fn::Select": [_, {"Fn::Split": [_, whole]}]}:
                return self.text(whole)
            case _:
                return str(value)

    def permissions(self, role: str) -> set[tuple[str, str]]:
        """Every action a role allows, on which resource."""
        return {
            (action, self.text(resource))
            for statement in self.statements(role)
            for action in _listed(statement["Action"])
            for resource in _listed(statement["Resource"])
        }

    def statements(self, role: str) -> list[Properties]:
        """The statements of a role's policies."""
        policies = self.at(role, "IAM::Role").properties.get("Policies", [])
        return [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]

    def acknowledged(self) -> list[tuple[str, str]]:
        """Every rule that is acknowledged somewhere, with its reason."""
        files = [self.directory / f"{stack}.metadata.json" for stack in self.templates]
        notes = [note for file in files for each in json.loads(file.read_text()).values() for note in each]
        said = [note["data"] for note in notes if note["type"] == _ACKNOWLEDGED]
        return [reason for reasons in said for reason in reasons.items()]

    def stacks(self) -> dict[str, Properties]:
        """How each stack is to be deployed, by its name: `tags`, `terminationProtection` and more."""
        artifacts = json.loads((self.directory / "manifest.json").read_text())["artifacts"]
        return {stack: artifacts[stack]["properties"] for stack in self.templates}

    def function(self, called: Any) -> Found:
        """The function that is called by this reference, itself or by its alias."""
        owner = self.text(called).partition("/Live")[0].removesuffix("/Function")
        return self.at(f"{owner}/Function", "Function")

    def folder(self, path: str) -> Path:
        """What is zipped for the function or the layer at this path."""
        properties = self.at(path).properties
        code = properties.get("Code") or properties["Content"]
        return self.directory / f"asset.{code['S3Key'].removesuffix('.zip')}"

    def files(self, path: str) -> set[str]:
        """The files in the zip of the function or the layer at this path."""
        folder = self.folder(path)
        return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}

    def zips(self) -> dict[str, str]:
        """The name of each zip, which is its hash, by the path of its function or layer."""
        packed = [*self.all("Lambda::Function"), *self.all("Lambda::LayerVersion")]
        return {found.path: self.folder(found.path).name for found in packed}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
