"""Uploads handed over to Hashnode: what the engine gives as their address ends after some hours, a cover does not.

Source: https://github.com/Hashnode/gql-skill, skills/gql-api/references: mutations.md, recipes.md (read 2026-11-21)
"""

from __future__ import annotations

from dataclasses import replace

import httpx
from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms._graphql import Interface
from functions.platforms._media import form
from publishing.adapter import Conversation
from publishing.errors import Unavailable
from publishing.model import Channel, Content
from publishing.replies import Reply

SHOWN = "https://cdn.hashnode.com/"
PLACE = """mutation ($input: CreateImageUploadInput!) {
  createImageUploadURL(input: $input) { presignedPost { url fields } }
}"""


class _Place(Reply):
    """Where a picture is to go, and under which key it will be."""

    url: str = Reads(
        validation_alias=AliasPath("data", "createImageUploadURL", "presignedPost", "url"), pattern=r"^https://\S+$"
    )
    fields: dict[str, str] = Reads(
        validation_alias=AliasPath("data", "createImageUploadURL", "presignedPost", "fields")
    )
    key: str = Reads(
        validation_alias=AliasPath("data", "createImageUploadURL", "presignedPost", "fields", "key"),
        pattern=r"^[^\s?#]+$",
    )


def housed(content: Content, api: Interface, channel: Channel) -> Conversation[Content]:
    """The content with its cover at an address of Hashnode's own, where it was uploaded to us."""
    for cover in content.media:
        if cover.id:
            asked = {"input": {"contentType": cover.type}}
            place = api.read(_Place, (yield api.ask(PLACE, asked, channel.secrets["token"])), channel)
            headers, extensions = form(place.fields, "file", cover, "cover")
            reply = yield httpx.Request("POST", place.url, headers=headers, extensions=extensions)
            if not reply.is_success:
                raise Unavailable(
                    f"Hashnode's store of pictures answered {reply.status_code}.", status=reply.status_code
                )
            return replace(content, media=(replace(cover, url=SHOWN + place.key),))
    return content
