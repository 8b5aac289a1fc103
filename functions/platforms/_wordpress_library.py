"""What a WordPress site has beside posts, and what a post needs to be there first: tags, pictures and videos.

Source: https://developer.wordpress.org/rest-api/reference/media/ and github.com/WordPress/wordpress-develop:
src/wp-includes/rest-api/endpoints/class-wp-rest-{attachments,terms}-controller.php (read 2026-11-21)
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import replace

import httpx

from functions.platforms._blog import feature, file_name, slug
from functions.platforms._media import form
from functions.platforms._pictures import fetched
from functions.platforms._wordpress import Form, Thing, Things, Trouble, request, taken
from publishing.adapter import FETCHES, Conversation
from publishing.errors import Unavailable
from publishing.model import Channel, Content, Media, Post
from publishing.replies import parsed, read_if_readable

LOOKED_UP_CHARS = 30  # so that no address gets too long for a server; longer tags are only made


def tags(names: Sequence[str], channel: Channel) -> Conversation[list[int]]:
    """The numbers of tags; those the site does not know yet are made."""
    asked = [name for name in names if len(name) <= LOOKED_UP_CHARS]
    query = httpx.QueryParams({"slug[]": asked, "per_page": 100, "_fields": "id,name"})
    reply = yield request("GET", f"tags?{query}", channel)
    known = {_key(html.unescape(tag.name)): tag.id for tag in parsed(Things, taken(reply, channel)).root}
    for name in names:
        if _key(name) not in known:
            known[_key(name)] = yield from _new_tag(name, channel)
    return list(dict.fromkeys(known[_key(name)] for name in names))


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _new_tag(name: str, channel: Channel) -> Conversation[int]:
    reply = yield request("POST", "tags?_fields=id", channel, json={"name": name})
    match read_if_readable(Trouble, reply):
        case Trouble(code="term_exists", data={"term_id": int(there)}):  # made just now, or spelled otherwise
            return there
    return parsed(Thing, taken(reply, channel)).id


def picture(post: Post, channel: Channel) -> Conversation[int]:
    """The number of the first picture in the site's library: an earlier attempt may have left it there."""
    name = f"picture-{slug(post)}"
    reply = yield request("GET", f"media?slug={name}&_fields=id", channel)
    for there in parsed(Things, taken(reply, channel)).root:
        return there.id
    found = yield from fetched(post.content.media[feature(post.content) or 0], most_bytes=FETCHES["answer_bytes"])
    file = f"{name}.{found.content_type.rpartition('/')[2]}"
    filled: Form = {"slug": (None, name, None), "alt_text": (None, found.alt, None)}
    filled["file"] = (file, found.data, found.content_type)
    reply = yield request("POST", "media?_fields=id", channel, form=filled)
    return parsed(Thing, taken(reply, channel)).id


def housed(content: Content, channel: Channel) -> Conversation[Content]:
    """The content with its uploads at addresses of the site's own, since ours end after some hours.

    The featured picture stays as it is: it is handed over in any case. Another attempt hands the others over again.
    """
    first, media = feature(content), []
    for place, each in enumerate(content.media):
        media.append((yield from _housed(each, channel)) if each.id and place != first else each)
    return replace(content, media=tuple(media))


def _housed(media: Media, channel: Channel) -> Conversation[Media]:
    asked = request("POST", "media?_fields=id,source_url", channel)
    headers, extensions = form({"alt_text": media.alt}, "file", media, file_name(media))
    asked.headers.update(headers)
    asked.extensions = {**asked.extensions, **extensions}
    there = parsed(Thing, taken((yield asked), channel))
    if not there.source_url:
        raise Unavailable("WordPress does not tell where a file is that was handed over.")
    return replace(media, url=there.source_url)
