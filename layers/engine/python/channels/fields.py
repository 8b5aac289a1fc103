"""What a person supplies to connect a channel, checked against the fields the platform's adapter declares."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

import httpx

from publishing.adapter import Field, Kind
from publishing.guard import is_public, may_be_called
from publishing.model import Problem

EMAIL_CHARS = 254  # RFC 5321
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}")


@dataclass(frozen=True, slots=True)
class Supplied:
    """The fields as they will be stored: settings in the clear, secrets to be sealed. Empty ones are left out."""

    settings: Mapping[str, str]
    secret: Mapping[str, str]


def supplied(fields: Sequence[Field], given: Mapping[str, str]) -> Supplied:
    """What was given, without blanks around it, apart into what may be shown and what may not."""
    kept = {name: value.strip() for name, value in given.items() if value.strip()}
    secret = {field.name for field in fields if field.secret}
    return Supplied(
        settings={name: value for name, value in kept.items() if name not in secret},
        secret={name: value for name, value in kept.items() if name in secret},
    )


def problems(fields: Sequence[Field], given: Mapping[str, str], *, loopback: bool = False) -> list[Problem]:
    """Everything that is wrong with what was given; none of it is repeated in the answer.

    `loopback` admits plain http to this machine, for stand-ins of platforms on stage `local`.
    """
    known = {field.name for field in fields}
    unknown = [_unknown(name, known) for name in given if name not in known]
    asked = [replace(field, required=False) if _is_spared(field, given) else field for field in fields]
    return unknown + [problem for field in asked for problem in _of(field, given.get(field.name, ""), loopback)]


def _is_spared(field: Field, given: Mapping[str, str]) -> bool:
    return bool(field.unless and given.get(field.unless, "").strip())


def ungranted(fields: Sequence[Field], given: Mapping[str, str], grants: Callable[[str], bool]) -> list[Problem]:
    """What was given that only the workspace's operator can grant, and has not."""
    asked = [field for field in fields if field.granted and given.get(field.name, "").strip()]
    message = "It was not granted to this workspace."
    remedy = "Ask the operator to grant it, or what follows its @, to the workspace."
    return [Problem(f"credentials.{each.name}", message, remedy) for each in asked if not grants(given[each.name])]


def _unknown(name: str, known: set[str]) -> Problem:
    fields = ", ".join(sorted(known)) or "none"
    return Problem(f"credentials.{name}", "This platform has no such field.", f"Its fields are: {fields}.")


def _of(field: Field, value: str, loopback: bool) -> Iterator[Problem]:  # noqa: FBT001 - passed on as it came
    value = value.strip()
    name = f"credentials.{field.name}"
    if not value:
        if field.required:
            yield Problem(name, "This field is required.", field.help or f"Add it: {field.label or field.name}.")
    elif len(value) > field.max_chars:
        message = f"It is {len(value)} characters long; the most is {field.max_chars}."
        yield Problem(name, message, "Shorten it.")
    else:
        for complaint in _complaints(field, value, loopback):
            yield Problem(name, complaint, _REMEDIES[field.kind])


_REMEDIES = {
    Kind.TEXT: "Check it.",
    Kind.URL: "Copy the whole address, beginning with https://.",
    Kind.EMAIL: "Write it like name@example.org.",
    Kind.EMAILS: "Write one address a line, or commas between them.",
    Kind.JSON: 'Write it like {"name": "value"}.',
}


def _complaints(field: Field, value: str, loopback: bool) -> Iterator[str]:  # noqa: FBT001
    match field.kind:
        case Kind.URL:
            yield from _url_complaints(value, field.hosts, loopback=loopback)
        case Kind.EMAIL:
            yield from _email_complaints([value])
        case Kind.EMAILS:
            yield from _email_complaints(addresses(value))
        case Kind.JSON:
            yield from _json_complaints(value)
        case Kind.TEXT:
            return


def addresses(text: str) -> list[str]:
    """The addresses in a list separated by commas or line ends."""
    return [part.strip() for part in re.split(r"[,\r\n]", text) if part.strip()]


def _email_complaints(found: Sequence[str]) -> Iterator[str]:
    wrong = [place for place, address in enumerate(found, 1) if not _is_email(address)]
    if wrong:
        yield f"Not an e-mail address: number {', '.join(map(str, wrong[:10]))} of {len(found)}."
    if not found:
        yield "There is no e-mail address in it."


def _is_email(address: str) -> bool:
    return len(address) <= EMAIL_CHARS and bool(_EMAIL.fullmatch(address))


def _json_complaints(value: str) -> Iterator[str]:
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        yield "This is not JSON."
        return
    if not isinstance(parsed, dict) or not all(isinstance(each, str) for each in parsed.values()):
        yield "This is not a JSON object of text values."


def _url_complaints(value: str, hosts: tuple[str, ...], *, loopback: bool) -> Iterator[str]:
    parts = _split(value)
    if parts is None or not parts.hostname:
        yield "This is not a web address."
        return
    if loopback and _is_loopback(parts.hostname):
        return
    for says, wrong in _URL_RULES:
        if wrong(parts):
            yield says
    if hosts and parts.hostname not in hosts:
        yield f"It must lead to {' or '.join(hosts)}."


def _split(value: str) -> SplitResult | None:
    try:
        parts, called = urlsplit(value), httpx.URL(value)
        _ = parts.port, called.host  # raise where the one is no port, and nobody can say what the other means (xn--a)
    except (ValueError, httpx.InvalidURL):
        return None
    return parts if value.isascii() and value.isprintable() and " " not in value and "\\" not in value else None


def _is_loopback(host: str) -> bool:
    numeric = _numeric(host)
    return host == "localhost" or (numeric is not None and numeric.is_loopback)


def _leads_inside(parts: SplitResult) -> bool:
    """Whether the host is an address that is not public; names are judged when they are connected to."""
    host = parts.hostname or ""
    return _numeric(host) is not None and not is_public(host)


def _names_a_port(parts: SplitResult) -> bool:
    """Whether it names a port that is not called."""
    return parts.port is not None and not may_be_called(parts.port)


def _numeric(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


_URL_RULES: tuple[tuple[str, Callable[[SplitResult], bool]], ...] = (
    ("It must begin with https://.", lambda parts: parts.scheme != "https"),
    ("It must not hold a user name or password.", lambda parts: "@" in parts.netloc),
    ("It leads to an address outside the public internet.", _leads_inside),
    ("Its port must be 443, or one above 1023 that is no other service's.", _names_a_port),
)
