"""What can be done at /v1/media. Generated: `make client`."""

from __future__ import annotations

from collections.abc import Iterator

from postroom_client.asking import Call
from postroom_client.calling import Caller, new_key, path
from postroom_client.schemas import Copying, NewMedia, UploadedMedia


class MediaOperations(Caller):
    """What can be done at /v1/media."""

    def create_media(self, body: NewMedia, *, idempotency_key: str | None = None) -> UploadedMedia:
        """Announce an image or video; the answer says where to upload it. Needs the role author."""
        answer: UploadedMedia = self._document(
            Call("POST", "/v1/media", answers=(201,), body=body, idempotency_key=idempotency_key or new_key())
        )
        return answer

    def list_media(self, *, limit: int | None = None, cursor: str | None = None) -> Iterator[UploadedMedia]:
        """List uploads, newest first. Needs the role viewer."""
        return self._items(Call("GET", "/v1/media", answers=(200,), query={"limit": limit, "cursor": cursor}))

    def read_media(self, media: str) -> UploadedMedia:
        """Read what is known of an upload. Needs the role viewer."""
        answer: UploadedMedia = self._document(Call("GET", path("/v1/media/{}", media), answers=(200,)))
        return answer

    def delete_media(self, media: str, *, if_match: str | None = None) -> None:
        """Delete an upload; what is not published with it yet will fail. Needs the role author."""
        self._nothing(Call("DELETE", path("/v1/media/{}", media), answers=(204,), if_match=if_match))

    def complete_media(self, media: str, *, idempotency_key: str | None = None) -> UploadedMedia:
        """Have what was uploaded looked at; asked again, the answer is the same. Needs the role author."""
        answer: UploadedMedia = self._document(
            Call(
                "POST",
                path("/v1/media/{}/complete", media),
                answers=(200,),
                body={},
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer

    def fit_media(self, media: str, body: Copying, *, idempotency_key: str | None = None) -> UploadedMedia:
        """Have a copy of an image made that fits a platform: cropped, scaled, encoded anew; once for each. Needs the
        role author.
        """
        answer: UploadedMedia = self._document(
            Call(
                "POST",
                path("/v1/media/{}/fit", media),
                answers=(201,),
                body=body,
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer
