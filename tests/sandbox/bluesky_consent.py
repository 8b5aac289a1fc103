"""The authorization server of a PDS: told beforehand what will be asked, insisting on proofs with a nonce of its own.

Source: https://atproto.com/specs/oauth, RFC 9126 (PAR) and RFC 9449 (DPoP) (read 2026-11-21). The hosts in proofs are
not compared: on stage `local` the vendor's are led here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import NewApp, challenge_of, objection
from tests.sandbox.bluesky_video import did, handle, trouble
from tests.sandbox.stand_in import Answer, as_json

SCOPE, LASTS_S = "atproto transition:generic", 1_800


@dataclass(frozen=True)
class Told:
    """What was told beforehand, by whom: the thumbprint of the key. `asked`: of whom it is asked, in which mood."""

    form: Mapping[str, str]
    key: str
    asked: NewApp

    @property
    def account(self) -> str:
        return self.asked.accounts[0]


class AuthorizationServer:
    """Lets apps into the accounts of one PDS. Whoever asks next gets the consent of `next`."""

    def __init__(self) -> None:
        self.next = NewApp(accounts=("everybody",))
        self.origin = ""
        self.nonce = secrets.token_urlsafe(12)
        self._told: dict[str, Told] = {}
        self._codes: dict[str, Told] = {}
        self._tokens: dict[str, Told] = {}
        self._refreshing: dict[str, Told] = {}
        self._seen: set[str] = set()

    def resource(self, request: Request) -> Response:
        """Which server lets apps in here."""
        here = _origin(request)
        return as_json({"resource": here, "authorization_servers": [here]})

    def metadata(self, request: Request) -> Response:
        """What the server says of itself."""
        here = _origin(request)
        ends = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "pushed_authorization_request_endpoint": "par",
        }
        return as_json({"issuer": here, **{name: f"{here}/oauth/{end}" for name, end in ends.items()}})

    def document(self, account: str) -> Response:
        """Where an account is."""
        home = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": self.origin}
        return as_json({"id": did(account), "alsoKnownAs": [f"at://{handle(account)}"], "service": [home]})

    def push(self, request: Request) -> Response:
        """Take what will be asked."""
        key, form = self._proven(request), request.form.to_dict()
        good = form.get("response_type") == "code" and form.get("code_challenge_method") == "S256"
        if not (good and form.get("code_challenge") and form.get("state") and form.get("scope") == SCOPE):
            return objection("invalid_request", "It must be a code, with S256, a state and known scopes.")
        if not _may_go_back(form.get("client_id", ""), form.get("redirect_uri", "")):
            return objection("invalid_client_metadata", "The client_id leads to no such app.")
        name = f"urn:ietf:params:oauth:request_uri:{secrets.token_urlsafe(16)}"
        self._told[name] = Told(form, key, self.next)
        return self._answered({"request_uri": name, "expires_in": 300}, 201)

    def authorize(self, request: Request) -> Response:
        """The consent page: the person has answered before it is shown."""
        told = self._told.pop(request.args.get("request_uri", ""), None)
        if told is None or told.form["client_id"] != request.args.get("client_id"):
            return Response("Nobody has told of this.", 400)
        answer = {"state": told.form["state"], "iss": _origin(request)}
        if told.asked.mood == "declines":
            answer["error"] = "access_denied"
        else:
            answer["code"] = secrets.token_urlsafe(24)
            self._codes[answer["code"]] = told
        return Response(status=302, headers={"location": f"{told.form['redirect_uri']}?{urlencode(answer)}"})

    def exchange(self, request: Request) -> Response:
        """Tokens for a code, or for a refresh token: each is good once, and with the key it was given to."""
        key, form = self._proven(request), request.form.to_dict()
        renews = form.get("grant_type") == "refresh_token"
        told = (self._refreshing if renews else self._codes).pop(
            form.get("refresh_token" if renews else "code", ""), None
        )
        if told is None or told.asked.mood == "late":
            return objection("invalid_grant", "It is unknown, was used, or has expired.")
        if told.key != key or told.form["client_id"] != form.get("client_id"):
            return objection("invalid_grant", "It was given to another app, or to another key.")
        if not renews and (
            challenge_of(form.get("code_verifier", "")) != told.form["code_challenge"]
            or form.get("redirect_uri") != told.form["redirect_uri"]
        ):
            return objection("invalid_grant", "The code_verifier or the redirect_uri is wrong.")
        return self._answered(self._given(told))

    def account_of(self, request: Request) -> str:
        """Whose token it is, shown by who holds its key."""
        token = request.headers.get("Authorization", "").removeprefix("DPoP ")
        key, told = self._proven(request, token), self._tokens.get(token)
        if told is None:
            raise Answer(trouble(400, "InvalidToken", "Token could not be verified"))
        if told.key != key:
            raise Answer(trouble(401, "invalid_token", "Invalid DPoP key binding"))
        return told.account

    def revoke(self, account: str) -> None:
        """End all that was given for an account."""
        for known in (self._tokens, self._refreshing):
            for token in [token for token, told in known.items() if told.account == account]:
                del known[token]

    def _given(self, told: Told) -> dict[str, Any]:
        access, refresh = secrets.token_urlsafe(40), secrets.token_urlsafe(40)
        self._tokens[access] = self._refreshing[refresh] = told
        tokens = {"access_token": access, "refresh_token": refresh, "token_type": "DPoP", "expires_in": LASTS_S}
        scope = SCOPE.split(maxsplit=1)[0] if told.asked.mood == "part" else SCOPE
        return {**tokens, "scope": scope, "sub": did(told.account)}

    def _proven(self, request: Request, token: str = "") -> str:
        """The thumbprint of the key by which the request is proven.

        Raises:
            Answer: it is not, or without the nonce.
        """
        proof = request.headers.get("DPoP", "")
        try:
            head = jwt.get_unverified_header(proof)
            told = jwt.decode(proof, jwt.PyJWK(head["jwk"]).key, ["ES256"], options={"verify_iat": False})
            at, private = urlsplit(told["htu"]).path, "d" in head["jwk"]
        except (jwt.PyJWTError, KeyError, ValueError) as error:
            raise Answer(objection("invalid_dpop_proof", type(error).__name__)) from None
        right = head["typ"] == "dpop+jwt" and not private and (told["htm"], at) == (request.method, request.path)
        fresh = told["jti"] not in self._seen and abs(time.time() - told["iat"]) < 60
        if not (right and fresh and told.get("ath") == (challenge_of(token) if token else None)):
            raise Answer(objection("invalid_dpop_proof", "The proof is of something else, or was used.", 401))
        self._seen.add(told["jti"])
        if told.get("nonce") != self.nonce:
            raise Answer(
                self._answered({"error": "use_dpop_nonce", "error_description": "Use it."}, 401 if token else 400)
            )
        known = {name: head["jwk"][name] for name in ("crv", "kty", "x", "y")}
        said = json.dumps(known, sort_keys=True, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(hashlib.sha256(said).digest()).decode()

    def _answered(self, document: Mapping[str, Any], status: int = 200) -> Response:
        return as_json(document, status, DPoP_Nonce=self.nonce)


class LettingIn:
    """A stand-in that such a server stands beside; `names`: of each DID, whose it is."""

    door: AuthorizationServer
    names: dict[str, str]

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """Nothing is opened: whoever asks next gets this consent."""
        self.door.next, self.door.origin = asked, origin
        self.names |= {did(name): name for name in asked.accounts}
        return {}

    def resource(self, request: Request) -> Response:
        """Which server lets apps in here."""
        return self.door.resource(request)

    def metadata(self, request: Request) -> Response:
        """What that server says of itself."""
        return self.door.metadata(request)

    def push(self, request: Request) -> Response:
        """Take what will be asked."""
        return self.door.push(request)

    def authorize(self, request: Request) -> Response:
        """The consent page."""
        return self.door.authorize(request)

    def exchange(self, request: Request) -> Response:
        """Tokens for a code, or for a refresh token."""
        return self.door.exchange(request)

    def document(self, _request: Request, key: str) -> Response:
        """Where an account is, as the directory of DIDs says."""
        name = self.names.get(f"did:plc:{key}")
        return self.door.document(name) if name else trouble(404, "NotFound", "DID not registered")


def _may_go_back(client: str, back: str) -> bool:
    """Whether the app may go back there, by its address alone: nobody fetches what it leads to here."""
    at, to = urlsplit(client), urlsplit(back)
    if at.scheme == "https":
        return to.scheme == "https" and (at.netloc, at.path) == (to.netloc, to.path)
    return (
        client.startswith("http://localhost?") and to.scheme == "http" and urlencode({"redirect_uri": back}) in client
    )


def _origin(request: Request) -> str:
    return request.host_url.rstrip("/")
