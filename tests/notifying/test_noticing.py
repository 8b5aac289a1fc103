from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from notifying.endpoints import Endpoints, Remembered
from notifying.log import Log
from notifying.model import Endpoint
from notifying.noticing import Noticing
from notifying.post import Firsts
from notifying.records import entry_of
from publishing import aws, records
from publishing.model import DeliveryState
from publishing.publication import Delivery, Event, Whole
from publishing.sending import SendFailed
from tests import cloud
from tests.notifying import samples
from tests.publishing.tables import Tables

OURS = samples.endpoint
URL = "https://sqs.test/notices.fifo"


@dataclass
class Fifo:
    """A FIFO queue: it takes a message once, and keeps the order of each group. It is its own factory."""

    taken: dict[str, tuple[str, str]] = field(default_factory=dict)  # group and event by deduplication id
    refuses: int = 0
    batches: list[int] = field(default_factory=list)

    def __call__(self) -> Any:
        return self

    def send_message_batch(self, *, QueueUrl: str, Entries: Sequence[Mapping[str, str]]) -> Any:  # noqa: N803 - AWS's
        """Take some messages, unless it refuses."""
        assert QueueUrl == URL
        self.batches.append(len(Entries))
        if self.refuses:
            self.refuses -= 1
            return {"Failed": [{"Id": "0", "Code": "Throttled"}]}
        for each in Entries:
            event = json.loads(each["MessageBody"])["event"]
            self.taken.setdefault(each["MessageDeduplicationId"], (each["MessageGroupId"], event))
        return {}

    def groups(self) -> dict[str, list[str]]:
        """The events of each group, in their order."""
        found: dict[str, list[str]] = {}
        for group, event in self.taken.values():
            found.setdefault(group, []).append(event)
        return found


@dataclass
class House:
    """Who notices, with tables and a queue in memory."""

    tables: Any = field(default_factory=Tables)
    fifo: Fifo = field(default_factory=Fifo)
    aside: list[Any] = field(default_factory=list)
    whole: Whole | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    noticing: Noticing = field(init=False)

    def __post_init__(self) -> None:
        self.endpoints = Endpoints("channels", cloud.Watch(), self.tables)
        self.noticing = Noticing(
            Remembered(self.endpoints),
            Log("notices", cloud.Watch(), self.tables),
            Firsts(URL, self.fifo),
            self._whole,
            self.aside.append,
        )

    def listening(self, *endpoints: Endpoint) -> House:
        """With these endpoints."""
        for each in endpoints or (OURS,):
            self.endpoints.create(each)
        return self

    def logged(self, endpoint: Endpoint = OURS) -> list[Any]:
        """What is written down for an endpoint, oldest first."""
        items = self.tables.tables["notices"].items.get(f"{endpoint.workspace}#{endpoint.id}", {})
        return [entry_of(aws.unmarshal(item)) for _, item in sorted(items.items())]

    def _whole(self, workspace: str, publication: str) -> Whole | None:
        self.asked.append((workspace, publication))
        return self.whole


def history(states: Sequence[str]) -> list[dict[str, Any]]:
    return [{"at": f"2026-11-20T12:00:{second:02d}.000Z", "state": state} for second, state in enumerate(states)]


def delivery(states: Sequence[str], *, channel: str = samples.CHANNEL, publication: str = samples.PUBLICATION) -> Any:
    """The item of a delivery that went through these states; None for none."""
    if not states:
        return None
    return {
        "pk": f"{samples.WORKSPACE}#{publication}",
        "sk": f"DELIVERY#{channel}",
        "platform": "webhook",
        "state": states[-1],
        "history": history(states),
    }


def life(states: Sequence[str], **names: str) -> list[Any]:
    """The records of a delivery's whole life."""
    steps = range(1, len(states) + 1)
    return [samples.record(delivery(states[: step - 1], **names), delivery(states[:step], **names)) for step in steps]


PUBLISHED = ("publishing", "published")


def test_what_happens_is_written_down_and_sent_in_order() -> None:
    house = House().listening()
    house.noticing.notice(life(PUBLISHED))
    logged = house.logged()
    assert [(each.kind, each.sequence) for each in logged] == [("delivery.publishing", 1), ("delivery.published", 2)]
    assert house.fifo.groups() == {f"{OURS.id}.{samples.DELIVERY}": [each.event for each in logged]}


def test_nobody_listens_and_nothing_is_written() -> None:
    house = House()
    house.noticing.notice(life(PUBLISHED))
    assert (house.logged(), house.fifo.batches, house.asked) == ([], [], [])


def test_an_endpoint_is_told_what_it_asked_for() -> None:
    families = replace(OURS, id="whk_families", events=("publication.*", "delivery.failed"))
    house = House().listening(replace(OURS, events=("delivery.published",)), families)
    house.noticing.notice([samples.record(None, samples.published()), *life(PUBLISHED)])
    assert [each.kind for each in house.logged()] == ["delivery.published"]
    assert [each.kind for each in house.logged(families)] == ["publication.accepted"]


def test_another_workspaces_endpoint_hears_nothing() -> None:
    other = replace(OURS, workspace="ws_other")
    house = House().listening(other)
    house.noticing.notice(life(PUBLISHED))
    assert house.logged(other) == []


def test_an_endpoint_that_is_disabled_is_not_sent_to_and_its_log_says_so() -> None:
    house = House().listening(replace(OURS, disabled_at=cloud.START, disabled_why="gone"))
    house.noticing.notice(life(PUBLISHED))
    assert [each.state for each in house.logged()] == ["missed", "missed"]
    assert house.fifo.taken == {}


def test_a_record_nobody_can_read_is_put_aside_and_the_rest_goes_on() -> None:
    house = House().listening()
    poison = samples.record(None, {**delivery(["publishing"]), "history": [{"at": "never", "state": "unheard of"}]})
    house.noticing.notice([poison, *life(PUBLISHED)])
    assert house.aside == [poison]
    assert [each.kind for each in house.logged()] == ["delivery.publishing", "delivery.published"]


OTHER = replace(OURS, workspace="ws_other")


def elsewhere() -> list[Any]:
    """The records of a delivery's life in another workspace."""
    steps = [{**delivery(PUBLISHED[:step]), "pk": f"ws_other#{samples.PUBLICATION}"} for step in (1, 2)]
    return [samples.record(None, steps[0]), samples.record(steps[0], steps[1])]


def whole_of(*items: Any) -> Any:
    """Reads a publication with those deliveries, as it is stored."""
    return lambda _workspace, _publication: records.whole([samples.published(), *items])


SIBLING = delivery(["failed"], channel="chn_01kagwz9r3a1b2c3d4e5f6g7h9")


def test_a_sibling_nobody_can_read_holds_nobody_up() -> None:
    house = House().listening(OURS, OTHER)
    noticing = replace(house.noticing, whole=whole_of({**SIBLING, "state": "unheard of"}))
    noticing.notice([*life(PUBLISHED), *elsewhere()])
    assert [each.kind for each in house.logged()] == ["delivery.publishing", "delivery.published"]
    assert [each.kind for each in house.logged(OTHER)] == ["delivery.publishing", "delivery.published"]
    assert house.aside == [life(PUBLISHED)[1], elsewhere()[1]]
    assert len(house.fifo.taken) == 4


def test_what_a_later_version_says_of_a_sibling_is_passed_over() -> None:
    house = House().listening()
    later = {
        **SIBLING,
        "receipt": {"id": "1", "shown_as": "x"},
        "trouble": {"kind": "refused", "message": "Too long.", "severity": "high"},
    }
    replace(house.noticing, whole=whole_of(delivery(PUBLISHED), later)).notice(life(PUBLISHED))
    assert "publication.settled" in {each.kind for each in house.logged()}
    assert house.aside == []


def test_an_endpoint_nobody_can_read_holds_up_no_other_workspace() -> None:
    house = House().listening(OURS, OTHER)
    key = {"pk": {"S": OURS.workspace}, "sk": {"S": "WEBHOOK#whk_later"}}
    house.tables.put_item(TableName="channels", Item=key, ConditionExpression="attribute_not_exists(pk)")
    told = life(PUBLISHED)
    house.noticing.notice([*told, *elsewhere()])
    assert [told.index(each) for each in house.aside] == [1, 0]  # each once: the second has two events
    assert len(house.logged(OTHER)) == 2


def test_an_entry_of_the_log_nobody_can_read_holds_up_no_other() -> None:
    house = House().listening()
    house.noticing.notice(life(PUBLISHED)[:1])
    (items,) = house.tables.tables["notices"].items.values()
    for item in items.values():
        item["state"] = {"S": "unheard of"}
    house.noticing.notice(life(PUBLISHED))
    assert house.aside == life(PUBLISHED)[:1]
    assert len(house.fifo.taken) == 2


def test_a_time_that_is_none_holds_up_no_other() -> None:
    house = House().listening()
    timeless = samples.record(None, {**delivery(["publishing"]), "history": [{"at": "never", "state": "publishing"}]})
    house.noticing.notice([timeless, *life(PUBLISHED)])
    assert house.aside == [timeless]
    assert len(house.logged()) == 2


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "Query")


def fails(*_: str) -> Any:
    raise THROTTLED


def test_where_aws_fails_nothing_is_put_aside_and_the_batch_must_come_again() -> None:
    house = House().listening()
    for noticing in (
        replace(house.noticing, whole=fails),
        replace(house.noticing, endpoints=Remembered(type("Failing", (), {"of": fails})())),
    ):
        with pytest.raises(ClientError):
            noticing.notice(life(PUBLISHED))
    assert house.aside == []


def test_where_the_queue_refuses_the_batch_must_come_again() -> None:
    house = House().listening()
    house.fifo.refuses = 1
    with pytest.raises(SendFailed):
        house.noticing.notice(life(PUBLISHED))
    house.noticing.notice(life(PUBLISHED))
    assert len(house.fifo.taken) == 2


def test_what_was_told_already_is_not_sent_when_the_stream_comes_again_days_later() -> None:
    house = House().listening()
    house.noticing.notice(life(PUBLISHED))
    for entry in house.logged():
        taken, _ = house.noticing.log.claim(entry.workspace, entry.endpoint, entry.event, 0)
        assert taken
        house.noticing.log.settle(taken, type(entry.state).DELIVERED)
    house.fifo.taken.clear()
    house.noticing.notice(life(PUBLISHED))
    assert house.fifo.taken == {}


def settled_whole(*states: DeliveryState) -> Whole:
    deliveries = [
        Delivery(f"chn_{number}", "webhook", state, updated_at="2026-11-20T12:00:05.000Z", history=(Event("", state),))
        for number, state in enumerate(states)
    ]
    targets = tuple(type(samples.publication.targets[0])(each.channel, each.platform) for each in deliveries)
    return Whole(replace(samples.publication, targets=targets), {each.channel: each for each in deliveries})


def test_when_all_deliveries_are_over_the_publication_has_settled() -> None:
    house = House(whole=settled_whole(DeliveryState.PUBLISHED, DeliveryState.FAILED)).listening()
    house.noticing.notice(life(PUBLISHED))
    assert [each.kind for each in house.logged()] == [
        "delivery.publishing",
        "delivery.published",
        "publication.settled",
    ]


def test_while_one_is_under_way_it_has_not() -> None:
    house = House(whole=settled_whole(DeliveryState.PUBLISHED, DeliveryState.QUEUED)).listening()
    house.noticing.notice(life(PUBLISHED))
    assert "publication.settled" not in [each.kind for each in house.logged()]


def test_a_publication_is_not_read_for_nobody() -> None:
    house = House().listening(replace(OURS, events=("delivery.*",)))
    house.noticing.notice(life(PUBLISHED))
    assert house.asked == []


def test_a_publication_is_read_once_for_a_batch() -> None:
    house = House(whole=settled_whole(DeliveryState.PUBLISHED)).listening()
    house.noticing.notice([*life(PUBLISHED), *life(PUBLISHED, channel="chn_01kagwz9r3a1b2c3d4e5f6g7h9")])
    assert house.asked == [(samples.WORKSPACE, samples.PUBLICATION)]


LIVES = st.lists(
    st.lists(st.sampled_from(["publishing", "queued", "uncertain"]), min_size=1, max_size=5), min_size=1, max_size=4
)


@given(LIVES, st.data())
def test_however_a_stream_repeats_itself_each_event_is_sent_once_and_each_deliverys_in_order(
    lives: list[list[str]], data: st.DataObject
) -> None:
    house = House().listening()
    channels = [f"chn_{number:026d}" for number in range(len(lives))]
    waiting = [life(states, channel=channel) for states, channel in zip(lives, channels, strict=True)]
    stream: list[Any] = []  # each item's records in their order, items in any
    while any(waiting):
        stream.append(data.draw(st.sampled_from([each for each in waiting if each])).pop(0))
    place = 0
    while place < len(stream):  # a batch of any size, and now and then from an earlier place again
        end = data.draw(st.integers(place + 1, len(stream)))
        house.noticing.notice(stream[data.draw(st.integers(0, place)) : end])
        place = end
    numbers = {each.event: each.sequence for each in house.logged()}
    sent = [[numbers[event] for event in events] for events in house.fifo.groups().values()]
    assert sorted(sent) == sorted(list(range(1, len(states) + 1)) for states in lives)
