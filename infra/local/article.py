"""An article as people write it: Markdown with front matter, made into the content the API takes.

Of the front matter `title`, `summary`, `link`, `tags` (a list, or words between commas) and `image` (an address, or
`url` and `alt`) are read, and what else there is is passed over. Without a title the first heading is it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast

import frontmatter
import yaml

from infra.local.programs import Failed
from postroom_client.schemas import Content, Media

_HEADING = re.compile(r"^#\s+(.+?)\s*#*\s*$", re.MULTILINE)


def read(path: Path) -> Content:
    """The content of an article.

    Raises:
        Failed: there is none, or its front matter cannot be read.
    """
    try:
        return content_of(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Failed(f"The article {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Failed(f"The article {path} is not UTF-8 text.") from error
    except yaml.YAMLError as error:
        raise Failed(f"The front matter of {path} is not YAML: {error}") from error


def content_of(text: str) -> Content:
    """The content of an article's text."""
    post = frontmatter.loads(text)
    given = post.metadata
    heading = _HEADING.search(post.content)
    content: Content = {
        "title": str(given.get("title") or (heading[1] if heading else "")),
        "text": post.content,
        "summary": str(given.get("summary") or ""),
        "link": str(given.get("link") or ""),
        "tags": _tags(given.get("tags")),
        "media": _media(given.get("image")),
    }
    return cast("Content", {name: value for name, value in content.items() if value})


def _tags(given: object) -> list[str]:
    words = given if isinstance(given, list) else str(given or "").split(",")
    return [str(word).strip() for word in words if str(word).strip()]


def _media(given: object) -> list[Media]:
    if isinstance(given, dict):
        return [cast("Media", {name: str(given[name]) for name in ("url", "alt") if given.get(name)})]
    return [{"url": str(given)}] if given else []
