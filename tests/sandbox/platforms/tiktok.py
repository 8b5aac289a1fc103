"""TikTok's posting, creators, videos and tokens, as its open API answers, and its host for chunks.

Source: https://developers.tiktok.com/doc/content-posting-api-reference-direct-post, …-upload-video, …-photo-post,
…-query-creator-info, …-get-video-status, …/content-posting-api-media-transfer-guide, …/tiktok-api-v2-video-list and
…/oauth-user-access-token-management (read 2026-11-21, stored copies)
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.routing import Rule
from werkzeug.wrappers import Request, Response

from tests.sandbox.apps import Apps, Authorizing
from tests.sandbox.stand_in import Answer, Arguments, as_json, as_page, json_object
from tests.sandbox.tiktok_rules import (
    OPTIONS,
    PUBLIC,
    chunk_misfit,
    enveloped,
    is_public,
    opened,
    photo_complaints,
    post_complaints,
    shown,
    size_complaints,
    trouble,
)
from tests.sandbox.wall import Wall

ADDRESS_S, LASTS_S, LASTS_ON_S = 3_600, 86_400, 31_536_000
CAPTION, PHOTO_TITLE, PHOTO_TEXT, PER_PAGE = 2_200, 90, 4_000, 20
UNVERIFIED = "unverified."


class TikTok(Authorizing):
    """Creators with public accounts; what they post is processed when it was asked about once, and public after that.

    A creator whose name begins with `draft` allowed video.upload only. What comes from a host whose name begins with
    `unverified.` is not fetched; what is called `missing…` there fails to be.
    """

    app_fields = ("client_key", "client_secret")

    name = "tiktok"
    rules: Sequence[Rule] = (
        Rule("/v2/oauth/token/", methods=["POST"], endpoint="token"),
        Rule("/v2/auth/authorize/", methods=["GET"], endpoint="authorize"),
        Rule("/v2/user/info/", methods=["GET"], endpoint="me"),
        Rule("/v2/post/publish/creator_info/query/", methods=["POST"], endpoint="creator"),
        Rule("/v2/post/publish/video/init/", methods=["POST"], endpoint="video"),
        Rule("/v2/post/publish/inbox/video/init/", methods=["POST"], endpoint="inbox"),
        Rule("/v2/post/publish/content/init/", methods=["POST"], endpoint="photos"),
        Rule("/v2/post/publish/status/fetch/", methods=["POST"], endpoint="status"),
        Rule("/v2/video/list/", methods=["POST"], endpoint="videos"),
        Rule("/v2/video/query/", methods=["POST"], endpoint="query"),
        Rule("/video/", methods=["PUT"], endpoint="chunk"),
        Rule("/@<creator>/<any(video, photo):kind>/<post>", methods=["GET"], endpoint="page"),
    )
    publishing = frozenset({"photos", "chunk"})
    public = frozenset({"token", "page", "authorize"})
    hosts: Sequence[str] = ("open.tiktokapis.com", "open-upload.tiktokapis.com", "www.tiktok.com")

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._creators: dict[str, str] = {}  # by access token
        self._grants: dict[tuple[str, str, str], str] = {}  # by client and refresh token
        self.consents = Apps(pkce=False, proof="form", id_name="client_key")
        self._posts: dict[str, dict[str, Any]] = {}  # by publish_id

    def open_account(self, name: str, origin: str) -> Mapping[str, str]:
        """A creator of that name, with the tokens of an audited app."""
        _ = origin
        client = f"aw{secrets.token_hex(8)}", secrets.token_hex(16)
        access, grant = self._tokens(client, name)
        tokens = {"access_token": access, "refresh_token": grant}
        return {"client_key": client[0], "client_secret": client[1], **tokens, "privacy": PUBLIC}

    def account_of(self, request: Request, arguments: Arguments) -> str:
        """The creator whose token the request carries; where a chunk belongs, its address alone says."""
        _ = arguments
        if request.path == "/video/":
            post = self._posts.get(request.args.get("upload_id", ""))
            if post is None or request.args.get("upload_token") != post["token"]:
                raise Answer(Response(status=404))
            return str(post["creator"])
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or token not in self._creators:
            raise Answer(self.expired())
        creator = self._creators[token]
        if creator.startswith("draft") and request.path.endswith(("/creator_info/query/", "/publish/video/init/")):
            raise Answer(trouble(401, "scope_not_authorized", "The user did not authorize the scope required."))
        return creator

    def token(self, request: Request) -> Response:
        """Other tokens for a refresh token, which is then no good any more; what is wrong is told with status 200."""
        form = request.form
        if form.get("grant_type") == "authorization_code":
            return self._exchanged(request)
        client = form.get("client_key", ""), form.get("client_secret", "")
        creator = self._grants.pop((*client, form.get("refresh_token", "")), None)
        if form.get("grant_type") != "refresh_token" or creator is None:
            told = {"error": "invalid_grant", "error_description": "Refresh token is invalid or expired."}
            return as_json({**told, "log_id": "2026"})
        access, grant = self._tokens(client, creator)
        lasting = {"expires_in": LASTS_S, "refresh_expires_in": LASTS_ON_S, "token_type": "Bearer"}
        return as_json({"access_token": access, "refresh_token": grant, "open_id": f"o-{creator}", **lasting})

    def _exchanged(self, request: Request) -> Response:
        try:
            code = self.consents.exchanged(request)
        except Answer as objection:
            return as_json({**objection.get_response().get_json(), "log_id": "2026"})
        creator = code.app.accounts[0]
        access, grant = self._tokens((code.app.id, code.app.secret), creator)
        lasting = {"expires_in": LASTS_S, "refresh_expires_in": LASTS_ON_S, "token_type": "Bearer"}
        told = {"open_id": f"o-{creator}", "scope": ",".join(code.scopes)}
        return as_json({"access_token": access, "refresh_token": grant, **told, **lasting})

    def me(self, request: Request, account: str) -> Response:
        """The creator, as far as is asked."""
        known = {"open_id": f"o-{account}", "display_name": account}
        asked = request.args.get("fields", "").split(",")
        return enveloped(user={name: known[name] for name in asked if name in known})

    def creator(self, _request: Request, account: str) -> Response:
        """What the creator may post."""
        return enveloped(
            creator_username=account,
            creator_nickname=account,
            privacy_level_options=OPTIONS,
            comment_disabled=False,
            duet_disabled=False,
            stitch_disabled=False,
            max_video_post_duration_sec=600,
        )

    def video(self, request: Request, account: str) -> Response:
        """Begin a video that is posted directly."""
        body = json_object(request) or {}
        complaint = next(post_complaints(body.get("post_info"), {"title": CAPTION}, direct=True), None)
        return complaint or self._begun(body, account, direct=True)

    def inbox(self, request: Request, account: str) -> Response:
        """Begin a video that goes to the creator's inbox."""
        return self._begun(json_object(request) or {}, account, direct=False)

    def photos(self, request: Request, account: str) -> Response:
        """Fetch photos and post them, or put them into the inbox."""
        body = json_object(request) or {}
        direct = body.get("post_mode") == "DIRECT_POST"
        about, source = body.get("post_info") or {}, body.get("source_info") or {}
        limits = {"title": PHOTO_TITLE, "description": PHOTO_TEXT}
        complaint = next(photo_complaints(body, source), None) or next(
            post_complaints(body.get("post_info"), limits, direct=direct), None
        )
        if complaint:
            return complaint
        document = {"kind": "photo", **about, "photo_images": source["photo_images"]}
        return self._fetched(account, document, source["photo_images"], "photo_pull_failed", direct=direct)

    def chunk(self, request: Request, account: str) -> Response:
        """Take a chunk; with the last one the video is posted."""
        post = self._posts[request.args["upload_id"]]
        misfit = chunk_misfit(post, request)
        if misfit:
            return Response(status=misfit)
        post["uploaded"] += len(request.get_data())
        told = {"Content-Range": f"bytes 0-{post['uploaded']}/{post['video_size']}"}
        if post["uploaded"] < post["video_size"]:
            return Response(status=206, headers=told)
        self._out(post, account)
        return Response(status=201, headers=told)

    def status(self, request: Request, account: str) -> Response:
        """How far a post is."""
        post = self._posts.get(str((json_object(request) or {}).get("publish_id")))
        if post is None:
            return trouble(400, "invalid_publish_id", "The publish_id does not exist")
        if post["creator"] != account:
            return trouble(400, "token_not_authorized_for_specified_publish_id", "Not yours")
        if post["failed"]:
            return enveloped(status="FAILED", fail_reason=post["failed"], publicaly_available_post_id=[])
        if post["notice"] is None or not post["asked"]:
            post["asked"] = post["notice"] is not None
            return enveloped(status=post["working"], uploaded_bytes=post["uploaded"], downloaded_bytes=0)
        if not post["direct"]:
            return enveloped(status="SEND_TO_USER_INBOX", publicaly_available_post_id=[])
        posts = [int(post["notice"].id)] if post["moderated"] and is_public(post["notice"]) else []
        post["moderated"] = True
        return enveloped(status="PUBLISH_COMPLETE", publicaly_available_post_id=posts)

    def videos(self, request: Request, account: str) -> Response:
        """The creator's public posts, the last one first."""
        asked = json_object(request) or {}
        size, start = int(asked.get("max_count", 10)), int(asked.get("cursor") or 0)
        if not 1 <= size <= PER_PAGE or not request.args.get("fields"):
            return trouble(400, "invalid_params", "max_count must be 1 to 20, and fields must be there")
        newest = [each for each in self._wall.notices(self.name, account)[::-1] if is_public(each)]
        videos = [shown(each, request.args["fields"]) for each in newest[start : start + size]]
        return enveloped(videos=videos, cursor=start + size, has_more=start + size < len(newest))

    def query(self, request: Request, account: str) -> Response:
        """Some of the creator's public posts."""
        wanted = ((json_object(request) or {}).get("filters") or {}).get("video_ids") or []
        found = [each for each in self._wall.notices(self.name, account) if each.id in wanted and is_public(each)]
        return enveloped(videos=[shown(each, request.args.get("fields", "")) for each in found])

    def page(self, _request: Request, creator: str, kind: str, post: str) -> Response:
        """A post as people see it."""
        for notice in self._wall.notices(self.name, creator):
            if (notice.id, notice.document["kind"]) == (post, kind) and is_public(notice):
                return as_page(str(notice.document.get("title", "")), notice.document)
        return Response("Couldn't find this post", 404)

    def throttled(self, wait_s: float) -> Response:
        """429, without a hint when."""
        _ = wait_s
        return trouble(429, "rate_limit_exceeded", "The API rate limit was exceeded.")

    def refused(self) -> Response:
        """The text is not wanted."""
        return trouble(403, "spam_risk_text", "The text has risky or spammy contents.")

    def expired(self) -> Response:
        """401."""
        return trouble(401, "access_token_invalid", "The access token is invalid or not found in the request.")

    def _tokens(self, client: tuple[str, str], creator: str) -> tuple[str, str]:
        access, grant = f"act.{secrets.token_urlsafe(48)}", f"rft.{secrets.token_urlsafe(48)}"
        self._creators = {each: name for each, name in self._creators.items() if name != creator} | {access: creator}
        self._grants[(*client, grant)] = creator
        return access, grant

    def _begun(self, body: Mapping[str, Any], account: str, *, direct: bool) -> Response:
        source, document = body.get("source_info") or {}, {"kind": "video", **(body.get("post_info") or {})}
        if source.get("source") == "PULL_FROM_URL":
            return self._fetched(account, document, [source.get("video_url", "")], "video_pull_failed", direct=direct)
        complaint = next(size_complaints(source), "")
        if complaint:
            return trouble(400, "invalid_params", complaint)
        post = opened(account, document, "PROCESSING_UPLOAD", direct=direct)
        sizes = {name: source[name] for name in ("video_size", "chunk_size")}
        post |= {**sizes, "token": secrets.token_hex(8), "closes": time.time() + ADDRESS_S}
        self._posts[post["id"]] = post
        query = f"upload_id={post['id']}&upload_token={post['token']}"
        return enveloped(publish_id=post["id"], upload_url=f"https://open-upload.tiktokapis.com/video/?{query}")

    def _fetched(
        self, account: str, document: Mapping[str, Any], urls: Sequence[str], failure: str, *, direct: bool
    ) -> Response:
        hosts = [url.removeprefix("https://").partition("/")[0] for url in urls if url.startswith("https://")]
        if len(hosts) < len(urls) or any(host.startswith(UNVERIFIED) for host in hosts):
            return trouble(403, "url_ownership_unverified", "Please review our URL ownership verification rules")
        post = opened(account, document, "PROCESSING_DOWNLOAD", direct=direct)
        self._posts[post["id"]] = post
        if any("/missing" in url for url in urls):
            post["failed"] = failure
        else:
            self._out(post, account)
        return enveloped(publish_id=post["id"])

    def _out(self, post: dict[str, Any], account: str) -> None:
        identifier = str(7_340_000_000_000_000_000 + secrets.randbelow(10**16))
        document = {**post["document"], "publish_id": post["id"], "inbox": not post["direct"]}
        post["notice"] = self._wall.hang(self.name, account, identifier, document)


STAND_IN = TikTok
