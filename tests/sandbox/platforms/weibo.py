"""Weibo's posts of one app, as its open platform answers them.

Source: https://open.weibo.com/wiki/2/statuses/share, …/wiki/Error_code, …/wiki/Rate-limiting and
…/wiki/2/statuses/user_timeline (read 2026-11-21)
"""

from __future__ import annotations

import ipaddress
import re
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, Authorizing
from tests.sandbox.stand_in import Answer, Arguments, as_json
from tests.sandbox.wall import Notice, Wall

DOMAIN = "example.com"  # the safe domain of every app here
UNITS, LINK_UNITS, AN_HOUR, A_DAY, NEWEST, PIC_BYTES = 280, 22, 30, 100, 5, 5 * 2**20
PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")
LINK = re.compile(r"https?://[!-~]+")
BEIJING = timezone(timedelta(hours=8))
FIRST = 5000000000000000


class Weibo(Authorizing):
    """Users of one app; an account's name is its user's."""

    name = "weibo"
    rules: Sequence[Rule] = (
        Rule("/2/statuses/share.json", methods=["POST"], endpoint="share"),
        Rule("/2/statuses/user_timeline.json", methods=["GET"], endpoint="timeline"),
        Rule("/2/statuses/count.json", methods=["GET"], endpoint="count"),
        Rule("/2/statuses/destroy.json", methods=["POST"], endpoint="destroy"),
        Rule("/2/users/show.json", methods=["GET"], endpoint="user"),
        Rule("/oauth2/authorize", methods=["GET"], endpoint="authorize"),
        Rule("/oauth2/access_token", methods=["POST"], endpoint="exchange"),
        Rule("/oauth2/get_token_info", methods=["POST"], endpoint="token"),
    )
    publishing = frozenset({"share"})
    public: frozenset[str] = frozenset({"authorize", "exchange"})
    hosts: Sequence[str] = ("api.weibo.com",)

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._users: dict[str, str] = {}
        self.consents = Apps(pkce=False, proof="form")
        self._asked: dict[str, list[datetime]] = {}
        self._gone: set[str] = set()
        self._lock = threading.Lock()

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A user of that name with a new token."""
        _ = origin
        token = f"2.00{secrets.token_urlsafe(21)}"
        self._users[token] = name
        return {"access_token": token, "safe_domain": DOMAIN, "rip": "211.156.0.1"}

    def exchange(self, request: Request) -> Response:
        """A token for a code."""
        try:
            code = self.consents.exchanged(request)
        except Answer as objection:
            told = objection.get_response().get_json()
            return as_json({**told, "error_code": 21325, "request": "/oauth2/access_token"}, 400)
        name = code.app.accounts[0]
        token, lasts = (
            self.open_account(name, "")["access_token"],
            {"expires_in": 157_679_999, "remind_in": "157679999"},
        )
        return as_json({"access_token": token, **lasts, "uid": str(_number(name)), "isRealName": "true"})

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The user whose token is in the form or in the header; each asking counts."""
        _ = arguments
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        given = token if scheme == "OAuth2" else request.values.get("access_token", "")
        user = self._users.get(given)
        if user is None:
            raise Answer(_trouble(21332, "invalid_access_token", 403))
        now = datetime.now(UTC)
        with self._lock:
            asked = self._asked.setdefault(user, [])
            asked[:] = [at for at in asked if at > now - timedelta(days=1)]
            if len(asked) >= A_DAY:
                raise Answer(_trouble(10023, "User requests out of rate limit!", 403))
            asked.append(now)
        return user

    def share(self, request: Request, account: str) -> Response:
        """Publish a post, unless it breaks a rule of Weibo's."""
        text = request.form.get("status", "")
        file = request.files.get("pic")
        picture = None if file is None else file.stream.read()
        request.close()
        with self._lock:
            answer = next(self._complaints(request, account, text, picture), None)
            if answer:
                return answer
            number = str(FIRST + len(self._wall.notices(self.name)))
            document = {"text": text, "picture": picture is not None}
            return as_json(_shown(self._wall.hang(self.name, account, number, document)))

    def timeline(self, request: Request, account: str) -> Response:
        """The newest of what the user posted with the app: a few, whatever is asked for."""
        mine = [notice for notice in self._wall.notices(self.name, account)[::-1] if notice.id not in self._gone]
        size = min(request.args.get("count", 20, int), NEWEST)
        return as_json({"statuses": [_shown(notice) for notice in mine[:size]], "total_number": len(mine)})

    def count(self, request: Request, account: str) -> Response:
        """The counts of posts; those that are not there are left out."""
        ids = request.args.get("ids", "").split(",")
        there = [each for each in ids if self._notice(each, account)]
        return as_json([{"id": int(each), "comments": 0, "reposts": 0, "attitudes": 0} for each in there])

    def destroy(self, request: Request, account: str) -> Response:
        """Delete a post of the user's."""
        notice = self._notice(request.form.get("id", ""), account)
        if notice is None:
            return _trouble(20101, "target weibo does not exist!")
        self._gone.add(notice.id)
        return as_json(_shown(notice))

    def user(self, request: Request, account: str) -> Response:
        """The user."""
        if request.args.get("uid") != str(_number(account)):
            return _trouble(20003, "User does not exists!")
        return as_json(_user(account))

    def token(self, request: Request, account: str) -> Response:
        """Whose the token is, and for how long."""
        _ = request
        return as_json({"uid": _number(account), "appkey": "1", "scope": None, "create_at": 0, "expire_in": 2_592_000})

    def throttled(self, wait_s: float) -> Response:
        """403 with a code; nothing tells how long."""
        _ = wait_s
        return _trouble(10024, "User requests for (/2/statuses/share) out of rate limit!", 403)

    def refused(self) -> Response:
        """400 with a code."""
        return _trouble(20021, "content is illegal!")

    def expired(self) -> Response:
        """403 with a code."""
        return _trouble(21327, "expired_token", 403)

    def _notice(self, identifier: str, account: str) -> Notice | None:
        mine = self._wall.notices(self.name, account)
        return next((each for each in mine if each.id == identifier and identifier not in self._gone), None)

    def _complaints(self, request: Request, account: str, text: str, picture: bytes | None) -> Iterator[Response]:
        mine = self._wall.notices(self.name, account)
        recent = [notice for notice in mine if _moment(notice) > datetime.now(UTC) - timedelta(hours=1)]
        if len(recent) >= AN_HOUR:
            yield _trouble(10024, "User requests for (/2/statuses/share) out of rate limit!", 403)
        if not _is_address(request.form.get("rip", "")):
            yield _trouble(10016, "Miss required parameter (rip), see doc for more info")
        if not text.strip():
            yield _trouble(20008, "content is null")
        if _units(text) > UNITS:
            yield _trouble(20012, "text too long, please input text less than 140 characters!")
        if re.search(r"#[^#]+#", text) or not any(_leads_home(link) for link in LINK.findall(text)):
            yield _trouble(10017, "text not find domain!")
        if any(notice.document["text"] == text for notice in recent):
            yield _trouble(20019, "repeat content!")
        if picture is not None and not picture.startswith(PICTURES):
            yield _trouble(20005, "Unsupported image type, only support JPG, GIF, PNG!")
        if picture is not None and len(picture) >= PIC_BYTES:
            yield _trouble(20006, "Image size too large!")


def _shown(notice: Notice) -> dict[str, Any]:
    moment = _moment(notice).astimezone(BEIJING).strftime("%a %b %d %H:%M:%S %z %Y")
    return {
        "created_at": moment,
        "id": int(notice.id),
        "mid": notice.id,
        "idstr": notice.id,
        "text": LINK.sub("http://t.cn/A6StandIn", notice.document["text"]),
        "user": _user(notice.account),
    }


def _user(name: str) -> dict[str, Any]:
    return {"id": _number(name), "idstr": str(_number(name)), "screen_name": name}


def _number(name: str) -> int:
    return int.from_bytes(name.encode()) % 10**10


def _moment(notice: Notice) -> datetime:
    return datetime.fromisoformat(notice.at)


def _is_address(text: str) -> bool:
    try:
        return bool(ipaddress.ip_address(text))
    except ValueError:
        return False


def _leads_home(link: str) -> bool:
    host = link.split("/")[2].partition(":")[0]
    return host == DOMAIN or host.endswith(f".{DOMAIN}")


def _units(text: str) -> int:
    return len(LINK.findall(text)) * LINK_UNITS + sum(1 if sign.isascii() else 2 for sign in LINK.sub("", text))


def _trouble(code: int, error: str, status: int = 400) -> Response:
    return as_json({"request": "/2/statuses/share.json", "error_code": code, "error": error}, status)


STAND_IN = Weibo
