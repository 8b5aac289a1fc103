"""Douyin's apps: the tokens, grants and tickets they have, and the form of its answers.

Source: https://developer.open-douyin.com/docs/resource/zh-CN/dop/develop/openapi/account-permission/ (read 2026-11-21)
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps as Consents
from tests.sandbox.apps import Authorizing
from tests.sandbox.stand_in import Answer, Arguments, as_json, json_object

TICKET_S, BUFFER_S, DAY_S = 7_200, 300, 86_400
MOST_RENEWALS = 5


@dataclass
class Account:
    """An app, and the one grant it has."""

    name: str
    client_key: str
    client_secret: str
    open_id: str
    access_token: str = field(default_factory=lambda: f"act.{secrets.token_hex(16)}")
    refresh_token: str = field(default_factory=lambda: f"rft.{secrets.token_hex(16)}")
    client_token: str = field(default_factory=lambda: f"clt.{secrets.token_hex(16)}")
    renewals: int = 0
    uploads: dict[str, dict[int, int]] = field(default_factory=dict)  # sizes of parts
    unused: set[str] = field(default_factory=set)  # videos and images
    tickets: dict[str, float] = field(default_factory=dict)
    shares: set[str] = field(default_factory=set)


class Apps(Authorizing):
    """Apps of one account each."""

    app_fields = ("client_key", "client_secret")

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.consents = Consents(pkce=False, proof="form", id_name="client_key")

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """An app with a grant of that account's; without `open_id` it hands off."""
        _ = origin
        account = Account(name, f"aw{secrets.token_hex(7)}", secrets.token_hex(16), secrets.token_hex(18))
        self.accounts[name] = account
        told = ("client_key", "client_secret", "open_id", "access_token", "refresh_token")
        return {each: str(getattr(account, each)) for each in told}

    def exchange(self, request: Request) -> Response:
        """Tokens for a code; what is wrong is told with status 200."""
        try:
            code = self.consents.exchanged(request)
        except Answer:
            return trouble(10007, "授权码过期")
        name = code.app.accounts[0]
        account = Account(name, code.app.id, code.app.secret, secrets.token_hex(18))
        self.accounts[name] = account
        tokens = {"access_token": account.access_token, "refresh_token": account.refresh_token}
        lasts = {"expires_in": 15 * DAY_S, "refresh_expires_in": 30 * DAY_S}
        return answer(**tokens, **lasts, open_id=account.open_id, scope=",".join(code.scopes))

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """Who granted the token, or whose app it is where the route asks for that."""
        _ = arguments
        of_user, token = request.path.startswith(("/api/", "/oauth/")), request.headers.get("access-token", "")
        for account in self.accounts.values():
            if token and token == (account.access_token if of_user else account.client_token):
                if request.path.startswith("/api/") and request.args.get("open_id") != account.open_id:
                    raise Answer(trouble(28001015, "access_token和openId不匹配"))
                return account.name
        raise Answer(trouble(28001003, "access_token无效"))

    def client_token(self, request: Request) -> Response:
        """The same token again and again: the stable kind."""
        body = json_object(request) or {}
        account = self.by("client_key", body.get("client_key"))
        if account is None or body.get("grant_type") != "client_credential":
            return trouble(10003, "client_key 不存在")
        if body.get("client_secret") != account.client_secret:
            return trouble(10013, "client_key 或者 client_secret 不正确")
        return answer(access_token=account.client_token, expires_in=TICKET_S)

    def refresh_token(self, request: Request) -> Response:
        """A new access token for fifteen days; what is left of the refresh token stays as it was."""
        account = self.by("refresh_token", request.form.get("refresh_token"))
        if account is None or request.form.get("client_key") != account.client_key:
            return trouble(10010, "refresh_token 过期")
        account.access_token = f"act.{secrets.token_hex(16)}"
        lasts = {"expires_in": str(15 * DAY_S), "refresh_expires_in": str(15 * DAY_S)}
        tokens = {"access_token": account.access_token, "refresh_token": account.refresh_token}
        return answer(**tokens, **lasts, open_id=account.open_id)

    def renew_refresh_token(self, request: Request) -> Response:
        """A new refresh token for thirty days, five times; the old one dies."""
        account = self.by("refresh_token", request.form.get("refresh_token"))
        if account is None:
            return trouble(10010, "refresh_token 过期")
        if account.renewals >= MOST_RENEWALS:
            return trouble(10020, "超过刷新次数限制")
        account.renewals += 1
        account.refresh_token = f"rft.{secrets.token_hex(16)}"
        return answer(refresh_token=account.refresh_token, expires_in=str(30 * DAY_S))

    def ticket(self, _request: Request, account: str) -> Response:
        """A new ticket; the ones before end in five minutes."""
        tickets, now_s = self.accounts[account].tickets, time.time()
        for each, ends in tickets.items():
            tickets[each] = min(ends, now_s + BUFFER_S)
        ticket = f"@{secrets.token_urlsafe(24)}=="
        tickets[ticket] = now_s + TICKET_S
        return answer(ticket=ticket, expires_in=TICKET_S)

    def share(self, _request: Request, account: str) -> Response:
        """A name for what is handed off."""
        share = secrets.token_hex(8)
        self.accounts[account].shares.add(share)
        return answer(share_id=share)

    def by(self, name: str, value: object) -> Account | None:
        """The account of which a field has this value."""
        return next((each for each in self.accounts.values() if value and getattr(each, name) == value), None)


def is_signed(words: Mapping[str, str], tickets: Mapping[str, float]) -> bool:
    """Whether a link is signed with one of the tickets that are good."""
    good = [each for each, ends in tickets.items() if ends > time.time()]
    signed = [f"nonce_str={words.get('nonce_str')}&ticket={each}&timestamp={words.get('timestamp')}" for each in good]
    return words.get("signature") in {hashlib.md5(each.encode()).hexdigest() for each in signed}  # noqa: S324 - Douyin's


def answer(**told: object) -> Response:
    """It was done."""
    done = {"error_code": 0, "description": ""}
    return as_json({"data": {**done, **told}, "extra": {**done, "logid": "20261121", "now": int(time.time() * 1000)}})


def trouble(code: int, description: str) -> Response:
    """It was not, which the status does not tell."""
    said = {"error_code": code, "description": description}
    return as_json({"data": said, "extra": {**said, "logid": "20261121", "now": int(time.time() * 1000)}})
