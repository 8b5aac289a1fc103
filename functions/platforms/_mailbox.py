"""E-mail addresses and names in the forms a message's header may hold."""

from __future__ import annotations

import re
from email.header import Header

NAME_CHARS = 60  # of a name; encoded, even emoji then stay far below the 995 characters SES takes for a header
ADDRESS_CHARS = 254

_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]+\.)+[\w-]+", re.ASCII)
_BETWEEN = re.compile(r"[,\r\n]")
_NOT_SHOWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def line(text: str) -> str:
    """`text` on one line without control characters: no header follows from it, whatever it was."""
    return _NOT_SHOWN.sub("", " ".join(text.split()))


def address(text: str) -> str:
    """The bare address in ASCII, its domain in lower case and Punycode.

    Raises:
        ValueError: it is none that SES can send to or from.
    """
    local, _, domain = text.strip().rpartition("@")
    if len(text) <= ADDRESS_CHARS:
        found = f"{local}@{domain.encode('idna').decode().lower()}"  # a UnicodeError is a ValueError
        if _ADDRESS.fullmatch(found) and len(found) <= ADDRESS_CHARS:
            return found
    raise ValueError("This is no e-mail address.")


def addresses(text: str) -> list[str]:
    """The addresses in `text`, separated by commas or line ends; each once.

    Raises:
        ValueError: one of them is none.
    """
    found: dict[str, str] = {}
    for each in filter(str.strip, _BETWEEN.split(text)):
        found.setdefault(address(each).lower(), address(each))
    return list(found.values())


def domains(mailbox: str) -> list[str]:
    """The domain of an address and those above it, down to two labels."""
    labels = mailbox.rpartition("@")[2].split(".")
    return [".".join(labels[first:]) for first in range(len(labels) - 1)]


def named(name: str, bare: str) -> str:
    """`bare` (an address or a list's id) in angle brackets behind its name, if it has one."""
    return f"{_phrase(line(name)[:NAME_CHARS])} <{bare}>".lstrip()


def _phrase(name: str) -> str:
    if not name.isascii():
        return Header(name, "utf-8", maxlinelen=75).encode(linesep="")  # RFC 2047, in words of at most 75 characters
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return escaped and f'"{escaped}"'
