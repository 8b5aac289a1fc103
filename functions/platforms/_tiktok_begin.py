"""How a post of TikTok's is begun: what its creator allows, what is said of it, and where TikTok gets it from.

Source: https://developers.tiktok.com/doc/content-posting-api-reference-direct-post, …-upload-video, …-photo-post and
…-query-creator-info (read 2026-11-21, stored copies). What others may do with a post is off unless the channel allows
it, as the content sharing guidelines want it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import replace

import httpx
from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms._captions import caption
from functions.platforms._media import measured
from functions.platforms._tiktok_api import SCOPELESS, read, request
from functions.platforms._tiktok_posts import ADDRESS_S, FIRST_LOOK_S, State, chunks
from publishing.adapter import PUBLISHES, Conversation
from publishing.errors import Refused, Unauthorized, Unavailable
from publishing.model import Channel, Content, Media, Pending, Post
from publishing.replies import Reply

PRIVACIES = ("PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY")
CHOICES = {"privacy": frozenset(PRIVACIES), "mode": frozenset({"", "direct", "inbox"})}
CHOICES |= {"promotes": frozenset({"", "own", "others"})}
DEEDS = ("comment", "duet", "stitch")
TYPES = ("video/mp4", "video/quicktime", "video/webm")


class _Creator(Reply):
    user: str = Reads("", validation_alias=AliasPath("data", "creator_username"))
    options: tuple[str, ...] = Reads((), validation_alias=AliasPath("data", "privacy_level_options"))
    seconds: float = Reads(0.0, validation_alias=AliasPath("data", "max_video_post_duration_sec"))
    comment: bool = Reads(default=False, validation_alias=AliasPath("data", "comment_disabled"))
    duet: bool = Reads(default=False, validation_alias=AliasPath("data", "duet_disabled"))
    stitch: bool = Reads(default=False, validation_alias=AliasPath("data", "stitch_disabled"))


class _Begun(Reply):
    id: str = Reads(pattern=r"^[\w.~-]{1,100}$", validation_alias=AliasPath("data", "publish_id"))
    address: str = Reads("", validation_alias=AliasPath("data", "upload_url"))


def begun(post: Post, channel: Channel, number: int) -> Conversation[Pending]:
    """Begin it, for the `number`th time: only the first may publish anything by itself.

    Without a creator who lets us post directly, or asked to, it goes to the creator's inbox.
    """
    content, first = post.content, post.content.media[0]
    creator = yield from _creator(channel)
    state = {"kind": "video" if is_video(content) else "photo", "round": str(number)}
    if creator:
        _insist_on_fit(first, channel, creator)
        public = _chosen("privacy", channel) == PRIVACIES[0]
        state |= {"user": creator.user} | ({"public": "1"} if public else {})
    if not is_video(content):
        return (yield from _photos(content, channel, creator, state))
    about = {"post_info": {"title": words(content), **_terms(channel, creator, DEEDS)}} if creator else {}
    verified = channel.settings.get("pull_from", "")
    if number == 1 and verified and first.url.startswith(verified):
        return (yield from _pulled(first, channel, about, state))
    return (yield from _opened(first, channel, about, state))


def is_video(content: Content) -> bool:
    """Whether it is published as a video, not as photos."""
    return any(media.is_video for media in content.media)


def words(content: Content) -> str:
    """A video's caption; of photos the description, for their title has a place of its own."""
    return caption(content if is_video(content) else replace(content, title=""))


def _creator(channel: Channel) -> Conversation[_Creator | None]:
    if _chosen("mode", channel) == "inbox":
        return None
    reply = yield request("POST", "post/publish/creator_info/query/", channel)
    try:
        return read(_Creator, reply, channel)
    except Unauthorized as error:
        if error.code in SCOPELESS:  # video.publish, that is: video.upload may be there
            return None
        raise


def _insist_on_fit(media: Media, channel: Channel, creator: _Creator) -> None:
    if _chosen("privacy", channel) not in creator.options:
        offered = ", ".join(option for option in creator.options if option in PRIVACIES)
        raise Refused(
            f"This account offers {offered}; its channel is for others.", code="privacy_level_option_mismatch"
        )
    if creator.seconds and media.seconds > creator.seconds:
        message = f"The video lasts {media.seconds:.0f} s; the most of this account is {creator.seconds:.0f} s."
        raise Refused(message, code="content.media")


def _chosen(name: str, channel: Channel) -> str:
    chosen = channel.settings.get(name, "").strip()
    if chosen not in CHOICES[name]:
        raise Unauthorized(f"What this channel says of {name} is none of {', '.join(sorted(CHOICES[name]))}.")
    return chosen


def _terms(channel: Channel, creator: _Creator, deeds: tuple[str, ...]) -> dict[str, object]:
    allowed = set(re.findall(r"\w+", channel.settings.get("allow", "")))
    if allowed - set(DEEDS):
        raise Unauthorized(f"What this channel allows is not all among {', '.join(DEEDS)}.")
    promotes = _chosen("promotes", channel)
    return {
        "privacy_level": _chosen("privacy", channel),
        **{f"disable_{deed}": deed not in allowed or getattr(creator, deed) for deed in deeds},
        "brand_content_toggle": promotes == "others",
        "brand_organic_toggle": promotes == "own",
    }


def _photos(content: Content, channel: Channel, creator: _Creator | None, state: State) -> Conversation[Pending]:
    about = {"title": content.title, "description": words(content)}
    terms = {**_terms(channel, creator, ("comment",)), "auto_add_music": False} if creator else {}
    body = {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST" if creator else "MEDIA_UPLOAD",
        "post_info": {**{name: text for name, text in about.items() if text}, **terms},
        "source_info": {
            "source": "PULL_FROM_URL",
            "photo_cover_index": 0,
            "photo_images": [media.url for media in content.media],
        },
    }
    reply = yield request("POST", "post/publish/content/init/", channel, json=body, extensions=PUBLISHES)
    return _following(read(_Begun, reply, channel), state)


def _pulled(media: Media, channel: Channel, about: Mapping[str, object], state: State) -> Conversation[Pending]:
    source = {"source": "PULL_FROM_URL", "video_url": media.url}
    body = {**about, "source_info": source}
    reply = yield request("POST", _path(about), channel, json=body, extensions=PUBLISHES)
    return _following(read(_Begun, reply, channel), state)


def _opened(media: Media, channel: Channel, about: Mapping[str, object], state: State) -> Conversation[Pending]:
    media = yield from measured(media)
    length, count = chunks(media.size_bytes)
    sizes = {"video_size": media.size_bytes, "chunk_size": length, "total_chunk_count": count}
    source = {"source": "FILE_UPLOAD", **sizes}
    reply = yield request("POST", _path(about), channel, json={**about, "source_info": source})
    opened = read(_Begun, reply, channel)
    kind = media.type if media.type in TYPES else TYPES[0]
    place = {"address": _own(opened.address), "closes": str(int(time.time() + ADDRESS_S))}
    return Pending({**state, "id": opened.id, "size": str(media.size_bytes), "type": kind, **place}, 0.0, opened.id)


def _following(fetched: _Begun, state: State) -> Pending:
    return Pending({**state, "id": fetched.id}, FIRST_LOOK_S, fetched.id)


def _path(about: Mapping[str, object]) -> str:
    return f"post/publish/{'' if about else 'inbox/'}video/init/"


def _own(address: str) -> str:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise Unavailable("TikTok named no address for the video.") from error
    if url.scheme != "https" or not url.host.endswith(".tiktokapis.com"):
        raise Unavailable("TikTok named no address of its own for the video.")
    return str(url)
