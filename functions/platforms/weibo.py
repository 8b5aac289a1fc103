"""Posts on Weibo as an ordinary app may share them: with a link to a page within the app's own domain.

Source: https://open.weibo.com/wiki/2/statuses/share, …/wiki/Rate-limiting, …/wiki/2/statuses/user_timeline,
…/wiki/2/statuses/count, …/wiki/2/statuses/destroy and …/wiki/Oauth2/get_token_info (read 2026-11-21). Contract by
documentation: never run against Weibo itself.
Tokens end (after 30 days, a day for an app that is not reviewed) and ordinary apps get none to renew them with. That an
authorization was withdrawn Weibo calls back without any signature, so nothing of that is heard.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import httpx

from functions.platforms._checks import insist, problems
from functions.platforms._markdown import to_plain
from functions.platforms._pictures import Picture, fetched
from functions.platforms._weibo import (
    API,
    DELAYED,
    GONE,
    REPEATED,
    URL,
    Counts,
    Status,
    Timeline,
    Token,
    User,
    asked,
    code_of,
    error_of,
    posted,
    taken,
    token_of,
)
from functions.platforms._weibo_consent import CONSENT, accounts_of
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Limits, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import OutcomeUnknown, PublishingError, Refused, Unauthorized
from publishing.model import Channel, Identity, Metric, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import parsed

UNITS = 280  # 140 Chinese characters; what is ASCII is half as wide
LINK_UNITS = 22  # an address is shortened to 10 or 11 Chinese characters, people say; Weibo's wiki does not
BREAK_UNITS = 2  # between the text and its link
PICTURE_BYTES = 5_000_000  # "<5M"
PICTURES = ("image/jpeg", "image/png", "image/gif")
PAGE = 100
EARLIER = timedelta(minutes=5)  # clocks differ
LOOKS_S = (120.0, 600.0, 3_600.0)  # "please wait 1-2 minutes", says 20032
UNTOLD = "untold"  # the id of a post that is out, but that Weibo never showed

HOST = re.compile(r"https?://(?:[^/?#@\s]*@)?([\w.-]+)", re.ASCII)
TOPIC = re.compile(r"#[^#\n]+#")


class Weibo:
    """Publishes short posts in plain text, with a link and at most one picture."""

    name = "weibo"
    title = "Weibo"
    # An app may ask 100 times a day for one user, and post 30 times an hour: a rate would spread them over the hour.
    # Tags are nothing an ordinary app may write: "#…#" is refused. A post may be hidden for two minutes (20032).
    limits = Limits(
        text_chars=UNITS - LINK_UNITS - BREAK_UNITS,
        title_chars=UNITS,
        media=1,
        timeout_s=60.0,
        in_flight=2,
        lag_s=180.0,
        image=Takes(types=PICTURES, size_bytes=PICTURE_BYTES),
    )
    credentials = Credentials(
        (
            Field("access_token", label="Access token", secret=True, help="Of the account, for your app. It ends."),
            Field(
                "safe_domain",
                label="Safe domain",
                help="As it stands in the app's basic information (安全域名): posts must link there.",
                max_chars=500,
            ),
            Field(
                "rip",
                label="IP address",
                help="The public address of the person who posts: Weibo wants to be told.",
                max_chars=45,
                sample="211.156.0.1",
            ),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        text = _text(post)
        length, unit = _length(text), "half-width characters (with the title, without the link)"
        return [*problems(post, self.limits, count=lambda _text: length, unit=unit), *_objections(text)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Share it; where Weibo says it has had it already, find it."""
        insist(self.check(post))
        form = {"access_token": token_of(channel), "status": _linked(post, channel), "rip": _address(channel)}
        picture = None
        for media in post.content.media:
            picture = yield from fetched(media, most_bytes=PICTURE_BYTES)
        reply = yield _share(form, picture, post)
        code = code_of(reply)
        if code == DELAYED:
            return Pending({"looks": "0"}, LOOKS_S[0])
        if code in REPEATED:
            found = yield from self.find(post, channel, post.at - EARLIER)
            if found is None:
                raise error_of(reply, channel)
            return found
        return parsed(Status, taken(reply, channel)).receipt()

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Look for what Weibo said is out but would be shown later; a post that it never shows is out all the same."""
        found, looks = None, int(pending.state.get("looks", "0")) + 1
        with suppress(PublishingError):
            found = yield from self.find(post, channel, post.at - EARLIER)
        if found is None and looks < len(LOOKS_S):
            return Pending({"looks": str(looks)}, LOOKS_S[looks])
        return found or Receipt(UNTOLD)

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by its words, among what the app posted after `since`."""
        reply = yield asked("2/statuses/user_timeline.json", channel, count=str(PAGE), base_app="1", feature="0")
        timeline = parsed(Timeline, taken(reply, channel))
        found = next((status for status in timeline.statuses if status.has(_text(post), since)), None)
        if found is None and timeline.goes_on(since):
            raise OutcomeUnknown(f"It is not among the last {len(timeline.statuses)} posts, and there are more.")
        return found.receipt() if found else None

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the post."""
        reply = yield posted("2/statuses/destroy.json", channel, id=_id(receipt))
        if code_of(reply) not in GONE:
            taken(reply, channel)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """How often it was liked, commented and reposted; each asking is one of the hundred of that day."""
        reply = yield asked("2/statuses/count.json", channel, ids=_id(receipt))
        counts = parsed(Counts, taken(reply, channel)).root
        return counts[0].told() if counts else {}

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """The beginning of a picture."""
        return httpx.Response(200, content=b"\x89PNG\r\n\x1a\n", request=request)

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """Whose consent it is."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask whose token this is, and for that user's name."""
        reply = yield posted("oauth2/get_token_info", channel)
        uid = parsed(Token, taken(reply, channel)).uid
        reply = yield asked("2/users/show.json", channel, uid=str(uid))
        return Identity(str(uid), parsed(User, taken(reply, channel)).screen_name, f"https://weibo.com/u/{uid}")


def _share(form: Mapping[str, str], picture: Picture | None, post: Post) -> httpx.Request:
    address = f"{API}/2/statuses/share.json"
    if picture is None:
        return httpx.Request("POST", address, data=dict(form), extensions=PUBLISHES)
    if picture.content_type not in PICTURES:
        raise Refused("Weibo takes JPEG, PNG and GIF pictures only.", code="content.media")
    boundary = hashlib.sha256(post.id.encode()).hexdigest()  # the same again for the same again
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    files = {"pic": (picture.file_name, picture.data, picture.content_type)}
    return httpx.Request("POST", address, data=dict(form), files=files, headers=headers, extensions=PUBLISHES)


def _text(post: Post) -> str:
    content, text = post.content, to_plain(post.content.text)
    link = "" if content.link in URL.findall(text) else content.link
    return "\n\n".join(part.strip() for part in (content.title, text, link) if part.strip())


def _linked(post: Post, channel: Channel) -> str:
    """The text, if one of its links leads to where Weibo wants it to."""
    text, domains = _text(post), channel.settings["safe_domain"].lower().replace(",", " ").split()
    hosts = [host.lower() for host in HOST.findall(text)]
    if not any(host == domain or host.endswith(f".{domain}") for host in hosts for domain in domains):
        raise Refused(f"Weibo wants a link to {' or '.join(domains)}: the app's own domain.", code="content.link")
    return text


def _address(channel: Channel) -> str:
    try:
        return str(ipaddress.ip_address(channel.settings["rip"].strip()))
    except ValueError as error:
        raise Unauthorized("The IP address of this channel is none.") from error


def _length(text: str) -> int:
    """In half-widths, without the one link there must be; that signs beyond the first plane are two is a guess."""
    links, rest = len(URL.findall(text)), URL.sub("", text)
    spared = LINK_UNITS + BREAK_UNITS if links else 0
    return links * LINK_UNITS + sum(1 if sign.isascii() else 2 + 2 * (sign > "\uffff") for sign in rest) - spared


def _objections(text: str) -> Iterator[Problem]:
    if not URL.search(text):
        remedy = "Give it a link to a page within your app's safe domain."
        yield Problem("content.link", "Weibo takes posts from apps only with a link to the app's own domain.", remedy)
    if TOPIC.search(URL.sub("", text)):
        yield Problem("content.text", "Weibo takes no #topic# from apps.", "Leave the number signs out.")


def _id(receipt: Receipt) -> str:
    if not (receipt.id.isascii() and receipt.id.isdigit()):
        raise Refused("Weibo never told the number of this post.")
    return receipt.id


ADAPTER: Adapter = Weibo()
