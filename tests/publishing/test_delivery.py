from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from channels.hindering import SWITCHED_OFF
from publishing import aws, message
from publishing.adapter import Limits, Rate
from publishing.breaker import IN_A_ROW
from publishing.delivery import NotBegun
from publishing.message import Deliver
from publishing.model import DeliveryState, PublicationStatus, utc_text
from publishing.publication import NEVER, Publication, Trouble
from tests.cloud import START
from tests.publishing.workbench import (
    LEFT_S,
    Alpha,
    HandingAlpha,
    IdempotentAlpha,
    Platform,
    ReadableAlpha,
    SlowAlpha,
    Workbench,
    fine,
)

State = DeliveryState


def answering(status: int, headers: dict[str, str] | None = None) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status, headers=headers, request=request)


def losing(error: type[httpx.TransportError]) -> Callable[[httpx.Request], httpx.Response]:
    def lose(request: httpx.Request) -> httpx.Response:
        raise error("gone", request=request)

    return lose


def found(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"id": "found"}, request=request)


def test_a_delivery_is_published_with_its_receipt_and_history(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    delivery = workbench.deliver(publication)
    assert delivery.state is State.PUBLISHED
    assert delivery.receipt is not None
    assert (delivery.receipt.id, delivery.receipt.url) == ("p-posts", "https://alpha.test/chn_1")
    assert [(event.state, event.attempt) for event in delivery.history] == [("publishing", 0), ("published", 1)]
    assert workbench.stored(publication).status(START) is PublicationStatus.PUBLISHED


def test_the_platform_sees_the_deliverys_id_as_its_key(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.deliver(publication)
    assert workbench.platform.asked[0].read().decode().count(publication.id.removeprefix("pub_")) == 1


def test_a_message_delivered_twice_publishes_once(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.deliver(publication)
    workbench.deliver(publication)
    assert workbench.platform.published == 1


def test_a_live_claim_keeps_a_second_worker_away(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.deliveries.claim(publication, publication.targets[0], lease_s=35)
    assert workbench.deliver(publication).state is State.PUBLISHING
    assert workbench.platform.asked == []


def test_a_late_writer_whose_claim_was_taken_over_writes_nothing(workbench: Workbench) -> None:
    publication = workbench.submit().publication

    def overtaken(request: httpx.Request) -> httpx.Response:
        workbench.cloud.watch.forward(60)
        workbench.deliver(publication)
        return fine(request)

    workbench.platform.answers = [overtaken]
    assert workbench.deliver(publication).state is State.UNCERTAIN


def test_one_targets_failure_does_not_touch_another(workbench: Workbench) -> None:
    publication = workbench.submit("chn_1", "chn_2").publication
    workbench.platform.answers = [answering(400), fine]
    workbench.deliver(publication, "chn_1")
    workbench.deliver(publication, "chn_2")
    assert workbench.stored(publication).status(START) is PublicationStatus.PARTIAL


@pytest.mark.parametrize("status", [400, 404, 413, 422, 301])
def test_a_refusal_fails_at_once_and_is_not_tried_again(workbench: Workbench, status: int) -> None:
    workbench.platform.answers = [answering(status)]
    publication = workbench.submit().publication
    workbench.cloud.received("alpha")
    delivery = workbench.deliver(publication)
    assert delivery.state is State.FAILED
    assert delivery.trouble is not None
    assert (delivery.trouble.kind, delivery.trouble.status) == ("refused", status)
    assert workbench.cloud.received("alpha") == []
    assert workbench.cloud.waiting("alpha") == 0


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout])
def test_what_provably_was_not_sent_is_tried_again_after_a_wait(
    workbench: Workbench, error: type[httpx.TransportError]
) -> None:
    workbench.platform.answers = [losing(error), fine]
    publication = workbench.submit().publication
    workbench.cloud.received("alpha")
    first = workbench.deliver(publication)
    assert (first.state, first.attempt) == (State.QUEUED, 1)
    assert utc_text(START) < first.next_at < utc_text(START + timedelta(seconds=10))
    assert workbench.cloud.waiting("alpha") == 1
    workbench.cloud.watch.forward(10)
    assert workbench.deliver(publication).state is State.PUBLISHED


def test_it_is_not_tried_again_before_its_time(workbench: Workbench) -> None:
    workbench.platform.answers = [losing(httpx.ConnectError)]
    publication = workbench.submit().publication
    workbench.deliver(publication)
    workbench.deliver(publication)
    assert workbench.platform.published == 1


def test_attempts_end(workbench: Workbench) -> None:
    workbench.platform.answers = [losing(httpx.ConnectError)]
    publication = workbench.submit().publication
    for _ in range(4):
        delivery = workbench.deliver(publication)
        workbench.cloud.watch.forward(600)
    assert (delivery.state, delivery.attempt, workbench.platform.published) == (State.FAILED, 3, 3)


def test_being_throttled_waits_as_told_and_is_no_attempt(workbench: Workbench) -> None:
    workbench.platform.answers = [answering(429, {"retry-after": "70"}), fine]
    publication = workbench.submit().publication
    delivery = workbench.deliver(publication)
    assert (delivery.state, delivery.attempt, delivery.waits) == (State.QUEUED, 0, 1)
    assert delivery.next_at >= utc_text(START + timedelta(seconds=70))


def test_a_wait_beyond_fifteen_minutes_becomes_a_schedule(workbench: Workbench) -> None:
    workbench.platform.answers = [answering(429, {"retry-after": "3600"})]
    workbench.deliver(workbench.submit().publication)
    assert len(workbench.cloud.schedules()) == 1
    assert workbench.cloud.waiting("alpha") == 0


def test_refused_credentials_hold_the_delivery_and_tell_the_channel(workbench: Workbench) -> None:
    workbench.platform.answers = [answering(401)]
    delivery = workbench.deliver(workbench.submit().publication)
    assert delivery.state is State.HELD
    assert workbench.door.lost_channels == ["chn_1"]
    assert workbench.cloud.waiting("alpha") == 0


def test_a_channel_that_must_be_reconnected_holds_without_asking_the_platform(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.door.shut = Trouble("reconnect", "Reconnect it.")
    assert workbench.deliver(publication).state is State.HELD
    assert workbench.deliver(publication).history == workbench.delivery(publication).history
    assert len(workbench.delivery(publication).history) == 1
    assert workbench.platform.asked == []


def test_what_was_held_goes_out_once_the_channel_is_back(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.door.shut = Trouble("reconnect", "Reconnect it.")
    workbench.deliver(publication)
    workbench.door.shut = None
    workbench.cloud.watch.forward(1)
    assert workbench.deliver(publication).state is State.PUBLISHED


def test_what_is_switched_off_is_held_unasked_and_the_sweep_sends_it_out_when_it_is_on_again(
    workbench: Workbench,
) -> None:
    publication = workbench.submit().publication
    workbench.cloud.received("alpha")
    workbench.door.shut = SWITCHED_OFF
    held = workbench.deliver(publication)
    assert (held.state, held.attempt, held.trouble) == (State.HELD, 0, SWITCHED_OFF)
    assert (workbench.platform.asked, workbench.door.lost_channels) == ([], [])
    workbench.door.shut = None
    workbench.cloud.watch.forward(900)
    assert workbench.sweep().sent == 1
    assert workbench.deliver(publication).state is State.PUBLISHED
    assert workbench.platform.published == 1


def test_a_deleted_channel_fails_its_delivery(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.door.shut = Trouble("channel_deleted", "It is gone.")
    delivery = workbench.deliver(publication)
    assert (delivery.state, delivery.attempt) == (State.FAILED, 0)


@pytest.mark.parametrize(
    "answer",
    [
        losing(httpx.ReadTimeout),
        losing(httpx.ReadError),
        losing(httpx.RemoteProtocolError),
        answering(500),
        answering(503),
    ],
)
def test_a_lost_answer_on_an_unreadable_platform_waits_for_a_person(
    workbench: Workbench, answer: Callable[[httpx.Request], httpx.Response]
) -> None:
    workbench.platform.answers = [answer]
    publication = workbench.submit().publication
    workbench.cloud.received("alpha")
    delivery = workbench.deliver(publication)
    assert (delivery.state, delivery.next_at) == (State.UNCERTAIN, NEVER)
    workbench.cloud.watch.forward(86_400)
    workbench.deliver(publication)
    assert workbench.platform.published == 1


def test_our_own_mistake_in_an_adapter_is_an_unknown_outcome(workbench: Workbench) -> None:
    workbench.platform.answers = [lambda request: httpx.Response(200, json={}, request=request)]
    delivery = workbench.deliver(workbench.submit().publication)
    assert delivery.state is State.UNCERTAIN
    assert delivery.trouble is not None
    assert delivery.trouble.code == "adapter_error"


class TestOnAPlatformThatCanBeRead:
    @pytest.fixture
    def readable(self, workbench: Workbench) -> Workbench:
        workbench.adapter = ReadableAlpha()
        return workbench

    def test_a_lost_answer_is_looked_up_after_the_platforms_lag(self, readable: Workbench) -> None:
        readable.platform.answers = [losing(httpx.ReadTimeout), found]
        publication = readable.submit().publication
        assert readable.deliver(publication).next_at == utc_text(START + timedelta(seconds=30))
        assert readable.deliver(publication).state is State.UNCERTAIN
        readable.cloud.watch.forward(30)
        delivery = readable.deliver(publication)
        assert delivery.state is State.PUBLISHED
        assert delivery.receipt is not None
        assert (delivery.receipt.id, readable.platform.published) == ("found", 1)

    def test_what_is_certainly_not_there_is_published_again(self, readable: Workbench) -> None:
        missing = answering(404)
        readable.platform.answers = [losing(httpx.ReadTimeout), missing, missing, missing, fine]
        publication = readable.submit().publication
        for _ in range(4):
            delivery = readable.deliver(publication)
            readable.cloud.watch.forward(3_600)
        assert delivery.state is State.QUEUED
        assert readable.deliver(publication).state is State.PUBLISHED
        assert readable.platform.published == 2

    def test_looks_that_fail_decide_nothing_and_end_with_a_person(self, readable: Workbench) -> None:
        readable.platform.answers = [losing(httpx.ReadTimeout), answering(500)]
        publication = readable.submit().publication
        for _ in range(12):
            delivery = readable.deliver(publication)
            readable.cloud.watch.forward(3_600)
        assert (delivery.state, delivery.next_at, delivery.looks) == (State.UNCERTAIN, NEVER, 8)
        assert readable.platform.published == 1

    def test_a_look_that_is_not_allowed_tells_that_the_channel_needs_reconnecting(self, readable: Workbench) -> None:
        readable.platform.answers = [losing(httpx.ReadTimeout), answering(401), found]
        publication = readable.submit().publication
        for _ in range(3):
            delivery = readable.deliver(publication)
            readable.cloud.watch.forward(3_600)
        assert readable.door.lost_channels == ["chn_1"]
        assert (delivery.state, readable.platform.published) == (State.PUBLISHED, 1)

    def test_a_worker_that_died_leaves_it_uncertain_and_it_is_looked_for(self, readable: Workbench) -> None:
        readable.platform.answers = [found]
        publication = readable.submit().publication
        readable.deliveries.claim(publication, publication.targets[0], lease_s=35)
        readable.cloud.watch.forward(36)
        assert readable.deliver(publication).state is State.UNCERTAIN
        readable.cloud.watch.forward(30)
        assert readable.deliver(publication).state is State.PUBLISHED
        assert readable.platform.published == 0


class TestOnAPlatformThatAbsorbsRepetitions:
    @pytest.fixture
    def absorbing(self, workbench: Workbench) -> Workbench:
        workbench.adapter = IdempotentAlpha()
        return workbench

    def test_a_lost_answer_is_probed_by_sending_again(self, absorbing: Workbench) -> None:
        absorbing.platform.answers = [losing(httpx.ReadTimeout), fine]
        publication = absorbing.submit().publication
        assert absorbing.deliver(publication).state is State.UNCERTAIN
        absorbing.cloud.watch.forward(60)
        assert absorbing.deliver(publication).state is State.PUBLISHED

    def test_the_probe_being_refused_does_not_make_a_failure_of_it(self, absorbing: Workbench) -> None:
        absorbing.platform.answers = [losing(httpx.ReadTimeout), answering(400)]
        publication = absorbing.submit().publication
        absorbing.deliver(publication)
        absorbing.cloud.watch.forward(60)
        delivery = absorbing.deliver(publication)
        assert (delivery.state, delivery.next_at) == (State.UNCERTAIN, NEVER)

    def test_probing_ends_with_a_person(self, absorbing: Workbench) -> None:
        absorbing.platform.answers = [losing(httpx.ReadTimeout)]
        publication = absorbing.submit().publication
        for _ in range(20):
            delivery = absorbing.deliver(publication)
            absorbing.cloud.watch.forward(3_700)
        assert (delivery.state, delivery.next_at) == (State.UNCERTAIN, NEVER)
        assert absorbing.platform.published == 9


class TestOnAPlatformThatWorksOnAfterItsAnswer:
    @pytest.fixture
    def slow(self, workbench: Workbench) -> Workbench:
        workbench.adapter = SlowAlpha()
        return workbench

    def test_it_is_processing_until_asked_again_and_then_published(self, slow: Workbench) -> None:
        slow.platform.answers = [fine, answering(202), fine]
        publication = slow.submit().publication
        first = slow.deliver(publication)
        assert (first.state, first.next_at) == (State.PROCESSING, utc_text(START + timedelta(seconds=10)))
        slow.cloud.watch.forward(10)
        assert slow.deliver(publication).state is State.PROCESSING
        slow.cloud.watch.forward(10)
        delivery = slow.deliver(publication)
        assert (delivery.state, slow.platform.published) == (State.PUBLISHED, 1)

    def test_a_channel_to_be_reconnected_meanwhile_does_not_have_it_published_again(self, slow: Workbench) -> None:
        slow.platform.answers = [fine, answering(401), fine]
        publication = slow.submit().publication
        for _ in range(3):
            delivery = slow.deliver(publication)
            slow.cloud.watch.forward(3_600)
        assert slow.door.lost_channels == ["chn_1"]
        assert (delivery.state, slow.platform.published) == (State.PUBLISHED, 1)

    def test_a_worker_that_died_while_asking_only_delays_it(self, slow: Workbench) -> None:
        publication = slow.submit().publication
        seen = slow.deliver(publication)
        slow.cloud.watch.forward(10)
        slow.deliveries.take(publication, publication.targets[0], seen, lease_s=35)
        assert slow.deliver(publication).state is State.PROCESSING
        slow.cloud.watch.forward(36)
        assert slow.deliver(publication).state is State.PUBLISHED


def test_what_a_person_must_finish_tells_where(workbench: Workbench) -> None:
    workbench.adapter = HandingAlpha()
    publication = workbench.submit().publication
    delivery = workbench.deliver(publication)
    assert delivery.receipt is not None
    assert (delivery.state, delivery.receipt.url) == (State.HANDOFF, "https://alpha.test/finish")
    assert workbench.stored(publication).status(START) is PublicationStatus.HELD


def test_what_once_stood_in_its_way_is_not_told_of_what_is_published(workbench: Workbench) -> None:
    workbench.platform.answers = [losing(httpx.ConnectError), fine]
    publication = workbench.submit().publication
    assert workbench.deliver(publication).trouble is not None
    workbench.cloud.watch.forward(10)
    assert workbench.deliver(publication).trouble is None


def test_nothing_begins_with_too_little_time(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    with pytest.raises(NotBegun):
        workbench.deliver(publication, within_s=5)
    assert workbench.delivery(publication).history == ()


def test_what_came_too_early_is_sent_again_for_its_time(workbench: Workbench) -> None:
    publication = workbench.submit(publish_at=START + timedelta(seconds=90)).publication
    assert workbench.deliver(publication).state is State.QUEUED
    assert workbench.platform.asked == []
    assert workbench.cloud.waiting("alpha") == 2


def test_nothing_is_published_even_a_moment_early(workbench: Workbench) -> None:
    publication = workbench.submit(publish_at=START + timedelta(seconds=1)).publication
    workbench.cloud.watch.forward(0.99)
    workbench.deliver(publication)
    assert workbench.platform.asked == []


def test_what_comes_too_late_expires_and_is_not_published(workbench: Workbench) -> None:
    publication = workbench.submit(expires_at=START + timedelta(seconds=60)).publication
    workbench.cloud.watch.forward(61)
    assert workbench.deliver(publication).state is State.EXPIRED
    assert workbench.platform.asked == []


def test_what_is_uncertain_is_still_looked_for_after_it_expired(workbench: Workbench) -> None:
    workbench.adapter = ReadableAlpha()
    workbench.platform.answers = [losing(httpx.ReadTimeout), found]
    publication = workbench.submit(expires_at=START + timedelta(seconds=10)).publication
    workbench.deliver(publication)
    workbench.cloud.watch.forward(31)
    assert workbench.deliver(publication).state is State.PUBLISHED


def test_every_new_state_is_observed(workbench: Workbench) -> None:
    workbench.platform = Platform([losing(httpx.ConnectError), fine])
    publication = workbench.submit().publication
    workbench.deliver(publication)
    workbench.cloud.watch.forward(10)
    workbench.deliver(publication)
    assert [delivery.state for delivery in workbench.seen] == [State.QUEUED, State.PUBLISHED]


class PacedAlpha(Alpha):
    limits = Limits(text_chars=100, attempts=3, lag_s=30.0, rate=Rate(requests=1, per_s=10.0))


def down(workbench: Workbench) -> Publication:
    """A publication on its way to a platform that has just failed five others."""
    workbench.platform.answers = [losing(httpx.ConnectError)]
    for _ in range(IN_A_ROW):
        workbench.deliver(workbench.submit().publication)
    publication = workbench.submit().publication
    workbench.cloud.received("alpha")
    workbench.platform.asked.clear()
    return publication


def test_a_platform_that_is_down_is_not_asked_and_that_is_no_attempt(workbench: Workbench) -> None:
    publication = down(workbench)
    delivery = workbench.deliver(publication)
    assert workbench.platform.asked == []
    assert (delivery.state, delivery.attempt, delivery.history) == (State.QUEUED, 0, ())
    assert utc_text(START + timedelta(seconds=30)) <= delivery.next_at <= utc_text(START + timedelta(seconds=60))
    assert workbench.cloud.waiting("alpha") == IN_A_ROW + 1


def test_it_is_delivered_when_the_platform_is_back(workbench: Workbench) -> None:
    publication = down(workbench)
    workbench.deliver(publication)
    workbench.platform.answers = [fine]
    workbench.cloud.watch.forward(60)
    assert workbench.deliver(publication).state is State.PUBLISHED
    assert workbench.gate.breaker is not None
    assert workbench.gate.breaker.standing().closed


def test_a_second_message_of_what_waits_already_brings_nothing(workbench: Workbench) -> None:
    publication = down(workbench)
    first = workbench.deliver(publication)
    waiting = workbench.cloud.waiting("alpha")
    assert workbench.deliver(publication) == first
    assert workbench.cloud.waiting("alpha") == waiting


def test_what_waits_for_the_platform_is_not_overdue_to_the_sweep(workbench: Workbench) -> None:
    publication = down(workbench)
    workbench.cloud.watch.forward(29)
    workbench.deliver(publication)
    workbench.cloud.watch.forward(32)
    assert workbench.sweep().looked > 0
    assert [body for body in workbench.cloud.received("alpha") if publication.id in body] == []


def test_what_was_lost_with_its_worker_is_doubted_even_while_the_platform_is_down(workbench: Workbench) -> None:
    publication = down(workbench)
    workbench.deliveries.claim(publication, publication.targets[0], lease_s=1)
    workbench.cloud.watch.forward(2)
    assert workbench.deliver(publication).state is State.UNCERTAIN


def test_an_uncertain_delivery_is_not_looked_for_while_the_platform_is_down(workbench: Workbench) -> None:
    workbench.adapter = ReadableAlpha()
    workbench.platform.answers = [losing(httpx.ReadTimeout)]
    publications = [workbench.submit().publication for _ in range(IN_A_ROW)]
    for publication in publications:
        workbench.deliver(publication)
        workbench.cloud.watch.forward(6)
    delivery = workbench.deliver(publications[0])
    assert (delivery.state, delivery.looks) == (State.UNCERTAIN, 0)
    assert delivery.next_at > utc_text(workbench.cloud.watch())
    assert len(workbench.platform.asked) == IN_A_ROW


def test_an_adapters_own_mistake_does_not_open_the_breaker(workbench: Workbench) -> None:
    workbench.platform.answers = [lambda request: httpx.Response(200, content=b"{}", request=request)]
    for _ in range(2 * IN_A_ROW):
        workbench.deliver(workbench.submit().publication)
    assert workbench.platform.published == 2 * IN_A_ROW


def test_a_platforms_pace_is_kept_and_waiting_for_it_is_no_attempt(workbench: Workbench) -> None:
    workbench.adapter = PacedAlpha()
    publications = [workbench.submit().publication for _ in range(3)]
    first, *others = [workbench.deliver(publication) for publication in publications]
    assert first.state is State.PUBLISHED
    assert [(each.state, each.attempt) for each in others] == [(State.QUEUED, 0), (State.QUEUED, 0)]
    assert [each.next_at for each in others] == [utc_text(START + timedelta(seconds=wait_s)) for wait_s in (10, 20)]


class ForetellingAlpha(PacedAlpha):
    """One that tells with each answer how long it will take nothing more."""

    def pause_s(self, reply: httpx.Response) -> float:
        return float(reply.headers.get("reset", "0"))


def test_a_platform_that_foretells_that_it_takes_no_more_is_not_asked_before_it_does(workbench: Workbench) -> None:
    workbench.adapter = ForetellingAlpha()
    workbench.platform.answers = [
        lambda request: httpx.Response(200, json={"id": "1"}, headers={"reset": "120"}, request=request)
    ]
    publications = [workbench.submit().publication for _ in range(2)]
    first, second = [workbench.deliver(publication) for publication in publications]
    assert (first.state, second.state, workbench.platform.published) == (State.PUBLISHED, State.QUEUED, 1)
    assert second.next_at >= utc_text(START + timedelta(seconds=120))


def test_a_message_that_keeps_its_turn_comes_early_and_publishes_on_time(workbench: Workbench) -> None:
    workbench.adapter = PacedAlpha()
    publications = [workbench.submit().publication for _ in range(2)]
    sent: list[Any] = []
    aws.sqs().meta.events.register("before-parameter-build.sqs", lambda params, **_: sent.extend(params["Entries"]))
    for publication in publications:
        workbench.deliver(publication)
    (entry,) = sent
    work = message.work(entry["MessageBody"])
    assert isinstance(work, Deliver)
    workbench.cloud.watch.forward(entry["DelaySeconds"])
    workbench.courier.deliver(work, publications[1], within_s=LEFT_S)
    assert workbench.delivery(publications[1]).state is State.PUBLISHED
    assert (entry["DelaySeconds"], workbench.cloud.watch()) == (9, START + timedelta(seconds=10))
