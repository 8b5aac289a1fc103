"""The operations on uploaded media."""

from __future__ import annotations

from types import NoneType

from identity.model import Role
from web import problems
from web.operation import Operation
from web.schemas import media
from web.schemas.base import Nothing, Paging, Whatever

CREATE_MEDIA = Operation(
    "createMedia",
    "POST",
    "/v1/media",
    Role.AUTHOR,
    "Announce an image or video; the answer says where to upload it",
    media.NewMedia,
    media.UploadedMedia,
    status=201,
    problems=(problems.KEY_REUSED,),
    idempotent=True,
)
LIST_MEDIA = Operation(
    "listMedia", "GET", "/v1/media", Role.VIEWER, "List uploads, newest first", Paging, media.Uploads
)
READ_MEDIA = Operation(
    "readMedia",
    "GET",
    "/v1/media/{media}",
    Role.VIEWER,
    "Read what is known of an upload",
    Nothing,
    media.UploadedMedia,
    tagged=True,
)
COMPLETE_MEDIA = Operation(
    "completeMedia",
    "POST",
    "/v1/media/{media}/complete",
    Role.AUTHOR,
    "Have what was uploaded looked at; asked again, the answer is the same",
    Nothing,
    media.UploadedMedia,
    problems=(problems.WRONG_STATE, problems.UNFIT),
    idempotent=True,
)
FIT_MEDIA = Operation(
    "fitMedia",
    "POST",
    "/v1/media/{media}/fit",
    Role.AUTHOR,
    "Have a copy of an image made that fits a platform: cropped, scaled, encoded anew; once for each",
    media.Copying,
    media.UploadedMedia,
    status=201,
    problems=(problems.WRONG_STATE, problems.UNFIT),
    idempotent=True,
)
DELETE_MEDIA = Operation(
    "deleteMedia",
    "DELETE",
    "/v1/media/{media}",
    Role.AUTHOR,
    "Delete an upload; what is not published with it yet will fail",
    Nothing,
    NoneType,
    status=204,
    tagged=True,
)
READ_FILE = Operation(
    "readFile",
    "GET",
    "/v1/files/{workspace}/{media}",
    None,
    "Be led to an upload's file; its ids make the address a secret that posts may tell",
    Whatever,
    NoneType,
    status=302,
)
OPERATIONS = (READ_FILE, CREATE_MEDIA, LIST_MEDIA, READ_MEDIA, COMPLETE_MEDIA, FIT_MEDIA, DELETE_MEDIA)
