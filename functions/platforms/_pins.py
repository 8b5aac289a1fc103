"""What a Pin says and shows of a post, by which it is known again.

Source: https://developers.pinterest.com/docs/api/v5/pins-create and the OpenAPI description 5.23.0 in
github.com/pinterest/api-description (read 2026-11-21)
"""

from __future__ import annotations

from collections.abc import Iterator

from functions.platforms._markdown import to_plain
from publishing.model import Media, Post, Problem

ALT_CHARS, LINK_CHARS = 500, 2_048
REMEDY = "Override the media for this channel."


def pin_of(post: Post, video: str = "") -> dict[str, object]:
    """The Pin without its board; `video`: the number of its video at Pinterest."""
    content = post.content
    texts = {
        "title": content.title,
        "description": to_plain(content.text),
        "link": content.link,
        "alt_text": _alt(post),
    }
    return {"media_source": _source(post, video), **{name: text for name, text in texts.items() if text.strip()}}


def video_of(post: Post) -> Media | None:
    """The post's video, if it has one."""
    return next((media for media in post.content.media if media.is_video), None)


def words(post: Post) -> list[list[str]]:
    """Those of its title, its description and its alternative text."""
    return [text.split() for text in (post.content.title, to_plain(post.content.text), _alt(post))]


def further_problems(post: Post) -> Iterator[Problem]:
    """Everything but its limits that keeps it from being pinned."""
    media, link, alt_chars = post.content.media, post.content.link, len(_alt(post))
    if not media:
        yield Problem("content.media", "A Pin needs a picture or a video.", "Give it one, or leave this channel out.")
    if alt_chars > ALT_CHARS:
        message = f"The alternative texts have {alt_chars} characters together; the most here is {ALT_CHARS}."
        yield Problem("content.media", message, "Shorten them, or override the media for this channel.")
    if len(link) > LINK_CHARS:
        yield Problem("content.link", f"The link has more than {LINK_CHARS} characters.", "Give a shorter one.")
    if video_of(post):
        yield from _video_problems(post)


def _video_problems(post: Post) -> Iterator[Problem]:
    videos = sum(media.is_video for media in post.content.media)
    if videos > 1 or len(post.content.media) - videos > 1:
        yield Problem("content.media", "A Pin has one video, with one picture at most, as its cover.", REMEDY)
    if not any(words(post)):  # it is pinned late: whether it is out already can be told by its words alone
        yield Problem("content.text", "A Pin of a video needs a title, a text or an alternative text.", "Give it one.")


def _source(post: Post, video: str) -> dict[str, object]:
    items = [{"url": media.url} for media in post.content.media if not media.is_video]
    if video:
        cover: dict[str, object] = {"cover_image_url": items[0]["url"]} if items else {"cover_image_key_frame_time": 0}
        return {"source_type": "video_id", "media_id": video, **cover}
    if len(items) > 1:
        return {"source_type": "multiple_image_urls", "items": items}
    return {"source_type": "image_url", **items[0]}


def _alt(post: Post) -> str:
    return "; ".join(media.alt for media in post.content.media if media.alt.strip())  # a Pin has one for all it shows
