"""AWS's own CDK command, run against the emulator."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local.emulator import ACCOUNT, REGION
from infra.local.programs import ROOT, Failed, Program, full_environment

STACK = "Postroom-local"
AT_ONCE = 8  # stacks
SYNTH_S, BOOTSTRAP_S, DEPLOY_S = 240.0, 90.0, 240.0
_CDK = ROOT / "infra" / "node_modules" / ".bin" / "cdk"
_QUIET = {"CDK_DISABLE_CLI_TELEMETRY": "true", "CDK_DISABLE_VERSION_CHECK": "true", "NO_COLOR": "1"}


@dataclass(frozen=True, slots=True)
class Cdk:
    """The command, with a directory for what it makes and says, and the emulator's environment."""

    directory: Path
    emulator: Mapping[str, str]

    def synthesis(self, detours: Mapping[str, str], more: Mapping[str, str]) -> Program:
        """Begin to make the template, and what goes into each zip; the emulator need not run yet.

        `detours`: the addresses of stand-ins by the hosts they stand in for. `more`: what `-c` would tell besides.
        """
        app = f'"{sys.executable}" app.py'
        endpoint = self.emulator["AWS_ENDPOINT_URL"]
        context = {"stage": "local", "endpoint": endpoint, "detours": json.dumps(detours), **more}
        context["flags_file"] = str(self._flags())
        told = [part for name, value in context.items() for part in ("--context", f"{name}={value}")]
        told += ["--output", str(self._assembly)]
        return self._begun("synth", "--quiet", "--app", app, *told)

    def bootstrap(self) -> None:
        """Prepare the emulator's account for deployments.

        Raises:
            Failed: with the log that tells why.
        """
        with self._begun("bootstrap", f"aws://{ACCOUNT}/{REGION}", "--app", str(self._assembly)) as program:
            program.wait(BOOTSTRAP_S)

    def deploy(self) -> dict[str, str]:
        """Deploy what was synthesized; answers the outputs of the base, `STACK`.

        Raises:
            Failed: with the log that tells why.
        """
        outputs = self.directory / "outputs.json"
        told = ["--require-approval", "never", "--outputs-file", str(outputs), "--concurrency", str(AT_ONCE)]
        with self._begun("deploy", "--all", "--app", str(self._assembly), *told) as program:
            program.wait(DEPLOY_S)
        found: dict[str, str] = json.loads(outputs.read_text())[STACK]
        return found

    def _flags(self) -> Path:
        """A copy of the flags, to be edited while it runs."""
        return Path(shutil.copy(ROOT / "infra" / "flags.json", self.flags_file))

    @property
    def flags_file(self) -> Path:
        """Where the functions read their flags."""
        return self.directory / "flags.json"

    def log(self, command: str) -> Path:
        """Where a command writes what it does."""
        return self.directory / f"{command}.log"

    @property
    def _assembly(self) -> Path:
        return self.directory / "cdk.out"

    def _begun(self, command: str, *arguments: str) -> Program:
        if not _CDK.exists():
            raise Failed("AWS's CDK command is not installed. `make run` installs it.")
        node = str(Path(sys.executable).parent / "node")
        return Program(
            f"`cdk {command}`",
            [node, str(_CDK), command, "--no-notices", *arguments],
            log=self.log(command),
            env=full_environment(**self.emulator, **_QUIET),
        )
