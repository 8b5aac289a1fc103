"""People who manage Facebook Pages, and the apps they consent to.

Source: https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow, …/guides/access-tokens/
get-long-lived and …/docs/graph-api/reference/user/accounts (read 2026-11-21, stored copies)
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import App, Apps, NewApp
from tests.sandbox.graph import trouble
from tests.sandbox.stand_in import Answer, as_json

SIXTY_DAYS_S = 5_184_000
ASKED = ("pages_show_list", "pages_read_engagement", "pages_manage_posts", "read_insights")


@dataclass(frozen=True)
class _Token:
    app: App
    scopes: tuple[str, ...]
    long: bool = False


@dataclass
class People:
    """`opened` opens a Page: its number and a token of its own."""

    opened: Callable[[str, str], tuple[str, str]]
    apps: Apps = field(default_factory=lambda: Apps(pkce=False, proof="form"))
    _tokens: dict[str, _Token] = field(default_factory=dict)
    _origins: dict[str, str] = field(default_factory=dict)

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """An app."""
        app = self.apps.open(asked)
        self._origins[app.id] = origin
        return {"app_id": app.id, "app_secret": app.secret}

    def exchange(self, request: Request) -> Response:
        """A short token, or Graph's own complaint."""
        try:
            code = self.apps.exchanged(request)
        except Answer as objection:
            told = objection.get_response().get_json()
            return trouble(100, 36009, told["error_description"])
        return as_json({**self._issued(_Token(code.app, code.scopes)), "expires_in": 3_600})

    def lengthen(self, request: Request) -> Response:
        """A long token, for the app itself alone."""
        asked = request.args
        short = self._tokens.get(asked.get("fb_exchange_token", ""))
        app = self.apps.known.get(asked.get("client_id", ""))
        if short is None or app is None or short.app != app or asked.get("client_secret") != app.secret:
            return trouble(190, 0, "Error validating application. Cannot get application info.")
        return as_json({**self._issued(_Token(app, short.scopes, long=True)), "expires_in": SIXTY_DAYS_S})

    def permissions(self, request: Request) -> Response:
        """Each with whether it was granted."""
        token = self._shown(request)
        told = [{"permission": each, "status": "granted" if each in token.scopes else "declined"} for each in ASKED]
        return as_json({"data": told})

    def pages(self, request: Request) -> Response:
        """With tokens that do not end, if the person's is a long one."""
        token = self._shown(request)
        if not token.long:
            return trouble(190, 0, "This stand-in gives Pages' tokens for long-lived ones alone.")
        return as_json({"data": [self._page(name, token.app) for name in token.app.accounts], "paging": {}})

    def _page(self, name: str, app: App) -> dict[str, object]:
        identifier, own = self.opened(name, self._origins[app.id])
        return {"id": identifier, "name": name, "access_token": own, "tasks": ["CREATE_CONTENT", "ANALYZE"]}

    def _issued(self, token: _Token) -> dict[str, object]:
        text = secrets.token_urlsafe(60)
        self._tokens[text] = token
        return {"access_token": text, "token_type": "bearer"}

    def _shown(self, request: Request) -> _Token:
        token = self._tokens.get(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if token is None:
            raise Answer(trouble(190, 463, "Error validating access token.", status=401))
        return token
