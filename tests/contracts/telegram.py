"""Telegram's Bot API: grammY's types of its methods (npm @grammyjs/types, MIT)."""

from __future__ import annotations

from collections.abc import Sequence

from tests.contracts.asked import Asked
from tests.contracts.typescript import claim, refuted

IMPORTS = 'import type { Opts } from "@grammyjs/types/methods.js"; type Given = Opts<string>;'


def covers(asked: Asked) -> bool:
    return asked.host == "api.telegram.org"


def violations(asked: Sequence[Asked]) -> list[str]:
    return refuted(IMPORTS, [(f"{each.method} {_method(each)}", _claim(each)) for each in asked])


def _claim(asked: Asked) -> str:
    kind = f'Given["{_method(asked)}"]'
    if asked.body is not None:
        return claim(kind, asked.body)
    files = [
        name for name in asked.files if f"attach://{name}" not in asked.form.get("media", "")
    ]  # these are named freely
    words = {**dict(asked.query), **asked.form, **dict.fromkeys(files, "a file")}
    return claim(f"InWords<{kind}>", words)


def _method(asked: Asked) -> str:
    return asked.path.rsplit("/", 1)[-1]
