"""Uploads: announced, completed, listed, copied to fit, deleted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from functions import platforms
from functions.media import copying, looking
from media.addresses import UPLOAD_S, Addresses
from media.depot import Depot
from media.model import Stage, StoredMedia
from media.shelf import Shelf
from publishing import aws, ids
from publishing.adapter import Takes
from publishing.clock import Clock
from publishing.model import Media, utc_text
from web import cursor
from web import media as contract
from web.operation import PATH_PATTERNS
from web.problems import KEY_REUSED, UNFIT, WRONG_STATE, Refusal, changed, invalid, missing
from web.request import Answer, Request
from web.router import Router
from web.schemas import media as shown
from web.schemas.base import Nothing, Paging, Whatever

LISTING = "media"
_PLACE = (r"[0-9TZ:.-]{24}", PATH_PATTERNS["media"])
FILE_S = 3_600
MOST_IMAGE_BYTES = 50_000_000  # of an image to be copied: it is held in memory
ONCE = {"if-none-match": "*"}  # what was uploaded, and looked at, is not replaced by the same address


@dataclass(frozen=True)
class Uploads:
    """What callers do with media."""

    shelf: Shelf
    depot: Depot
    addresses: Addresses
    clock: Clock

    def serve(self, router: Router) -> None:
        """Have `router` lead here what is about media."""
        router.serve(contract.CREATE_MEDIA, self.create)
        router.serve(contract.LIST_MEDIA, self.list)
        router.serve(contract.READ_MEDIA, self.read)
        router.serve(contract.COMPLETE_MEDIA, self.complete)
        router.serve(contract.FIT_MEDIA, self.fit)
        router.serve(contract.DELETE_MEDIA, self.delete)
        router.serve(contract.READ_FILE, self.lead)

    def create(self, request: Request[shown.NewMedia]) -> Answer[shown.UploadedMedia]:
        """Tell where to upload a file."""
        principal, key = request.principal, request.idempotency_key
        wanted = StoredMedia(
            id=ids.derived("med", principal.workspace, key) if key else ids.new("med"),
            workspace=principal.workspace,
            size_bytes=request.input.size_bytes,
            created_at=self.clock(),
            created_by=principal.subject,
        )
        stored = self.shelf.add(wanted)
        if stored.size_bytes != wanted.size_bytes:
            raise Refusal(KEY_REUSED, "This Idempotency-Key came with another size before. Use a new one.")
        replayed = {} if stored == wanted else {"Idempotent-Replayed": "true"}
        return Answer(_view(stored, self._upload(stored)), headers={"Location": f"/v1/media/{stored.id}", **replayed})

    def list(self, request: Request[Paging]) -> Answer[shown.Uploads]:
        """A page of uploads."""
        workspace, asked = request.principal.workspace, request.input
        place = cursor.place(asked.cursor, listing=LISTING, workspace=workspace, patterns=_PLACE)
        found, after = self.shelf.page(workspace, limit=asked.limit, after=place)
        following = cursor.text(list(after), listing=LISTING, workspace=workspace) if after else None
        return Answer(shown.Uploads(items=[_view(each) for each in found], next=following))

    def read(self, request: Request[Nothing]) -> Answer[shown.UploadedMedia]:
        """One upload."""
        return Answer(_view(self._stored(request.principal.workspace, request.path)))

    def complete(self, request: Request[Nothing]) -> Answer[shown.UploadedMedia]:
        """Look at what was uploaded, once."""
        stored = self._stored(request.principal.workspace, request.path)
        if stored.stage is Stage.AWAITED:
            stored = self.shelf.settle(self._looked_at(stored))
        if stored.stage is Stage.REFUSED:
            raise Refusal(UNFIT, stored.reason)
        return Answer(_view(stored))

    def fit(self, request: Request[shown.Copying]) -> Answer[shown.UploadedMedia]:
        """Make a copy of an image that fits a platform."""
        stored = self._stored(request.principal.workspace, request.path)
        if stored.stage is not Stage.READY:
            raise Refusal(WRONG_STATE, "It is not ready: upload it and complete it first.")
        takes = _takes(request.input.platform)
        if not stored.facts.type.startswith("image/") or stored.facts.size_bytes > MOST_IMAGE_BYTES:
            most = f"{MOST_IMAGE_BYTES // 1_000_000} MB"
            raise Refusal(UNFIT, f"Only images of up to {most} are made to fit; convert a video before you upload it.")
        made = self._copied(stored, request.input.platform, takes, request.principal.subject)
        return Answer(_view(made), headers={"Location": f"/v1/media/{made.id}"})

    def delete(self, request: Request[Nothing]) -> Answer[None]:
        """Delete an upload and its file."""
        stored = self._stored(request.principal.workspace, request.path)
        request.insist_on(_view(stored))
        if not self.shelf.delete(stored.workspace, stored.id, seen=request.named(stored)):
            raise changed()
        try:
            self.depot.delete(stored.key)
        except aws.FAILURES:  # a file that stays keeps its upload: whoever asks again deletes both
            self.shelf.add(stored)
            raise
        return Answer(None)

    def lead(self, request: Request[Whatever]) -> Answer[None]:
        """Lead whoever reads a post to the file it shows."""
        stored = self._stored(request.path["workspace"], request.path)
        if stored.stage is not Stage.READY:
            raise missing("media")
        cached = f"public, max-age={FILE_S // 2}"
        return Answer(
            None, headers={"Location": self.addresses.of(stored.key, lasts_s=FILE_S), "Cache-Control": cached}
        )

    def _looked_at(self, stored: StoredMedia) -> StoredMedia:
        size_bytes = self.depot.size(stored.key)
        if size_bytes is None:
            raise Refusal(WRONG_STATE, "Nothing was uploaded yet: send the file to the address you were given.")
        if size_bytes != stored.size_bytes:
            return stored.refused(f"The file has {size_bytes} bytes; {stored.size_bytes} were announced.")
        try:
            return stored.ready(looking.look(self.depot.opened(stored.key, size_bytes), size_bytes))
        except looking.Unknown as unknown:
            return stored.refused(str(unknown))

    def _copied(self, stored: StoredMedia, platform: str, takes: Takes, subject: str) -> StoredMedia:
        copy = StoredMedia(
            id=ids.derived("med", stored.workspace, f"{stored.id} for {platform}"),
            workspace=stored.workspace,
            size_bytes=0,
            created_at=self.clock(),
            created_by=subject,
            made_from=stored.id,
        )
        known = self.shelf.find(copy.workspace, copy.id)
        return known or self.shelf.add(self._made(stored, copy, takes))

    def _made(self, stored: StoredMedia, copy: StoredMedia, takes: Takes) -> StoredMedia:
        content = b"".join(iter(self.depot.opened(stored.key, stored.size_bytes).read, b""))
        try:
            made = copying.fitted(content, stored.facts.type, takes)
        except copying.Unfitting as unfitting:
            raise Refusal(UNFIT, str(unfitting)) from None
        self.depot.put(copy.key, made.content, made.type)
        size = len(made.content)
        return copy.ready(Media(type=made.type, size_bytes=size, width=made.width, height=made.height))

    def _stored(self, workspace: str, path: Mapping[str, str]) -> StoredMedia:
        found = self.shelf.find(workspace, path["media"])
        if found is None:
            raise missing("media")
        return found

    def _upload(self, stored: StoredMedia) -> shown.Upload | None:
        if stored.stage is not Stage.AWAITED:
            return None
        headers = {"content-length": str(stored.size_bytes), **ONCE}
        expires_at = utc_text(self.clock() + timedelta(seconds=UPLOAD_S))
        url = self.addresses.for_upload(stored.key, headers)
        return shown.Upload(method="PUT", url=url, headers=headers, expires_at=expires_at)


def _takes(platform: str) -> Takes:
    if platform not in platforms.names():
        raise invalid("platform", "There is no such platform.", "GET /v1/platforms lists them.")
    takes = platforms.load(platform).limits.image
    if takes is None:
        raise Refusal(UNFIT, f"{platforms.load(platform).title} takes no images.")
    return takes


def _view(stored: StoredMedia, upload: shown.Upload | None = None) -> shown.UploadedMedia:
    facts = stored.facts
    return shown.UploadedMedia(
        id=stored.id,
        stage=stored.stage,
        size_bytes=facts.size_bytes or stored.size_bytes,
        type=facts.type or None,
        width=facts.width or None,
        height=facts.height or None,
        seconds=facts.seconds or None,
        codec=facts.codec or None,
        reason=stored.reason or None,
        made_from=stored.made_from or None,
        created_at=utc_text(stored.created_at),
        upload=upload,
    )
