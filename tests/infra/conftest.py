from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

# jsii starts a Node when aws_cdk is imported: the one of this environment, whatever the machine has.
os.environ.setdefault("JSII_NODE", str(Path(sys.executable).with_name("node")))

from tests.infra.synthesis import STAGES, Synthesised, synthesise


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Synthesised]:
    """Every stage, synthesised once."""
    return {name: synthesise(stage, tmp_path_factory.mktemp(name)) for name, stage in STAGES.items()}


@pytest.fixture(params=list(STAGES))
def stage(request: pytest.FixtureRequest, synthesised: dict[str, Synthesised]) -> Synthesised:
    """One stage after the other."""
    return synthesised[request.param]


@pytest.fixture(params=["dev", "prod"])
def aws(request: pytest.FixtureRequest, synthesised: dict[str, Synthesised]) -> Synthesised:
    """The stages that run on AWS."""
    return synthesised[request.param]


@pytest.fixture
def local(synthesised: dict[str, Synthesised]) -> Synthesised:
    """The stage that runs on the emulator."""
    return synthesised["local"]


@pytest.fixture
def prod(synthesised: dict[str, Synthesised]) -> Synthesised:
    """The stage customers use."""
    return synthesised["prod"]
