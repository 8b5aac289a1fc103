"""The functions behind API Gateway, with moto beneath them: asked as callers ask, answers checked against OpenAPI."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import boto3
import pytest

from functions import platforms
from functions.api import handler as api
from functions.health import aws as health_aws
from functions.health import handler as health
from functions.media import handler as media
from functions.submit import handler as submit
from identity.members import Member, admitted, counting
from identity.model import Principal, Role, person_of
from identity.records import put, together, workspace_place
from media import aws as media_aws
from publishing import aws, ids
from publishing.change import Change
from publishing.clock import now
from publishing.dead_letters import DeadLetters
from publishing.ledger import Deliveries
from publishing.model import utc_text
from publishing.publication import Publication
from publishing.store import Publications
from tests import cloud
from tests.web import conformance, gateway
from tests.web.gateway import Reply
from web import aws as web_aws

BUCKET, MEDIA = "feeds", "media"
MEDIA_URL = f"https://{MEDIA}.s3.{cloud.REGION}.amazonaws.com"
FEEDS_URL = "https://feeds.test/v1/feeds"
OAUTH_URL = "https://api.example.org/v1/oauth"
WEBHOOK = {"url": "https://example.org/hook", "signing_secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}


@dataclass(frozen=True)
class Service:
    """The API, deployed in moto. Each test has workspaces of its own, so that tests may share what is deployed."""

    cloud: cloud.Cloud
    ours: str = field(default_factory=lambda: ids.new("ws"))
    theirs: str = field(default_factory=lambda: ids.new("ws"))
    person: str = field(default_factory=lambda: person_of("https://issuer.example/", ids.new("sub")))

    def ask(
        self,
        method: str,
        path: str,
        *,
        role: Role | None = Role.ADMIN,
        workspace: str = "",
        context: Mapping[str, str] | None = None,
        **request: Any,
    ) -> Reply:
        """Ask as a caller of that role; None: nobody. `context` is what the authorizer says instead."""
        caller = Principal(workspace or self.ours, "tester", role, person=self.person).context() if role else None
        event = gateway.event(method, path, context=context or caller, **request)
        handler = media if path.startswith(("/v1/media", "/v1/files")) else api
        handler = health if path == "/v1/health/deep" else handler
        handler = submit if (method, path) == ("POST", "/v1/publications") else handler
        reply = gateway.reply(handler.handle(event, None))
        conformance.insist(method, path, reply)
        return reply

    def connected(self, **changes: Any) -> Any:
        """A channel, just connected."""
        body = {"platform": "webhook", "name": "Our site", "credentials": WEBHOOK, **changes}
        return self._made("/v1/channels", body)

    def submitted(self, channel: str, **changes: Any) -> Any:
        """A publication, just submitted."""
        body = {"content": {"text": "Hello"}, "targets": [{"channel": channel}], **changes}
        return self._made("/v1/publications", body)

    def stored(self, publication: str) -> Publication:
        """A publication of ours as it is stored."""
        found = Publications("publications", now).publication(self.ours, publication)
        assert found is not None
        return found

    def attempted(self, publication: str, change: Change) -> None:
        """Write what the platform's function would write of one attempt at a publication's first target."""
        stored, deliveries = self.stored(publication), Deliveries("publications", now)
        taken, mine = deliveries.claim(stored, stored.targets[0], lease_s=60)
        assert mine
        deliveries.settle(stored, stored.targets[0], taken, change)

    def series(self, channel: str, **changes: Any) -> Any:
        """A series, just made."""
        return self._made("/v1/series", {**weekly(channel), **changes})

    def key(self, **changes: Any) -> Any:
        """An API key, just made."""
        return self._made("/v1/api-keys", {"name": "Tests", "role": "viewer", **changes})

    def founded(self, **more: Any) -> None:
        """Store our workspace, as an operator would have made it before."""
        made = {"name": "Ours", "created_at": utc_text(now()), "admins": 0, **more}
        item = put("channels", {**workspace_place(self.ours), **made})
        assert together(aws.dynamodb(), [item]) == []

    def invited(self, **changes: Any) -> Any:
        """An invitation, just made."""
        return self._made("/v1/invitations", {"role": "author", "label": "bob@example.org", **changes})

    def joined(self, role: Role, name: str = "Bob", person: str = "") -> Member:
        """A member of our workspace, who just joined."""
        person = person or person_of("https://issuer.example/", ids.new("sub"))
        member = Member.of(self.ours, person, name, role, at=now(), by="tester")
        counted = counting("channels", self.ours, int(member.is_admin))
        assert together(aws.dynamodb(), [*admitted("channels", member), counted]) == []
        return member

    def webhook(self, **changes: Any) -> Any:
        """A webhook, just made."""
        return self._made("/v1/webhooks", {"url": "https://example.org/told", **changes})

    def sent(self, queue: str) -> list[Any]:
        """Our messages on a queue, taken off it with all others."""
        bodies = map(json.loads, self.cloud.received(queue))
        return [body for body in bodies if body["workspace"] == self.ours]

    def items(self, table: str) -> list[Any]:
        """Our items in a table, but for what is written of every operation."""
        found = boto3.client("dynamodb", region_name=cloud.REGION).scan(TableName=table)["Items"]
        ours = (item for item in found if item["pk"]["S"].startswith(self.ours))
        return [item for item in ours if "#AUDIT" not in item["pk"]["S"]]

    def feed(self, token: str) -> None:
        """Store a feed."""
        document = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "News",
            "home_page_url": "https://example.org",
            "_postroom": {"id": "urn:uuid:9c807c31-42a7-42bd-abed-99b66fb99b60"},
            "items": [
                {
                    "id": "urn:uuid:9c807c31-42a7-42bd-abed-99b66fb99b61",
                    "content_html": "<p>Hello</p>",
                    "content_text": "Hello",
                    "date_published": "2026-11-20T12:00:00Z",
                }
            ],
        }
        key = f"feeds/{token}/feed.json"
        boto3.client("s3", region_name=cloud.REGION).put_object(Bucket=BUCKET, Key=key, Body=json.dumps(document))

    def uploaded(self, content: bytes) -> Any:
        """Media, just announced and uploaded."""
        made = self._made("/v1/media", {"size_bytes": len(content)})
        boto3.client("s3", region_name=cloud.REGION).put_object(
            Bucket=MEDIA, Key=f"{self.ours}/{made['id']}", Body=content
        )
        return made

    def _made(self, path: str, body: dict[str, Any]) -> Any:
        reply = self.ask("POST", path, body=body)
        assert reply.status < 300, reply.text
        return reply.json


def weekly(channel: str) -> dict[str, Any]:
    """A series for that channel, each Monday and Thursday."""
    return {
        "content": {"text": "Hello"},
        "targets": [{"channel": channel}],
        "zone": "Europe/Zurich",
        "starts_at": "2026-11-02T09:00:00",
        "rule": "FREQ=WEEKLY;BYDAY=MO,TH",
    }


@contextmanager
def deployed() -> Iterator[cloud.Cloud]:
    """Everything the functions need, in moto, with a queue for every platform."""
    with cloud.moto(), pytest.MonkeyPatch.context() as monkeypatch:
        made = cloud.make(platforms.names())
        key = boto3.client("kms", region_name=cloud.REGION).create_key()["KeyMetadata"]["Arn"]
        here: Any = {"LocationConstraint": cloud.REGION}
        for bucket in (BUCKET, MEDIA):
            boto3.client("s3", region_name=cloud.REGION).create_bucket(Bucket=bucket, CreateBucketConfiguration=here)
        environment = {
            **cloud.environment(),
            **cloud.notifying(),
            "credentials_key_arn": key,
            "feeds_bucket": BUCKET,
            "feeds_public_url": FEEDS_URL,
            "media_bucket": MEDIA,
            "media_url": MEDIA_URL,
            "oauth_url": OAUTH_URL,
            "return_to": "https://app.example.org,https://other.example.org",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name.upper(), value)
        monkeypatch.setattr(api, "DeadLetters", partial(DeadLetters, wait_s=0))  # moto overlooks nothing
        _forget()
        yield made
        _forget()


def _forget() -> None:
    composed = (api.router, submit.router, media.router, health.router, web_aws.s3, media_aws.s3)
    clients = (health_aws.sqs, health_aws.cloudwatch, health_aws.sesv2, web_aws.impatient_dynamodb)
    for each in (*composed, *clients):
        each.cache_clear()
