from __future__ import annotations

from datetime import timedelta

from publishing import aws
from publishing.model import Content, DeliveryState, Media, Priority, PublicationStatus
from publishing.store import Due
from tests.cloud import START
from tests.publishing.workbench import Workbench

CONTENT = Content(
    title="Autumn",
    text="# Leaves\n\nfall \U0001f342",
    summary="Leaves",
    link="https://example.org/autumn",
    tags=("a", "b"),
    media=(Media("https://example.org/leaf.png", "A leaf"),),
)


def test_a_publication_is_read_back_as_it_was_stored(workbench: Workbench) -> None:
    stored = workbench.submit(
        "chn_1",
        "chn_b",
        content=CONTENT,
        publish_at=START + timedelta(minutes=1),
        expires_at=START + timedelta(hours=1),
        zone="Europe/Zurich",
        priority=Priority.URGENT,
        correlation_id="c-1",
    ).publication
    assert workbench.publications.publication("ws_1", stored.id) == stored
    assert stored.content == CONTENT


def test_a_target_keeps_its_overrides(workbench: Workbench) -> None:
    overrides = {"chn_1": {"text": "Short", "tags": ["c"], "media": [{"url": "https://example.org/b.png", "alt": ""}]}}
    publication = workbench.submit_overriding(overrides, content=CONTENT)
    post = workbench.stored(publication).publication.post(publication.targets[0])
    assert (post.content.title, post.content.text, post.content.tags) == ("Autumn", "Short", ("c",))
    assert post.content.media == (Media("https://example.org/b.png"),)


def test_items_of_a_later_schema_are_read_by_this_version(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    workbench.deliver(publication)
    for item in workbench.cloud.items():
        later = {**item, "schema": {"N": "2"}, "added_later": {"S": "something"}}
        aws.dynamodb().put_item(TableName="publications", Item=later)
    assert workbench.stored(publication).status(START) is PublicationStatus.PUBLISHED


def test_items_that_lack_what_may_be_missing_are_read(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    (item,) = workbench.cloud.items()
    needed = {"pk", "sk", "id", "workspace", "targets", "created_at", "publish_at", "version"}
    oldest = {name: value for name, value in item.items() if name in needed}
    aws.dynamodb().put_item(TableName="publications", Item=oldest)
    assert workbench.deliver(publication).state is DeliveryState.PUBLISHED


def test_a_publication_of_more_than_a_megabyte_is_read_whole(workbench: Workbench) -> None:
    publication = workbench.submit("chn_1", "chn_2", "chn_b").publication
    long = [{"at": "2026-11-20T12:00:00.000Z", "state": "queued", "why": "x" * 390_000}]
    for target in publication.targets:
        item = {"pk": f"ws_1#{publication.id}", "sk": f"DELIVERY#{target.channel}", "platform": "alpha"}
        stored = aws.marshal({**item, "state": "published", "history": long})
        aws.dynamodb().put_item(TableName="publications", Item=stored)
    assert workbench.stored(publication).status(START) is PublicationStatus.PUBLISHED


def test_another_workspace_does_not_find_it(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    assert workbench.publications.whole("ws_2", publication.id) is None
    assert workbench.publications.publication("ws_2", publication.id) is None


def test_pages_show_the_newest_first_with_their_deliveries(workbench: Workbench) -> None:
    for number in range(5):
        publication = workbench.submit(content=Content(title=f"Number {number}", text="x")).publication
        workbench.cloud.watch.forward(1)
    workbench.deliver(publication)
    first = workbench.publications.page("ws_1", limit=3)
    rest = workbench.publications.page("ws_1", limit=3, start=first.following)
    titles = [whole.publication.content.title for whole in (*first.found, *rest.found)]
    assert titles == ["Number 4", "Number 3", "Number 2", "Number 1", "Number 0"]
    assert first.found[0].status(START) is PublicationStatus.PUBLISHED
    assert first.found[1].deliveries[0].state is DeliveryState.QUEUED
    assert rest.following is None


def test_a_batch_of_publications_is_read_in_one_call(workbench: Workbench) -> None:
    keys = [("ws_1", workbench.submit().publication.id) for _ in range(3)]
    found = workbench.publications.publications([*keys, *keys, ("ws_1", "pub_none")])
    assert set(found) == set(keys)


def test_canceling_twice_is_canceling_once(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    assert workbench.publications.cancel(publication) is True
    assert workbench.publications.cancel(publication) is False
    assert workbench.stored(publication).publication.version == 2


def test_a_look_that_somebody_else_took_is_not_taken_again(workbench: Workbench) -> None:
    publication = workbench.submit().publication
    assert workbench.publications.look_again(publication, START + timedelta(minutes=5)) is True
    assert workbench.publications.look_again(publication, START + timedelta(minutes=9)) is False
    assert workbench.publications.look_later(Due("ws_1", publication.id, publication.due_at), START) is False
