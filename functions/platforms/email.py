"""E-mail to a channel's list of addresses, sent with Amazon SES.

SES has neither an idempotency token nor a way to read back what was sent, so there is no `find`: a lost answer stays
unknown until a person looks. Each message carries the delivery's id in a tag, for its events, and in a header.

Source: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html (read 2026-11-20); for its events
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html (read 2026-11-21)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

import httpx
from pydantic import Field as Key

from functions.platforms import _letter, _mailbox, _ses, _sns
from functions.platforms._checks import insist, is_url, problems
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Kind, Limits, Resource, Takes
from publishing.errors import Unauthorized
from publishing.inbound import Call, Heard
from publishing.model import Channel, Identity, Post, Problem, Receipt
from publishing.replies import Reply, parsed

RECIPIENTS = 50  # the most SES takes for one message

_MAILTO = re.compile(r"mailto:[!-;=?-~]+@[!-;=?-~]+")
_NO_TAG = re.compile(r"[^A-Za-z0-9_-]")


class Sent(Reply):
    """SES has taken the message."""

    id: str = Key(alias="MessageId")


class Sender(Reply):
    """An address or domain as SES knows it."""

    verified: bool = Key(alias="VerifiedForSendingStatus", default=False)


@dataclass(frozen=True, slots=True)
class Mailing:
    """From whom, to whom, and how to leave."""

    sender: str
    name: str
    reply_to: list[str]
    recipients: list[str]
    unsubscribe: str


class Email:
    """Sends one message to all addresses of a channel."""

    name = "email"
    title = "E-mail (Amazon SES)"
    limits = Limits(
        text_chars=200_000, title_chars=250, media=20, video=Takes(), embeds=True
    )  # no mail program plays one: linked
    credentials = Credentials(
        (
            Field(
                "from_address",
                Kind.EMAIL,
                "From",
                help="Verified in Amazon SES and granted to the workspace, itself or its domain.",
                granted=True,
            ),
            Field("from_name", label="Sender's name", required=False, max_chars=_mailbox.NAME_CHARS),
            Field("recipients", Kind.EMAILS, "Recipients", secret=True, help="1 to 50.", max_chars=13_000),
            Field("reply_to", Kind.EMAIL, "Replies to", required=False),
            Field(
                "unsubscribe",
                label="Unsubscribe at",
                required=False,
                help="mailto:…, or an https:// address that takes the POST of RFC 8058; else replies to the sender.",
                max_chars=900,
            ),
            Field("language", label="Language", required=False, help="As in en or pt-BR.", max_chars=35),
            Field(
                "sns_topic_arn",
                label="Topic of its events",
                required=False,
                help="ARN of the Amazon SNS topic that SES's events go to; the channel's callback is subscribed to it.",
                max_chars=2048,
            ),
        )
    )
    uses = frozenset({Resource.MAIL})
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being sent."""
        found = problems(post, self.limits)
        if _mailbox.line(post.content.title):
            return found
        return [*found, Problem("content.title", "An e-mail needs a subject.", "Give the content a title.")]

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Send it; the receipt's id is SES's own, which its events repeat."""
        insist(self.check(post))
        reply = yield httpx.Request(
            "POST",
            f"{channel.aws['mail']}/v2/email/outbound-emails",
            json=_message(post, channel, _mailing(channel)),
            extensions={**PUBLISHES, "aws": "ses"},
        )
        if not reply.is_success:
            raise _ses.error(reply, channel)
        return Receipt(parsed(Sent, reply).id)

    def hear(self, call: Call, channel: Channel, now: datetime) -> Conversation[str | Sequence[Heard]]:
        """That SES did not send what it took; or agree to hear of the channel's topic, as Amazon SNS asks first."""
        message = yield from _sns.notified(call, topic=channel.settings.get("sns_topic_arn", "").strip(), now=now)
        return _ses.refusals(message.text, message.id, channel) if message else ""

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """The sender, once SES has said that its address, its domain or a domain above may send."""
        mailing = _mailing(channel)
        for identity in (mailing.sender, *_mailbox.domains(mailing.sender)):
            reply = yield _identity(identity, channel)
            if reply.status_code == httpx.codes.NOT_FOUND:
                continue
            if not reply.is_success:
                raise _ses.error(reply, channel)
            if parsed(Sender, reply).verified:
                return Identity(mailing.sender, mailing.name)
        raise Unauthorized("Amazon SES has verified neither the sender's address nor its domain.", code="unverified")


def _identity(identity: str, channel: Channel) -> httpx.Request:
    url = f"{channel.aws['mail']}/v2/email/identities/{quote(identity, safe='')}"
    return httpx.Request("GET", url, extensions={"aws": "ses"})


def _message(post: Post, channel: Channel, mailing: Mailing) -> dict[str, object]:
    footer = _letter.Footer(mailing.name or mailing.sender, mailing.unsubscribe, channel.settings.get("language", ""))
    tags = {"delivery": post.id, "workspace": channel.workspace, "channel": channel.id}
    headers = _headers(post, channel, mailing)
    simple = {
        "Subject": _utf8(_mailbox.line(post.content.title)),
        "Body": {
            "Text": _utf8(_letter.text(post.content, footer)),
            "Html": _utf8(_letter.html(post.content, footer)),
        },
        "Headers": [{"Name": name, "Value": value} for name, value in headers],
    }
    return {
        "FromEmailAddress": _mailbox.named(mailing.name, mailing.sender) if mailing.name else mailing.sender,
        "ReplyToAddresses": mailing.reply_to,
        # Several are blind copies: nobody learns who else is on the list.
        "Destination": {"ToAddresses" if len(mailing.recipients) == 1 else "BccAddresses": mailing.recipients},
        "Content": {"Simple": simple},
        "ConfigurationSetName": channel.aws["mail_configuration_set"],
        "EmailTags": [{"Name": name, "Value": _tag(value)} for name, value in tags.items()],
    }


def _headers(post: Post, channel: Channel, mailing: Mailing) -> Iterator[tuple[str, str]]:
    domain = mailing.sender.rpartition("@")[2]
    yield "List-Id", _mailbox.named(channel.name, f"{_tag(channel.id)}.{domain}")
    yield "List-Unsubscribe", f"<{mailing.unsubscribe}>"
    if mailing.unsubscribe.startswith("https:"):
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    yield "X-Postroom-Delivery", _tag(post.id)


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def _tag(text: str) -> str:
    return _NO_TAG.sub("-", text)[:256]


def _mailing(channel: Channel) -> Mailing:
    """What the channel says, as mail takes it.

    Raises:
        Unauthorized: something in it is wrong. The channel is at fault and not the post, which is held; no message
            repeats an address.
    """
    settings = channel.settings
    sender = _address(settings["from_address"])
    return Mailing(
        sender=sender,
        name=_mailbox.line(settings.get("from_name", "")),
        reply_to=[_address(settings["reply_to"])] if settings.get("reply_to") else [],
        recipients=_recipients(channel),
        unsubscribe=_unsubscribe(settings.get("unsubscribe", "").strip(), sender),
    )


def _address(text: str) -> str:
    try:
        return _mailbox.address(text)
    except ValueError as error:
        raise Unauthorized("This channel's sender or reply address is no e-mail address.", code="address") from error


def _recipients(channel: Channel) -> list[str]:
    try:
        found = _mailbox.addresses(channel.secrets["recipients"])
    except ValueError as error:
        raise Unauthorized("One of this channel's recipients is no e-mail address.", code="recipients") from error
    if not 0 < len(found) <= RECIPIENTS:
        raise Unauthorized(f"This channel has {len(found)} recipients; it takes 1 to {RECIPIENTS}.", code="recipients")
    return found


def _unsubscribe(given: str, sender: str) -> str:
    if not given:
        return f"mailto:{quote(sender, safe='@')}?subject=unsubscribe"
    if _MAILTO.fullmatch(given) or (is_url(given, "https") and given.isascii() and not set(given) & set("<>")):
        return given
    raise Unauthorized("This channel's unsubscribe address is neither https:// nor mailto:.", code="unsubscribe")


ADAPTER: Adapter = Email()
