"""The API as data: every operation, who may call it, what it takes and answers. Routes, checks and OpenAPI follow."""

from __future__ import annotations

from types import NoneType
from typing import Any

from identity.model import Role
from web import dead_letters, decisions, grants, health, media, people, problems, series, webhooks
from web.operation import Operation
from web.schemas import channels, keys, platforms, previews, publications
from web.schemas.base import Nothing, Paging, Whatever

SUBMIT: Operation[publications.NewPublication, publications.Publication | previews.Preview] = Operation(
    "submitPublication",
    "POST",
    "/v1/publications",
    Role.AUTHOR,
    "Publish content to channels, at once or at a set time",
    publications.NewPublication,
    publications.Publication,
    status=202,
    also={200: previews.Preview},
    problems=(problems.NOT_FOUND, problems.UNFIT, problems.KEY_REUSED, problems.BACKLOG),
    idempotent=True,
)
LIST_PUBLICATIONS = Operation(
    "listPublications",
    "GET",
    "/v1/publications",
    Role.VIEWER,
    "List publications, newest first",
    Paging,
    publications.Publications,
)
READ_PUBLICATION = Operation(
    "readPublication",
    "GET",
    "/v1/publications/{publication}",
    Role.VIEWER,
    "Read a publication with its deliveries",
    Nothing,
    publications.Publication,
    tagged=True,
)
CANCEL_PUBLICATION = Operation(
    "cancelPublication",
    "DELETE",
    "/v1/publications/{publication}",
    Role.AUTHOR,
    "Cancel whatever of a publication has not left yet",
    Nothing,
    publications.Publication,
    tagged=True,
)
READ_DELIVERY = Operation(
    "readDelivery",
    "GET",
    "/v1/deliveries/{delivery}",
    Role.VIEWER,
    "Read a delivery with its whole history",
    Nothing,
    publications.DeliveryWithHistory,
    tagged=True,
)
LIST_PLATFORMS = Operation(
    "listPlatforms",
    "GET",
    "/v1/platforms",
    Role.VIEWER,
    "List what can be published to, with its limits and the fields that connect it",
    Nothing,
    platforms.Platforms,
)
CONNECT_CHANNEL = Operation(
    "connectChannel",
    "POST",
    "/v1/channels",
    Role.EDITOR,
    "Connect a channel; its credentials are verified in the background",
    channels.NewChannel,
    channels.Channel,
    status=201,
)
LIST_CHANNELS = Operation(
    "listChannels",
    "GET",
    "/v1/channels",
    Role.VIEWER,
    "List channels, newest first",
    Paging,
    channels.Channels,
)
READ_CHANNEL = Operation(
    "readChannel",
    "GET",
    "/v1/channels/{channel}",
    Role.VIEWER,
    "Read a channel",
    Nothing,
    channels.Channel,
    tagged=True,
)
CHANGE_CHANNEL = Operation(
    "changeChannel",
    "PATCH",
    "/v1/channels/{channel}",
    Role.EDITOR,
    "Rename or pause a channel, or give it other slots or new credentials",
    channels.ChannelChanges,
    channels.Channel,
    problems=(problems.CONFLICT,),
    tagged=True,
)
LIST_SLOTS = Operation(
    "listSlots",
    "GET",
    "/v1/channels/{channel}/slots",
    Role.VIEWER,
    "List a channel's coming slots: when they are, and which publication has each",
    channels.SlotsAsked,
    channels.ComingSlots,
)
DELETE_CHANNEL = Operation(
    "deleteChannel",
    "DELETE",
    "/v1/channels/{channel}",
    Role.EDITOR,
    "Delete a channel with its credentials; half a minute later at most, what is for it fails",
    Nothing,
    NoneType,
    status=204,
    tagged=True,
)
TEST_CHANNEL = Operation(
    "testChannel",
    "POST",
    "/v1/channels/{channel}/test",
    Role.EDITOR,
    "Verify a channel's credentials again and, if asked, publish a sample there",
    channels.ChannelTest,
    channels.ChannelTested,
    status=202,
    problems=(problems.UNFIT, problems.KEY_REUSED),
    idempotent=True,
)
CREATE_KEY = Operation(
    "createApiKey",
    "POST",
    "/v1/api-keys",
    Role.ADMIN,
    "Make an API key; this answer alone holds it",
    keys.NewApiKey,
    keys.ApiKeyWithText,
    status=201,
    problems=(problems.CONFLICT,),
    secret=True,
)
LIST_KEYS = Operation(
    "listApiKeys",
    "GET",
    "/v1/api-keys",
    Role.ADMIN,
    "List API keys, newest first, revoked ones too",
    Paging,
    keys.ApiKeys,
)
REVOKE_KEY = Operation(
    "revokeApiKey",
    "DELETE",
    "/v1/api-keys/{key}",
    Role.ADMIN,
    "Revoke an API key, for good; it is refused everywhere within a minute, invitations made with it at once",
    Nothing,
    NoneType,
    status=204,
)
READ_OPENAPI = Operation(
    "readOpenapi", "GET", "/v1/openapi.json", None, "Read this document", Whatever, bytes, tagged=True
)
READ_PAGE = Operation(
    "readPage",
    "GET",
    "/v1/docs",
    None,
    "Read this document as a page",
    Whatever,
    bytes,
    content_types=("text/html",),
    tagged=True,
)
READ_FEED = Operation(
    "readFeed",
    "GET",
    "/v1/feeds/{token}/{format}",
    None,
    "Read a channel's feed as rss.xml, atom.xml or feed.json",
    Whatever,
    bytes,
    content_types=("application/rss+xml", "application/atom+xml", "application/feed+json"),
    tagged=True,
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    *(SUBMIT, LIST_PUBLICATIONS, READ_PUBLICATION, CANCEL_PUBLICATION, READ_DELIVERY, LIST_PLATFORMS),
    *(
        decisions.VALIDATE_PUBLICATION,
        decisions.CHANGE_PUBLICATION,
        decisions.RESOLVE_DELIVERY,
        decisions.RETRY_DELIVERY,
        decisions.CANCEL_DELIVERY,
        decisions.RETRY_PUBLICATION,
    ),
    *(series.CREATE_SERIES, series.LIST_SERIES, series.READ_SERIES, series.CHANGE_SERIES, series.END_SERIES),
    *(CONNECT_CHANNEL, LIST_CHANNELS, READ_CHANNEL, CHANGE_CHANNEL, LIST_SLOTS, DELETE_CHANNEL, TEST_CHANNEL),
    *(dead_letters.LIST_DEAD_LETTERS, dead_letters.READ_DEAD_LETTERS),
    *(dead_letters.REDRIVE_DEAD_LETTERS, dead_letters.PURGE_DEAD_LETTERS),
    *grants.OPERATIONS,
    *media.OPERATIONS,
    *people.OPERATIONS,
    *(health.READ_HEALTH, health.READ_DEEP_HEALTH),
    *webhooks.OPERATIONS,
    *(CREATE_KEY, LIST_KEYS, REVOKE_KEY, READ_OPENAPI, READ_PAGE, READ_FEED),
)
