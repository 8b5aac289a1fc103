"""What can be done at /v1/deliveries. Generated: `make client`."""

from __future__ import annotations

from postroom_client.asking import Call
from postroom_client.calling import Caller, new_key, path
from postroom_client.schemas import DeliveryWithHistory, Resolution


class DeliveriesOperations(Caller):
    """What can be done at /v1/deliveries."""

    def read_delivery(self, delivery: str) -> DeliveryWithHistory:
        """Read a delivery with its whole history. Needs the role viewer."""
        answer: DeliveryWithHistory = self._document(Call("GET", path("/v1/deliveries/{}", delivery), answers=(200,)))
        return answer

    def resolve_delivery(
        self, delivery: str, body: Resolution, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> DeliveryWithHistory:
        """Say what became of an uncertain or handed-off delivery: published, or not, and so to be sent again. Needs the
        role author.
        """
        answer: DeliveryWithHistory = self._document(
            Call(
                "POST",
                path("/v1/deliveries/{}/resolve", delivery),
                answers=(200,),
                body=body,
                if_match=if_match,
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer

    def retry_delivery(
        self, delivery: str, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> DeliveryWithHistory:
        """Try again a delivery that failed or came too late; for who submitted the publication, or an admin. Needs the
        role author.
        """
        answer: DeliveryWithHistory = self._document(
            Call(
                "POST",
                path("/v1/deliveries/{}/retry", delivery),
                answers=(200,),
                body={},
                if_match=if_match,
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer

    def cancel_delivery(
        self, delivery: str, *, if_match: str | None = None, idempotency_key: str | None = None
    ) -> DeliveryWithHistory:
        """Cancel one delivery that has not left yet. Needs the role author."""
        answer: DeliveryWithHistory = self._document(
            Call(
                "POST",
                path("/v1/deliveries/{}/cancel", delivery),
                answers=(200,),
                body={},
                if_match=if_match,
                idempotency_key=idempotency_key or new_key(),
            )
        )
        return answer
