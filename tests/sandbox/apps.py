"""What the stand-ins' consent pages share: apps, codes that are good once, and PKCE, as RFC 6749 and RFC 7636 have it.

Whoever opens an app here says whose consent it gets: it is given at once, by redirect. `mood` makes it otherwise: the
person `declines`, the code comes too `late`, or the person allows only a `part`, all but the last of what is asked.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict
from werkzeug.wrappers import Request, Response

from tests.sandbox.stand_in import Answer, as_json

BASIC = "basic"


class NewApp(BaseModel):
    """An app to be opened: whose consent it gets, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accounts: tuple[str, ...]
    mood: str = ""


@runtime_checkable
class Consenting(Protocol):
    """A stand-in at which people consent."""

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """Open an app; answers the fields of the operator's."""


@dataclass(frozen=True)
class App:
    """An app, with the accounts of whoever consents."""

    id: str
    secret: str
    accounts: tuple[str, ...]
    mood: str = ""


@dataclass(frozen=True)
class Code:
    """A code, as it was asked for."""

    app: App
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str


@dataclass
class Apps:
    """The apps of one stand-in. `pkce`: it insists on a challenge; `proof`: where it wants the secret."""

    pkce: bool = True
    proof: str = BASIC
    id_name: str = "client_id"
    back_name: str = "redirect_uri"
    scope_name: str = "scope"
    responses: bool = True  # whether `response_type=code` is asked for
    known: dict[str, App] = field(default_factory=dict)
    _codes: dict[str, Code] = field(default_factory=dict)

    def open(self, asked: NewApp) -> App:
        """A new app."""
        app = App(secrets.token_hex(10), secrets.token_urlsafe(24), asked.accounts, asked.mood)
        self.known[app.id] = app
        return app

    def authorize(self, request: Request) -> Response:
        """The consent page: the person has answered before it is shown."""
        asked, app = request.args, self.known.get(request.args.get(self.id_name, ""))
        back = asked.get(self.back_name, "")
        if app is None or not back.startswith(("https://", "http://127.0.0.1")):
            return Response("This app, or where it wants to go back to, is not known.", 400)
        wrong = self.responses and asked.get("response_type") != "code"
        unsafe = self.pkce and not (asked.get("code_challenge") and asked.get("code_challenge_method") == "S256")
        if wrong or unsafe:
            return _back(back, error="invalid_request", state=asked.get("state", ""))
        if app.mood == "declines":
            return _back(back, error="access_denied", state=asked.get("state", ""))
        code = secrets.token_urlsafe(24)
        scopes = [scope for scope in re.split(r"[,\s]+", asked.get(self.scope_name, "")) if scope]
        given = scopes[:-1] if app.mood == "part" else scopes
        self._codes[code] = Code(app, back, tuple(given), asked.get("code_challenge", ""))
        return _back(back, code=code, state=asked.get("state", ""))

    def exchanged(self, request: Request, given: Mapping[str, str] | None = None) -> Code:
        """What a code, shown by its own app, stands for: this once.

        Raises:
            Answer: the token endpoint's objection.
        """
        form = request.form.to_dict() if given is None else given
        identifier, secret = self._shown(request, form)
        app = self.known.get(identifier)
        if app is None or app.secret != secret:
            raise Answer(objection("invalid_client", "The app is not known, or its secret is wrong.", 401))
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.app.mood == "late" or code.app.id != app.id:
            raise Answer(objection("invalid_grant", "The code is unknown, was used, or has expired."))
        if code.redirect_uri != form.get("redirect_uri", code.redirect_uri if self.back_name != "redirect_uri" else ""):
            raise Answer(objection("invalid_grant", "The redirect_uri is not the one of the consent."))
        if self.pkce and challenge_of(form.get("code_verifier", "")) != code.challenge:
            raise Answer(objection("invalid_grant", "The code_verifier is wrong."))
        return code

    def _shown(self, request: Request, form: Mapping[str, str]) -> tuple[str, str]:
        if self.proof == BASIC:
            header = request.headers.get("Authorization", "").removeprefix("Basic ")
            identifier, _, secret = base64.b64decode(header).decode().partition(":")
            return identifier, secret
        return form.get(self.id_name, ""), form.get("client_secret", "")


class Authorizing:
    """A stand-in whose consent page is of the ordinary kind."""

    consents: Apps
    app_fields = ("client_id", "client_secret")

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """An app that nobody has consented to yet."""
        _ = origin
        app = self.consents.open(asked)
        return dict(zip(self.app_fields, (app.id, app.secret), strict=True))

    def authorize(self, request: Request) -> Response:
        """The consent page."""
        return self.consents.authorize(request)


def challenge_of(verifier: str) -> str:
    """PKCE's challenge for a verifier, by S256."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def objection(error: str, description: str, status: int = 400) -> Response:
    """An error of a token endpoint."""
    return as_json({"error": error, "error_description": description}, status)


def _back(address: str, **told: str) -> Response:
    query = urlencode({name: value for name, value in told.items() if value})
    return Response(status=302, headers={"location": f"{address}{'&' if '?' in address else '?'}{query}"})
