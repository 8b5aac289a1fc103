"""A workspace with one of everything, and every operation asked of it in good order."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from channels.grants import Grants, StoredGrant
from channels.model import Sealed
from channels.offers import Offer
from identity.model import Role
from publishing import ids
from publishing.change import Change
from publishing.clock import now
from publishing.model import DeliveryState
from publishing.operations import Operations
from tests.functions.service import WEBHOOK, Service, weekly
from tests.media.test_looking import picture
from tests.web.gateway import Reply
from web import contract, dead_letters, decisions, grants, media, people, series, webhooks
from web.operation import Operation

Asked = Operation[Any, Any]

READY = {
    decisions.RESOLVE_DELIVERY.id: [DeliveryState.UNCERTAIN],
    decisions.RETRY_DELIVERY.id: [DeliveryState.FAILED],
    decisions.RETRY_PUBLICATION.id: [DeliveryState.FAILED],
}


def named(value: object) -> str:
    return value.id if isinstance(value, Operation) else str(value)


@dataclass
class Ours:
    """A workspace with one of everything, and how to ask each operation so that it can be done."""

    service: Service
    names: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def __post_init__(self) -> None:
        self.service.founded()
        channel = self.service.connected()["id"]
        submitted = self.service.submitted(channel)
        self.service.feed(channel)
        invited = self.service.invited()
        self.names = {
            "channel": channel,
            "publication": submitted["id"],
            "delivery": submitted["deliveries"][0]["id"],
            "series": self.service.series(channel)["id"],
            "key": self.service.key()["id"],
            "token": channel,
            "platform": "webhook",
            "format": "rss.xml",
            "workspace": self.service.ours,
            "grant": _offered(self.service),
            "media": self.service.uploaded(picture("PNG"))["id"],
            "member": self.service.joined(Role.AUTHOR).id,
            "invitation": invited["id"],
            "webhook": self.service.webhook()["id"],
        }
        self.token = invited["token"]

    def ask(self, operation: Asked, *, sent: Any = None, **caller: Any) -> Reply:
        """Ask in good order, as that caller; `sent` is another body than the usual one."""
        body = self.bodies.get(operation.id) if sent is None else sent
        query = {"confirm": "webhook"} if operation is dead_letters.PURGE_DEAD_LETTERS else {}
        return self.service.ask(operation.method, operation.path.format(**self.names), body=body, query=query, **caller)

    @property
    def bodies(self) -> dict[str, Any]:
        """What operations with a body are sent."""
        return {
            contract.SUBMIT.id: {"content": {"text": "Hi"}, "targets": [{"channel": self.names["channel"]}]},
            contract.CONNECT_CHANNEL.id: {"platform": "webhook", "name": "Site", "credentials": WEBHOOK},
            contract.CHANGE_CHANNEL.id: {"name": "Renamed"},
            contract.TEST_CHANNEL.id: {"publish": True},
            series.CREATE_SERIES.id: weekly(self.names["channel"]),
            series.CHANGE_SERIES.id: {"content": {"title": "Renamed"}},
            grants.BEGIN_GRANT.id: {"platform": "x"},
            grants.CHOOSE_ACCOUNTS.id: {"accounts": ["4711"]},
            contract.CREATE_KEY.id: {"name": "Key", "role": "viewer"},
            decisions.VALIDATE_PUBLICATION.id: {
                "content": {"text": "Hi"},
                "targets": [{"channel": self.names["channel"]}],
            },
            decisions.CHANGE_PUBLICATION.id: {"content": {"title": "Renamed"}},
            webhooks.CREATE_WEBHOOK.id: {"url": "https://example.org/told"},
            webhooks.CHANGE_WEBHOOK.id: {"name": "Renamed"},
            webhooks.REPLAY_WEBHOOK.id: {"since": "2026-11-20T12:00:00Z"},
            media.CREATE_MEDIA.id: {"size_bytes": 1},
            media.COMPLETE_MEDIA.id: {},
            media.FIT_MEDIA.id: {"platform": "instagram"},
            dead_letters.REDRIVE_DEAD_LETTERS.id: {"most": 1},
            people.CHANGE_WORKSPACE.id: {"name": "Renamed"},
            people.CHANGE_MEMBER.id: {"role": "viewer"},
            people.INVITE.id: {"role": "viewer", "label": "Bob"},
            people.ACCEPT_INVITATION.id: {"token": self.token, "name": "Bob"},
            decisions.RESOLVE_DELIVERY.id: {"outcome": "not_published"},
        }

    def make_ready_for(self, operation: Asked) -> None:
        """Bring the delivery to where this can be decided of it."""
        if operation in (media.FIT_MEDIA, media.READ_FILE):
            self.ask(media.COMPLETE_MEDIA)
        for state in READY.get(operation.id, ()):
            self.service.attempted(self.names["publication"], Change(state))


def _offered(service: Service) -> str:
    """A grant with an account to choose."""
    ends_at, store = now() + timedelta(hours=1), Grants(Operations("operations", now))
    grant = StoredGrant(ids.new("grt"), service.ours, "x", "tester", ends_at)
    store.begin(grant, "ticket")
    store.ask(grant, "ticket", state="state", browser="browser", sealed=Sealed(b"key", b"box"))
    assert store.take(grant.id, "state")
    store.offer(grant, [Offer("4711", "Press", "", ids.new("chn"), {}, (), Sealed(b"key", b"box"))], ())
    return grant.id
