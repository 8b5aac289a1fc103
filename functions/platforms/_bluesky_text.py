"""The text of a post on Bluesky, in as many parts as a thread takes, and what of it leads somewhere.

Source: https://docs.bsky.app/docs/advanced-guides/post-richtext and github.com/bluesky-social/atproto@d6296a1:
lexicons/app/bsky/feed/post.json, lexicons/app/bsky/richtext/facet.json (read 2026-11-21)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from functions.platforms._markdown import to_plain
from functions.platforms._split import split
from publishing.model import Post, Problem

CHARS, BYTES = 300, 3_000  # of one post
PARTS = 25  # of a thread: ours, as Bluesky has no limit; each takes a session, of which there are 30 in five minutes

LINKED = re.compile(r"https?://(?:[^\s<>()]|\([^\s<>()]*\))++|(?<!\S)#[^\s#]++")
TRAILING = ".,;:!?'\"…\u2019”»"
NO_TAG = re.compile(r"[\s#]|\A[\d!-/:-@\[-`{-~]*\Z|.{65}")
# Unicode's clusters in short, beside marks: flags, what is joined to an emoji or an Indic consonant, modifiers.
RIDER = re.compile(
    "([\U0001f1e6-\U0001f1ff]){2}|\u200d[\u203c-\u3299\U0001f000-\U0001faff]?|[\u200c\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
    "|(?<=[\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d])[\u0904-\u0d7f]|[\u0e33\u0eb3\uff9e\uff9f]"
)


def whole(post: Post) -> str:
    """The text with what no card shows: title and link."""
    content, text = post.content, to_plain(post.content.text)
    link = "" if content.link in [each.rstrip(TRAILING) for each in LINKED.findall(text)] else content.link
    head, foot = (content.title, link) if content.media or not content.link else ("", "")
    parts = (head, text, foot, " ".join(f"#{tag}" for tag in content.tags))
    return "\n\n".join(part for part in parts if part.strip())


def parts(post: Post) -> tuple[str, ...]:
    """The text of each post: one, unless it is too long and the author asked for a thread."""
    text = whole(post)
    if not post.content.thread or _measure(text) <= CHARS:
        return (text,)
    return split(text, CHARS, _measure)


def length(text: str) -> int:
    """How many characters are shown as text."""
    bare = RIDER.sub(r"\1", unicodedata.normalize("NFC", text))
    return sum(unicodedata.category(each)[0] != "M" or each in "\u102b\u102c\u1038" for each in bare)


def size(text: str) -> int:
    """How many bytes it has."""
    return len(text.encode(errors="surrogatepass"))


def _measure(text: str) -> int:
    """Its characters, or else the bytes where these run out first."""
    return max(length(text), -(-size(text) * CHARS // BYTES))


def facets(text: str) -> list[dict[str, object]]:
    """Where in the text links and hashtags stand, in bytes."""
    found: list[dict[str, object]] = []
    for each in LINKED.finditer(text):
        said, start = each[0].rstrip(TRAILING), len(text[: each.start()].encode())
        index = {"byteStart": start, "byteEnd": start + len(said.encode())}
        if said.startswith("http"):
            found.append({"index": index, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": said}]})
        elif not NO_TAG.search(said[1:]):
            found.append({"index": index, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": said[1:]}]})
    return found


def objections(post: Post) -> Iterator[Problem]:
    """What of the text cannot be shown."""
    content, text = post.content, whole(post)
    if content.text.strip() and not (text or content.link or content.media):
        yield Problem("content.text", "Nothing of this text can be shown in plain text.", "Give it words.")
    if content.thread and (_measure(text) > PARTS * CHARS or len(parts(post)) > PARTS):
        message = f"The thread has more than {PARTS} posts of {CHARS} characters."
        yield Problem("content.text", message, "Shorten it, or override the text for this channel.")
    for place, tag in enumerate(content.tags):
        if NO_TAG.search(tag):
            yield Problem(f"content.tags[{place}]", "This cannot be a hashtag.", "Use one word of letters.")
