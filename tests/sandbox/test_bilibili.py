from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
import pytest

from functions.platforms.bilibili import Bilibili
from publishing.adapter import Conversation
from publishing.conversation import Conversations
from publishing.errors import AppRefused, OutcomeUnknown, Refused, Unauthorized
from publishing.model import Channel, Content, Media, Metric, Outcome, Pending, Post, Receipt
from tests.sandbox.application import Application
from tests.sandbox.faults import Fault, Faults, Kind
from tests.sandbox.platforms import bilibili
from tests.sandbox.wall import Wall

API = "http://member.bilibili.com/arcopen/fn"
LENGTH = 9 * 2**20  # two pieces
VIDEO = Media("https://media.example.org/river.mp4", type="video/mp4", size_bytes=LENGTH)
SMALL = replace(VIDEO, size_bytes=1000)
PNG = b"\x89PNG\r\n\x1a\n..."
COVER = Media("https://media.example.org/river.png")
POST = Post("dlv_1", Content("Rivers", "All *rivers*", tags=("rivers",), media=(SMALL,)), datetime.now(UTC))
ARCHIVE = {"title": "Rivers", "desc": "", "tag": "a,b", "tid": 21, "copyright": 1, "no_reprint": 0}

T = TypeVar("T")


class Files(httpx.BaseTransport):
    """What is at `media.example.org` is there; every other host leads to the stand-in."""

    def __init__(self, inner: httpx.BaseTransport) -> None:
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != "media.example.org":
            return self._inner.handle_request(request)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("range", ""))
        if wanted:
            return httpx.Response(206, content=bytes(int(wanted[2]) - int(wanted[1]) + 1))
        return httpx.Response(200, content=PNG)


@dataclass
class Member:
    """The stand-in without a network, and one member of it."""

    wall: Wall
    faults: Faults
    client: httpx.Client
    fields: dict[str, str]

    @property
    def channel(self) -> Channel:
        return Channel("chn_1", "wsp_1", "bilibili", settings=self.fields, secrets=self.fields)

    def hold(self, conversation: Conversation[T]) -> T:
        transport = Files(self.client._transport)
        conversations = Conversations(transport, transport, lambda _request, _service: None, plain_http=True)
        return conversations.hold(conversation, within_s=30)

    def resume(self, outcome: Outcome, post: Post = POST) -> Outcome:
        assert isinstance(outcome, Pending)
        return self.hold(Bilibili().resume(outcome, post, self.channel))

    def submitted(self, post: Post = POST) -> Outcome:
        """The post up to its review."""
        return self.resume(self.hold(Bilibili().publish(post, self.channel)), post)

    def headers(self, body: bytes, **changes: str) -> dict[str, str]:
        given = {
            "x-bili-accesskeyid": self.fields["client_id"],
            "x-bili-content-md5": hashlib.md5(body).hexdigest(),  # noqa: S324 - Bilibili's choice
            "x-bili-signature-method": "HMAC-SHA256",
            "x-bili-signature-nonce": uuid.uuid4().hex,
            "x-bili-signature-version": "2.0",
            "x-bili-timestamp": str(int(time.time())),
        }
        given |= {name.replace("_", "-"): value for name, value in changes.items() if name.startswith("x_")}
        lines = "\n".join(f"{name}:{value}" for name, value in sorted(given.items()))
        proof = hmac.new(self.fields["client_secret"].encode(), lines.encode(), "sha256").hexdigest()
        kind = "application/json"
        given |= {"authorization": proof, "access-token": self.fields["access_token"], "accept": kind}
        return (
            given
            | {"content-type": kind}
            | {name: value for name, value in changes.items() if not name.startswith("x_")}
        )

    def ask(self, path: str, body: object = None, **changes: str) -> int:
        """The code of the answer; a POST where there is a body."""
        data = b"" if body is None else json.dumps(body).encode()
        method = "GET" if body is None else "POST"
        answer = self.client.request(method, f"{API}/{path}", content=data, headers=self.headers(data, **changes))
        assert answer.status_code == 200
        code: int = answer.json()["code"]
        return code

    def uploaded(self, *lengths: int) -> str:
        """An upload with pieces of these lengths."""
        data = b'{"name": "a.mp4", "utype": "0"}'
        answer = self.client.post(f"{API}/archive/video/init", content=data, headers=self.headers(data))
        token: str = answer.json()["data"]["upload_token"]
        for number, length in enumerate(lengths, 1):
            address = f"http://openupos.bilivideo.com/video/v2/part/upload?upload_token={token}&part_number={number}"
            assert self.client.post(address, content=bytes(length)).json()["code"] == 0
        return token

    def whole(self) -> str:
        token = self.uploaded(10)
        assert self.ask(f"archive/video/complete?upload_token={token}", {}) == 0
        return token


@pytest.fixture
def member() -> Iterator[Member]:
    wall, faults = Wall(), Faults()
    transport = httpx.WSGITransport(app=Application(bilibili.STAND_IN(wall), wall, faults))
    with httpx.Client(transport=transport) as client:
        opened = client.post(f"{API[:-12]}/_sandbox/accounts", json={"name": "ada"})
        yield Member(wall, faults, client, opened.json())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"accept": "*/*"}, 4009),
        ({"content-type": "text/plain"}, 4007),
        ({"x_bili_signature_method": "HMAC-SHA1"}, 4005),
        ({"x_bili_signature_version": "1.0"}, 4006),
        ({"x_bili_timestamp": "1"}, 4003),
        ({"x_bili_content_md5": "0"}, 4008),
        ({"authorization": "0"}, 4002),
        ({"access-token": "0"}, 127001),
        ({"x_bili_accesskeyid": "0"}, 127004),
    ],
)
def test_a_request_must_be_signed(member: Member, changes: dict[str, str], code: int) -> None:
    assert member.ask("user/account/info", None, **changes) == code


def test_a_nonce_is_good_for_one_request(member: Member) -> None:
    assert [member.ask("archive/type/list", None, x_bili_signature_nonce="n") for _ in range(2)] == [0, 4004]


@pytest.mark.parametrize(
    "body", [{"name": "a/b.mp4", "utype": "0"}, {"name": "a.mov", "utype": "0"}, {"name": "a.mp4"}]
)
def test_an_upload_has_a_name_and_a_kind(member: Member, body: dict[str, str]) -> None:
    assert member.ask("archive/video/init", body) == 4000


@pytest.mark.parametrize(("lengths", "code"), [((8, 8, 3), 0), ((8, 7, 3), 123006), ((3, 8), 123006), ((), 123006)])
def test_pieces_are_of_one_length_but_for_the_last(member: Member, lengths: tuple[int, ...], code: int) -> None:
    assert member.ask(f"archive/video/complete?upload_token={member.uploaded(*lengths)}", {}) == code


@pytest.mark.parametrize(("number", "length", "code"), [(0, 8, 4000), (513, 8, 4000), (1, 0, 4000)])
def test_a_piece_has_a_number_and_a_content(member: Member, number: int, length: int, code: int) -> None:
    address = (
        f"http://openupos.bilivideo.com/video/v2/part/upload?upload_token={member.uploaded()}&part_number={number}"
    )
    assert member.client.post(address, content=bytes(length)).json()["code"] == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, 0),
        ({"title": " "}, 123013),
        ({"title": "x" * 80}, 123030),
        ({"desc": "x" * 250}, 123018),
        ({"tag": "a,,b"}, 123012),
        ({"tag": "x" * 200}, 123012),
        ({"tid": 1}, 123009),
        ({"copyright": 3}, 123008),
        ({"copyright": 2}, 123016),
        ({"source": "https://example.org/"}, 123008),
        ({"cover": "https://example.org/a.png"}, 123008),
    ],
)
def test_what_breaks_a_rule_is_told(member: Member, changes: dict[str, object], code: int) -> None:
    assert member.ask(f"archive/add-by-utoken?upload_token={member.whole()}", {**ARCHIVE, **changes}) == code


def test_an_upload_is_good_for_one_video(member: Member) -> None:
    token = member.whole()
    bodies = [{**ARCHIVE, "title": title} for title in ("One", "Two")]
    assert [member.ask(f"archive/add-by-utoken?upload_token={token}", body) for body in bodies] == [0, 127022]


def test_an_upload_that_is_not_whole_is_no_video(member: Member) -> None:
    assert member.ask(f"archive/add-by-utoken?upload_token={member.uploaded(8)}", ARCHIVE) == 127022


def test_another_members_upload_is_unknown(member: Member) -> None:
    token = member.whole()
    member.fields = member.client.post(f"{API[:-12]}/_sandbox/accounts", json={"name": "bob"}).json()
    assert member.ask(f"archive/add-by-utoken?upload_token={token}", ARCHIVE) == 127022


def test_a_title_cannot_be_used_again_at_once(member: Member) -> None:
    codes = [member.ask(f"archive/add-by-utoken?upload_token={member.whole()}", ARCHIVE) for _ in range(2)]
    assert codes == [0, 123015]


def test_the_adapters_video_is_reviewed_and_shown(member: Member) -> None:
    post = replace(POST, content=replace(POST.content, media=(VIDEO, COVER)))
    waiting = member.submitted(post)
    assert isinstance(waiting, Pending)
    (notice,) = member.wall.notices("bilibili", "ada")
    assert (waiting.reference, notice.document["bytes"]) == (notice.id, LENGTH)
    assert notice.document["cover"].startswith("https://archive.biliimg.com/")
    assert isinstance(member.resume(waiting, post), Pending)
    time.sleep(bilibili.REVIEW_S + 0.1)
    receipt = member.resume(waiting, post)
    assert isinstance(receipt, Receipt)
    assert receipt.id == notice.id
    assert member.hold(Bilibili().find(post, member.channel, datetime.now(UTC) - timedelta(minutes=1))) == receipt


def test_what_does_not_pass_the_review_is_refused(member: Member) -> None:
    post = replace(POST, content=replace(POST.content, text=bilibili.RETURNED))
    waiting = member.submitted(post)
    time.sleep(bilibili.REVIEW_S + 0.1)
    with pytest.raises(Refused, match="Bilibili's review says: No"):
        member.resume(waiting, post)


def test_a_submission_after_a_crash_is_not_made_again(member: Member) -> None:
    whole = member.hold(Bilibili().publish(POST, member.channel))
    first, second = (member.resume(whole) for _ in range(2))
    (notice,) = member.wall.notices("bilibili")
    assert _pending(first).reference == notice.id
    assert notice.id in {getattr(second, "id", ""), getattr(second, "reference", "")}


def test_what_was_not_submitted_is_not_found(member: Member) -> None:
    assert member.hold(Bilibili().find(POST, member.channel, datetime.now(UTC))) is None


def test_tokens_are_renewed_once(member: Member) -> None:
    old = member.channel
    fresh = member.hold(Bilibili().refresh(old))
    assert 2_591_000 < fresh.lasts_s <= 2_592_000
    with pytest.raises(Unauthorized):
        member.hold(Bilibili().refresh(old))
    with pytest.raises(Unauthorized):
        member.hold(Bilibili().verify(old))
    member.fields |= fresh.secrets
    assert member.hold(Bilibili().verify(member.channel)).name == "ada"


@pytest.mark.parametrize(("field", "code"), [("client_id", "122000"), ("client_secret", "122001")])
def test_only_the_app_itself_renews_its_tokens(member: Member, field: str, code: str) -> None:
    member.fields[field] = "wrong"
    with pytest.raises(AppRefused) as refused:
        member.hold(Bilibili().refresh(member.channel))
    assert refused.value.code == code


def test_the_adapter_measures_and_removes_what_it_published(member: Member) -> None:
    member.submitted()
    receipt = Receipt(member.wall.notices("bilibili")[0].id)
    assert member.hold(Bilibili().metrics(receipt, member.channel))[Metric.VIEWS] == 0
    member.hold(Bilibili().remove(receipt, member.channel))
    member.hold(Bilibili().remove(receipt, member.channel))
    assert member.hold(Bilibili().find(POST, member.channel, datetime.now(UTC) - timedelta(minutes=1))) is None


def test_the_adapter_waits_where_it_is_too_fast(member: Member) -> None:
    whole = member.hold(Bilibili().publish(POST, member.channel))
    member.faults.switch_on(Fault(platform="bilibili", account="ada", kind=Kind.THROTTLE))
    waiting = _pending(member.resume(whole))
    assert waiting.after_s == 30.0
    assert _pending(member.resume(waiting)).state["turn"] == "2"
    assert member.wall.notices("bilibili") == []


def test_what_was_submitted_without_an_answer_is_not_submitted_again(member: Member) -> None:
    whole = member.hold(Bilibili().publish(POST, member.channel))
    member.faults.switch_on(Fault(platform="bilibili", account="ada", kind=Kind.GARBAGE))
    with pytest.raises(OutcomeUnknown):
        member.resume(whole)
    assert isinstance(member.resume(whole), Pending | Receipt)
    assert len(member.wall.notices("bilibili")) == 1


def test_a_turn_is_taken_once_even_if_it_is_not_to_be_seen(member: Member) -> None:
    whole = _pending(member.hold(Bilibili().publish(POST, member.channel)))
    sent = [_pending(member.hold(Bilibili()._submitted(whole.state, POST, member.channel))) for _ in range(2)]
    assert ["resource" in outcome.state for outcome in sent] == [True, False]
    assert sent[1].state["missed"] == "1"
    assert len(member.wall.notices("bilibili")) == 1


@pytest.mark.parametrize(("kind", "error"), [(Kind.REFUSE, Refused), (Kind.EXPIRE, Unauthorized)])
def test_the_adapter_learns_what_was_wrong(member: Member, kind: Kind, error: type[Exception]) -> None:
    whole = member.hold(Bilibili().publish(POST, member.channel))
    member.faults.switch_on(Fault(platform="bilibili", account="ada", kind=kind))
    with pytest.raises(error):
        member.resume(whole)


def _pending(outcome: Outcome) -> Pending:
    assert isinstance(outcome, Pending)
    return outcome
