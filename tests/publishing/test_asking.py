from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import httpx

from publishing.adapter import PUBLISHES, Conversation, Life
from publishing.model import Channel, DeliveryState, Fresh, Outcome, Pending, Post, Receipt
from publishing.replies import accepted
from tests.publishing.workbench import Alpha, ReadableAlpha, Workbench, fine

State = DeliveryState


class RenewableAlpha(Alpha):
    """Shows its token, and has it renewed."""

    def publish(self, post: Post, channel: Channel) -> Conversation[Outcome]:
        """One request, with the token."""
        reply = yield httpx.Request(
            "POST",
            "https://alpha.test/posts",
            headers={"authorization": channel.secrets["token"]},
            json={"id": post.id},
            extensions=PUBLISHES,
        )
        return Receipt(accepted(reply).json()["id"])

    def life(self, supplied: Mapping[str, str]) -> Life | None:
        """An hour, where there is a token."""
        return Life(3_600.0) if "token" in supplied else None

    def refresh(self, _channel: Channel) -> Conversation[Fresh]:
        """One request."""
        accepted((yield httpx.Request("PUT", "https://alpha.test/token")))
        return Fresh({"token": "renewed"})


class BegunAlpha(ReadableAlpha):
    """One of whose threads a part may be out."""

    def resume(self, pending: Pending, _post: Post, _channel: Channel) -> Conversation[Outcome]:
        """The rest."""
        reply = yield httpx.Request("POST", f"https://alpha.test/after/{pending.state['last']}", extensions=PUBLISHES)
        return Receipt(accepted(reply).json()["id"])

    def find(self, post: Post, _channel: Channel, _since: datetime) -> Conversation[Receipt | Pending | None]:  # type: ignore[override]
        """The first part is always there."""
        accepted((yield httpx.Request("GET", f"https://alpha.test/posts/{post.id}")))
        return Pending({"last": "p-1"}, 0.0)


def only_renewed(request: httpx.Request) -> httpx.Response:
    known = request.method != "POST" or request.headers["authorization"] == "renewed"
    return fine(request) if known else httpx.Response(401, request=request)


def lost(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("gone", request=request)


def test_refused_credentials_are_renewed_and_the_post_goes_out_at_the_same_attempt(workbench: Workbench) -> None:
    workbench.adapter, workbench.door.renews, workbench.platform.answers = RenewableAlpha(), True, [only_renewed]
    delivery = workbench.deliver(workbench.submit().publication)
    assert (delivery.state, delivery.attempt) == (State.PUBLISHED, 1)
    assert [request.method for request in workbench.platform.asked] == ["POST", "PUT", "POST"]
    assert workbench.door.lost_channels == []


def test_what_cannot_be_renewed_waits_for_a_person(workbench: Workbench) -> None:
    workbench.adapter, workbench.platform.answers = RenewableAlpha(), [only_renewed]
    delivery = workbench.deliver(workbench.submit().publication)
    assert delivery.state is State.HELD
    assert (workbench.door.lost_channels, workbench.door.refused) == (["chn_1"], ["s3cret"])


def test_credentials_are_renewed_once_only(workbench: Workbench) -> None:
    workbench.adapter, workbench.door.renews = RenewableAlpha(), True
    workbench.platform.answers = [
        lambda request: httpx.Response(200 if request.method == "PUT" else 401, request=request)
    ]
    delivery = workbench.deliver(workbench.submit().publication)
    assert delivery.state is State.HELD
    assert [request.method for request in workbench.platform.asked] == ["POST", "PUT", "POST"]
    assert workbench.door.refused == ["renewed"]  # not what was refused at first


def test_a_thread_of_which_a_part_is_found_goes_on_after_it(workbench: Workbench) -> None:
    workbench.adapter, workbench.platform.answers = BegunAlpha(), [lost, fine]
    publication = workbench.submit().publication
    assert workbench.deliver(publication).state is State.UNCERTAIN
    workbench.cloud.watch.forward(3_600)
    assert workbench.deliver(publication).state is State.PROCESSING
    workbench.cloud.watch.forward(1)
    delivery = workbench.deliver(publication)
    assert delivery.state is State.PUBLISHED
    assert workbench.platform.asked[-1].url.path == "/after/p-1"
    assert replace(delivery).attempt == 1
