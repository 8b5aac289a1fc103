from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from publishing import ids, neighbours
from publishing.model import Content, Media, Target
from publishing.neighbours import CLOSE_S, Concern, Neighbour, Neighbourhood, concerns, fingerprint
from publishing.publication import Publication
from tests.cloud import START
from tests.publishing.workbench import Workbench

HOUR = timedelta(hours=1)
DAY_S = 86_400.0
HELLO = Content(text="Hello")


def draft(*channels: str, **changes: Any) -> Publication:
    made = Publication(
        id=ids.new("pub"),
        workspace="ws_1",
        content=HELLO,
        targets=tuple(Target(channel, "alpha") for channel in channels or ("chn_1",)),
        created_at=START,
        created_by="tester",
        publish_at=START,
        fingerprint="f" * 64,
    )
    return replace(made, **changes)


def found(workbench: Workbench, asked: Publication, *, but: str = "") -> list[tuple[str, str]]:
    """The channels and publications of its neighbours within a day."""
    around = Neighbourhood(workbench.publications).around(asked, DAY_S, but=but)
    return [(channel, near.publication.id) for channel, each in around.items() for near in each]


def test_what_goes_to_the_same_channel_is_a_neighbour_there(workbench: Workbench) -> None:
    other = workbench.submit("chn_1", "chn_2", publish_at=START + HOUR).publication
    assert found(workbench, draft("chn_1", "chn_b")) == [("chn_1", other.id)]


def test_a_neighbour_comes_with_the_content_of_that_channel(workbench: Workbench) -> None:
    workbench.submit_overriding({"chn_1": {"text": "Other"}}, publish_at=START + HOUR)
    (near,) = Neighbourhood(workbench.publications).around(draft(), DAY_S)["chn_1"]
    assert (near.content.text, near.apart) == ("Other", HOUR)


def test_the_nearest_comes_first(workbench: Workbench) -> None:
    hours = [3, 1, 2]
    made = [workbench.submit(publish_at=START + hour * HOUR).publication.id for hour in hours]
    assert found(workbench, draft()) == [("chn_1", made[1]), ("chn_1", made[2]), ("chn_1", made[0])]


def test_what_is_further_away_is_no_neighbour(workbench: Workbench) -> None:
    workbench.submit(publish_at=START + 25 * HOUR)
    assert found(workbench, draft()) == []


def test_neither_itself_nor_what_it_would_change_is_a_neighbour(workbench: Workbench) -> None:
    one, other = workbench.submit().publication, workbench.submit().publication
    assert found(workbench, draft(id=one.id), but=other.id) == []


def test_what_another_workspace_publishes_is_no_neighbour(workbench: Workbench) -> None:
    workbench.submit()
    assert found(workbench, draft(workspace="ws_2")) == []


def test_what_is_canceled_is_no_neighbour(workbench: Workbench) -> None:
    workbench.publications.cancel(workbench.submit(publish_at=START + HOUR).publication)
    assert found(workbench, draft()) == []


def test_what_has_failed_is_no_neighbour_where_it_has(workbench: Workbench) -> None:
    workbench.platform.answers = [lambda request: httpx.Response(400, request=request)]
    publication = workbench.submit("chn_1", "chn_2").publication
    workbench.deliver(publication, "chn_1")
    assert found(workbench, draft("chn_1", "chn_2")) == [("chn_2", publication.id)]


def test_what_is_published_is_a_neighbour(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.deliver(publication)
    assert found(workbench, draft()) == [("chn_1", publication.id)]


def test_only_the_latest_are_looked_at(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "LATEST", 1)
    workbench.submit()
    workbench.cloud.watch.forward(1)
    latest = workbench.submit().publication
    assert found(workbench, draft()) == [("chn_1", latest.id)]


def test_only_the_nearest_are_compared(workbench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "NEAREST", 1)
    near = workbench.submit(publish_at=START + HOUR).publication
    workbench.submit(publish_at=START + 2 * HOUR)
    assert found(workbench, draft()) == [("chn_1", near.id)]


def neighbour(apart_s: float, content: Content = HELLO) -> Neighbour:
    return Neighbour(draft(), content, timedelta(seconds=apart_s))


def told(*near: Neighbour, repeat_s: float = DAY_S) -> list[tuple[Concern, Neighbour]]:
    return list(concerns(HELLO, near, repeat_s=repeat_s))


def test_the_same_content_within_the_window_is_a_concern() -> None:
    same = neighbour(-DAY_S)
    assert told(same) == [(Concern.REPEATED, same)]
    assert told(neighbour(-DAY_S - 1)) == []


def test_each_platform_may_have_its_own_window() -> None:
    assert told(neighbour(3_601), repeat_s=3_600) == []


@pytest.mark.parametrize(("apart_s", "concerned"), [(CLOSE_S, 1), (-CLOSE_S, 1), (CLOSE_S + 1, 0)])
def test_what_is_close_in_time_is_a_concern(apart_s: float, concerned: int) -> None:
    near = neighbour(apart_s, Content(text="Other"))
    assert told(near) == [(Concern.CLOSE, near)] * concerned


def test_each_concern_is_told_once_with_the_nearest() -> None:
    other, same, again = neighbour(0, Content(text="Other")), neighbour(60), neighbour(120)
    assert told(other, same, again) == [(Concern.REPEATED, same), (Concern.CLOSE, other)]


MEDIA = (Media("https://a.example/1.png", "A hut"),)
SAME: Sequence[tuple[Content, Content]] = [
    (Content(text="Hello  there\n"), Content(text="Hello there")),
    (Content(text="Hello", tags=("a",)), Content(text="Hello", tags=("b",))),
    (Content(media=MEDIA), Content(media=(Media(MEDIA[0].url, "Another word for it"),))),
]
DIFFERENT = [Content(text="Bye"), Content(text="Hello", title="T"), Content(text="Hello", link="https://a.example")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spacing_tags_and_descriptions_make_no_difference(one: Content, other: Content) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize("other", [*DIFFERENT, Content(text="Hello", media=MEDIA)])
def test_words_links_and_media_make_a_difference(other: Content) -> None:
    assert fingerprint(HELLO) != fingerprint(other)
