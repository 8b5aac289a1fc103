"""Every promise an adapter makes, asked of every platform there is."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from functions import platforms
from publishing.abilities import Finds, Foretells, Resumes
from publishing.adapter import Kind, Resource
from publishing.errors import OutcomeUnknown, PublishingError, Throttled, Unauthorized, Unavailable
from publishing.model import Channel, Content, Media, Outcome, Pending, Post, Problem, Receipt
from publishing.replies import TELLING_CHARS
from tests.functions.platforms.conversing import NOON, Platform, outcome_of, platform, publishes, recorded

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
OF_AN_ATTEMPT = ("webhook-timestamp", "webhook-signature")
SECRETIVE = [name for name in platforms.names() if any(each.secret for each in platforms.load(name).credentials.fields)]
LIMITED = [name for name in platforms.names() if platforms.load(name).limits.text_chars]
TALKATIVE = [name for name in platforms.names() if not platform(name).any_2xx]
STATUSES = [301, 400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503]

every = pytest.mark.parametrize("name", platforms.names())

HOSTILE = {
    "nul": "a\0b",
    "surrogate": "half \ud83d",
    "surrogates": "\udfff\ud800" * 9,
    "rtl": "\u202etxet\u202c \u2067x",
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 9,
    "controls": "".join(map(chr, range(1, 32))) + "\x7f\x85\u2028\u2029\ufeff\ufffe",
    "braces": "{title} {0} {} {{ }} %s ${x} {% raw %} {id.__class__}",
    "html": "<script>alert(1)</script><![CDATA[ ]]> &amp; \"'",
    "crlf": "a\r\nBcc: eve@example.org\r\n\r\n.",
    "front matter": "---\ntitle: x\n---\n",
    "nested": "> " * 999 + "[" * 999,
    "json": '"},{"a":"',
}


def published_twice(asked: Platform) -> tuple[httpx.Request, httpx.Request]:
    first, second = (next(filter(publishes, asked.published()[1])) for _ in range(2))
    return first, second


def fingerprint(request: httpx.Request) -> object:
    headers = {name: value for name, value in request.headers.items() if name not in OF_AN_ATTEMPT}
    return request.method, str(request.url), headers, request.content


def hostile_post(asked: Platform, text: str) -> Post:
    media = (Media(f"https://example.org/{text}", text),)
    content = Content(
        title=text, text=text, summary=text, link=f"https://example.org/{text}", tags=(text,), media=media
    )
    return replace(asked.post, content=content)


def pieces(channel: Channel) -> set[str]:
    """The secrets, and the parts of them by which they could be recognised."""
    words = " ".join(channel.secrets.values()).replace("/", " ").replace("?", " ").replace('"', " ").split()
    return {*channel.secrets.values(), *(word for word in words if len(word) >= TELLING_CHARS)}


def echo(status: int, names: str, channel: Channel) -> httpx.Response:
    """A reply that repeats under each of `names` all that is secret about the channel."""
    said = " ".join(sorted(pieces(channel)))
    return httpx.Response(status, json=dict.fromkeys(names.split(), said))


def throttled_s(asked: Platform, headers: Mapping[str, str]) -> float:
    """How long a throttled publication waits; what was written down before stays so, to be gone on with."""
    outcome = asked.spoiled(httpx.Response(429, headers=headers))
    if isinstance(outcome, Pending) and asked.prepares:
        return outcome.after_s
    assert isinstance(outcome, Throttled)
    return outcome.retry_after_s


def told_by(outcome: Outcome | PublishingError) -> str:
    """All that an error could bring into a log."""
    if not isinstance(outcome, PublishingError):
        return ""
    return "".join([*traceback.format_exception(outcome), repr(outcome), repr(vars(outcome))])


@every
def test_its_name_is_its_files(name: str) -> None:
    adapter = platforms.load(name)
    assert adapter.name == name == name.lower()
    assert adapter.title


@every
def test_it_has_a_test_of_its_name(name: str) -> None:
    assert (HERE / f"test_{name}.py").is_file()


@every
def test_its_module_says_where_its_facts_are_from(name: str) -> None:
    head = inspect.getdoc(sys.modules[type(platforms.load(name)).__module__]) or ""
    assert "https://" in head
    assert "read 20" in head


@every
def test_its_limits_are_sane(name: str) -> None:
    limits = platforms.load(name).limits
    assert 0 < limits.timeout_s <= 300
    assert limits.in_flight >= 2
    assert limits.attempts >= 1
    assert limits.lag_s >= 0
    assert min(limits.text_chars, limits.title_chars, limits.tags, limits.media) >= 0


@every
def test_its_pace_keeps_nobody_waiting_long(name: str) -> None:
    rate = platforms.load(name).limits.rate
    assert rate is None or rate.per_s / rate.requests <= 5.0


@every
def test_its_fields_are_declared_once_each_and_completely(name: str) -> None:
    fields = platforms.load(name).credentials.fields
    assert len({each.name for each in fields}) == len(fields)
    assert all(each.name.isidentifier() and each.label and isinstance(each.kind, Kind) for each in fields)


@every
def test_it_uses_known_resources_only(name: str) -> None:
    assert platforms.load(name).uses <= frozenset(Resource)


@every
def test_who_foretells_a_pause_has_a_pace_that_can_keep_it(name: str) -> None:
    adapter = platforms.load(name)
    assert adapter.limits.rate is not None or not isinstance(adapter, Foretells)


@every
def test_its_further_steps_take_what_the_driver_gives(name: str) -> None:
    adapter = platforms.load(name)
    steps = {
        step: list(inspect.signature(getattr(adapter, step)).parameters)
        for step in ("find", "resume")
        if hasattr(adapter, step)
    }
    expected = {"find": ["post", "channel", "since"], "resume": ["pending", "post", "channel"]}
    assert steps == {step: expected[step] for step in steps}
    assert (isinstance(adapter, Finds), isinstance(adapter, Resumes)) == ("find" in steps, "resume" in steps)


@every
def test_an_accepted_publication_has_an_outcome(name: str) -> None:
    outcome, _ = platform(name).published()
    assert isinstance(outcome, Outcome)


@every
def test_a_receipt_has_the_platforms_id(name: str) -> None:
    outcome, _ = platform(name).published()
    assert not isinstance(outcome, Receipt) or outcome.id


@every
def test_a_pending_needs_a_resume(name: str) -> None:
    outcome, _ = platform(name).published()
    assert not isinstance(outcome, Pending) or isinstance(platform(name).adapter, Resumes)


@every
def test_only_https_is_spoken(name: str) -> None:
    requests = platform(name).published()[1] + platform(name).verified()
    assert {request.url.scheme for request in requests} == {"https"}


@every
def test_one_request_publishes_and_nothing_follows_it(name: str) -> None:
    marks = [publishes(request) for request in platform(name).published()[1]]
    assert marks.count(True) == 1
    assert marks[-1]


@every
def test_publishing_twice_sends_the_same_twice(name: str) -> None:
    first, second = published_twice(platform(name))
    assert fingerprint(first) == fingerprint(second)


@pytest.mark.parametrize("name", LIMITED)
def test_a_text_over_the_limit_is_told_with_the_numbers(name: str) -> None:
    asked = platform(name)
    most = asked.adapter.limits.text_chars
    post = replace(asked.post, content=replace(asked.post.content, text="x" * (most + 17)))
    problem = next(found for found in asked.adapter.check(post) if found.field == "content.text")
    assert str(most) in problem.message
    assert "17" in problem.message
    assert problem.remedy


@pytest.mark.parametrize("name", LIMITED)
def test_a_text_at_the_limit_is_no_problem(name: str) -> None:
    asked = platform(name)
    post = replace(asked.post, content=replace(asked.post.content, text="x" * asked.adapter.limits.text_chars))
    assert list(asked.adapter.check(post)) == []


@every
@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_post_of_nothing_is_a_problem(name: str, text: str) -> None:
    assert platform(name).adapter.check(Post("dlv_1", Content(title=text, text=text), NOON))


@every
def test_what_check_objects_to_is_not_sent(name: str) -> None:
    asked = platform(name)
    transport = recorded()
    outcome = outcome_of(asked.adapter.publish(Post("dlv_1", Content(), NOON), asked.channel), transport)
    assert isinstance(outcome, PublishingError)
    assert transport.asked == []


@every
@pytest.mark.parametrize("retry_after", ["7", "7.0"])
def test_too_many_requests_are_to_wait(name: str, retry_after: str) -> None:
    assert throttled_s(platform(name), {"Retry-After": retry_after}) == 7.0


@every
def test_too_many_requests_without_a_hint_are_to_wait_too(name: str) -> None:
    assert throttled_s(platform(name), {}) > 0


@every
@pytest.mark.parametrize(
    "fault", [httpx.ReadTimeout(""), httpx.ReadError(""), httpx.WriteError(""), httpx.RemoteProtocolError("")]
)
def test_a_lost_answer_is_unknown(name: str, fault: Exception) -> None:
    assert isinstance(platform(name).spoiled(fault), OutcomeUnknown)


@every
@pytest.mark.parametrize("fault", [httpx.ConnectError(""), httpx.ConnectTimeout(""), httpx.PoolTimeout("")])
def test_what_was_never_sent_is_unavailable(name: str, fault: Exception) -> None:
    assert isinstance(platform(name).spoiled(fault), Unavailable)


@pytest.mark.parametrize("name", SECRETIVE)
def test_refused_credentials_are_unauthorized(name: str) -> None:
    assert isinstance(platform(name).spoiled(httpx.Response(401)), Unauthorized)


@pytest.mark.parametrize("name", TALKATIVE)
@pytest.mark.parametrize(
    "body", [b"", b"<html>Welcome</html>", b"[]", b"{}", b'{"id": null}', b'{"id": "', b"\xff\xfe"]
)
def test_a_200_with_garbage_is_unknown(name: str, body: bytes) -> None:
    assert isinstance(platform(name).spoiled(httpx.Response(200, content=body)), OutcomeUnknown)


@every
@pytest.mark.parametrize("status", STATUSES)
def test_no_answer_leads_to_anything_but_what_to_do_next(name: str, status: int) -> None:
    asked = platform(name)
    expected = PublishingError | Pending if status == 429 and asked.prepares else PublishingError
    assert isinstance(asked.spoiled(httpx.Response(status, text="<html>")), expected)


@every
@pytest.mark.parametrize("names", ["message Message error detail id url", "code __type errors error_description type"])
@pytest.mark.parametrize("status", [200, *STATUSES])
def test_no_error_tells_a_secret(name: str, status: int, names: str) -> None:
    asked = platform(name)
    told = told_by(asked.spoiled(echo(status, names, asked.channel)))
    assert [piece for piece in pieces(asked.channel) if piece in told] == []


@every
def test_a_channel_does_not_show_its_secrets(name: str) -> None:
    channel = platform(name).channel
    assert [secret for secret in channel.secrets.values() if secret in repr(channel)] == []


@every
def test_verifying_publishes_nothing(name: str) -> None:
    requests = platform(name).verified()
    assert requests
    assert not any(map(publishes, requests))


@pytest.mark.parametrize("name", SECRETIVE)
def test_verifying_refused_credentials_is_unauthorized(name: str) -> None:
    asked = platform(name)
    outcome = outcome_of(asked.adapter.verify(asked.channel), recorded(*[httpx.Response(401)] * 9))
    assert isinstance(outcome, Unauthorized)


@every
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_content_is_too_hostile(name: str, text: str) -> None:
    asked = platform(name)
    post = hostile_post(asked, text)
    assert all(isinstance(problem, Problem) for problem in asked.adapter.check(post))
    outcome = outcome_of(asked.publication(transport := recorded(*asked.accepted), post), transport)
    assert isinstance(outcome, Outcome | PublishingError)


@every
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_text_is_too_hostile(name: str, text: str) -> None:
    asked = platform(name)
    post = replace(asked.post, content=replace(asked.post.content, text=f"x {text}"))
    outcome = outcome_of(asked.publication(transport := recorded(*asked.accepted), post), transport)
    assert isinstance(outcome, Outcome | PublishingError)


@every
@pytest.mark.parametrize("unit", ["![](", "[", "\n", " ", "---\n", "{", "<", "a:"])
def test_no_text_takes_long_to_check(name: str, unit: str) -> None:
    asked = platform(name)
    post = replace(asked.post, content=replace(asked.post.content, text=unit * (60_000 // len(unit))))
    began_s = time.process_time()  # of this process alone: the machine may be busy with others
    asked.adapter.check(post)
    assert time.process_time() - began_s < 2.0


SIXTH = '''"""Sixth, a platform that was not there before.

Source: https://sixth.example.org/api (read 2026-11-20)
"""

from __future__ import annotations

from collections.abc import Sequence

import httpx
from pydantic import Field as Reads

from functions.platforms._checks import insist, problems
from publishing.adapter import PUBLISHES, Adapter, Conversation, Credentials, Field, Limits, Resource
from publishing.model import Channel, Identity, Post, Problem, Receipt
from publishing.replies import Reply, accepted, parsed


class Note(Reply):
    id: str = Reads(min_length=1)


class Sixth:
    """Publishes notes."""

    name = "sixth"
    title = "Sixth"
    limits = Limits(text_chars=500)
    credentials = Credentials((Field("token", label="Token", secret=True),))
    uses: frozenset[Resource] = frozenset()
    idempotent = False

    def check(self, post: Post) -> Sequence[Problem]:
        """Everything that keeps this post from being published here."""
        return problems(post, self.limits)

    def publish(self, post: Post, channel: Channel) -> Conversation[Receipt]:
        """Post the note."""
        insist(self.check(post))
        body = {"text": post.content.text}
        reply = yield _request("POST", "notes", channel, json=body, extensions=PUBLISHES)
        return Receipt(parsed(Note, accepted(reply)).id)

    def verify(self, channel: Channel) -> Conversation[Identity]:
        """Ask who we are."""
        reply = yield _request("GET", "me", channel)
        return Identity(parsed(Note, accepted(reply)).id)


def _request(method: str, path: str, channel: Channel, **content: object) -> httpx.Request:
    headers = {"authorization": f"Bearer {channel.secrets['token']}"}
    return httpx.Request(method, f"https://sixth.example.org/{path}", headers=headers, **content)


ADAPTER: Adapter = Sixth()
'''

SIXTH_TEST = """import httpx

ACCEPTED = [httpx.Response(201, json={"id": "n1"})]
"""


@pytest.fixture
def tree_with_a_sixth(tmp_path: Path) -> Path:
    """A copy of the platforms and their tests, with one platform more: its file and its test, and nothing else."""
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "functions" / "platforms", tmp_path / "functions" / "platforms", ignore=leave_out)
    shutil.copytree(HERE, tmp_path / "tests" / "functions" / "platforms", ignore=leave_out)
    shutil.copy(ROOT / "functions" / "__init__.py", tmp_path / "functions")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "functions" / "platforms" / "sixth.py").write_text(SIXTH)
    (tmp_path / "tests" / "functions" / "platforms" / "test_sixth.py").write_text(SIXTH_TEST)
    return tmp_path


def run_in(tree: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # noqa: S603 - our own interpreter and arguments
        [sys.executable, *arguments],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_another_platform_is_one_file(tree_with_a_sixth: Path) -> None:
    program = "import json; from functions import platforms; print(json.dumps(platforms.names()))"
    assert json.loads(run_in(tree_with_a_sixth, "-c", program)) == sorted([*platforms.names(), "sixth"])


def test_another_platform_is_asked_every_promise(tree_with_a_sixth: Path) -> None:
    arguments = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "tests/functions/platforms/test_contract.py",
        "-k",
        "sixth",
    )
    assert " passed" in run_in(tree_with_a_sixth, *arguments)
