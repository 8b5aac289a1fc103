"""Posts on any WordPress site, by its REST API and an application password.

Source: https://developer.wordpress.org/rest-api/reference/posts/ and github.com/WordPress/wordpress-develop:
src/wp-includes/rest-api/endpoints/class-wp-rest-{posts,attachments,terms}-controller.php, user.php (read 2026-11-21).
Contract by documentation: never run against WordPress itself. Sites without pretty permalinks have no /wp-json/.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime

import httpx
from pydantic import ConfigDict, JsonValue, RootModel
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._markdown import to_html
from functions.platforms._pictures import fetched
from publishing.adapter import FETCHES, PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Resource
from publishing.errors import PublishingError, Refused, Unauthorized
from publishing.model import Channel, Identity, Post, Problem, Receipt
from publishing.replies import Reply, error_for, parsed, quoted, read_if_readable

SLUG_CHARS, TAG_CHARS = 120, 200
LOOKED_UP_CHARS = 30  # so that no address gets too long for a server; longer tags are only made
WHERE_FROM = "Users → Profile → Application Passwords: six groups of four characters."
BRIEF = "_fields=id,link,date_gmt"  # of an answer that would else repeat the post, rendered and as it was sent
VIDEO = re.compile(r"\.(?:3gp|avi|m4v|mkv|mov|mp4|mpe?g|ogv|webm)(?:[?#]|$)", re.IGNORECASE)
STRIPPED = re.compile(r"<|%[0-9a-f]{2}|[\0-\x1f]", re.IGNORECASE)  # what WordPress takes out of a tag's name
SPEAKABLE = f"Tags here have {TAG_CHARS} characters at most, without <, %xx or control characters."
Form = dict[str, tuple[str | None, str | bytes, str | None]]  # file name, content, content type
LOGIN = ("rest_not_logged_in", "incorrect_password", "invalid_username", "invalid_email", "application_passwords_")
MAY_NOT = ("rest_cannot_", "rest_forbidden")  # that media may not be uploaded comes with a 400


class WordPress:
    """Publishes posts, with the first picture as featured image."""

    name = "wordpress"
    title = "WordPress"
    # WordPress has no bounds but a server's: these are ours. Every new tag takes a request of its own.
    limits = Limits(text_chars=100_000, title_chars=1_000, tags=20, media=20, timeout_s=60.0, own_hosts=True)
    credentials = Credentials(
        (
            Field("site_url", Kind.URL, "Site", help="The WordPress address in Settings → General."),
            Field("username", label="User name", max_chars=100, help="Of an author, editor or administrator."),
            Field("application_password", label="Application password", secret=True, help=WHERE_FROM),
        )
    )
    uses: frozenset[Resource] = frozenset()
    idempotent = False  # a slug that is taken gets a number: the second post would be another

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return [*problems(post, self.limits), *_objections(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Create the post, published at once; its tags and its featured image are made before."""
        insist(self.check(post))
        article = _article(post)
        if post.content.tags:
            article["tags"] = yield from _tags(post.content.tags, channel)
        if post.content.media:
            article["featured_media"] = yield from _picture(post, channel)
        reply = yield _request("POST", f"posts?{BRIEF}", channel, json=article, publishes=True)
        return parsed(_Thing, _taken(reply, channel)).receipt()

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """Tags and pictures that are there already."""
        found = [{"id": 1, "name": name} for name in request.url.params.get_list("slug[]")] or [{"id": 1}]
        return httpx.Response(200, json=found if request.method == "GET" else found[0], request=request)

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:  # noqa: ARG002
        """The receipt of `post`, by its slug; that is its own, whatever `since`. Only what is published is listed."""
        reply = yield _request("GET", f"posts?slug={_slug(post)}&{BRIEF}", channel)
        return next((found.receipt() for found in parsed(_Things, _taken(reply, channel)).root), None)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose password this is, and whether that user may publish."""
        reply = yield _request("GET", "users/me?context=edit&_fields=id,name,link,capabilities", channel)
        user = parsed(_Thing, _taken(reply, channel))
        if not (isinstance(user.capabilities, dict) and user.capabilities.get("publish_posts")):
            raise Unauthorized("This user may not publish posts: give it the role of an author or editor.")
        return Identity(str(user.id), user.name, user.link)


class _Thing(Reply):
    id: int = Reads(gt=0)  # of a post, a tag, a picture or a user
    name: str = ""
    link: str = Reads(default="", pattern=r"^(https?://\S+)?$")
    date_gmt: str | None = None
    capabilities: JsonValue = None

    def receipt(self) -> Receipt:
        return Receipt(str(self.id), self.link, f"{self.date_gmt}Z" if self.date_gmt else "")


class _Things(RootModel[tuple[_Thing, ...]]):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class _Trouble(Reply):
    """What WordPress says of a request it did not take; nothing where a firewall answered in its stead."""

    code: str = ""
    message: str = ""
    data: JsonValue = None

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by WordPress's own code first, by the status where that says nothing."""
        told, code, status = quoted(self.message, channel), quoted(self.code, channel), reply.status_code
        message = f"WordPress answered: {told}" if told else ""
        if self.code.startswith((*LOGIN, *MAY_NOT)):
            return Unauthorized(message, code=code, status=status)
        if self.code.startswith("rest_upload_"):
            return Refused(message, code=code, status=status)
        return error_for(reply, message, code=code)


def _taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    if reply.is_success:
        return reply
    if reply.has_redirect_location:
        raise Refused("The site redirects: connect the address it leads to.", status=reply.status_code)
    raise read_if_readable(_Trouble, reply).error(reply, channel)


def _request(
    method: str, path: str, channel: Channel, *, json: object = None, form: Form | None = None, publishes: bool = False
) -> httpx.Request:
    url = f"{channel.settings['site_url'].strip().rstrip('/')}/wp-json/wp/v2/{path}"
    login = f"{channel.settings['username'].strip()}:{channel.secrets['application_password'].strip()}"
    headers = {"authorization": f"Basic {base64.b64encode(login.encode(errors='replace')).decode()}"}
    return httpx.Request(method, url, headers=headers, json=json, files=form, extensions=PUBLISHES if publishes else {})


def _tags(names: Sequence[str], channel: Channel) -> Conversation[list[int]]:
    """The numbers of tags; those the site does not know yet are made."""
    asked = [name for name in names if len(name) <= LOOKED_UP_CHARS]
    query = httpx.QueryParams({"slug[]": asked, "per_page": 100, "_fields": "id,name"})
    reply = yield _request("GET", f"tags?{query}", channel)
    known = {_key(html.unescape(tag.name)): tag.id for tag in parsed(_Things, _taken(reply, channel)).root}
    for name in names:
        if _key(name) not in known:
            known[_key(name)] = yield from _new_tag(name, channel)
    return list(dict.fromkeys(known[_key(name)] for name in names))


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _new_tag(name: str, channel: Channel) -> Conversation[int]:
    reply = yield _request("POST", "tags?_fields=id", channel, json={"name": name})
    match read_if_readable(_Trouble, reply):
        case _Trouble(code="term_exists", data={"term_id": int(there)}):  # made just now, or spelled otherwise
            return there
    return parsed(_Thing, _taken(reply, channel)).id


def _picture(post: Post, channel: Channel) -> Conversation[int]:
    """The number of the first picture in the site's library: an earlier attempt may have left it there."""
    slug = f"picture-{_slug(post)}"
    reply = yield _request("GET", f"media?slug={slug}&_fields=id", channel)
    for there in parsed(_Things, _taken(reply, channel)).root:
        return there.id
    picture = yield from fetched(post.content.media[0], most_bytes=FETCHES["answer_bytes"])
    name = f"{slug}.{picture.content_type.rpartition('/')[2]}"
    form: Form = {"slug": (None, slug, None), "alt_text": (None, picture.alt, None)}
    form["file"] = (name, picture.data, picture.content_type)
    reply = yield _request("POST", "media?_fields=id", channel, form=form)
    return parsed(_Thing, _taken(reply, channel)).id


def _article(post: Post) -> dict[str, object]:
    title, excerpt = (html.escape(text, quote=False) for text in (post.content.title, post.content.summary))
    texts = {"title": title, "content": _html(post), "excerpt": excerpt}
    return {**{name: text for name, text in texts.items() if text}, "slug": _slug(post), "status": "publish"}


def _html(post: Post) -> str:
    """The text, further pictures and the link, in a block of HTML: WordPress makes line breaks of lines elsewhere.

    Brackets are escaped, since WordPress takes words between them for short codes. Both uncertain: not tried.
    """
    link = html.escape(post.content.link)
    pictures = [(html.escape(media.url), html.escape(media.alt)) for media in post.content.media[1:]]
    shown = to_html(post.content.text) + "".join(
        f'<figure><img src="{url}" alt="{alt}"></figure>\n' for url, alt in pictures
    )
    shown += f'<p><a href="{link}">{link}</a></p>\n' if link else ""
    return f"<!-- wp:html -->\n{shown.replace('[', '&#91;')}<!-- /wp:html -->" if shown else ""


def _slug(post: Post) -> str:
    """The title's words and what tells this post from any other of that title."""
    plain = unicodedata.normalize("NFKD", post.content.title).encode("ascii", "ignore").decode().lower()
    words = "-".join(re.findall("[a-z0-9]+", plain))[:SLUG_CHARS].strip("-")
    return f"{words or 'post'}-{hashlib.sha256(post.id.encode()).hexdigest()[:12]}"


def _objections(post: Post) -> Iterator[Problem]:
    content = post.content
    if len(content.media) == 1 and not f"{content.title}{content.text}{content.summary}{content.link}".strip():
        yield Problem("content.text", "A post on WordPress needs more than a featured image.", "Give it a text.")
    for place, tag in enumerate(content.tags):
        if not tag.strip() or len(tag) > TAG_CHARS or STRIPPED.search(tag):
            yield Problem(f"content.tags[{place}]", SPEAKABLE, "Override the tags for this channel.")
    for place, media in enumerate(content.media):
        if VIDEO.search(media.url):
            yield Problem(f"content.media[{place}].url", "Videos cannot be published here yet.", "Link to it instead.")


ADAPTER: Adapter = WordPress()
