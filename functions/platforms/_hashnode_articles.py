"""Articles as Hashnode takes and shows them, known again by a slug of our making.

Source: https://github.com/Hashnode/gql-skill, skills/gql-api/references/schema.graphql (read 2026-11-21)
"""

from __future__ import annotations

import hashlib
import re

from pydantic import AwareDatetime
from pydantic import Field as Reads

from publishing.model import Post
from publishing.replies import Reply

SLUG_CHARS = 60  # of the title's words; the most a slug may have is not documented
MADE = re.compile(r"-[0-9a-f]{8}$")


class Article(Reply):
    """An article's id and address."""

    id: str = Reads(min_length=1)
    url: str = Reads(pattern=r"^https?://\S+$")


class Sent(Article):
    """An article as it was published."""

    published_at: str | None = Reads(None, validation_alias="publishedAt")


class Seen(Article):
    """An article as it is listed."""

    slug: str
    title: str
    address: str | None = Reads(None, validation_alias="canonicalUrl")
    at: AwareDatetime = Reads(validation_alias="publishedAt")

    def resembles(self, post: Post) -> bool:
        """Whether it could be `post` under a slug that is not of our making, this delivery's or another's."""
        linked = bool(post.content.link) and self.address == post.content.link
        return not MADE.search(self.slug) and (linked or _words(self.title) == _words(post.content.title))


def article(post: Post, publication: str) -> dict[str, object]:
    """`post` as a PublishPostInput for the publication of that id."""
    content = post.content
    required = {"publicationId": publication, "title": content.title, "contentMarkdown": content.text}
    optional = {
        "subtitle": content.summary,
        "coverImage": content.media[0].url if content.media else "",  # which has no place for the alternative text
        "originalArticleURL": content.link,
        "tags": [{"slug": _tag(tag), "name": tag} for tag in content.tags],
    }
    return {**required, "slug": slug(post), **{name: given for name, given in optional.items() if given}}


def slug(post: Post) -> str:
    """The title's words, and a mark of the delivery by which `find` knows it again."""
    words = "-".join(re.findall(r"[a-z0-9]+", post.content.title.lower()))[:SLUG_CHARS].strip("-")
    return f"{words}-{hashlib.sha256(post.id.encode()).hexdigest()[:8]}".strip("-")


def _tag(tag: str) -> str:
    return re.sub(r"[ _-]+", "-", tag.lower().replace(".", ""))


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", title.casefold())
