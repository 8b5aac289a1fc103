"""What differs between the stages, and nothing else does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import CliCredentialsStackSynthesizer, DefaultStackSynthesizer, RemovalPolicy
from aws_cdk import aws_logs as logs

from publishing.settings import BACKLOG_LIMIT, CALLER_LIMIT, WORKSPACE_LIMIT

if TYPE_CHECKING:
    from aws_cdk import App, IStackSynthesizer

_PAGES = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|\*")
_LOG_RETENTION = {
    "local": logs.RetentionDays.ONE_DAY,
    "dev": logs.RetentionDays.ONE_MONTH,
    "prod": logs.RetentionDays.SIX_MONTHS,
}
_ORIGIN = re.compile(r"https://[a-z0-9.-]+(:[0-9]{1,5})?")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose JWTs the API accepts; empty fields mean API keys alone."""

    name: str = ""
    audience: str = ""
    jwks_url: str = ""

    def __post_init__(self) -> None:
        """Refuse half an issuer: with it the authorizer could tell nobody, not even API keys."""
        given = (self.name, self.audience, self.jwks_url)
        if any(given) and not all(given):
            raise ValueError("To accept JWTs give all three: -c jwt_issuer=… -c jwt_audience=… -c jwt_jwks_url=…")


@dataclass(frozen=True, slots=True)
class Stage:
    """One deployment of Postroom. `endpoint` is the emulator's address, on stage `local` alone.

    `detours`: there, the addresses of platforms' stand-ins by the hosts they stand in for, as JSON.

    `flags_file`: there, where functions read their flags.

    `operators`: the workspaces whose admins see the figures of the whole system.

    `return_to`: the origins people may be sent back to when they have consented, commas between them.

    `backlog_limit`: how many publications of one workspace may wait before no more are accepted.

    `credentials_key`: the ARN of a KMS key that seals credentials in place of the stack's own (RUNBOOK.md).
    `caller_limit`, `workspace_limit`: how many requests a minute one key or person may make, and all of a workspace's
    together; 0: any. `cors`: the origins whose pages may ask the API.
    """

    name: str
    endpoint: str = ""
    issuer: Issuer = Issuer()
    backlog_limit: int = BACKLOG_LIMIT
    detours: str = ""
    flags_file: str = ""
    operators: str = ""
    return_to: str = ""
    credentials_key: str = ""
    caller_limit: int = CALLER_LIMIT
    workspace_limit: int = WORKSPACE_LIMIT
    cors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a stage that could only fail later."""
        if self.name not in _LOG_RETENTION:
            raise ValueError(f"No stage {self.name!r}. Choose one: -c stage={'|'.join(_LOG_RETENTION)}")
        if self.backlog_limit < 1:
            raise ValueError("With no publication waiting none could be accepted: -c backlog_limit=50000, say")
        if min(self.caller_limit, self.workspace_limit) < 0:
            raise ValueError("Nobody makes fewer requests than none: -c caller_limit=1200 or 0 for no limit, say")
        if wrong := [origin for origin in self.cors if not _PAGES.fullmatch(origin)]:
            raise ValueError(f"{wrong[0]!r} is no origin: -c cors=https://app.example.org,https://…, without a path")
        if self.detours and not self.local:
            raise ValueError("What is meant for a platform goes there: only stage local has detours.")
        if self.flags_file and not self.local:
            raise ValueError("Flags are read from AppConfig: only stage local has a file of them.")
        for origin in filter(None, self.return_to.split(",")):
            if not _ORIGIN.fullmatch(origin.strip()):
                raise ValueError(f"This is no origin: {origin!r}. Give -c return_to=https://app.example.org, no path")
        if self.local != bool(self.endpoint):
            raise ValueError(
                "Stage local, and no other, needs the emulator's address: -c endpoint=http://127.0.0.1:PORT"
            )

    @property
    def local(self) -> bool:
        """Whether this runs on the emulator: nothing is kept, and the network is open to loopback."""
        return self.name == "local"

    @property
    def rolls_out(self) -> bool:
        """Whether new code takes over in steps and is taken back when an alarm rises."""
        return self.name == "prod"

    @property
    def removal(self) -> RemovalPolicy:
        """What becomes of data when the stack is deleted."""
        return RemovalPolicy.DESTROY if self.local else RemovalPolicy.RETAIN

    @property
    def log_retention(self) -> logs.RetentionDays:
        """How long logs are kept."""
        return _LOG_RETENTION[self.name]

    def synthesizer(self) -> IStackSynthesizer:
        """How assets are published: the emulator's IAM refuses the role AWS's bootstrap stack makes for it."""
        return CliCredentialsStackSynthesizer() if self.local else DefaultStackSynthesizer()

    @property
    def stack_name(self) -> str:
        """The name of the base's stack, with which those of all others begin."""
        return f"Postroom-{self.name}"

    def queue_name(self, queue: str) -> str:
        """The physical name of a queue: named, since the addresses of all of them overflow a function's environment."""
        return f"postroom-{self.name}-{queue}"

    def app_secret(self, platform: str) -> str:
        """The name of the secret with the operator's app at a platform."""
        return app_secret(self.name, platform)

    def alarm_name(self, path: str) -> str:
        """The physical name of an alarm: named, so that the dashboard shows those of stacks it does not refer to."""
        return f"postroom-{self.name}/{path}"


def app_secret(stage: str, platform: str) -> str:
    """The name under which the secret store has the operator's app at a platform."""
    return f"postroom/{stage}/apps/{platform}"


def stage_of(app: App) -> Stage:
    """The stage that `-c stage=…` and its companions ask for.

    Raises:
        ValueError: none, an unknown one, or one without what it needs.
    """

    def asked(key: str) -> str:
        return str(app.node.try_get_context(key) or "")

    issuer = Issuer(name=asked("jwt_issuer"), audience=asked("jwt_audience"), jwks_url=asked("jwt_jwks_url"))
    return Stage(
        asked("stage"),
        endpoint=asked("endpoint").rstrip("/"),
        issuer=issuer,
        flags_file=asked("flags_file"),
        operators=asked("operators"),
        return_to=asked("return_to"),
        credentials_key=asked("credentials_key"),
        backlog_limit=int(asked("backlog_limit") or BACKLOG_LIMIT),
        detours=asked("detours"),
        caller_limit=int(asked("caller_limit") or CALLER_LIMIT),
        workspace_limit=int(asked("workspace_limit") or WORKSPACE_LIMIT),
        cors=tuple(origin.strip() for origin in asked("cors").split(",") if origin.strip()),
    )
