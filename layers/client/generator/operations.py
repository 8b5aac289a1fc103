"""Writes the operations, a class for each part of the API, and all of them in one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from layers.client.generator.document import Document
from layers.client.generator.method import Method
from layers.client.generator.text import camel, indented

PACKAGE = "postroom_client.operations"


def modules(document: Document) -> Iterator[tuple[str, str]]:
    """The package, file by file."""
    names = sorted({operation.module for operation in document.operations})
    for name in names:
        own = [Method(operation, document) for operation in document.operations if operation.module == name]
        yield name, "\n".join([_head(name, own), *(f"{indented(method.lines())}\n" for method in own)])
    yield "__init__", _init(names)


def _init(names: Sequence[str]) -> str:
    imports = "".join(f"from {PACKAGE}.{name} import {camel(name)}Operations\n" for name in names)
    bases = ", ".join(f"{camel(name)}Operations" for name in names)
    return (
        f'"""Every operation there is. Generated: `make client`."""\n\n{imports}\n\n'
        f'class Operations({bases}):\n    """Every operation, by its id in the OpenAPI document."""\n'
    )


def _head(name: str, methods: Sequence[Method]) -> str:
    used = sorted({model for method in methods for model in method.uses})
    imports = "".join(f"from postroom_client.schemas import {model}\n" for model in used)
    about = f"/v1/{name.replace('_', '-')}"
    return (
        f'"""What can be done at {about}. Generated: `make client`."""\n\nfrom __future__ import annotations\n\n'
        "from collections.abc import Iterator\nfrom typing import Any, Literal\n\n"
        "from postroom_client.asking import Call\nfrom postroom_client.calling import Caller, new_key, path\n"
        f"{imports}\n\n"
        f'class {camel(name)}Operations(Caller):\n    """What can be done at {about}."""\n'
    )
