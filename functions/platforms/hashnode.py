"""Articles in a publication (a blog) on Hashnode.

Source: https://github.com/Hashnode/gql-skill, skills/gql-api/references: schema.graphql, mutations.md, queries.md,
errors-and-limits.md (read 2026-11-21). Contract by documentation: never run against Hashnode itself. The address is
the one documented there; gql.hashnode.com, which older clients know, only redirects to a notice since 2026-05-13, when
publishing by interface became part of the paid Pro plan. Its schema has no mutation that removes a post: only drafts
can be deleted, and what is delisted is still at its address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import httpx
from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._graphql import Interface
from functions.platforms._hashnode_articles import Seen, Sent, article, slug
from functions.platforms._hashnode_covers import housed
from publishing.adapter import Adapter, Conversation, Credentials, Field, Limits, Resource, Takes
from publishing.errors import OutcomeUnknown, Refused, Unauthorized
from publishing.model import Channel, Identity, Metric, Post, Problem, Receipt, utc_text
from publishing.replies import Reply

PUBLISH = "mutation ($input: PublishPostInput!) { publishPost(input: $input) { post { id url publishedAt } } }"
HOME = """query ($id: ObjectId, $host: String) {
  me { id } publication(id: $id, host: $host) { id title url }
}"""
LOOK = """query ($id: ObjectId, $host: String, $slug: String!) {
  publication(id: $id, host: $host) {
    post(slug: $slug) { ...Seen } posts(first: 50) { edges { node { ...Seen } } }
  }
}
fragment Seen on Post { id url slug title canonicalUrl publishedAt }"""
COUNTS = "query ($id: ID!) { post(id: $id) { views reactionCount responseCount replyCount } }"
ACCESS_HELP = "hashnode.com → Account settings → Developer → Generate new token, as an owner or editor."
PUBLICATION_HELP = "The blog's address, as ann.hashnode.dev, or its id. It must be on Hashnode's paid Pro plan."

# What is forbidden is so by the plan or the member's role, and all that can be missing of what is named here is the
# publication itself: either way the channel's owner must act. A server's own error says nothing and is left out.
API = Interface(
    "Hashnode",
    "https://gql-beta.hashnode.com/",
    {"UNAUTHENTICATED": Unauthorized, "FORBIDDEN": Unauthorized, "NOT_FOUND": Unauthorized, "BAD_USER_INPUT": Refused},
)

OBJECT_ID = re.compile(r"[0-9a-f]{24}")
HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
TAG = re.compile(r"[A-Za-z0-9]+(?:[ ._-]+[A-Za-z0-9]+)*")


class Hashnode:
    """Publishes articles, with the content's own address as canonical URL."""

    name = "hashnode"
    title = "Hashnode"
    # A request may have 100 KB, so a text is counted as JSON writes it, and leaves a tenth to the rest. A title's 250
    # characters are convention, not documented. Rate limits are published but "not currently enforced". What is read
    # may be 25 s old, and was seen to be older at the former address (Hashnode/support#86, 2026-01-16).
    limits = Limits(
        text_chars=90_000,
        title_chars=250,
        tags=15,
        media=1,
        timeout_s=30.0,
        lag_s=60.0,
        image=Takes(types=("image/png", "image/jpeg", "image/gif", "image/webp"), size_bytes=8_000_000),
    )
    credentials = Credentials(
        (
            Field("token", label="Personal access token", secret=True, help=ACCESS_HELP),
            Field("publication", label="Publication", help=PUBLICATION_HELP, max_chars=300),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return [*problems(post, self.limits, count=_bytes, unit="bytes"), *_own_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Publish the article; before that ask for the publication's id, where only its address is known."""
        insist(self.check(post))
        publication = _publication(channel)
        post = replace(post, content=(yield from housed(post.content, API, channel)))
        identifier = publication.get("id") or (yield from _home(channel)).id
        reply = yield API.publish(PUBLISH, {"input": article(post, identifier)}, channel.secrets["token"])
        sent = API.read(_Published, reply, channel).post
        return Receipt(sent.id, sent.url, sent.published_at or "")

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by the slug made for it.

        Should Hashnode have given it another slug, an article of its title or address is among the latest: then
        nothing is said rather than something wrong.
        """
        reply = yield API.ask(LOOK, {**_publication(channel), "slug": slug(post)}, channel.secrets["token"])
        look = API.read(_Look, reply, channel)
        if look.post:
            return Receipt(look.post.id, look.post.url, utc_text(look.post.at))
        if any(edge.node.resembles(post) for edge in look.latest if edge.node.at >= since):
            raise OutcomeUnknown("There is an article of this title or address, but at another address than expected.")
        return None

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Any publication's description, and a place for a cover."""
        home = {"id": "0" * 24, "title": "", "url": None}
        place = {"presignedPost": {"url": API.url, "fields": {"key": "x"}}}
        data = {"me": {"id": "0" * 24}, "publication": home, "createImageUploadURL": place}
        return httpx.Response(200, json={"data": data}, request=request)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """Its counts; what is said below a response counts as a comment, too."""
        reply = yield API.ask(COUNTS, {"id": receipt.id}, channel.secrets["token"])
        counted = API.read(_Counted, reply, channel).post
        if counted is None:
            raise Refused("Hashnode knows no such article, or no longer.")
        comments = counted.responses + counted.replies
        views = {} if counted.views is None else {Metric.VIEWS: counted.views}
        return {**views, Metric.LIKES: counted.reactions, Metric.COMMENTS: comments}

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask for the publication, and whether the token is anybody's."""
        home = yield from _home(channel)
        return Identity(home.id, home.title, home.url or "")


class _Published(Reply):
    post: Sent = Reads(validation_alias=AliasPath("data", "publishPost", "post"))


class _Edge(Reply):
    node: Seen


class _Look(Reply):
    post: Seen | None = Reads(validation_alias=AliasPath("data", "publication", "post"))
    latest: tuple[_Edge, ...] = Reads(validation_alias=AliasPath("data", "publication", "posts", "edges"))


class _Counts(Reply):
    views: int | None = None
    reactions: int = Reads(validation_alias="reactionCount")
    responses: int = Reads(validation_alias="responseCount")
    replies: int = Reads(validation_alias="replyCount")


class _Counted(Reply):
    post: _Counts | None = Reads(validation_alias=AliasPath("data", "post"))


class _Publication(Reply):
    id: str = Reads(pattern=r"^[0-9a-f]{24}$")
    title: str = ""
    url: str | None = None


class _Home(Reply):
    user: str = Reads(validation_alias=AliasPath("data", "me", "id"))
    publication: _Publication | None = Reads(validation_alias=AliasPath("data", "publication"))


def _home(channel: Channel) -> Conversation[_Publication]:
    reply = yield API.ask(HOME, _publication(channel), channel.secrets["token"])
    home = API.read(_Home, reply, channel).publication
    if home is None:
        raise Unauthorized("Hashnode knows no such publication.")
    return home


def _publication(channel: Channel) -> dict[str, str]:
    given = channel.settings["publication"].strip().lower()
    if OBJECT_ID.fullmatch(given):
        return {"id": given}
    host = given.removeprefix("https://").removeprefix("http://").partition("/")[0]
    if not HOST.fullmatch(host):
        raise Unauthorized("This is neither the address of a publication nor its id.")
    return {"host": host}


def _bytes(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode(errors="surrogatepass")) - len('""')


def _own_problems(post: Post) -> Iterator[Problem]:
    for what, given in (("title", post.content.title), ("text", post.content.text)):
        if not given.strip():
            yield Problem(f"content.{what}", f"An article on Hashnode needs a {what}.", f"Give it a {what}.")
    for place, tag in enumerate(post.content.tags):
        if not TAG.fullmatch(tag):
            message = "Hashnode knows a tag by letters a to z and digits; others would be lost."
            yield Problem(f"content.tags[{place}]", message, "Override the tags for this channel.")


ADAPTER: Adapter = Hashnode()
