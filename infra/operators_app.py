"""The operator's command that stores an app's credentials: `make app STAGE=dev PLATFORM=x`.

It asks for each field, or reads them from standard input, a line each in that order: never from an argument or the
environment, where other programs see them. It needs credentials of the AWS account the stage is deployed in. Functions
take what is stored within five minutes; running it again is how a secret is rotated.
"""

from __future__ import annotations

import argparse
import json
import sys
from getpass import getpass
from typing import TYPE_CHECKING, Any

import boto3

from functions import platforms
from infra.stage import app_secret
from publishing.abilities import Authorizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from publishing.adapter import Field


def main(arguments: list[str]) -> None:
    """Ask for an app's fields and store them."""
    parser = argparse.ArgumentParser(prog="make app", description=__doc__)
    parser.add_argument("--stage", required=True, choices=["dev", "prod"])
    parser.add_argument("--platform", required=True, choices=sorted(fields_by_platform()))
    asked = parser.parse_args(arguments)
    given = {field.name: value for field in fields_by_platform()[asked.platform] if (value := answer(field))}
    missing = [
        field.name for field in fields_by_platform()[asked.platform] if field.required and field.name not in given
    ]
    if missing:
        parser.error(f"{', '.join(missing)}: missing. Nothing was stored.")
    store(boto3.client("secretsmanager"), app_secret(asked.stage, asked.platform), given)
    sys.stdout.write(f"Stored as {app_secret(asked.stage, asked.platform)}\n")


def fields_by_platform() -> dict[str, Sequence[Field]]:
    """What an operator's app has, of each platform that has such apps."""
    loaded = map(platforms.load, platforms.names())
    return {each.name: each.consent.app for each in loaded if isinstance(each, Authorizes) and each.consent.app}


def answer(field: Field) -> str:
    """What is given for a field; what is secret is not echoed."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    prompt = f"{field.label or field.name}{'' if field.required else ' (may be empty)'}: "
    return (getpass(prompt) if field.secret else input(prompt)).strip()


def store(client: Any, name: str, given: dict[str, str]) -> None:
    """Store the fields under that name: anew, or in place of what is there."""
    text = json.dumps(given)
    try:
        client.create_secret(Name=name, SecretString=text, Description="An app of the operator's; see the README.")
    except client.exceptions.ResourceExistsException:
        client.put_secret_value(SecretId=name, SecretString=text)


if __name__ == "__main__":
    main(sys.argv[1:])
