"""Sends people to a platform's consent page and takes them back: /v1/oauth/{platform}, for browsers alone.

Who opens the address a grant begins with reads whom it is for and what will be possible, and goes on by a form alone:
whoever began a grant could send its address to somebody else. The form is taken only with what that page left in the
same browser. It leads to the platform's consent page, and that back to addresses that were allowed when the grant was
begun, nowhere else.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from channels.granting import SECRET_BYTES, Away, Granting, Stray
from channels.grants import WAIT_S, GrantState, StoredGrant
from functions.publish import pages
from publishing.abilities import Pushes

MOST_CHARS = 2_000
STRAY = "This address is not good, or no longer. Go back to where you came from and begin again."
UNSEEN = (
    "Nothing has begun. Open the address you were given in this browser, with cookies allowed, and go on from there."
)
_SAID = {
    GrantState.CONNECTED: "The account is connected. You can close this page.",
    GrantState.CHOOSING: "Your consent has arrived. Go back to where you came from and choose what to connect.",
    GrantState.REFUSED: "Nothing was connected. Go back to where you came from: it says there why.",
}
_WHY = {
    "suspended": "Nothing was connected: the workspace that asked for it is suspended.",
    "no_authority": "Nothing was connected: who began this may connect channels no more.",
}


@dataclass(frozen=True)
class Porch:
    """Where people leave for one platform, and arrive from it.

    `name` tells what a workspace is called; `note` enters in the audit log what is connected.
    """

    granting: Granting
    name: Callable[[str], str]
    note: Callable[[StoredGrant, str], None]

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Answer an event of API Gateway (payload 2.0)."""
        query: Mapping[str, str] = event.get("queryStringParameters") or {}
        try:
            if event["requestContext"]["http"]["method"] == "POST":
                return self._left(query.get("start", ""), event)
            if query.get("client") and isinstance(self.granting.adapter, Pushes):
                return pages.document(self.granting.adapter.introduction(self.granting.redirect_uri))
            return self._shown(query["start"]) if "start" in query else self._back(query.get("state", ""), event)
        except Stray:
            return pages.said(400, STRAY)

    def _shown(self, start: str) -> dict[str, Any]:
        sought, proof = self.granting.sought(start), secrets.token_urlsafe(SECRET_BYTES)
        page = pages.front(sought, self.name(sought.grant.workspace), proof)
        return {**page, "cookies": [self._seen(sought.grant.id, proof, WAIT_S)]}

    def _left(self, start: str, event: Mapping[str, Any]) -> dict[str, Any]:
        grant = start.partition(".")[0]
        if not self._has_seen(grant, event):
            return pages.said(400, UNSEEN)
        away, used = self.granting.begin(start), self._seen(grant, "", 0)
        if isinstance(away, Away):
            answer = pages.onward(away.url, self.granting.adapter.title)
            return {**answer, "cookies": [self._cookie(grant, away.browser, WAIT_S), used]}
        address = _with(away.return_to, away.id) if away.return_to else ""
        answer = pages.onward(address, urlsplit(address).netloc) if address else _told(away)
        return {**answer, "cookies": [used]}

    def _has_seen(self, grant: str, event: Mapping[str, Any]) -> bool:
        """Whether this is the page's own form, filled in, in the browser that was shown the page."""
        seen, form = _cookies(event).get(self._name_of_seen(grant), ""), _form(event)
        same = hmac.compare_digest(_bytes(seen), _bytes(form.get(pages.PROOF, "")))
        return bool(seen and same and form.get(pages.OWN))

    def _back(self, state: str, event: Mapping[str, Any]) -> dict[str, Any]:
        cookie = _cookies(event).get(_name(state.partition(".")[0]), "")
        grant = self.granting.come_back(event.get("rawQueryString", ""), state, cookie)
        if grant.state is GrantState.CONNECTED:
            self.note(grant, str(event["requestContext"].get("requestId", "")))
        answer = pages.redirect(_with(grant.return_to, grant.id)) if grant.return_to else _told(grant)
        return {**answer, "cookies": [self._cookie(grant.id, "", 0)]}

    def _cookie(self, grant: str, value: str, lasts_s: int) -> str:
        """Comes back from the platform's page with the person, and with nobody else."""
        path = urlsplit(self.granting.redirect_uri).path
        return f"{_name(grant)}={value}; Max-Age={lasts_s}; Path={path}; HttpOnly; SameSite=Lax{self._secure}"

    def _seen(self, grant: str, value: str, lasts_s: int) -> str:
        """Says that this very browser was shown the page, and comes with its form alone.

        Nobody else's page can set it, not even a neighbour's below the same domain: `__Host-` is for that, and wants
        this path.
        """
        path = "/" if self._secure else urlsplit(self.granting.redirect_uri).path
        name = self._name_of_seen(grant)
        return f"{name}={value}; Max-Age={lasts_s}; Path={path}; HttpOnly; SameSite=Strict{self._secure}"

    def _name_of_seen(self, grant: str) -> str:
        return f"{'__Host-' if self._secure else ''}postroom_seen_{grant}"

    @property
    def _secure(self) -> str:
        """Browsers would not take it over HTTP, which only the emulator speaks."""
        return "; Secure" if urlsplit(self.granting.redirect_uri).scheme == "https" else ""


def _told(grant: StoredGrant) -> dict[str, Any]:
    why = _WHY.get(grant.refusal.code) if grant.refusal else None
    return pages.said(200, why or _SAID.get(grant.state, STRAY))


def _name(grant: str) -> str:
    return f"postroom_{grant}"


def _cookies(event: Mapping[str, Any]) -> dict[str, str]:
    """The browser's cookies; API Gateway tells them beside the headers. Others' may be odd: ours are found."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    told = "; ".join(event.get("cookies") or [headers.get("cookie", "")])
    found: dict[str, str] = {}
    for each in told.split(";"):
        name, _, value = each.strip().partition("=")
        found.setdefault(name, value)
    return found


def _form(event: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a form; none where it is none that was ours."""
    text = event.get("body") or ""
    if len(text) > MOST_CHARS:
        return {}
    try:
        sent = base64.b64decode(text, validate=True).decode() if event.get("isBase64Encoded") else text
        return dict(parse_qsl(sent, max_num_fields=4))
    except ValueError:
        return {}


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")


def _with(address: str, grant: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'grant': grant})}"
