"""WordPress.com's part of the stand-in: consent, and tokens, each good for one site and what was allowed there.

Source: https://developer.wordpress.com/docs/api/oauth2/ (read 2026-11-21, stored copy)
"""

from __future__ import annotations

import secrets

from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, Authorizing, Code
from tests.sandbox.stand_in import Answer, as_json

SCOPES = {"posts": "posts", "media": "media", "tags": "taxonomy", "users": "users"}  # by collection
GLOBAL = "global"
FIRST_SITE = 59_285_001


class Sites(Authorizing):
    """Who consented, with a site each; a token is of letters and signs, as theirs are."""

    def __init__(self) -> None:
        self.consents = Apps(pkce=False, proof="form")
        self._granted: dict[str, Code] = {}
        self._owned: dict[str, int] = {}

    def exchange(self, request: Request) -> Response:
        """A token for a code, and the site it is good for: none where it is good for all of them."""
        code, token = self.consents.exchanged(request), f"{secrets.token_urlsafe(36)}#^@(%&"
        account = code.app.accounts[0]
        site = self._owned.setdefault(account, FIRST_SITE + len(self._owned))
        self._granted[token] = code
        everywhere = GLOBAL in code.scopes
        blog = (
            {"blog_id": "0", "blog_url": None} if everywhere else {"blog_id": str(site), "blog_url": request.host_url}
        )
        return as_json({"access_token": token, "token_type": "bearer", **blog})

    def owner_of(self, request: Request, site: int) -> str:
        """Whose token it is, if it is good for this site and this collection.

        Raises:
            Answer: it is not.
        """
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        code = self._granted.get(token)
        if scheme.lower() != "bearer" or code is None:
            raise Answer(as_json({"error": "invalid_token", "message": "The OAuth2 token is invalid."}, 400))
        account, collection = code.app.accounts[0], request.path.split("/")[5]
        if self._owned[account] != site or SCOPES[collection] not in code.scopes:
            told = {"code": "rest_forbidden", "message": "Sorry, you are not allowed to do that."}
            raise Answer(as_json({**told, "data": {"status": 403}}, 403))
        return account
