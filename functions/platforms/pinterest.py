"""Pins on a Pinterest board: of one picture or several, or of a video.

Source: https://developers.pinterest.com/docs/api/v5/pins-create and the OpenAPI description 5.23.0 in
github.com/pinterest/api-description (read 2026-11-21). Contract by documentation: never run against Pinterest itself.
An app with trial access creates Pins at the API sandbox only, which has tokens and boards of its own.
Pinterest fetches pictures itself; a video is handed over, and pinned when Pinterest has processed it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
from pydantic import AliasPath
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from functions.platforms._grants import basic, renewed
from functions.platforms._markdown import to_plain
from functions.platforms._pin_videos import handed_over, still_processing
from functions.platforms._pins import further_problems, pin_of, video_of, words
from functions.platforms._pinterest import API, ENDED, OF_THE_APP, SPENT, TRIAL, base, request, taken
from functions.platforms._pinterest_consent import CONSENT, accounts_of
from publishing.adapter import Adapter, Conversation, Credentials, Field, Kind, Life, Limits, Rate, Resource, Takes
from publishing.consent import Account, Grant
from publishing.errors import OutcomeUnknown, Unauthorized
from publishing.model import Channel, Fresh, Identity, Metric, Outcome, Pending, Post, Problem, Receipt, utc_text
from publishing.replies import Reply, parsed, publishes, spent_for_s

SITE = "https://www.pinterest.com"
HOSTS = tuple(address.removeprefix("https://") for address in (API, TRIAL))
PAGE, PAGES = 100, 40

EARLIER = timedelta(minutes=5)  # clocks differ
COUNTED = {
    "impression": Metric.VIEWS,
    "reaction": Metric.LIKES,
    "comment": Metric.COMMENTS,
    "save": Metric.SAVES,
    "clickthrough": Metric.CLICKS,  # to where the Pin leads
}
PICTURES = ("image/png", "image/jpeg", "image/webp", "image/bmp", "image/tiff")
SCOPES = "OAuth 2.0, with boards:read, boards:write, pins:read, pins:write; 30 days, or less where it is renewed."
REFRESH_HELP = "With it and the app's id and secret the access token is renewed; it lasts 60 days, each time anew."


class Pinterest:
    """Publishes Pins; Pinterest itself fetches their pictures from where they are."""

    name = "pinterest"
    title = "Pinterest"
    # What the category `org_write` allows in a minute could not be read; one a second is our own caution.
    # A video goes in one request, of five minutes at most: Pinterest's 2 GB would take too long, so half of it is ours.
    limits = Limits(
        text_chars=800,
        title_chars=100,
        media=5,
        timeout_s=300.0,
        lag_s=60.0,
        rate=Rate(60, 60.0),
        image=Takes(types=PICTURES, size_bytes=20_000_000),
        video=Takes(types=("video/mp4", "video/quicktime", "video/x-m4v"), size_bytes=10**9, seconds=(4.0, 900.0)),
    )
    credentials = Credentials(
        (
            Field("access_token", label="Access token", secret=True, required=False, help=SCOPES),
            Field("board_id", label="Board id", help="A number; GET /v5/boards tells it.", max_chars=30),
            Field("board_section_id", label="Section id", required=False, help="A number.", max_chars=30),
            Field("base_url", Kind.URL, "API", required=False, hosts=HOSTS, help=f"{TRIAL} for trial access."),
            Field("refresh_token", label="Refresh token", secret=True, required=False, help=REFRESH_HELP),
            Field("client_id", label="App id", required=False, max_chars=100),
            Field("client_secret", label="App secret", secret=True, required=False),
        )
    )
    consent = CONSENT
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        found = problems(post, self.limits, count=lambda text: len(to_plain(text)))
        return [*found, *further_problems(post)]

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Create the Pin; of a video, hand that over first."""
        insist(self.check(post))
        where, video = _where(channel), video_of(post)
        if video:
            return (yield from handed_over(video, self.limits, channel))
        return (yield from _created({**where, **pin_of(post)}, channel))

    def resume(self, pending: Pending, post: Post, channel: Channel) -> Conversation[Outcome]:
        """Create the Pin of a video that is processed, unless it is out: a worker may have died after it did that."""
        waiting = yield from still_processing(pending.state, channel)
        out = waiting or (yield from self.find(post, channel, post.at - EARLIER))
        pin = {**_where(channel), **pin_of(post, pending.state.get("media", ""))}
        return out or (yield from _created(pin, channel))

    def stand_in(self, request: httpx.Request) -> httpx.Response:
        """A video's length, then a place for it."""
        if request.method == "GET":
            return httpx.Response(206, headers={"content-range": "bytes 0-0/1"}, request=request)
        place = {"media_id": "0", "upload_url": SITE, "upload_parameters": {}}
        return httpx.Response(201, json=place, request=request)

    def pause_s(self, reply: httpx.Response) -> float:
        """Until Pinterest allows the next one."""
        return spent_for_s(reply, **SPENT) if publishes(reply) else 0.0

    def find(self, post: Post, channel: Channel, since: datetime) -> Conversation[Receipt | None]:
        """The receipt of `post`, by all the words it has, on the whole board: its owner may have arranged it anew."""
        if not any(words(post)):
            raise OutcomeUnknown("Without a word it cannot be told from other Pins.")
        path = _listed(channel)
        for _ in range(PAGES):
            page = parsed(_Page, taken((yield request("GET", path, channel)), channel))
            found = next((own for own in page.items if own.created >= since and own.is_of(post)), None)
            if found or not page.bookmark:
                return Receipt(found.id, f"{SITE}/pin/{found.id}/", utc_text(found.created)) if found else None
            path = f"{_listed(channel)}&{urlencode({'bookmark': page.bookmark})}"
        raise OutcomeUnknown(f"It is not among {PAGE * PAGES} Pins of the board, and there are more.")

    def remove(self, receipt: Receipt, channel: Channel) -> Conversation[None]:
        """Delete the Pin."""
        reply = yield request("DELETE", f"pins/{receipt.id}", channel)
        if reply.status_code != httpx.codes.NOT_FOUND:
            taken(reply, channel)

    def metrics(self, receipt: Receipt, channel: Channel) -> Conversation[Mapping[Metric, int]]:
        """Its counts since it is there; Pinterest tells them to business accounts alone."""
        reply = yield request("GET", f"pins/{receipt.id}?pin_metrics=true", channel)
        counts = parsed(_Counted, taken(reply, channel)).counts or {}
        return {metric: round(counts[name] or 0) for name, metric in COUNTED.items() if name in counts}

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """Thirty days, where there is something to renew it with."""
        return Life(2_592_000.0) if "refresh_token" in supplied else None

    def refresh(self, channel: Channel) -> Conversation[Fresh]:
        """Another access token, and another refresh token."""
        url, headers = f"{base(channel)}/oauth/token", basic(channel)
        return (yield from renewed(channel, self.title, url, headers=headers, ended=ENDED, of_the_app=OF_THE_APP))

    def accounts(self, grant: Grant) -> Conversation[Sequence[Account]]:
        """The boards of whoever consented."""
        return (yield from accounts_of(grant))

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Read the board."""
        reply = yield request("GET", f"boards/{_number('board_id', channel)}", channel)
        board = parsed(_Board, taken(reply, channel))
        return Identity(board.id, board.name, f"{SITE}/{board.owner}/")


class _Made(Reply):
    id: str = Reads(pattern="^[0-9]+$")
    created_at: str | None = None


class _Own(Reply):
    id: str = Reads(pattern="^[0-9]+$")
    created_at: datetime
    title: str | None = None
    description: str | None = None
    alt_text: str | None = None

    @property
    def created(self) -> datetime:
        return self.created_at if self.created_at.tzinfo else self.created_at.replace(tzinfo=UTC)

    def is_of(self, post: Post) -> bool:
        """Whether it has the post's words; where the post has none, Pinterest may have set some."""
        own = [(text or "").split() for text in (self.title, self.description, self.alt_text)]
        return all(given in ([], there) for given, there in zip(words(post), own, strict=True))


class _Page(Reply):
    items: tuple[_Own, ...]
    bookmark: str | None = None


class _Counted(Reply):
    counts: dict[str, float | None] | None = Reads(None, validation_alias=AliasPath("pin_metrics", "lifetime_metrics"))


class _Board(Reply):
    id: str
    name: str
    owner: str = Reads(default="", validation_alias=AliasPath("owner", "username"))


def _number(name: str, channel: Channel) -> str:
    number = channel.settings.get(name, "").strip()
    if not re.fullmatch("[0-9]+" if name == "board_id" else "[0-9]*", number):
        raise Unauthorized(f"The {name} of this channel is not a number.")
    return number


def _listed(channel: Channel) -> str:
    section = _number("board_section_id", channel)
    within = f"boards/{_number('board_id', channel)}" + (f"/sections/{section}" if section else "")
    return f"{within}/pins?page_size={PAGE}"


def _where(channel: Channel) -> dict[str, str]:
    numbers = {name: _number(name, channel) for name in ("board_id", "board_section_id")}
    return {name: number for name, number in numbers.items() if number}


def _created(pin: dict[str, object], channel: Channel) -> Conversation[Receipt]:
    reply = yield request("POST", "pins", channel, json=pin, publishes=True)
    made = parsed(_Made, taken(reply, channel))
    return Receipt(made.id, f"{SITE}/pin/{made.id}/", made.created_at or "")


ADAPTER: Adapter = Pinterest()
