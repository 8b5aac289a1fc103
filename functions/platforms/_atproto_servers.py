"""Whom an account of the AT Protocol belongs to: its own server (PDS), and the server that lets apps in there.

Source: https://atproto.com/specs/oauth (a stored copy, read 2026-11-21), https://atproto.com/specs/did. Each address in
these answers is a stranger's. What a server says is believed of itself alone; of an account, what its DID says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeVar

import httpx
from pydantic import Field as Reads
from pydantic import ValidationError

from publishing.adapter import Conversation
from publishing.errors import Refused, Unavailable
from publishing.replies import Reply

R = TypeVar("R", bound=Reply)

DIRECTORY = "https://plc.directory"
_PLC = re.compile(r"did:plc:[a-z2-7]{24}")
_WEB = re.compile(r"did:web:([a-z0-9-]+(?:\.[a-z0-9-]+)+)")
_HANDLE = re.compile(r"at://([a-z0-9-]+(?:\.[a-z0-9-]+)+)")


class Server(Reply):
    """What an authorization server says of itself."""

    issuer: str
    page: str = Reads(alias="authorization_endpoint")
    token: str = Reads(alias="token_endpoint")
    push: str = Reads(alias="pushed_authorization_request_endpoint")


class _Resource(Reply):
    servers: tuple[str, ...] = Reads(alias="authorization_servers", min_length=1)


class _Service(Reply):
    id: str = ""
    address: str | None = Reads(None, alias="serviceEndpoint")


class _Document(Reply):
    id: str
    names: tuple[str, ...] = Reads((), alias="alsoKnownAs")
    services: tuple[_Service, ...] = Reads((), alias="service")


@dataclass(frozen=True, slots=True)
class Home:
    """Where an account is, and the handle it claims."""

    pds: str
    handle: str


def server_of(address: str, *, entry: bool = False) -> Conversation[Server]:
    """The authorization server of the PDS at this address; `entry`: it may be that server itself.

    Raises:
        Unavailable: none can be found there.
    """
    reply = yield httpx.Request("GET", _beside(address, "oauth-protected-resource"))
    is_itself = entry and reply.status_code == httpx.codes.NOT_FOUND
    issuer = _origin(address) if is_itself else _origin(_told(_Resource, reply).servers[0])
    server = _told(Server, (yield httpx.Request("GET", _beside(issuer, "oauth-authorization-server"))))
    if server.issuer != issuer:
        raise Refused("The account's server names another one than itself for consent.")
    return server


def home_of(did: str) -> Conversation[Home]:
    """Where the account with this DID is, by the document that the DID leads to.

    Raises:
        Refused: it leads nowhere. Unavailable: nobody answers there as they should.
    """
    web = _WEB.fullmatch(did)
    if not (web or _PLC.fullmatch(did)):
        raise Refused("The account's DID is of no known kind.")
    address = f"https://{web[1]}/.well-known/did.json" if web else f"{DIRECTORY}/{did}"
    document = _told(_Document, (yield httpx.Request("GET", address)))
    found = (each.address for each in document.services if each.id.endswith("#atproto_pds") and each.address)
    pds = next(found, None)
    if document.id != did or pds is None:
        raise Refused("The account's DID leads to no server.")
    claimed = (name[1] for name in map(_HANDLE.fullmatch, document.names) if name)
    return Home(_origin(pds), next(claimed, "handle.invalid"))


def _told(model: type[R], reply: httpx.Response) -> R:
    try:
        if reply.is_success:
            return model.model_validate_json(reply.content)
    except ValidationError:
        pass
    raise Unavailable("The account's server does not say who lets apps in there.", status=reply.status_code)


def _beside(address: str, name: str) -> str:
    return f"{_origin(address)}/.well-known/{name}"


def _origin(address: str) -> str:
    """The address without what follows the host and port."""
    url = httpx.URL(address.strip())
    return f"{url.scheme}://{url.netloc.decode()}"
