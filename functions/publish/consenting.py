"""Sends people to a platform's consent page and takes them back: GET /v1/oauth/{platform}, for browsers alone.

It shows nothing of what it is asked, runs no script, and leads to the platform's consent page and to addresses that
were allowed when the grant was begun, nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from channels.granting import Away, Granting, Stray
from channels.grants import WAIT_S, GrantState, StoredGrant

_HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
_SAID = {
    GrantState.CONNECTED: "The account is connected. You can close this page.",
    GrantState.CHOOSING: "Your consent has arrived. Go back to where you came from and choose what to connect.",
    GrantState.REFUSED: "Nothing was connected. Go back to where you came from: it says there why.",
}
STRAY = "This address is not good, or no longer. Go back to where you came from and begin again."


@dataclass(frozen=True)
class Porch:
    """Where people leave for one platform, and arrive from it."""

    granting: Granting

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer an event of API Gateway (payload 2.0)."""
        query: Mapping[str, str] = event.get("queryStringParameters") or {}
        try:
            if "start" in query:
                return self._left(self.granting.begin(query["start"]))
            state = query.get("state", "")
            cookie = _cookies(event).get(_name(state.partition(".")[0]), "")
            return self._arrived(self.granting.come_back(event.get("rawQueryString", ""), state, cookie))
        except Stray:
            return _page(400, STRAY)

    def _left(self, away: Away | StoredGrant) -> dict[str, Any]:
        if isinstance(away, StoredGrant):
            return self._arrived(away)
        return {**_redirect(away.url), "cookies": [self._cookie(away.grant, away.browser, WAIT_S)]}

    def _arrived(self, grant: StoredGrant) -> dict[str, Any]:
        if grant.return_to:
            answer = _redirect(_with(grant.return_to, grant.id))
        else:
            answer = _page(200, _SAID.get(grant.state, STRAY))
        return {**answer, "cookies": [self._cookie(grant.id, "", 0)]}

    def _cookie(self, grant: str, value: str, lasts_s: int) -> str:
        """Comes back from the platform's page with the person, and with nobody else."""
        place = urlsplit(self.granting.redirect_uri)
        secure = "; Secure" if place.scheme == "https" else ""
        return f"{_name(grant)}={value}; Max-Age={lasts_s}; Path={place.path}; HttpOnly; SameSite=Lax{secure}"


def _name(grant: str) -> str:
    return f"postroom_{grant}"


def _cookies(event: Mapping[str, Any]) -> dict[str, str]:
    """The browser's cookies; API Gateway tells them beside the headers."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    try:
        jar = SimpleCookie("; ".join(event.get("cookies") or [headers.get("cookie", "")]))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _with(address: str, grant: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'grant': grant})}"


def _redirect(address: str) -> dict[str, Any]:
    return {"statusCode": 302, "headers": {**_HEADERS, "location": address}, "body": ""}


def _page(status: int, words: str) -> dict[str, Any]:
    body = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Postroom</title><p>{escape(words)}</p></html>'
    headers = {**_HEADERS, "content-type": "text/html; charset=utf-8"}
    return {"statusCode": status, "headers": headers, "body": body}
