"""What posts on a blog of one's own share: a slug by which they are known again, and pictures and videos as HTML."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Callable

from publishing.model import Content, Media, Post

SLUG_CHARS = 120  # of the title's words; Ghost cuts a slug at 185
PLAYED = ("video/mp4", "video/webm", "video/ogg")  # by browsers, as it is: a blog does not convert it
HANDED_OVER_BYTES = 500_000_000  # ours: an upload goes to the blog in one request, of five minutes at most
EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    **dict(zip(PLAYED, ("mp4", "webm", "ogv"), strict=True)),
}

Card = Callable[[str], str]


def slug(post: Post) -> str:
    """The title's words and what tells this post from any other of that title."""
    plain = unicodedata.normalize("NFKD", post.content.title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall("[a-z0-9]+", plain))[:SLUG_CHARS].strip("-")
    return f"{words or 'post'}-{hashlib.sha256(post.id.encode()).hexdigest()[:12]}"


def feature(content: Content) -> int | None:
    """The place of what stands above the post and in lists of posts: the first picture."""
    return next((place for place, media in enumerate(content.media) if not media.is_video), None)


def file_name(media: Media) -> str:
    """A name that says nothing but the type: a blog goes by its ending."""
    return f"upload.{EXTENSIONS.get(media.type, 'bin')}"


def figures(content: Content, video_card: Card = str) -> str:
    """All other pictures and videos, to stand below the text; `video_card` wraps the HTML of one."""
    first = feature(content)
    further = [media for place, media in enumerate(content.media) if place != first]
    return "".join(video_card(_video(media)) if media.is_video else _picture(media) for media in further)


def _picture(media: Media) -> str:
    return f'<figure><img src="{html.escape(media.url)}" alt="{html.escape(media.alt)}"></figure>\n'


def _video(media: Media) -> str:
    title = f' title="{html.escape(media.alt)}"' if media.alt else ""
    return f'<figure><video src="{html.escape(media.url)}" controls preload="metadata"{title}></video></figure>\n'
