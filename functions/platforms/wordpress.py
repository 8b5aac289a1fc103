"""Posts on any WordPress site, by its REST API and an application password; on WordPress.com by consent.

Source: https://developer.wordpress.org/rest-api/reference/posts/ and github.com/WordPress/wordpress-develop:
src/wp-includes/rest-api/endpoints/class-wp-rest-{posts,attachments,terms}-controller.php, user.php (read 2026-11-21).
Contract by documentation: never run against WordPress itself. Sites without pretty permalinks have no /wp-json/.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import httpx

from functions.platforms._blog import HANDED_OVER_BYTES, PLAYED, feature, figures, slug
from functions.platforms._checks import insist, problems
from functions.platforms._markdown import to_html
from functions.platforms._wordpress import Thing, Things, Trouble, author, request, taken
from functions.platforms._wordpress_consent import CONSENT, accounts_of
from functions.platforms._wordpress_library import housed, picture, tags
from publishing.adapter import (
    FETCHES,
    Adapter,
    Conversation,
    Credentials,
    Field,
    Kind,
    Limits,
    Resource,
    Takes,
)
from publishing.consent import Account, Grant
from publishing.model import Channel, Identity, Post, Problem, Receipt
from publishing.replies import parsed, read_if_readable

TAG_CHARS = 200
WHERE_FROM = "Users → Profile → Application Passwords: six groups of four characters."
WHO = "Of an author, editor or administrator."
BY_CONSENT = "Of WordPress.com alone, in place of name and password: a person's consent brings it, with the site."
BRIEF = "_fields=id,link,date_gmt"  # of an answer that would else repeat the post, rendered and as it was sent
PICTURES = Takes(types=("image/png", "image/jpeg", "image/gif", "image/webp"), size_bytes=FETCHES["answer_bytes"])
STRIPPED = re.compile(r"<|%[0-9a-f]{2}|[\0-\x1f]", re.IGNORECASE)  # what WordPress takes out of a tag's name
SPEAKABLE = f"Tags here have {TAG_CHARS} characters at most, without <, %xx or control characters."


class WordPress:
    """Publishes posts, with the first picture as featured image."""

    name = "wordpress"
    title = "WordPress"
    # WordPress has no bounds but a server's: these are ours. Every new tag takes a request of its own.
    limits = Limits(
        text_chars=100_000,
        title_chars=1_000,
        tags=20,
        media=20,
        timeout_s=300.0,
        own_hosts=True,
        image=PICTURES,
        video=Takes(types=PLAYED, size_bytes=HANDED_OVER_BYTES),
    )
    credentials = Credentials(
        (
            Field("site_url", Kind.URL, "Site", help="The WordPress address in Settings → General."),
            Field("username", label="User name", max_chars=100, unless="access_token", help=WHO),
            Field(
                "application_password",
                label="Application password",
                secret=True,
                unless="access_token",
                help=WHERE_FROM,
            ),
            Field("access_token", label="Access token", secret=True, required=False, help=BY_CONSENT),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False  # a slug that is taken gets a number: the second post would be another

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return [*problems(post, self.limits), *_objections(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Create the post, published at once; its tags are made, and its uploads handed over, before."""
        insist(self.check(post))
        post = replace(post, content=(yield from housed(post.content, channel)))
        article = _article(post)
        if post.content.tags:
            article["tags"] = yield from tags(post.content.tags, channel)
        if feature(post.content) is not None:
            article["featured_media"] = yield from picture(post, channel)
        reply = yield request("POST", f"posts?{BRIEF}", channel, json=article, publishes=True)
        return parsed(Thing, taken(reply, channel)).receipt()

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Tags and pictures that are there already."""
        file = {"id": 1, "source_url": str(request.url.join("/x"))}
        found = [{"id": 1, "name": name} for name in request.url.params.get_list("slug[]")] or [file]
        return httpx.Response(200, json=found if request.method == "GET" else found[0], request=request)

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:  # noqa: ARG002
        """The receipt of `post`, by its slug; that is its own, whatever `since`. Only what is published is listed."""
        reply = yield request("GET", f"posts?slug={slug(post)}&{BRIEF}", channel)
        return next((found.receipt() for found in parsed(Things, taken(reply, channel)).root), None)

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Move the post to the trash, where a person may still find it for a month."""
        reply = yield request("DELETE", f"posts/{receipt.id}?_fields=id", channel)
        if read_if_readable(Trouble, reply).code not in {"rest_post_invalid_id", "rest_already_trashed"}:
            taken(reply, channel)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose password, or token, this is, and whether that user may publish."""
        return (yield from author(channel))

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """The site that was chosen on WordPress.com's page."""
        return (yield from accounts_of(grant))


def _article(post: Post) -> dict[str, object]:
    title, excerpt = (html.escape(text, quote=False) for text in (post.content.title, post.content.summary))
    texts = {"title": title, "content": _html(post), "excerpt": excerpt}
    return {**{name: text for name, text in texts.items() if text}, "slug": slug(post), "status": "publish"}


def _html(post: Post) -> str:
    """The text, further pictures, videos and the link, in a block of HTML: elsewhere WordPress breaks lines.

    Brackets are escaped, since WordPress takes words between them for short codes. Both uncertain: not tried.
    """
    link = html.escape(post.content.link)
    shown = to_html(post.content.text) + figures(post.content)
    shown += f'<p><a href="{link}">{link}</a></p>\n' if link else ""
    return f"<!-- wp:html -->\n{shown.replace('[', '&#91;')}<!-- /wp:html -->" if shown else ""


def _objections(post: Post) -> Iterator[Problem]:
    content = post.content
    if (
        not figures(content)
        and content.media
        and not f"{content.title}{content.text}{content.summary}{content.link}".strip()
    ):
        yield Problem("content.text", "A post on WordPress needs more than a featured image.", "Give it a text.")
    for place, tag in enumerate(content.tags):
        if not tag.strip() or len(tag) > TAG_CHARS or STRIPPED.search(tag):
            yield Problem(f"content.tags[{place}]", SPEAKABLE, "Override the tags for this channel.")


ADAPTER: Adapter = WordPress()
