"""What can be done at /v1/webhooks. Generated: `make client`."""

from __future__ import annotations

from collections.abc import Iterator

from postroom_client.asking import Call
from postroom_client.calling import Caller, new_key, path
from postroom_client.schemas import (
    NewWebhook,
    Replay,
    Replayed,
    Webhook,
    WebhookChanges,
    WebhookLogEntry,
    Webhooks,
    WebhookTested,
    WebhookWithSecret,
)


class WebhooksOperations(Caller):
    """What can be done at /v1/webhooks."""

    def create_webhook(self, body: NewWebhook, *, idempotency_key: str | None = None) -> WebhookWithSecret:
        """Have an address told of events, signed (Standard Webhooks); this answer alone holds the secret. Needs the
        role editor.
        """
        answer: WebhookWithSecret = self._document(
            Call("POST", "/v1/webhooks", answers=(201,), body=body, idempotency_key=idempotency_key or new_key())
        )
        return answer

    def list_webhooks(self) -> Webhooks:
        """List webhooks. Needs the role editor."""
        answer: Webhooks = self._document(Call("GET", "/v1/webhooks", answers=(200,)))
        return answer

    def read_webhook(self, webhook: str) -> Webhook:
        """Read a webhook. Needs the role editor."""
        answer: Webhook = self._document(Call("GET", path("/v1/webhooks/{}", webhook), answers=(200,)))
        return answer

    def change_webhook(
        self, webhook: str, body: WebhookChanges | None = None, *, if_match: str | None = None
    ) -> Webhook:
        """Give a webhook another address, name or filter, stop it, or have it called again. Needs the role editor."""
        answer: Webhook = self._document(
            Call("PATCH", path("/v1/webhooks/{}", webhook), answers=(200,), body=body or {}, if_match=if_match)
        )
        return answer

    def delete_webhook(self, webhook: str, *, if_match: str | None = None) -> None:
        """Delete a webhook. Needs the role editor."""
        self._nothing(Call("DELETE", path("/v1/webhooks/{}", webhook), answers=(204,), if_match=if_match))

    def rotate_webhook(self, webhook: str, *, idempotency_key: str | None = None) -> WebhookWithSecret:
        """Give a webhook another secret; for 24 hours the one before signs, too. Needs the role editor."""
        answer: WebhookWithSecret = self._document(
            Call(
                "POST",
                path("/v1/webhooks/{}/rotate", webhook),
                answers=(200,),
                body={},
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer

    def test_webhook(self, webhook: str, *, idempotency_key: str | None = None) -> WebhookTested:
        """Send a webhook.test event; its log tells what came of it. Needs the role editor."""
        answer: WebhookTested = self._document(
            Call(
                "POST",
                path("/v1/webhooks/{}/test", webhook),
                answers=(202,),
                body={},
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer

    def list_webhook_log(
        self,
        webhook: str,
        *,
        since: str | None = None,
        until: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Iterator[WebhookLogEntry]:
        """List what a webhook was told in the last 30 days, newest first, with every attempt. Needs the role editor."""
        return self._items(
            Call(
                "GET",
                path("/v1/webhooks/{}/log", webhook),
                answers=(200,),
                query={"since": since, "until": until, "limit": limit, "cursor": cursor},
            )
        )

    def replay_webhook(
        self, webhook: str, body: Replay | None = None, *, idempotency_key: str | None = None
    ) -> Replayed:
        """Tell one event again, or all of a range of time, with the ids they had. Needs the role editor."""
        answer: Replayed = self._document(
            Call(
                "POST",
                path("/v1/webhooks/{}/replay", webhook),
                answers=(202,),
                body=body or {},
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer
