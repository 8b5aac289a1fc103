"""Bilibili's open platform: uploads in pieces, submissions, their review, and tokens that are renewed.

Source: https://open.bilibili.com/doc/4/8673959e-f7bb-56e6-6e68-d225f971b81b (signatures, codes) and
…/doc/4/1c4302da-8171-d036-5400-ca0dec077045 (submitting), as contracts/publishing/bilibili-open-api.v1.json of
github.com/masterAventador/automation-tool has them (read 2026-11-21)
"""

from __future__ import annotations

import hashlib
import secrets
import string
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps as Consents
from tests.sandbox.apps import Authorizing
from tests.sandbox.arcopen import MONTH_S, Apps, said
from tests.sandbox.stand_in import Answer, Arguments, as_json, json_object
from tests.sandbox.wall import Notice, Wall

REVIEW_S = 0.5  # how long a review takes
RETURNED = "退回"  # what has this in its text does not pass it
AGAIN_S = 60.0  # for so long no other video may have the same title
COVER_BYTES = 5 * 2**20
PARTITIONS = (21, 122, 230)
COVERS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
LETTERS = string.ascii_letters + string.digits


@dataclass
class Upload:
    """A video on its way: its pieces' lengths by their numbers."""

    account: str
    pieces: dict[int, int] = field(default_factory=dict)
    whole: bool = False
    used: bool = False


class Bilibili(Authorizing):
    """Members with an app each; an account's name is the member's. Nobody here waits 30 seconds between two videos."""

    name = "bilibili"
    rules: Sequence[Rule] = (
        Rule("/arcopen/fn/archive/video/init", methods=["POST"], endpoint="init"),
        Rule("/video/v2/part/upload", methods=["POST"], endpoint="piece"),
        Rule("/arcopen/fn/archive/video/complete", methods=["POST"], endpoint="complete"),
        Rule("/arcopen/fn/archive/cover/upload", methods=["POST"], endpoint="cover"),
        Rule("/arcopen/fn/archive/type/list", methods=["GET"], endpoint="partitions"),
        Rule("/arcopen/fn/archive/add-by-utoken", methods=["POST"], endpoint="add"),
        Rule("/arcopen/fn/archive/view", methods=["GET"], endpoint="view"),
        Rule("/arcopen/fn/archive/viewlist", methods=["GET"], endpoint="viewlist"),
        Rule("/arcopen/fn/archive/delete", methods=["POST"], endpoint="delete"),
        Rule("/arcopen/fn/data/arc/stat", methods=["GET"], endpoint="stat"),
        Rule("/arcopen/fn/user/account/info", methods=["GET"], endpoint="member"),
        Rule("/pc/account-pc/auth/oauth", methods=["GET"], endpoint="authorize"),
        Rule("/x/account-oauth2/v1/token", methods=["POST"], endpoint="exchange"),
        Rule("/x/account-oauth2/v1/refresh_token", methods=["POST"], endpoint="renew"),
    )
    publishing = frozenset({"add"})
    public: frozenset[str] = frozenset({"authorize", "exchange"})
    hosts: Sequence[str] = ("member.bilibili.com", "openupos.bilivideo.com", "api.bilibili.com", "account.bilibili.com")

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._apps = Apps()
        self.consents = Consents(pkce=False, proof="form", back_name="gourl", responses=False)
        self._uploads: dict[str, Upload] = {}
        self._covers: set[str] = set()
        self._gone: set[str] = set()
        self._lock = threading.Lock()

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A member with an app and tokens, all new."""
        _ = origin
        return {**vars(self._apps.opened(name)), "tid": str(PARTITIONS[0])}

    def exchange(self, request: Request) -> Response:
        """Tokens for a code, until a moment."""
        try:
            code = self.consents.exchanged(request)
        except Answer:
            return said(122003, "code错误")
        app = self._apps.granted(code.app.accounts[0], code.app.id, code.app.secret)
        tokens = {"access_token": app.access_token, "refresh_token": app.refresh_token}
        told = {"expires_in": int(time.time()) + MONTH_S, "scopes": ["USER_INFO", "ARC_BASE"]}
        return said(0, data={**tokens, **told})

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """Whose request this is: by its signature and token, its upload, or its refresh token."""
        _ = arguments
        if request.path == "/video/v2/part/upload":
            return self._upload(request).account
        if request.path.startswith("/x/"):
            return self._apps.renewing(request)
        return self._apps.signing(request)

    def init(self, request: Request, account: str) -> Response:
        """Begin an upload."""
        body = json_object(request) or {}
        name = str(body.get("name", ""))
        if "/" in name or not name.endswith((".mp4", ".flv")) or body.get("utype") not in {"0", "1"}:
            return said(4000, "参数错误")
        token = secrets.token_hex(16)
        self._uploads[token] = Upload(account)
        return said(0, data={"upload_token": token})

    def piece(self, request: Request, account: str) -> Response:
        """Take a piece; the same number again replaces it."""
        _ = account
        number, length = request.args.get("part_number", 0, int), len(request.get_data())
        if not 1 <= number <= 512 or not length:
            return said(4000, "参数错误")
        self._upload(request).pieces[number] = length
        return as_json({"code": 0, "message": "0"})

    def complete(self, request: Request, account: str) -> Response:
        """Put the pieces together: all of one length but for the last, none missing."""
        upload = self._own(request, account)
        lengths = [upload.pieces.get(number, 0) for number in range(1, len(upload.pieces) + 1)]
        if not lengths or 0 in lengths or len(set(lengths[:-1])) > 1 or lengths[-1] > lengths[0]:
            return said(123006, "异常视频提交")
        upload.whole = True
        return as_json({"code": 0, "message": "0"})

    def cover(self, request: Request, account: str) -> Response:
        """Take a cover."""
        _ = account
        data = request.files["file"].stream.read() if "file" in request.files else b""
        request.close()
        if data.startswith(b"GIF8"):
            return said(123038, "封面不允许使用gif")
        if not data.startswith(COVERS) or len(data) > COVER_BYTES:
            return said(4000, "参数错误")
        url = f"https://archive.biliimg.com/bfs/archive/{secrets.token_hex(20)}.jpg"
        self._covers.add(url)
        return said(0, data={"url": url})

    def partitions(self, _request: Request, account: str) -> Response:
        """The categories."""
        _ = account
        return as_json({"code": 0, "message": "0", "data": [{"id": each, "children": []} for each in PARTITIONS]})

    def add(self, request: Request, account: str) -> Response:
        """Submit a video for review, unless it breaks a rule."""
        body = json_object(request) or {}
        with self._lock:
            upload = self._own(request, account)
            if not upload.whole or upload.used:
                return said(127022, "upload_token验证错误")
            code = next(self._complaints(body, account), 0)
            if code:
                return said(code, "稿件不合法")
            upload.used = True
            resource = "BV" + "".join(secrets.choice(LETTERS) for _ in range(10))
            self._wall.hang(self.name, account, resource, {**body, "bytes": sum(upload.pieces.values())})
        return said(0, data={"resource_id": resource})

    def view(self, request: Request, account: str) -> Response:
        """A video of the member's."""
        notice = self._notice(request.args.get("resource_id", ""), account)
        return said(0, data=_shown(notice)) if notice else said(123004, "不存在该稿件")

    def viewlist(self, request: Request, account: str) -> Response:
        """The member's videos, newest first."""
        page, size = request.args.get("pn", 1, int), request.args.get("ps", 20, int)
        if not 1 <= size <= 50 or page < 1:
            return said(4000, "参数错误")
        mine = [notice for notice in self._wall.notices(self.name, account)[::-1] if notice.id not in self._gone]
        shown = [_shown(notice) for notice in mine[(page - 1) * size : page * size]]
        return said(0, data={"list": shown, "page": {"pn": page, "ps": size, "total": len(mine)}})

    def delete(self, request: Request, account: str) -> Response:
        """Delete a video."""
        resource = str((json_object(request) or {}).get("resource_id", ""))
        if not self._notice(resource, account):
            return said(123005 if resource in self._gone else 123004, "不存在该稿件")
        self._gone.add(resource)
        return said(0)

    def stat(self, request: Request, account: str) -> Response:
        """The counts of a video."""
        notice = self._notice(request.args.get("resource_id", ""), account)
        counts = dict.fromkeys(("view", "like", "coin", "favorite", "share", "danmaku", "reply"), 0)
        return said(0, data={"title": notice.document["title"], **counts}) if notice else said(123004, "不存在该稿件")

    def member(self, _request: Request, account: str) -> Response:
        """The member."""
        return said(0, data={"openid": hashlib.sha256(account.encode()).hexdigest()[:32], "name": account})

    def renew(self, _request: Request, account: str) -> Response:
        """New tokens; the old ones are good for nothing more."""
        return said(0, data=self._apps.renewed(account))

    def throttled(self, wait_s: float) -> Response:
        """Status 200 and a code; nothing tells how long."""
        _ = wait_s
        return said(127306, "接口请求频率过高,请确保请求量正常")

    def refused(self) -> Response:
        """Status 200 and a code."""
        return said(123024, "当前输入有敏感信息,请修正")

    def expired(self) -> Response:
        """Status 200 and a code."""
        return said(127001, "access_token验证错误")

    def _upload(self, request: Request) -> Upload:
        found = self._uploads.get(request.args.get("upload_token", ""))
        if found is None:
            raise Answer(said(127022, "upload_token验证错误"))
        return found

    def _own(self, request: Request, account: str) -> Upload:
        found = self._upload(request)
        if found.account != account:
            raise Answer(said(127022, "upload_token验证错误"))
        return found

    def _notice(self, resource: str, account: str) -> Notice | None:
        mine = self._wall.notices(self.name, account)
        return next((each for each in mine if each.id == resource and resource not in self._gone), None)

    def _complaints(self, body: Mapping[str, Any], account: str) -> Iterator[int]:
        title, tags, desc = (str(body.get(name, "")) for name in ("title", "tag", "desc"))
        if not title.strip():
            yield 123013
        if len(title) >= 80:
            yield 123030
        if len(desc) >= 250:
            yield 123018
        if len(tags) >= 200 or "" in tags.split(","):
            yield 123012
        if body.get("tid") not in PARTITIONS:
            yield 123009
        yield from self._complaints_of_kind(body)
        recent = [each for each in self._wall.notices(self.name, account) if time.time() - _moment_s(each) < AGAIN_S]
        if any(each.document["title"] == title for each in recent):
            yield 123015

    def _complaints_of_kind(self, body: Mapping[str, Any]) -> Iterator[int]:
        if body.get("copyright") not in {1, 2} or body.get("no_reprint") not in {0, 1}:
            yield 123008
        if body.get("copyright") == 2 and not body.get("source"):
            yield 123016
        if body.get("copyright") == 1 and body.get("source"):
            yield 123008
        if "cover" in body and body["cover"] not in self._covers:
            yield 123008


def _moment_s(notice: Notice) -> float:
    return datetime.fromisoformat(notice.at).timestamp()


def _shown(notice: Notice) -> dict[str, Any]:
    document, submitted_s = notice.document, _moment_s(notice)
    returned = RETURNED in document["desc"]
    reviewed = time.time() - submitted_s > REVIEW_S
    state = -30 if not reviewed else -2 if returned else 0
    words = {-30: "审核中", -2: "已退回", 0: "开放浏览"}
    link = f"https://www.bilibili.com/video/{notice.id}?share_source=open_plat"
    return {
        **{name: document.get(name, "") for name in ("title", "desc", "tag", "cover", "source")},
        **{name: document[name] for name in ("tid", "copyright", "no_reprint")},
        "resource_id": notice.id,
        "ctime": int(submitted_s),
        "ptime": int(submitted_s) if state == 0 else 0,
        "addit_info": {"state": state, "state_desc": words[state], "reject_reason": "No" if state == -2 else ""},
        "video_info": {"cid": 1, "duration": 5, "share_url": link} if state == 0 else {},
    }


STAND_IN = Bilibili
