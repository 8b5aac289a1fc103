from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest

from functions.platforms.mastodon import Mastodon
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.model import Channel, Content, Media, Metric, Outcome, Pending, Post, Receipt
from tests.sandbox.application import Application
from tests.sandbox.faults import Faults
from tests.sandbox.films import URL, Films
from tests.sandbox.platforms import mastodon
from tests.sandbox.server import Sandbox
from tests.sandbox.wall import Wall

T = TypeVar("T")

PNG, GIF = b"\x89PNG\r\n\x1a\n...", b"GIF89a..."


@pytest.fixture
def fields(sandbox: Sandbox) -> dict[str, str]:
    opened = httpx.post(f"{sandbox.addresses['mastodon']}/_sandbox/accounts", json={"name": "ada"})
    given: dict[str, str] = opened.json()
    return given


@pytest.fixture
def instance(fields: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {fields['access_token']}"}
    with httpx.Client(base_url=fields["base_url"], headers=headers) as client:
        yield client


def created(instance: httpx.Client, key: str = "", **form: object) -> httpx.Response:
    return instance.post("/api/v1/statuses", json={"status": "Hello", **form}, headers={"Idempotency-Key": key})


def uploaded(instance: httpx.Client, data: bytes = PNG) -> httpx.Response:
    return instance.post("/api/v2/media", data={"description": "A river"}, files={"file": ("picture", data)})


def by_the_adapter(fields: dict[str, str], post: Post) -> Outcome:
    channel = Channel("chn_1", "wsp_1", "mastodon", settings=fields, secrets=fields)
    with httpx.HTTPTransport() as transport:
        conversations = Conversations(transport, transport, sign=lambda _request, _service: None, plain_http=True)
        published = conversations.hold(Mastodon().publish(post, channel), within_s=10)
        since = datetime.now(UTC) - timedelta(minutes=1)
        assert conversations.hold(Mastodon().find(post, channel, since), within_s=10) == published
        return published


def test_without_a_token_nobody_is_authorized(instance: httpx.Client) -> None:
    answer = instance.get("/api/v1/accounts/verify_credentials", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()) == (401, {"error": "The access token is invalid"})


def test_a_token_tells_its_user(instance: httpx.Client) -> None:
    assert instance.get("/api/v1/accounts/verify_credentials").json()["acct"] == "ada"


def test_a_post_is_shown_to_everybody_at_its_address(instance: httpx.Client) -> None:
    page = httpx.get(created(instance).json()["url"])
    assert (page.status_code, "Hello" in page.text) == (200, True)


def test_an_address_without_a_post_is_not_found(instance: httpx.Client) -> None:
    assert httpx.get(f"{instance.base_url}/@ada/99").status_code == 404


def test_a_key_creates_one_post_however_often_it_is_sent(instance: httpx.Client, sandbox: Sandbox) -> None:
    assert created(instance, "k1").json() == created(instance, "k1").json()
    (notice,) = sandbox.wall.notices("mastodon")
    assert notice.received == 2


def test_posts_are_listed_newest_first_in_pages(instance: httpx.Client) -> None:
    first, second = (created(instance, status=text).json() for text in ("One", "Two"))
    path = f"/api/v1/accounts/{first['account']['id']}/statuses"
    assert instance.get(path).json() == [second, first]
    assert instance.get(path, params={"max_id": second["id"]}).json() == [first]


def test_a_picture_is_shown_with_its_post(instance: httpx.Client) -> None:
    picture = uploaded(instance)
    assert picture.status_code == 200
    (shown,) = created(instance, media_ids=[picture.json()["id"]]).json()["media_attachments"]
    assert shown["description"] == "A river"


def test_an_animated_picture_is_worked_on_first(instance: httpx.Client) -> None:
    picture = uploaded(instance, GIF)
    path = f"/api/v1/media/{picture.json()['id']}"
    assert (picture.status_code, [instance.get(path).status_code for _ in range(2)]) == (202, [206, 200])


def test_a_picture_that_is_worked_on_cannot_be_attached(instance: httpx.Client) -> None:
    answer = created(instance, media_ids=[uploaded(instance, GIF).json()["id"]])
    assert (answer.status_code, "have not finished processing" in answer.json()["error"]) == (422, True)


def test_an_attached_picture_is_no_longer_found(instance: httpx.Client) -> None:
    picture = uploaded(instance).json()["id"]
    created(instance, media_ids=[picture])
    assert instance.get(f"/api/v1/media/{picture}").status_code == 404


@pytest.mark.parametrize("files", [{"picture": PNG}, {"file": b"%PDF-1.7"}])
def test_what_is_no_picture_is_not_taken(instance: httpx.Client, files: dict[str, bytes]) -> None:
    assert instance.post("/api/v2/media", files=files).status_code == 422


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ({"status": ""}, "Text can't be blank"),
        ({"status": None, "text": "Hello"}, "Text can't be blank"),
        ({"status": "x" * 501}, "Text character limit of 500 exceeded"),
        ({"visibility": "secret"}, "Visibility is not included in the list"),
        ({"media_ids": ["99"]}, "not found"),
        ({"media_ids": ["1", "2", "3", "4", "5"]}, "more than 4 files"),
    ],
)
def test_what_breaks_a_rule_is_told(instance: httpx.Client, form: dict[str, object], complaint: str) -> None:
    answer = created(instance, "", **form)
    assert (answer.status_code, complaint in answer.json()["error"]) == (422, True)


def test_the_adapter_publishes_here_and_finds_what_it_published(fields: dict[str, str], sandbox: Sandbox) -> None:
    content = Content("Rivers", "All *rivers* & [leaves](https://example.org/a?b=1&c=2).", link="https://example.org/")
    post = Post("dlv_1", replace(content, tags=("rivers",)), datetime.now(UTC))
    outcome = by_the_adapter(fields, post)
    assert isinstance(outcome, Receipt)
    assert [notice.id for notice in sandbox.wall.notices("mastodon")] == [outcome.id]
    assert httpx.get(outcome.url).status_code == 200


def test_an_animated_picture_and_another_may_stand_together_but_no_video(instance: httpx.Client) -> None:
    film, picture = (uploaded(instance, data).json()["id"] for data in (b"\0\0\0\x18ftypmp42", PNG))
    instance.get(f"/api/v1/media/{film}")
    answer = created(instance, media_ids=[film, picture])
    assert (answer.status_code, "Cannot attach a video" in answer.json()["error"]) == (422, True)


def test_only_what_is_there_is_answered(instance: httpx.Client) -> None:
    answer = created(instance, in_reply_to_id="99")
    assert (answer.status_code, "reply to does not appear to exist" in answer.json()["error"]) == (422, True)


def test_a_post_is_read_until_its_author_deletes_it(instance: httpx.Client) -> None:
    path = f"/api/v1/statuses/{created(instance).json()['id']}"
    asked = ["GET", "DELETE", "GET", "DELETE"]
    assert [instance.request(method, path).status_code for method in asked] == [200, 200, 404, 404]


@dataclass(frozen=True)
class Instance:
    """The stand-in without a network: nothing here is about connections."""

    wall: Wall
    transport: httpx.BaseTransport
    channel: Channel

    def hold(self, conversation: Conversation[T]) -> T:
        conversations = Conversations(self.transport, self.transport, lambda _request, _service: None)
        return conversations.hold(conversation, within_s=10)

    def published(self, post: Post) -> tuple[Outcome, int]:
        """What it comes to in the end, and in how many steps."""
        outcome, steps = self.hold(Mastodon().publish(post, self.channel)), 1
        while isinstance(outcome, Pending):
            outcome, steps = self.hold(Mastodon().resume(outcome, post, self.channel)), steps + 1
        return outcome, steps


@pytest.fixture
def quiet() -> Instance:
    wall, base = Wall(), "https://social.example.org"
    transport = Films(httpx.WSGITransport(app=Application(mastodon.STAND_IN(wall), wall, Faults())))
    with httpx.Client(transport=transport, base_url=base) as client:
        secrets = client.post("/_sandbox/accounts", json={"name": "ada"}).json()
    return Instance(
        wall, transport, Channel("chn_1", "wsp_1", "mastodon", settings={"base_url": base}, secrets=secrets)
    )


def post_of(**content: object) -> Post:
    return Post("dlv_1", Content(**content), datetime.now(UTC))  # type: ignore[arg-type]  # fields by name


def test_a_video_is_handed_over_waited_for_and_shown(quiet: Instance) -> None:
    receipt, steps = quiet.published(post_of(text="Leaves", media=(Media(URL, "A river"),)))
    assert isinstance(receipt, Receipt)
    (notice,) = quiet.wall.notices("mastodon")
    assert (notice.id, steps) == (receipt.id, 3)
    (shown,) = notice.document["media_attachments"]
    assert (shown["type"], shown["description"]) == ("video", "A river")


def test_a_thread_is_posted_one_by_one_found_and_removed_as_a_whole(quiet: Instance) -> None:
    post = post_of(text="All rivers carry leaves & more of them <there>. " * 28, thread=True, title="Rivers")
    receipt, steps = quiet.published(post)
    assert isinstance(receipt, Receipt)
    assert (receipt.id, receipt.url, steps) == ("1,2,3", "https://social.example.org/@ada/1", 3)
    answered = [each.document["in_reply_to_id"] for each in quiet.wall.notices("mastodon")]
    assert answered == [None, "1", "2"]
    assert quiet.hold(Mastodon().find(post, quiet.channel, post.at - timedelta(minutes=5))) == receipt
    quiet.hold(Mastodon().remove(receipt, quiet.channel))
    quiet.hold(Mastodon().remove(receipt, quiet.channel))
    assert quiet.wall.notices("mastodon") == []


def test_a_step_that_was_done_twice_is_out_once(quiet: Instance) -> None:
    post = post_of(text="All rivers carry leaves. " * 50, thread=True)
    begun = quiet.hold(Mastodon().publish(post, quiet.channel))
    assert isinstance(begun, Pending)
    once, again = (quiet.hold(Mastodon().resume(begun, post, quiet.channel)) for _ in range(2))
    assert isinstance(once, Pending)
    assert isinstance(again, Receipt)
    assert [each.received for each in quiet.wall.notices("mastodon")] == [1, 1, 1]


def test_a_post_has_counts(quiet: Instance) -> None:
    receipt, _ = quiet.published(post_of(text="Leaves"))
    assert isinstance(receipt, Receipt)
    counts = quiet.hold(Mastodon().metrics(receipt, quiet.channel))
    assert counts == {Metric.LIKES: 3, Metric.SHARES: 2, Metric.COMMENTS: 1}
