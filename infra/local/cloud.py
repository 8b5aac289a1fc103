"""The whole of Postroom on this machine: the emulator with the real stacks deployed to it, and the stand-ins."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from identity.workspaces import Workspaces
from infra.local import emulator, ports, stand_ins
from infra.local.cdk import SYNTH_S, Cdk
from infra.local.emulator import Emulator
from infra.local.programs import Failed
from infra.local.progress import Stages
from infra.local.stand_ins import StandIns
from postroom_client import Postroom

SENDERS = "example.com"  # mail from this domain is allowed, as an operator would have verified it in SES


@dataclass(frozen=True, slots=True)
class Cloud:
    """What runs, the outputs of the deployed base, and the flags, which may be edited meanwhile."""

    emulator: Emulator
    stand_ins: StandIns
    outputs: Mapping[str, str]
    flags_file: Path

    @property
    def api_url(self) -> str:
        """The address of the API."""
        return self.outputs["ApiUrl"]

    def api(self, key: str) -> Postroom:
        """The API as a caller with this key has it; no proxy of the user's stands between."""
        return Postroom(self.api_url, key, http=httpx.Client(trust_env=False))

    def workspace(self, name: str) -> tuple[str, str]:
        """Make a workspace; answers its id and the key of its admin."""
        workspace, made = self.workspaces.create(name, granted=[SENDERS])
        return workspace.id, made.text

    @property
    def workspaces(self) -> Workspaces:
        """All of them, as an operator reaches them."""
        return Workspaces(self.outputs["ChannelsTable"], client=lambda: self.emulator.client("dynamodb"))


@contextmanager
def deployed(directory: Path, stages: Stages, context: Mapping[str, str] | None = None) -> Iterator[Cloud]:
    """A cloud that runs while the context lasts; logs and what is built go to `directory`.

    `context` is what `-c` tells on a deployment: whose JWTs count, say.

    Raises:
        infra.local.programs.Failed: something did not start or could not be deployed.
    """
    directory.mkdir(parents=True, exist_ok=True)
    port = ports.free()
    with ExitStack() as stack:
        stack.enter_context(_alone(directory))
        cdk = Cdk(directory, Emulator(emulator.url(port), directory).environment)
        with stages.stage("The sandbox of third-party platforms starts"):
            sandbox = stack.enter_context(stand_ins.running(directory))
        synthesis = stack.enter_context(
            cdk.synthesis(sandbox.hosts, context or {})
        )  # the longest part: it goes on beside the next
        with stages.stage("The AWS emulator starts, with IAM enforced"):
            aws = stack.enter_context(emulator.running(port, directory))
        with stages.stage("The stacks are synthesized (cdk synth)", synthesis.log):
            synthesis.wait(SYNTH_S)
        with stages.stage("The emulator's account is prepared (cdk bootstrap)", cdk.log("bootstrap")):
            cdk.bootstrap()
        with stages.stage("The stacks are deployed (cdk deploy)", cdk.log("deploy")):
            outputs = cdk.deploy()
        aws.client("sesv2").create_email_identity(EmailIdentity=SENDERS)
        yield Cloud(aws, sandbox, outputs, cdk.flags_file)


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep others out of `directory`; the system forgets the lock with the process."""
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failed(f"Another one is running in {directory}. Stop it first.") from None
        yield
