"""Contracts written as TypeScript's types, judged by its own compiler (npm typescript, Apache-2.0).

Every request becomes a constant of the type it must have. One run of the compiler judges them all.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.contracts import places

TOLD = re.compile(r"^\S+?\((\d+),\d+\): error (TS\d+: .*)$")
# A form or a query says everything in words; what is an object or a list in the type is JSON there.
IN_WORDS = "type InWords<T> = T extends unknown ? { [K in keyof T]: Worded<T[K]> } : never;"
WORDED = "type Worded<T> = T extends string | undefined ? T : string;"
OPTIONS = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--types", "node"]


def claim(kind: str, value: object) -> str:
    """A line that compiles if `value` is of that type."""
    return f"({json.dumps(value)}) satisfies {kind};"


def refuted(imports: str, claims: Sequence[tuple[str, str]]) -> list[str]:
    """What the compiler has against the claims, each said with the name it comes with."""
    head = [imports.replace("\n", " "), IN_WORDS, WORDED]
    lines = [*head, *(line for _, line in claims)]
    names: Mapping[int, str] = {len(head) + place: name for place, (name, _) in enumerate(claims, 1)}
    return [f"{names.get(line, imports)}: {told}" for line, told in _compiled("\n".join(lines))]


def _compiled(program: str) -> list[tuple[int, str]]:
    compiler = places.of_node("typescript", "bin", "tsc")
    with tempfile.TemporaryDirectory(dir=places.NODE_MODULES, prefix=".judged-") as folder:
        source = Path(folder, "requests.mts")
        source.write_text(program, encoding="utf-8")
        done = subprocess.run(  # noqa: S603 - our own compiler on our own text
            [places.node(), str(compiler), *OPTIONS, "--pretty", "false", str(source)],
            capture_output=True,
            text=True,
            check=False,
            cwd=places.NODE_MODULES.parent,
            timeout=60,
        )
    told = [(int(found[1]), found[2]) for line in done.stdout.splitlines() if (found := TOLD.match(line))]
    if done.returncode and not told:
        raise RuntimeError(done.stdout + done.stderr)
    return told
