from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.model import Principal, Role, person_of
from publishing import aws
from publishing.operations import Operations
from tests.cloud import Cloud, Watch, make, moto
from tests.web.logs import Log
from web.limiting import ALONE_S, WINDOW_S, Limits
from web.problems import Refusal

KEY = Principal("ws_01kagwz8w7e0f4h5j6k7m8n9pq", "key_1", Role.AUTHOR, "key_1")
OTHER_KEY = Principal(KEY.workspace, "key_2", Role.AUTHOR, "key_2")
MEMBER = Principal(KEY.workspace, "somebody@example.org", Role.AUTHOR)
PERSON = person_of("https://issuer.example/", "somebody")
ELSEWHERE = Principal("ws_01kagwz9r3a1b2c3d4e5f6g7h8", "key_1", Role.AUTHOR, "key_1")


@dataclass
class Functions:
    """Warm functions that share a table; each has a memory of its own."""

    watch: Watch
    caller: int = 10
    workspace: int = 100
    writes: int = 0
    down: bool = False
    takes_s: float = 0.0
    warm: list[Limits] = field(default_factory=list)

    def __post_init__(self) -> None:
        operations = Operations("operations", self.watch, lambda: _Counted(self))  # type: ignore[arg-type,return-value]
        self.warm = [Limits(operations, caller=self.caller, workspace=self.workspace) for _ in range(4)]

    def asked(self, caller: Principal, times: int = 1, *, of: int = 0) -> int:
        """How many of so many requests to one of the functions it admits."""
        return sum(self.admits(of, caller) for _ in range(times))

    def admits(self, function: int, caller: Principal | None, person: str = "") -> bool:
        """Whether one of the functions admits a request."""
        try:
            self.warm[function].admit(caller, person)
        except Refusal:
            return False
        return True


class _Counted:
    """The table's client; counts writes, and does not answer while the table is down."""

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def update_item(self, **request: Any) -> Any:
        self._functions.writes += 1
        self._functions.watch.forward(self._functions.takes_s)
        if self._functions.down:
            raise ConnectTimeoutError(endpoint_url="nowhere")
        return aws.dynamodb().update_item(**request)

    @property
    def exceptions(self) -> Any:
        return aws.dynamodb().exceptions


def refusal(limits: Limits, caller: Principal) -> Refusal:
    with pytest.raises(Refusal) as caught:
        limits.admit(caller)
    return caught.value


@pytest.fixture
def functions(cloud_in_moto: Cloud) -> Functions:
    return Functions(cloud_in_moto.watch)


def test_a_caller_makes_as_many_requests_as_it_may_and_no_more(functions: Functions) -> None:
    assert functions.asked(KEY, 15) == 10


def test_each_caller_has_its_own(functions: Functions) -> None:
    assert [functions.asked(each, 15) for each in (KEY, OTHER_KEY, MEMBER, ELSEWHERE)] == [10, 10, 10, 10]


def test_a_workspaces_callers_together_make_no_more_than_it_may(cloud_in_moto: Cloud) -> None:
    functions = Functions(cloud_in_moto.watch, caller=10, workspace=15)
    assert [functions.asked(each, 15) for each in (KEY, OTHER_KEY, MEMBER, ELSEWHERE)] == [10, 5, 0, 10]


def test_a_person_who_calls_for_no_workspace_has_a_callers_quota(cloud_in_moto: Cloud) -> None:
    functions = Functions(cloud_in_moto.watch, caller=10, workspace=5)
    admitted = [sum(functions.admits(each % 4, None, PERSON) for each in range(15)) for _ in range(2)]
    assert admitted == [10, 0]
    assert functions.admits(0, None, person_of("https://issuer.example/", "somebody else"))
    assert functions.asked(MEMBER) == 1


def test_a_person_who_calls_for_no_workspace_is_told_of_that_quota_alone(functions: Functions) -> None:
    told = functions.warm[0].admit(None, PERSON)
    reset = told["RateLimit-Reset"]
    assert told == {
        "RateLimit-Policy": '"caller";q=10;w=60',
        "RateLimit": f'"caller";r=9;t={reset}',
        "RateLimit-Limit": "10",
        "RateLimit-Remaining": "9",
        "RateLimit-Reset": reset,
    }


def test_who_is_limited_as_no_caller_is_not_as_a_person_either(cloud_in_moto: Cloud) -> None:
    functions = Functions(cloud_in_moto.watch, caller=0, workspace=5)
    assert functions.warm[0].admit(None, PERSON) == {}
    assert functions.writes == 0


def test_the_next_minute_brings_them_all_back(functions: Functions) -> None:
    functions.asked(KEY, 15)
    functions.watch.forward(WINDOW_S)
    assert functions.asked(KEY, 15) == 10


def test_who_is_refused_is_told_when_to_come_again(functions: Functions) -> None:
    functions.asked(KEY, 10)
    refused = refusal(functions.warm[0], KEY)
    assert (refused.kind.slug, refused.kind.status) == ("rate-limited", 429)
    wait_s = int(refused.headers["Retry-After"])
    assert 1 <= wait_s <= WINDOW_S
    functions.watch.forward(wait_s)
    assert functions.asked(KEY) == 1


def test_what_is_left_is_told_as_the_draft_has_it_and_as_others_read_it(functions: Functions) -> None:
    functions.asked(KEY, 3)
    told = functions.warm[0].admit(KEY)
    reset = told["RateLimit-Reset"]
    assert told == {
        "RateLimit-Policy": '"caller";q=10;w=60, "workspace";q=100;w=60',
        "RateLimit": f'"caller";r=6;t={reset}, "workspace";r=96;t={reset}',
        "RateLimit-Limit": "10",
        "RateLimit-Remaining": "6",
        "RateLimit-Reset": reset,
    }


def test_what_is_told_is_of_the_minute_that_was_counted(functions: Functions) -> None:
    ends_in_s = int(functions.warm[0].admit(KEY)["RateLimit-Reset"])
    functions.watch.forward(ends_in_s - 1)
    functions.takes_s = 2.0
    told = functions.warm[0].admit(KEY)
    assert (told["RateLimit-Remaining"], told["RateLimit-Reset"]) == ("8", "1")


def test_who_is_refused_is_told_that_nothing_is_left(functions: Functions) -> None:
    functions.asked(KEY, 10)
    assert refusal(functions.warm[0], KEY).headers["RateLimit-Remaining"] == "0"


@pytest.mark.parametrize(("caller", "workspace", "named"), [(5, 0, "caller"), (0, 5, "workspace")])
def test_either_limit_may_be_left_out(cloud_in_moto: Cloud, caller: int, workspace: int, named: str) -> None:
    functions = Functions(cloud_in_moto.watch, caller=caller, workspace=workspace)
    assert functions.warm[0].admit(KEY)["RateLimit-Policy"] == f'"{named}";q=5;w=60'
    assert functions.asked(KEY, 10) == 4


def test_without_limits_nothing_is_counted(cloud_in_moto: Cloud) -> None:
    functions = Functions(cloud_in_moto.watch, caller=0, workspace=0)
    assert functions.warm[0].admit(KEY) == {}
    assert functions.writes == 0


def test_a_busy_caller_costs_few_writes(cloud_in_moto: Cloud) -> None:
    functions = Functions(cloud_in_moto.watch, caller=1_200, workspace=6_000)
    functions.asked(KEY, 1_000)
    assert functions.writes < 60


def test_who_was_refused_costs_none(functions: Functions) -> None:
    functions.asked(KEY, 11)
    before = functions.writes
    functions.asked(KEY, 100)
    assert functions.writes == before


def test_what_one_function_took_and_did_not_use_is_a_small_part(cloud_in_moto: Cloud) -> None:
    functions = Functions(cloud_in_moto.watch, caller=1_000, workspace=6_000)
    admitted = sum(functions.asked(KEY, 30, of=turn % 4) for turn in range(60))
    assert 950 <= admitted <= 1_000


def test_a_table_that_does_not_answer_limits_nobody_and_is_left_alone(functions: Functions, log: Log) -> None:
    functions.asked(KEY, 1)
    functions.down = True
    before = functions.writes
    assert functions.asked(KEY, 50) == 50
    assert functions.writes == before + 1
    assert log.line("Requests cannot be counted: nobody is limited")["error"] == "ConnectTimeoutError"


def test_a_table_that_answers_again_counts_again(functions: Functions) -> None:
    functions.down = True
    functions.asked(KEY, 50)
    functions.down = False
    functions.watch.forward(ALONE_S)
    assert functions.asked(KEY, 50) == 10


def test_minutes_begin_at_other_seconds_in_other_workspaces(functions: Functions) -> None:
    resets = {functions.warm[0].admit(each)["RateLimit-Reset"] for each in (KEY, ELSEWHERE)}
    assert len(resets) == 2


CALLERS = st.sampled_from([KEY, OTHER_KEY, MEMBER])


@settings(max_examples=25)
@given(st.lists(st.tuples(CALLERS, st.integers(0, 3), st.integers(1, 12)), max_size=30))
def test_whoever_asks_whatever_function_no_limit_is_passed(turns: list[tuple[Principal, int, int]]) -> None:
    with moto():
        made = make(())
        functions = Functions(made.watch, caller=20, workspace=35)
        admitted: dict[str, int] = {}
        for caller, function, times in turns:
            admitted[caller.subject] = admitted.get(caller.subject, 0) + functions.asked(caller, times, of=function)
    assert all(count <= 20 for count in admitted.values())
    assert sum(admitted.values()) <= 35
