from __future__ import annotations

from datetime import timedelta

from publishing.cancellation import cancel
from publishing.model import DeliveryState, PublicationStatus
from publishing.publication import Whole
from tests.cloud import START
from tests.publishing.workbench import Workbench


def canceled(workbench: Workbench, whole: Whole) -> Whole:
    return cancel(workbench.publications, workbench.deliveries, whole)


def test_nothing_of_a_canceled_publication_is_published(workbench: Workbench) -> None:
    whole = workbench.submit("chn_1", "chn_2", publish_at=START + timedelta(seconds=60))
    assert canceled(workbench, whole).status(START) is PublicationStatus.CANCELED
    workbench.cloud.watch.forward(61)
    workbench.deliver(whole.publication, "chn_1")
    assert workbench.platform.asked == []


def test_what_had_left_stays_as_it_is_and_the_rest_is_canceled(workbench: Workbench) -> None:
    whole = workbench.submit("chn_1", "chn_2")
    workbench.deliver(whole.publication, "chn_1")
    after = canceled(workbench, workbench.stored(whole.publication))
    assert [delivery.state for delivery in after.deliveries] == [DeliveryState.PUBLISHED, DeliveryState.CANCELED]
    assert after.status(START) is PublicationStatus.PUBLISHED


def test_what_is_under_way_is_not_canceled(workbench: Workbench) -> None:
    whole = workbench.submit()
    workbench.deliveries.claim(whole.publication, whole.publication.targets[0], lease_s=35)
    assert canceled(workbench, whole).deliveries[0].state is DeliveryState.PUBLISHING


def test_canceling_twice_changes_nothing_more(workbench: Workbench) -> None:
    whole = workbench.submit()
    first = canceled(workbench, whole)
    again = canceled(workbench, workbench.stored(whole.publication))
    assert again.publication.version == first.publication.version
    assert again.deliveries[0].history == first.deliveries[0].history
