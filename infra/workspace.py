"""The operator's command that makes a workspace and its first admin key: `make workspace STAGE=dev NAME=…`.

It needs credentials of the AWS account the stage is deployed in; the key is shown this once.
"""

from __future__ import annotations

import argparse
import sys

import boto3

from identity import workspaces
from identity.keys import Keys


def main(arguments: list[str]) -> None:
    """Make a workspace, and print its id and key."""
    parser = argparse.ArgumentParser(prog="make workspace", description=__doc__)
    parser.add_argument("--stage", required=True, choices=["dev", "prod"])
    parser.add_argument("--name", required=True)
    asked = parser.parse_args(arguments)
    if not asked.name.strip():
        parser.error("NAME is missing: whose workspace is it?")
    workspace, made = workspaces.create(asked.name, keys=Keys(channels_table(asked.stage)))
    sys.stdout.write(f"Workspace  {workspace.id}\nAdmin key  {made.text}\n")


def channels_table(stage: str) -> str:
    """The channels table of a deployed stage.

    Raises:
        LookupError: the stack has no such output.
    """
    (stack,) = boto3.client("cloudformation").describe_stacks(StackName=f"Postroom-{stage}")["Stacks"]
    for output in stack.get("Outputs", []):
        if output.get("OutputKey") == "ChannelsTable":
            return output["OutputValue"]
    raise LookupError(f"The stack of stage {stage} does not tell its channels table.")


if __name__ == "__main__":
    main(sys.argv[1:])
