"""The operator's commands on workspaces: made, suspended, resumed, granted senders (`make workspace`, `make suspend`).

They need credentials of the AWS account the stage is deployed in, and leave their entry in the workspace's audit log.
A new workspace's key is shown this once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import boto3

from identity.audit import Audit, Entry
from identity.model import OPERATOR, WORKSPACE, person_of
from identity.workspaces import Workspaces
from publishing.clock import now


@dataclass(frozen=True)
class Desk:
    """An operator's desk at one stage; `audit` and `workspaces` are in its channels table."""

    workspaces: Workspaces
    audit: Audit

    def make(self, asked: argparse.Namespace) -> str:
        """Make a workspace; answers its id and key."""
        admin = person_of(asked.issuer, asked.subject) if asked.subject else ""
        workspace, made = self.workspaces.create(asked.name, admin=admin, granted=_values(asked.mail))
        self._enter(workspace.id, "make")
        return f"Workspace  {workspace.id}\nAdmin key  {made.text}\n"

    def suspend(self, asked: argparse.Namespace) -> str:
        """Have nothing changed in a workspace, and nothing published for it."""
        done = self.workspaces.suspend(asked.workspace, asked.reason)
        return self._done(done, asked, "suspended", "there is no such workspace, or it is suspended already")

    def resume(self, asked: argparse.Namespace) -> str:
        """Let a workspace go on."""
        done = self.workspaces.resume(asked.workspace)
        return self._done(done, asked, "resumed", "there is no such workspace, or it is not suspended")

    def grant(self, asked: argparse.Namespace) -> str:
        """Let a workspace send mail from addresses, or domains."""
        done = self.workspaces.grant(asked.workspace, _values(asked.mail))
        return self._done(done, asked, "granted", "there is no such workspace")

    def withdraw(self, asked: argparse.Namespace) -> str:
        """Let a workspace send mail from these no more."""
        done = self.workspaces.withdraw(asked.workspace, _values(asked.mail))
        return self._done(done, asked, "withdrawn", "there is no such workspace")

    def _done(self, done: bool, asked: argparse.Namespace, word: str, otherwise: str) -> str:  # noqa: FBT001
        if not done:
            raise SystemExit(f"Nothing was changed: {otherwise}.")
        self._enter(asked.workspace, asked.command)
        return f"{asked.workspace} {word}. It is so everywhere within a minute.\n"

    def _enter(self, workspace: str, command: str) -> None:
        at = self.audit.clock()
        self.audit.enter(Entry(workspace, OPERATOR, f"{OPERATOR}:{command}", 200, at))


def main(arguments: list[str]) -> None:
    """Do what was asked, and print what came of it."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    complaint = next((says for says, wrong in _wrong(asked) if wrong), "")
    if complaint:
        parser.error(complaint)
    table = channels_table(asked.stage)
    commands = Desk(Workspaces(table, now), Audit(table, now))
    command: Callable[[argparse.Namespace], str] = getattr(commands, asked.command)
    sys.stdout.write(command(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make workspace", description=__doc__)
    parser.add_argument("--stage", required=True, choices=["dev", "prod"])
    parser.add_argument("command", choices=["make", "suspend", "resume", "grant", "withdraw"])
    for name in ("name", "workspace", "reason", "mail", "issuer", "subject"):
        parser.add_argument(f"--{name}", default="", type=str.strip)
    return parser


def _wrong(asked: argparse.Namespace) -> Sequence[tuple[str, bool]]:
    making = asked.command == "make"
    return (
        ("NAME is missing: whose workspace is it?", making and not asked.name),
        (
            "Give both or none: SUBJECT of the first admin and the ISSUER of its tokens.",
            bool(asked.issuer) != bool(asked.subject),
        ),
        (
            "WORKSPACE is missing, or not a workspace's id: ws_…",
            not making and not WORKSPACE.fullmatch(asked.workspace),
        ),
        ("REASON is missing: admins of the workspace read it.", asked.command == "suspend" and not asked.reason),
        (
            "MAIL is missing: which domains or addresses?",
            asked.command in {"grant", "withdraw"} and not _values(asked.mail),
        ),
    )


def _values(text: str) -> list[str]:
    """What is separated by commas or blanks."""
    return text.replace(",", " ").split()


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
