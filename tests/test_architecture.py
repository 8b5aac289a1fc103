"""The arrows between the floors of the house: who may import what, read from the source with `ast`."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOTS = (ROOT / "layers" / "engine" / "python", ROOT / "layers" / "client" / "python", ROOT)
OURS = (
    "publishing",
    "channels",
    "identity",
    "media",
    "flags",
    "notifying",
    "web",
    "postroom_client",
    "functions",
    "infra",
    "app",
)
CONTEXTS = ("publishing", "channels", "identity", "media", "flags", "notifying", "web")
ENTRIES = (
    "submit",
    "api",
    "authorize",
    "dispatch",
    "publish",
    "sweep",
    "plan",
    "renew",
    "media",
    "health",
    "notice",
    "notify",
    "call",
)


@cache
def modules() -> dict[str, Path]:
    """Every module of the product by its import name."""
    found: dict[str, Path] = {"app": ROOT / "app.py"}
    for package in OURS[:-1]:
        base = next(root for root in ROOTS if (root / package).is_dir())
        for path in (path for path in (base / package).rglob("*.py") if "node_modules" not in path.parts):
            parts = path.relative_to(base).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


@cache
def imports(module: str) -> frozenset[str]:
    """What a module imports, as dotted names; `from a import b` counts as a.b where that is a module."""
    return frozenset(_imports(ast.parse(modules()[module].read_text())))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = node.module or ""
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield inner if inner in modules() else source


def within(name: str, *packages: str) -> bool:
    """Whether a dotted name is one of the packages or lies in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def stray(importers: tuple[str, ...], *, allowed: tuple[str, ...]) -> dict[str, list[str]]:
    """Imports of ours, by the importers' modules, that are not allowed."""
    found = {
        module: sorted(name for name in imports(module) if within(name, *OURS, "tests") and not within(name, *allowed))
        for module in modules()
        if within(module, *importers)
    }
    return {module: names for module, names in found.items() if names}


def users(*packages: str) -> set[str]:
    """The modules of ours that import one of these packages."""
    return {module for module in modules() if any(within(name, *packages) for name in imports(module))}


def test_the_source_is_found() -> None:
    assert {"publishing.model", "functions.publish.handler", "infra.stack"} <= set(modules())


def test_publishing_stands_on_the_ground() -> None:
    assert stray(("publishing",), allowed=("publishing",)) == {}


def test_channels_identity_media_and_flags_stand_on_publishing_alone() -> None:
    assert stray(("channels",), allowed=("channels", "publishing")) == {}
    assert stray(("identity",), allowed=("identity", "publishing")) == {}
    assert stray(("media",), allowed=("media", "publishing")) == {}
    assert stray(("flags",), allowed=("flags", "publishing")) == {}


def test_notifying_stands_on_channels_and_publishing() -> None:
    assert stray(("notifying",), allowed=("notifying", "channels", "publishing")) == {}


def test_the_web_stands_on_the_contexts() -> None:
    assert stray(("web",), allowed=CONTEXTS) == {}


@pytest.mark.parametrize("entry", ENTRIES)
def test_no_function_imports_another(entry: str) -> None:
    allowed = (*CONTEXTS, "functions.platforms", f"functions.{entry}")
    assert stray((f"functions.{entry}",), allowed=allowed) == {}


def test_a_platform_knows_the_words_of_publishing_and_its_family_alone() -> None:
    words = tuple(
        f"publishing.{name}"
        for name in ("model", "errors", "adapter", "replies", "signing", "inbound", "fitting", "consent")
    )
    families = tuple(module for module in modules() if module.startswith("functions.platforms._"))
    platforms = tuple(
        module for module in modules() if within(module, "functions.platforms") and module.count(".") == 2
    )
    assert stray(platforms, allowed=(*words, *families)) == {}


def test_a_platform_does_nothing_but_translate() -> None:
    doing = users(
        "boto3",
        "botocore",
        "os",
        "socket",
        "subprocess",
        "threading",
        "urllib.request",
        "logging",
        "aws_lambda_powertools",
    )
    assert {module for module in doing if within(module, "functions.platforms")} == set()


def test_infra_reads_adapters_and_never_a_handler() -> None:
    assert stray(("infra", "app"), allowed=("infra", "functions.platforms", "postroom_client", *CONTEXTS)) == {}


def test_the_client_needs_nothing_of_ours_and_httpx_alone_of_others() -> None:
    client = [module for module in modules() if within(module, "postroom_client")]
    needed = {name.split(".")[0] for module in client for name in imports(module)}
    assert needed - set(sys.stdlib_module_names) == {"postroom_client", "httpx"}


def test_the_api_is_asked_by_operators_and_on_a_laptop_alone() -> None:
    askers = {module for module in users("postroom_client") if not within(module, "postroom_client")}
    assert {module for module in askers if not within(module, "infra.local", "infra.dead_letters")} == set()


def test_the_words_and_the_errors_need_the_standard_library_alone() -> None:
    for module in ("publishing.model", "publishing.errors"):
        others = {name for name in imports(module) if name.split(".")[0] not in sys.stdlib_module_names}
        assert others == set()


def test_aws_is_reached_in_one_module_of_each_package() -> None:
    operators = {module for module in users("boto3", "botocore") if within(module, "infra")}
    assert {module.rpartition(".")[2] for module in users("boto3", "botocore") - operators} == {"aws"}
    assert {
        module
        for module in operators
        if not within(
            module, "infra.local", "infra.workspace", "infra.flagging", "infra.operators_app", "infra.reencrypt"
        )
    } == set()


def test_the_network_is_reached_in_one_module() -> None:
    assert users("httpcore", "socket", "ssl", "requests", "urllib.request") - {"publishing.transport"} <= {
        "infra.local.ports"
    }


def test_the_environment_is_read_in_one_module() -> None:
    readers = {
        module
        for module, path in modules().items()
        if not within(module, "infra") and ("os.environ" in path.read_text() or "getenv" in path.read_text())
    }
    assert readers == {"publishing.settings"}


def test_no_import_goes_in_a_circle() -> None:
    state: dict[str, int] = {}

    def visit(module: str, path: tuple[str, ...]) -> None:
        assert state.get(module) != 1, " -> ".join((*path, module))
        if state.get(module) == 2:
            return
        state[module] = 1
        for name in imports(module) & set(modules()):
            visit(name, (*path, module))
        state[module] = 2

    for module in modules():
        visit(module, ())


def test_every_platform_has_a_test_of_its_name() -> None:
    platforms = [
        path for module, path in modules().items() if within(module, "functions.platforms") and path.stem[0] != "_"
    ]
    missing = [path.name for path in platforms if not (ROOT / f"tests/functions/platforms/test_{path.name}").exists()]
    assert missing == []
