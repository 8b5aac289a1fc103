"""Douyin's uploads, works, grants and signed links, and the app that opens them.

Source: open.douyin.com and developer.open-douyin.com, as functions/platforms/douyin.py and its family name their pages
(read 2026-11-21)
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.douyin_apps import Apps, answer, is_signed, trouble
from tests.sandbox.stand_in import as_json, as_page, json_object
from tests.sandbox.wall import Notice, Wall

LEAST_BYTES, MOST_BYTES, MOST_CHARS, MOST_IMAGES = 5 * 2**20, 128 * 2**20, 1000, 30
REVIEW_S = 0.2
VIDEO = "/api/douyin/v1/video"


class Douyin(Apps):
    """Apps of one account each. A work is under review for a moment: then `video_data` shows it."""

    name = "douyin"
    rules: Sequence[Rule] = (
        Rule("/oauth/stable_client_token/", methods=["POST"], endpoint="client_token"),
        Rule("/oauth/refresh_token/", methods=["POST"], endpoint="refresh_token"),
        Rule("/oauth/renew_refresh_token/", methods=["POST"], endpoint="renew_refresh_token"),
        Rule("/platform/oauth/connect/", methods=["GET"], endpoint="authorize"),
        Rule("/oauth/access_token/", methods=["POST"], endpoint="exchange"),
        Rule("/oauth/userinfo/", methods=["POST"], endpoint="userinfo"),
        Rule("/open/getticket/", methods=["GET"], endpoint="ticket"),
        Rule("/share-id/", methods=["GET"], endpoint="share"),
        Rule(f"{VIDEO}/upload_video/", methods=["POST"], endpoint="upload_video"),
        Rule(f"{VIDEO}/upload_image/", methods=["POST"], endpoint="upload_image"),
        Rule(f"{VIDEO}/init_video_part_upload/", methods=["POST"], endpoint="begin"),
        Rule(f"{VIDEO}/upload_video_part/", methods=["POST"], endpoint="part"),
        Rule(f"{VIDEO}/complete_video_part_upload/", methods=["POST"], endpoint="complete"),
        Rule(f"{VIDEO}/create_video/", methods=["POST"], endpoint="create_video"),
        Rule(f"{VIDEO}/create_image_text/", methods=["POST"], endpoint="create_images"),
        Rule(f"{VIDEO}/video_list/", methods=["GET"], endpoint="listed"),
        Rule(f"{VIDEO}/video_data/", methods=["POST"], endpoint="data"),
        Rule("/openplatform/share", methods=["GET"], endpoint="app"),
        Rule("/share/video/<number>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"create_video", "create_images"})
    public = frozenset({"client_token", "refresh_token", "renew_refresh_token", "app", "page", "authorize", "exchange"})
    hosts: Sequence[str] = ("open.douyin.com",)

    def __init__(self, wall: Wall) -> None:
        super().__init__()
        self._wall = wall
        self._lock = threading.Lock()

    def userinfo(self, request: Request, account: str) -> Response:
        """The user."""
        if (json_object(request) or {}).get("open_id") != self.accounts[account].open_id:
            return trouble(28001015, "access_token和openId不匹配")
        return as_json({"data": {"open_id": self.accounts[account].open_id, "nickname": account}, "err_no": 0})

    def upload_video(self, request: Request, account: str) -> Response:
        """A video at once."""
        size, complaint = _file(request, "video", "video/")
        if complaint or size > MOST_BYTES:
            return trouble(2100005, complaint or "file too large")
        return self._kept(account, "video")

    def upload_image(self, request: Request, account: str) -> Response:
        """An image."""
        _, complaint = _file(request, "image", "image/")
        return trouble(2100005, complaint) if complaint else self._kept(account, "image")

    def begin(self, _request: Request, account: str) -> Response:
        """An upload in parts, whose name must be encoded."""
        upload = f"{secrets.token_hex(8)}+/=&"
        self.accounts[account].uploads[upload] = {}
        return answer(upload_id=upload)

    def part(self, request: Request, account: str) -> Response:
        """A part, counted from 1."""
        upload = self.accounts[account].uploads.get(request.args.get("upload_id", ""))
        size, complaint = _file(request, "video", "video/")
        number = request.args.get("part_number", 0, int)
        if upload is None or complaint or size < LEAST_BYTES or number < 1:
            return trouble(2100005, complaint or "upload_id, part_number or size of part")
        upload[number] = size
        return answer()

    def complete(self, request: Request, account: str) -> Response:
        """The video of all parts."""
        upload = self.accounts[account].uploads.pop(request.args.get("upload_id", ""), {})
        if not upload or sorted(upload) != list(range(1, len(upload) + 1)):
            return trouble(2100005, "parts missing")
        return self._kept(account, "video")

    def create_video(self, request: Request, account: str) -> Response:
        """A work of a video that was not used yet."""
        body = json_object(request) or {}
        return self._made(account, [body.get("video_id")], body)

    def create_images(self, request: Request, account: str) -> Response:
        """A work of images that were not used yet."""
        body = json_object(request) or {}
        return self._made(account, body.get("image_list") or [], body)

    def listed(self, request: Request, account: str) -> Response:
        """The account's own works, newest first: those under review as well."""
        works, first = self._wall.notices(self.name, account)[::-1], request.args.get("cursor", 0, int)
        last = first + request.args.get("count", 10, int)
        page = [self._item(each, request) for each in works[first:last]]
        return answer(list=page, cursor=last, has_more=last < len(works))

    def data(self, request: Request, account: str) -> Response:
        """Those of some works that are out of their review."""
        asked = (json_object(request) or {}).get("item_ids") or []
        works = [each for each in self._wall.notices(self.name, account) if each.id in asked]
        out = [each for each in works if time.time() - each.document["created"] > REVIEW_S]
        return answer(list=[self._item(each, request) for each in out])

    def app(self, request: Request) -> Response:
        """What the app makes of a signed link when a person taps; answers what Douyin would call back with."""
        words = request.args
        account = self.by("client_key", words.get("client_key"))
        if account is None or words.get("state") not in account.shares or not is_signed(words, account.tickets):
            return trouble(2100005, "signature")
        media = {each: words[each] for each in ("video_path", "image_list_path") if each in words}
        tags = " ".join(f"#{each}" for each in json.loads(words.get("hashtag_list", "[]")))
        item = self._hung(account.name, {"text": words["title"], "tags": tags, **media})
        told = {"share_id": words["state"], "item_id": item, "video_id": str(int(time.time() * 1e9))}
        call = {"event": "create_video", "client_key": account.client_key, "content": json.dumps(told)}
        signed = hashlib.sha1(f"{account.client_secret}{json.dumps(call)}".encode()).hexdigest()  # noqa: S324 - Douyin's
        return as_json({"body": json.dumps(call), "headers": {"x-douyin-signature": signed, "msg-id": item}})

    def page(self, _request: Request, number: str) -> Response:
        """A work as people see it."""
        works = self._wall.notices(self.name)
        known = number.isdecimal() and int(number) < len(works)
        return as_page("Douyin", works[int(number)].document) if known else Response("Not found", 404)

    def throttled(self, wait_s: float) -> Response:
        """A code; how long is not said."""
        _ = wait_s
        return trouble(28003018, "请求频率过高")

    def refused(self) -> Response:
        """A code."""
        return trouble(2100005, "参数不合法")

    def expired(self) -> Response:
        """A code."""
        return trouble(28001008, "access_token过期,请刷新或重新授权")

    def _kept(self, account: str, kind: str) -> Response:
        identifier = f"@{secrets.token_hex(8)}=="
        self.accounts[account].unused.add(identifier)
        return answer(**{kind: {f"{kind}_id": identifier, "width": 720, "height": 1280}})

    def _made(self, account: str, media: list[Any], body: Mapping[str, Any]) -> Response:
        unused, text = self.accounts[account].unused, str(body.get("text") or "")
        with self._lock:
            fits = 0 < len(media) <= MOST_IMAGES and len(text) <= MOST_CHARS
            if not fits or not set(media) <= unused:
                return trouble(2100005, "video_id, image_list or text")
            unused.difference_update(media)
            return answer(item_id=self._hung(account, {"text": text, "media": media}))

    def _hung(self, account: str, document: Mapping[str, Any]) -> str:
        item = f"@8h{secrets.token_urlsafe(12)}+/=="
        return self._wall.hang(self.name, account, item, {**document, "created": time.time()}).id

    def _item(self, notice: Notice, request: Request) -> dict[str, Any]:
        number = self._wall.notices(self.name).index(notice)
        return {
            "item_id": notice.id,
            "title": notice.document["text"],
            "create_time": int(notice.document["created"]),
            "share_url": f"{request.host_url}share/video/{number}",
            "is_top": False,
            "statistics": {"play_count": 7, "digg_count": 3, "comment_count": 2, "share_count": 1, "forward_count": 0},
        }


def _file(request: Request, name: str, kind: str) -> tuple[int, str]:
    file = request.files.get(name)
    size = len(file.read()) if file else 0
    typed = bool(file and (file.content_type or "").startswith(kind))
    request.close()
    return size, "" if size and typed else "unsupported content type"


STAND_IN = Douyin
