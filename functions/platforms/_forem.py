"""Forem's articles as its API shows their author's own: known again, and counted.

Source: https://developers.forem.com/api/v1 and github.com/forem/forem: app/models/article.rb (read 2026-11-20)
"""

from __future__ import annotations

import re

from pydantic import AliasChoices, AwareDatetime, ConfigDict, RootModel
from pydantic import Field as Reads

from functions.platforms._markdown import without_front_matter
from publishing.model import Metric, Post, Receipt
from publishing.replies import Reply

FENCE = re.compile(r"^([ \t]*(?:`{3,}|~{3,})).*$", re.MULTILINE)


class Article(Reply):
    """An article as it was created."""

    id: int = Reads(gt=0)
    url: str = Reads(pattern=r"^https?://\S+$")
    published_timestamp: str | None = None

    def receipt(self) -> Receipt:
        """That it is out."""
        return Receipt(str(self.id), self.url, self.published_timestamp or "")


class Own(Article):
    """An article as its author sees it."""

    title: str = ""
    canonical_url: str | None = None  # the article's own address where it has no other
    body_markdown: str | None = None
    published_at: AwareDatetime | None = None
    page_views_count: int | None = None
    reactions: int | None = Reads(
        None, validation_alias=AliasChoices("public_reactions_count", "positive_reactions_count")
    )
    comments_count: int | None = None

    def counts(self) -> dict[Metric, int]:
        """What is told of how it does."""
        views, likes, comments = self.page_views_count, self.reactions, self.comments_count
        told = {Metric.VIEWS: views, Metric.LIKES: likes, Metric.COMMENTS: comments}
        return {metric: count for metric, count in told.items() if count is not None}

    def has_address_or_title_of(self, post: Post) -> bool:
        """Whether it has the canonical URL of `post`, or the title of one that has none."""
        if post.content.link:
            return self.canonical_url == post.content.link
        return _words(self.title) == _words(post.content.title)

    def is_twin_of(self, post: Post) -> bool:
        """Whether it is the very same, and not only called so."""
        same_text = _essence(self.body_markdown or "") == _essence(without_front_matter(post.content.text))
        return self.has_address_or_title_of(post) and (bool(post.content.link) or same_text)


class Owns(RootModel[tuple[Own, ...]]):
    """A page of them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", title.casefold())  # what a title keeps: DEV drops characters it does not know


def _essence(text: str) -> list[str]:
    """The words of a text; not what DEV adds to it: it names the language of bare code fences."""
    return FENCE.sub(r"\1", text).split()
