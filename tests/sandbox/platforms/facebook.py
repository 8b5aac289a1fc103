"""The feed, the photos and the reels of Facebook Pages.

Source: https://developers.facebook.com/docs/pages-api/posts, …/docs/graph-api/reference/page/photos and
…/documentation/video-api/guides/reels-publishing (read 2026-11-21)
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import NewApp
from tests.sandbox.facebook_people import People
from tests.sandbox.graph import (
    READY_S,
    Accounts,
    moment_of,
    number,
    parameters,
    trouble,
    unfetchable,
    unknown,
    versioned,
)
from tests.sandbox.stand_in import as_json, as_page
from tests.sandbox.wall import Notice, Wall


@dataclass
class Video:
    """A reel to be; each of its steps takes a moment from its time on."""

    account: str
    fetched_s: float = math.inf
    finished_s: float = math.inf

    @property
    def status(self) -> dict[str, Any]:
        """How far it is."""
        out = _phase(self.finished_s)
        phases = {"uploading_phase": _phase(self.fetched_s), "processing_phase": out, "publishing_phase": out}
        word = "ready" if out == "complete" else "processing" if self.fetched_s < math.inf else "uploading"
        return {"video_status": word, **{name: {"status": status} for name, status in phases.items()}}


def _phase(begun_s: float) -> str:
    if begun_s == math.inf:
        return "not_started"
    return "complete" if time.monotonic() > begun_s + READY_S else "in_progress"


class Facebook(Accounts):
    """Pages; an account's name is its Page's."""

    name = "facebook"
    rules: Sequence[Rule] = (
        *versioned(
            ("POST", "/<user>/photos", "upload"),
            ("POST", "/<user>/feed", "publish"),
            ("GET", "/<user>/published_posts", "posts"),
            ("POST", "/<user>/video_reels", "reel"),
            ("GET", "/<user>/video_reels", "reels"),
            ("GET", "/dialog/oauth", "authorize"),
            ("POST", "/oauth/access_token", "exchange"),
            ("GET", "/oauth/access_token", "lengthen"),
            ("GET", "/me/permissions", "permissions"),
            ("GET", "/me/accounts", "pages"),
            ("GET", "/me", "me"),
            ("GET", "/<node>", "node"),
            ("DELETE", "/<node>", "remove"),
            ("GET", "/<node>/insights", "insights"),
            ("GET", "/<node>/video_insights", "insights"),
        ),
        Rule("/video-upload/<_version>/<video>", methods=["POST"], endpoint="fetch"),
        Rule("/<post>", methods=["GET"], endpoint="page"),
        Rule("/reel/<post>/", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"publish", "reel"})
    public = frozenset({"page", "authorize", "exchange", "lengthen", "permissions", "pages"})
    hosts: Sequence[str] = ("graph.facebook.com", "rupload.facebook.com", "www.facebook.com")
    counts: Mapping[str, object] = {
        "post_media_view": 30,
        "post_reactions_by_type_total": {"like": 4, "love": 1},
        "post_clicks": 6,
        "fb_reels_total_plays": 90,
        "post_video_likes_by_reaction_type": {"REACTION_LIKE": 7},
    }

    def __init__(self, wall: Wall) -> None:
        super().__init__(wall)
        self._photos: dict[str, Mapping[str, Any]] = {}
        self._videos: dict[str, Video] = {}
        self._people = People(self.opened)

    def open_app(self, asked: NewApp, origin: str) -> Mapping[str, str]:
        """An app, and a person who manages Pages of these names."""
        return self._people.open_app(asked, origin)

    def authorize(self, request: Request) -> Response:
        """The dialog."""
        return self._people.apps.authorize(request)

    def exchange(self, request: Request) -> Response:
        """A token of an hour for a code."""
        return self._people.exchange(request)

    def lengthen(self, request: Request) -> Response:
        """A token of sixty days for one of an hour."""
        return self._people.lengthen(request)

    def permissions(self, request: Request) -> Response:
        """What the person allowed."""
        return self._people.permissions(request)

    def pages(self, request: Request) -> Response:
        """The person's Pages, with a token for each."""
        return self._people.pages(request)

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A Page of that name with a new token of its own."""
        identifier, token = self.opened(name, origin)
        return {"access_token": token, "page_id": identifier}

    def me(self, _request: Request, account: str) -> Response:
        """The Page."""
        return as_json({"id": self._numbers[account], "name": account})

    def upload(self, request: Request, account: str, user: str) -> Response:
        """Keep a photo that nobody sees yet."""
        _ = user
        photo = parameters(request)
        complaints = [*unknown(photo, "url", "published", "alt_text_custom"), *unfetchable(photo, "url")]
        if photo.get("published") is not False:
            complaints.append(trouble(100, 0, "This stand-in only takes photos that are not published at once."))
        if complaints:
            return complaints[0]
        identifier = number()
        self._photos[identifier] = {**photo, "account": account}
        return as_json({"id": identifier})

    def publish(self, request: Request, account: str, user: str) -> Response:
        """Publish a post."""
        _ = user
        document = parameters(request)
        complaint = next(self._complaints(document, account), None)
        if complaint:
            return complaint
        identifier = f"{self._numbers[account]}_{number()}"
        return as_json({"id": self._wall.hang(self.name, account, identifier, document).id})

    def reel(self, request: Request, account: str, user: str) -> Response:
        """Begin a reel, or publish it once it is here."""
        _ = user
        document = parameters(request)
        if document.get("upload_phase") == "start":
            identifier = number()
            self._videos[identifier] = Video(account)
            upload = f"https://rupload.facebook.com/video-upload/v25.0/{identifier}"
            return as_json({"video_id": identifier, "upload_url": upload})
        return self._finished(document, account)

    def _finished(self, document: Mapping[str, Any], account: str) -> Response:
        identifier = str(document.get("video_id"))
        video = self._videos.get(identifier)
        if document.get("upload_phase") != "finish" or document.get("video_state") != "PUBLISHED":
            return trouble(100, 0, "(#100) This stand-in only takes reels that are published at once.")
        if video is None or video.account != account or _phase(video.fetched_s) != "complete":
            return trouble(6000, 1363041, "There was a problem with the video: it is not uploaded.")
        if video.finished_s < math.inf:
            return trouble(100, 0, "(#100) The video is published already.")
        video.finished_s = time.monotonic()
        self._wall.hang(self.name, account, identifier, {"description": document.get("description", "")})
        return as_json({"success": True})

    def fetch(self, request: Request, account: str, _version: str, video: str) -> Response:
        """Fetch a reel from where it is hosted."""
        known = self._videos.get(video)
        address = {"video_url": request.headers.get("file_url", "")}
        if known is None or known.account != account or next(unfetchable(address, "video_url"), None):
            failed = {"retriable": False, "type": "ProcessingFailedError", "message": "The video cannot be fetched."}
            return as_json({"debug_info": failed}, 400)
        known.fetched_s = time.monotonic()
        return as_json({"success": True})

    def reels(self, request: Request, account: str, user: str) -> Response:
        """The Page's reels, newest first."""
        _ = user
        newest = [notice for notice in self.newest(account, request) if notice.id in self._videos]
        return as_json({"data": [self._shown(notice) for notice in newest], "paging": {}})

    def node(self, _request: Request, account: str, node: str) -> Response:
        """A post, or a reel with how far it is."""
        notice = next((each for each in self._wall.notices(self.name, account) if each.id == node), None)
        video = self._videos.get(node)
        if notice is None and (video is None or video.account != account or video.finished_s < math.inf):
            return trouble(100, 33, "Unsupported get request. Object does not exist.")
        talk = {"comments": {"data": [], "summary": {"total_count": 2}}, "shares": {"count": 1}}
        status = {"status": video.status} if video else {}
        return as_json({"id": node, **(self._shown(notice) if notice else {}), **status, **talk})

    def posts(self, request: Request, account: str, user: str) -> Response:
        """What the Page published, newest first."""
        _ = user
        return as_json({"data": [self._shown(notice) for notice in self.newest(account, request)], "paging": {}})

    def page(self, _request: Request, post: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name):
            if notice.id == post:
                return as_page(notice.account, notice.document)
        return Response("Not found", 404)

    def _shown(self, notice: Notice) -> dict[str, Any]:
        words = {name: notice.document[name] for name in ("message", "description") if name in notice.document}
        link = f"/reel/{notice.id}/" if notice.id in self._videos else f"{self._origins[notice.account]}/{notice.id}"
        return {"id": notice.id, "permalink_url": link, "created_time": moment_of(notice), **words}

    def _complaints(self, document: Mapping[str, Any], account: str) -> Iterator[Response]:
        yield from unknown(document, "message", "link", "attached_media")
        photos = [self._photos.get(str(each.get("media_fbid"))) for each in document.get("attached_media", [])]
        if not document:
            yield trouble(100, 0, "(#100) The post is empty: it needs a message, a link or media.")
        if len(str(document.get("message", ""))) > 63_206:
            yield trouble(100, 0, "(#100) The status you are trying to publish is too long.")
        if "link" in document and not str(document["link"]).startswith(("https://", "http://")):
            yield trouble(100, 2061006, "(#100) The link is no address.")
        if any(photo is None or photo["account"] != account for photo in photos):
            yield trouble(100, 2069019, "(#100) A photo is unknown.")


STAND_IN = Facebook
