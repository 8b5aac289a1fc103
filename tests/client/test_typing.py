"""What mypy knows of the client: wrong lines are marked as it must mark them, and an idle mark is an error."""

from __future__ import annotations

from typing import assert_type

from postroom_client.schemas import Channel, DeliveryState, NewPublication, Preview, Publication
from tests.client.talk import ok, talk

PUBLICATION = {"id": "pub_1", "status": "publishing", "deliveries": []}


def test_answers_are_typed_to_their_depths() -> None:
    postroom = talk(ok(PUBLICATION)).client()
    seen = postroom.read_publication("pub_1")
    assert_type(seen, Publication)
    assert_type([delivery["state"] for delivery in seen["deliveries"]], list[DeliveryState])
    assert_type(postroom.submit_publication({"content": {}, "targets": []}), Preview | Publication)
    assert_type(postroom.publish({"content": {}, "targets": []}), Publication)
    assert_type(list(talk(ok({"items": [], "next": None})).client().list_channels()), list[Channel])
    assert seen["id"] == "pub_1"


def test_what_is_sent_is_typed_to_its_depths() -> None:
    body: NewPublication = {"content": {"titel": "Hi"}, "targets": []}  # type: ignore[typeddict-unknown-key]
    without: NewPublication = {"content": {}}  # type: ignore[typeddict-item]
    odd: NewPublication = {"content": {}, "targets": [], "priority": "soon"}  # type: ignore[typeddict-item]
    assert all((body, without, odd))


def test_what_is_not_there_is_not_asked_for() -> None:
    postroom = talk(ok(PUBLICATION)).client()
    assert "titel" not in postroom.read_publication("pub_1")
