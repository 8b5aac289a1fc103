"""The operator's command for flags: `make flags STAGE=dev` shows them, APPLY=1 has infra/flags.json take over at once.

It needs credentials of the AWS account the stage is deployed in. What is applied is not watched by any alarm: in an
outage one is ringing already. STOP=1 ends a change that is taking over, and takes it back.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import boto3

from flags.declared import FLAGS, Flag
from flags.document import Document, problems, rules
from functions import platforms
from infra.flags import WRITTEN

_AS_WRITTEN, _OTHERWISE = "as infra/flags.json has it", "NOT as infra/flags.json has it (APPLY=1, or make deploy)"
_TAKEN_BACK = {"ROLLING_BACK", "ROLLED_BACK", "REVERTED"}


@dataclass(frozen=True)
class Served:
    """The flags of a stage at AppConfig; `at_once` is the strategy that waits for nothing."""

    profile: str
    at_once: str
    appconfig: Any

    @property
    def _of(self) -> dict[str, str]:
        application, environment, _ = self.profile.split("/")
        return {"ApplicationId": application, "EnvironmentId": environment}

    @property
    def _versions(self) -> dict[str, str]:
        application, _, profile = self.profile.split("/")
        return {"ApplicationId": application, "ConfigurationProfileId": profile}

    def deployments(self) -> list[Mapping[str, Any]]:
        """The last changes, the newest first."""
        items: list[Mapping[str, Any]] = self.appconfig.list_deployments(**self._of)["Items"]
        return sorted(items, key=lambda each: -int(each["DeploymentNumber"]))

    def latest(self) -> Mapping[str, Any]:
        """The newest change, also one that was taken back; empty where there was none."""
        return next(iter(self.deployments()), {})

    def document(self) -> Document:
        """What took over last, or is about to."""
        stands = next(each for each in self.deployments() if each["State"] not in _TAKEN_BACK)
        version = int(stands["ConfigurationVersion"])
        found = self.appconfig.get_hosted_configuration_version(**self._versions, VersionNumber=version)
        document: Document = json.loads(found["Content"].read())
        return document

    def apply(self, document: Document) -> None:
        """Have this take over at once."""
        made = self.appconfig.create_hosted_configuration_version(
            **self._versions, Content=json.dumps(document, indent=2).encode(), ContentType="application/json"
        )
        self.appconfig.start_deployment(
            **self._of,
            ConfigurationProfileId=self._versions["ConfigurationProfileId"],
            ConfigurationVersion=str(made["VersionNumber"]),
            DeploymentStrategyId=self.at_once,
        )

    def stop(self) -> None:
        """End the change that is taking over, and take it back."""
        self.appconfig.stop_deployment(**self._of, DeploymentNumber=self.latest()["DeploymentNumber"])


def lines(served: Document, written: Document, deployment: Mapping[str, Any], today: date) -> Iterator[str]:
    """What is shown of the flags."""
    state, percent = deployment.get("State", "never deployed"), deployment.get("PercentageComplete", 0)
    yield f"Last change: {state}, {percent:.0f} %; what is served is {_AS_WRITTEN if served == written else _OTHERWISE}"
    for flag in FLAGS:
        yield from _flag(flag, served.get(flag.name, {"default": flag.default}), today)


def _flag(flag: Flag, feature: Mapping[str, Any], today: date) -> Iterator[str]:
    until = f"; goes by {flag.goes_by}{' and is OVERDUE' if flag.overdue(today) else ''}" if flag.goes_by else ""
    yield f"{flag.name}  {_word(on=feature['default'])}{until}"
    yield f"    {flag.purpose}"
    for title, rule in rules(feature).items():
        asked = " and ".join(f"{each['key']} {each['action']} {each['value']}" for each in rule["conditions"])
        yield f"    {_word(on=rule['when_match'])} where {asked}  ({title})"


def _word(*, on: bool) -> str:
    return "on" if on else "OFF"


def main(arguments: Sequence[str]) -> None:
    """Show the flags of a stage, after having done what was asked."""
    parser = argparse.ArgumentParser(prog="make flags", description=__doc__)
    parser.add_argument("--stage", required=True, choices=["dev", "prod"])
    parser.add_argument("what", choices=["show", "apply", "stop"])
    asked = parser.parse_args(arguments)
    written: Document = json.loads(WRITTEN.read_text())
    wrong = problems(written, platforms.names())
    if wrong:
        parser.error("infra/flags.json: " + "; ".join(wrong))
    served = served_on(asked.stage)
    if asked.what == "apply":
        served.apply(written)
    elif asked.what == "stop":
        served.stop()
    shown = lines(served.document(), written, served.latest(), datetime.now(UTC).date())
    sys.stdout.writelines(f"{line}\n" for line in shown)


def served_on(stage: str) -> Served:
    """The flags of a deployed stage.

    Raises:
        KeyError: the stack tells of none.
    """
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=f"Postroom-{stage}")["Stacks"]
    outputs = {each.get("OutputKey", ""): each.get("OutputValue", "") for each in stack.get("Outputs", [])}
    client: Any = boto3.client
    return Served(outputs["FlagsProfile"], outputs["FlagsAtOnce"], client("appconfig"))


if __name__ == "__main__":
    main(sys.argv[1:])
