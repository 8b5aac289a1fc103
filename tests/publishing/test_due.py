from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from publishing.due import Dispatch
from publishing.message import Due
from publishing.publication import Publication
from tests.cloud import START
from tests.publishing.workbench import Workbench

HOUR = timedelta(hours=1)


def due(stored: Publication, **changes: object) -> Due:
    base = {"workspace": "ws_1", "publication": stored.id, "version": stored.version}
    return Due.model_validate({**base, **changes, "v": 1})


def dispatch(workbench: Workbench) -> Dispatch:
    return Dispatch(workbench.publications, workbench.sender)


def test_a_minute_before_its_time_every_targets_message_waits_in_its_queue(workbench: Workbench) -> None:
    publication = workbench.submit("chn_1", "chn_b", publish_at=START + HOUR).publication
    workbench.cloud.watch.forward(3_540)
    dispatch(workbench).dispatch(due(publication))
    assert (workbench.cloud.waiting("alpha"), workbench.cloud.waiting("beta")) == (1, 1)


def test_a_schedule_that_fires_late_sends_at_once(workbench: Workbench) -> None:
    publication = workbench.submit(publish_at=START + HOUR).publication
    workbench.cloud.watch.forward(3_605)
    dispatch(workbench).dispatch(due(publication))
    assert len(workbench.cloud.received("alpha")) == 1


def test_a_firing_of_an_earlier_version_sends_nothing(workbench: Workbench) -> None:
    publication = workbench.submit(publish_at=START + HOUR).publication
    workbench.publications.cancel(publication)
    workbench.cloud.watch.forward(3_600)
    dispatch(workbench).dispatch(due(publication))
    assert workbench.cloud.received("alpha") == []


def test_a_firing_for_nothing_stored_is_an_error(workbench: Workbench) -> None:
    publication = workbench.submit(publish_at=START + HOUR).publication
    with pytest.raises(LookupError):
        dispatch(workbench).dispatch(due(publication, publication="pub_none"))


def test_a_retrys_firing_sends_that_target_for_its_time(workbench: Workbench) -> None:
    workbench.platform.answers = [lambda r: httpx.Response(429, headers={"retry-after": "3600"}, request=r)]
    publication = workbench.submit("chn_1", "chn_b").publication
    workbench.cloud.received("alpha")
    workbench.cloud.received("beta")
    workbench.deliver(publication)
    workbench.cloud.watch.forward(3_545)
    dispatch(workbench).dispatch(due(publication, channel="chn_1"))
    assert (workbench.cloud.waiting("alpha"), workbench.cloud.received("beta")) == (1, [])


def test_a_retrys_firing_for_what_is_settled_sends_nothing(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.cloud.received("alpha")
    workbench.deliver(publication)
    dispatch(workbench).dispatch(due(publication, channel="chn_1"))
    assert workbench.cloud.received("alpha") == []
