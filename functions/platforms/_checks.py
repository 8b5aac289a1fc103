"""What keeps a post from being published, as problems an author can act on; an adapter's `check` composes them.

A field a platform has no place for (its limit is 0) is left out there and is no problem; a field with too much is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from publishing import fitting
from publishing.adapter import Limits
from publishing.errors import Refused
from publishing.model import Content, Post, Problem

Count = Callable[[str], int]
NO_TEXT = re.compile("[\0\ud800-\udfff]")


def problems(post: Post, limits: Limits, *, count: Count = len, unit: str = "characters") -> list[Problem]:
    """Everything the declared limits and plain sense say against `post`.

    `count` measures the text as the platform does, in `unit`; titles are counted in characters.
    """
    return [
        *empty_problems(post),
        *character_problems(post),
        *text_problems(post, limits, count=count, unit=unit),
        *title_problems(post, limits),
        *tag_problems(post, limits),
        *media_problems(post, limits),
        *link_problems(post),
    ]


def insist(found: Iterable[Problem]) -> None:
    """Stop here where there is any problem: what `check` objects to is never sent.

    Raises:
        Refused: with the first problem's message.
    """
    for problem in found:
        raise Refused(problem.message, code=problem.field)


def empty_problems(post: Post) -> list[Problem]:
    """A post without text, title, link or media."""
    content = post.content
    if content.text.strip() or content.title.strip() or content.link or content.media:
        return []
    return [Problem("content.text", "There is nothing to publish.", "Give it a text.")]


def text_problems(post: Post, limits: Limits, *, count: Count = len, unit: str = "characters") -> list[Problem]:
    """A text longer than the platform takes."""
    return _too_long("content.text", count(post.content.text), limits.text_chars, unit)


def title_problems(post: Post, limits: Limits) -> list[Problem]:
    """A title longer than the platform takes."""
    return _too_long("content.title", len(post.content.title), limits.title_chars, "characters")


def _too_long(field: str, length: int, most: int, unit: str) -> list[Problem]:
    if not most or length <= most:
        return []
    what = field.rpartition(".")[2]
    message = f"The {what} is {length} {unit} long; the most here is {most}: {length - most} too many."
    return [Problem(field, message, f"Shorten it, or override the {what} for this channel.")]


def tag_problems(post: Post, limits: Limits) -> list[Problem]:
    """More tags than the platform takes."""
    return _too_many("tags", len(post.content.tags), limits.tags)


def media_problems(post: Post, limits: Limits) -> list[Problem]:
    """More images than the platform takes, or one it could not fetch."""
    unreachable = [
        Problem(f"content.media[{place}].url", "The media address is no https:// URL.", "Use its public https address.")
        for place, media in enumerate(post.content.media)
        if not media.id and not is_url(media.url, "https")
    ]
    number = len(post.content.media)
    return _too_many("media", number, limits.media) + unreachable + (_unfit(post, limits) if limits.media else [])


def _unfit(post: Post, limits: Limits) -> list[Problem]:
    return [
        problem
        for place, media in enumerate(post.content.media)
        for problem in fitting.problems(f"content.media[{place}]", media, limits)
    ]


def _too_many(what: str, number: int, most: int) -> list[Problem]:
    if not most or number <= most:
        return []
    message = f"There are {number} {what}; the most here is {most}: {number - most} too many."
    return [Problem(f"content.{what}", message, f"Remove some, or override the {what} for this channel.")]


def link_problems(post: Post) -> list[Problem]:
    """A link that leads nowhere on the web."""
    if not post.content.link or is_url(post.content.link, "https", "http"):
        return []
    return [Problem("content.link", "The link is no web address.", "Give it as https://…")]


def is_url(text: str, *schemes: str) -> bool:
    """Whether `text` is an absolute URL of one of `schemes`, with a host and without blanks or control characters."""
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where it is none
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and text.isprintable() and " " not in text


def character_problems(post: Post) -> list[Problem]:
    """NUL characters and halves of surrogate pairs, which no platform takes and which cannot be encoded."""
    return [
        Problem(f"content.{field}", "It contains characters that are no text (NUL or half a surrogate pair).", "")
        for field, text in _texts(post.content)
        if NO_TEXT.search(text)
    ]


def _texts(content: Content) -> Iterator[tuple[str, str]]:
    yield "text", content.text
    yield "title", content.title
    yield "summary", content.summary
    yield "link", content.link
    for place, tag in enumerate(content.tags):
        yield f"tags[{place}]", tag
    for place, media in enumerate(content.media):
        yield f"media[{place}].url", media.url
        yield f"media[{place}].alt", media.alt
