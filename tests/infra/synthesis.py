"""A synthesised stage as tests ask about it: by construct path, never by logical id."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.stack import PostroomStack
from infra.stage import Stage

STAGES = {
    "local": Stage("local", endpoint="http://127.0.0.1:1"),
    "dev": Stage("dev"),
    "prod": Stage("prod"),
}
Properties = dict[str, Any]
_ACKNOWLEDGED = "aws:cdk:acknowledged-rules"


def app_of(stage: Stage, directory: Path) -> App:
    """The app of a stage, with nothing bundled."""
    unbundled = {"aws:cdk:bundling-stacks": [], "aws:cdk:enable-path-metadata": True}
    app = App(context=unbundled, outdir=str(directory))
    PostroomStack(app, f"Postroom-{stage.name}", stage=stage)
    return app


def synthesise(stage: Stage, directory: Path) -> Synthesised:
    """`stage` as CloudFormation gets it."""
    app_of(stage, directory).synth()
    return Synthesised(directory, stage.name)


@dataclass(frozen=True)
class Found:
    """A resource of a template, by the path of its construct within the stack."""

    path: str
    type: str
    properties: Properties
    whole: Properties


class Synthesised:
    """A stage's template, with the assets beside it."""

    def __init__(self, directory: Path, stage: str) -> None:
        self.directory = directory
        self.stage = stage
        self.template: Properties = json.loads((directory / f"Postroom-{stage}.template.json").read_text())

    @cached_property
    def found(self) -> dict[str, Found]:
        """Every resource by its logical id."""
        return {
            logical_id: Found(_path(resource), resource["Type"], resource.get("Properties", {}), resource)
            for logical_id, resource in self.template["Resources"].items()
        }

    def all(self, kind: str) -> list[Found]:
        """The resources of one type, `SQS::Queue`."""
        return [found for found in self.found.values() if found.type == f"AWS::{kind}"]

    def at(self, path: str, kind: str = "") -> Found:
        """The one resource at a path, of one type where the path has several."""
        (one,) = [found for found in self.found.values() if found.path == path and found.type.endswith(kind)]
        return one

    def text(self, value: Any) -> str:
        """A value of the template with its references written as construct paths."""
        match value:
            case {"Ref": name} | {"Fn::GetAtt": [name, "Arn"]}:
                return self.found[name].path if name in self.found else f"<{name.removeprefix('AWS::')}>"
            case {"Fn::GetAtt": [name, attribute]}:
                return f"{self.found[name].path}.{attribute}"
            case {"Fn::Join": [separator, parts]}:
                return str(separator).join(map(self.text, parts))
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
        metadata = json.loads((self.directory / f"Postroom-{self.stage}.metadata.json").read_text())
        said = [note["data"] for notes in metadata.values() for note in notes if note["type"] == _ACKNOWLEDGED]
        return [reason for reasons in said for reason in reasons.items()]

    def protected(self) -> bool:
        """Whether CloudFormation refuses to delete the stack."""
        manifest = json.loads((self.directory / "manifest.json").read_text())
        return bool(manifest["artifacts"][f"Postroom-{self.stage}"]["properties"].get("terminationProtection"))

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


def _path(resource: Properties) -> str:
    path: str = resource["Metadata"]["aws:cdk:path"]
    return path.partition("/")[2].removesuffix("/Resource")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
