"""What is zipped is what a function needs: nothing is missing, and nothing else came along."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from functions import platforms
from infra import code
from tests.infra.synthesis import STAGES, Synthesised

ROOT = Path(__file__).parents[2]
ENTRIES = {
    "Submit": "submit",
    "Rest": "api",
    "Media": "media",
    "Authorize": "authorize",
    "Dispatch": "dispatch",
    "Sweep": "sweep",
    "Plan": "plan",
    "Renew": "renew",
    "Notice": "notice",
    "Notify": "notify",
    "Call": "call",
}
FUNCTIONS = {**ENTRIES, **{f"Lanes/{name}/Publish": "publish" for name in platforms.names()}}
KNOWS_ALL_PLATFORMS = {"Submit", "Rest", "Media"}
LAYERS = ROOT / "layers"
RUNTIME_BRINGS = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}


def sources(pattern: str) -> set[str]:
    """Files of the repository that match, without what Python compiled."""
    return {
        str(path.relative_to(ROOT)) for path in ROOT.glob(pattern) if path.is_file() and "__pycache__" not in path.parts
    }


# Each platform in a house without the others: which modules of `functions.platforms` its own brings in.
LOADED = """
import importlib, json, sys
found = {}
for name in sys.argv[1:]:
    for module in [each for each in sys.modules if each.startswith("functions.platforms.")]:
        del sys.modules[module]
    importlib.import_module(f"functions.platforms.{name}")
    found[name] = [each.rpartition(".")[2] for each in sys.modules if each.startswith("functions.platforms.")]
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def loaded() -> dict[str, list[str]]:
    """What Python itself loads for each platform."""
    command = [sys.executable, "-c", LOADED, *platforms.names()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603 - our own
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("platform", platforms.names())
def test_a_platforms_zip_holds_its_own_adapter_and_what_that_needs(
    local: Synthesised, loaded: dict[str, list[str]], platform: str
) -> None:
    adapter = {f"functions/platforms/{name}.py" for name in ("__init__", *loaded[platform])}
    own = {"functions/__init__.py"} | sources("functions/publish/**/*")
    assert local.files(f"Lanes/{platform}/Publish/Function") == own | adapter


@pytest.mark.parametrize("function", sorted(KNOWS_ALL_PLATFORMS))
def test_what_checks_for_every_platform_holds_every_adapter(local: Synthesised, function: str) -> None:
    entry = sources(f"functions/{ENTRIES[function]}/**/*")
    assert local.files(f"{function}/Function") == {"functions/__init__.py"} | entry | sources(
        "functions/platforms/*.py"
    )


@pytest.mark.parametrize("function", sorted(set(ENTRIES) - KNOWS_ALL_PLATFORMS))
def test_other_zips_hold_no_adapter(local: Synthesised, function: str) -> None:
    entry = sources(f"functions/{ENTRIES[function]}/**/*")
    assert local.files(f"{function}/Function") == {"functions/__init__.py"} | entry


def test_the_engine_is_one_layer(local: Synthesised) -> None:
    expected = {path.removeprefix("layers/engine/") for path in sources("layers/engine/**/*")}
    assert local.files("Engine") == expected
    assert "python/publishing/model.py" in expected


def test_every_function_has_both_layers_of_its_own_stack(stage: Synthesised) -> None:
    for function in stage.all("Lambda::Function"):
        layers = [stage.found[layer["Ref"]] for layer in function.properties["Layers"]]
        own = ["Layer"] if function.path == "Media/Function" else []  # what looks into pictures and films
        assert [layer.path.rpartition("/")[2] for layer in layers] == ["Engine", "Dependencies", *own]
        assert {layer.stack for layer in layers} == {function.stack}


def test_layers_are_the_same_in_every_stack(stage: Synthesised) -> None:
    zips = {(path.rpartition("/")[2], name) for path, name in stage.zips().items() if not path.endswith("/Function")}
    assert len(zips) == len({"Engine", "Dependencies", "Media/Layer"})


def test_the_same_code_runs_on_every_stage(synthesised: dict[str, Synthesised]) -> None:
    own = {
        name: {path: zip_ for path, zip_ in stage.zips().items() if not path.endswith(("Dependencies", "Layer"))}
        for name, stage in synthesised.items()
    }
    assert own["local"] == own["dev"] == own["prod"]


@pytest.mark.parametrize("function", list(FUNCTIONS))
def test_a_zip_and_its_layers_are_all_a_function_needs(local: Synthesised, function: str) -> None:
    roots = [str(local.folder(f"{function}/Function")), str(local.folder("Engine") / "python")]
    wheels = pinned() | (pinned("media") if function == "Media" else set())
    alone = run_alone(f"functions.{FUNCTIONS[function]}.handler", roots, wheels | RUNTIME_BRINGS)
    assert (alone.returncode, alone.stderr) == (0, "")
    assert json.loads(alone.stdout) == roots


@pytest.mark.parametrize("missing", ["pydantic", "boto3"])
def test_a_wheel_that_is_in_no_layer_is_missed(local: Synthesised, missing: str) -> None:
    roots = [str(local.folder("Submit/Function")), str(local.folder("Engine") / "python")]
    alone = run_alone("functions.submit.handler", roots, (pinned() | RUNTIME_BRINGS) - {missing})
    assert f"{missing} is in no layer." in alone.stderr


def run_alone(handler: str, roots: list[str], distributions: set[str]) -> subprocess.CompletedProcess[str]:
    """Import a handler as Lambda does: no environment, no repository on the path, no wheels but these."""
    alone = [sys.executable, "-I", "-S", str(Path(__file__).with_name("alone.py")), handler]
    wheels = [json.dumps(sorted(distributions)), sysconfig.get_path("purelib")]
    return subprocess.run([*alone, *wheels, *roots], env={}, capture_output=True, text=True, check=False)  # noqa: S603


def pinned(layer: str = "dependencies") -> set[str]:
    """The names in the requirements of a layer of wheels."""
    requirements = (LAYERS / layer / "requirements.txt").read_text()
    return set(re.findall(r"^([a-z0-9-]+)==", requirements, re.MULTILINE))


def test_wheels_are_fetched_for_the_machine_functions_run_on() -> None:
    here, lambda_ = code.machine(STAGES["local"]), code.machine(STAGES["prod"])
    assert f"--python-version={sys.version_info.major}.{sys.version_info.minor}" in here.pip
    assert "--python-version=3.13" in lambda_.pip
    assert all(option.endswith("aarch64") for option in lambda_.pip if option.startswith("--platform"))


def test_wheels_are_fetched_again_when_a_pin_changes_or_the_machine(synthesised: dict[str, Synthesised]) -> None:
    local, dev, prod = (synthesised[name].zips()["Dependencies"] for name in STAGES)
    assert local != dev == prod
