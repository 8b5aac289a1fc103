from __future__ import annotations

from datetime import timedelta

import pytest

from publishing import message
from publishing.model import Content, Priority, PublicationStatus, utc_text
from publishing.submission import KeyReused, Submission, Unfit, UnknownChannels, Untimely
from tests.cloud import START
from tests.publishing.workbench import Workbench


def test_one_put_stores_the_publication_and_one_message_goes_to_each_target(workbench: Workbench) -> None:
    whole = workbench.submit("chn_1", "chn_b")
    assert len(workbench.cloud.items()) == 1
    sent = [message.work(body) for queue in ("alpha", "beta") for body in workbench.cloud.received(queue)]
    assert [(work.kind, work.workspace, work.channel) for work in sent] == [
        ("deliver", "ws_1", "chn_1"),
        ("deliver", "ws_1", "chn_b"),
    ]
    assert whole.status(START) is PublicationStatus.PUBLISHING


def test_messages_carry_no_content(workbench: Workbench) -> None:
    workbench.submit(content=Content(title="Secret plan", text="Nobody may read this"))
    assert "plan" not in (body := workbench.cloud.received("alpha")[0])
    assert "Nobody" not in body


def test_the_same_key_and_request_answer_the_same_publication_and_send_nothing_more(workbench: Workbench) -> None:
    first = workbench.submit(key="order-12345")
    workbench.cloud.received("alpha")
    again = workbench.submit(key="order-12345")
    assert again.publication.id == first.publication.id
    assert workbench.cloud.received("alpha") == []


def test_a_repeated_submission_shows_the_present_state(workbench: Workbench) -> None:
    first = workbench.submit(key="order-12345")
    workbench.deliver(first.publication)
    assert workbench.submit(key="order-12345").status(START) is PublicationStatus.PUBLISHED


def test_the_same_key_with_another_request_is_refused_and_changes_nothing(workbench: Workbench) -> None:
    workbench.submit(key="order-12345")
    before = workbench.cloud.items()
    with pytest.raises(KeyReused):
        workbench.submit(key="order-12345", content=Content(text="Something else"))
    assert workbench.cloud.items() == before


def test_the_same_request_without_a_key_is_another_publication(workbench: Workbench) -> None:
    assert workbench.submit().publication.id != workbench.submit().publication.id


def test_the_same_request_after_its_time_answers_what_it_led_to(workbench: Workbench) -> None:
    at = START + timedelta(seconds=60)
    first = workbench.submit(key="order-12345", publish_at=at)
    workbench.cloud.watch.forward(3_600)
    assert workbench.submit(key="order-12345", publish_at=at).publication.id == first.publication.id


def test_the_same_request_after_its_channel_was_deleted_answers_what_it_led_to(workbench: Workbench) -> None:
    first = workbench.submit("chn_1", key="order-12345")
    workbench.channels = {}
    assert workbench.submit("chn_1", key="order-12345").publication.id == first.publication.id


def test_a_time_that_has_passed_is_refused_where_the_key_is_new(workbench: Workbench) -> None:
    with pytest.raises(Untimely) as refused:
        workbench.submit(key="order-12345", publish_at=START - timedelta(seconds=61))
    assert refused.value.problems[0].field == "publish_at"
    assert workbench.cloud.items() == []


def test_one_workspaces_key_says_nothing_of_anothers(workbench: Workbench) -> None:
    mine = workbench.submit(key="order-12345").publication
    draft = workbench.acceptance.draft
    theirs = draft(Submission("ws_2", "t", Content(text="Hello"), {"chn_1": {}}, key="order-12345"))
    assert theirs.id != mine.id


def test_an_unknown_channel_is_named_and_nothing_is_stored(workbench: Workbench) -> None:
    with pytest.raises(UnknownChannels) as refused:
        workbench.submit("chn_1", "chn_nowhere")
    assert refused.value.problems[0].field == "targets[1].channel"
    assert workbench.cloud.items() == []


def test_content_that_does_not_fit_is_refused_whole_with_the_target_named(workbench: Workbench) -> None:
    with pytest.raises(Unfit) as refused:
        workbench.submit("chn_1", "chn_b", content=Content(text="x" * 107))
    (problem,) = refused.value.problems
    assert (problem.field, problem.message) == ("content.text", "Alpha: 7 characters too long")
    assert workbench.cloud.items() == []
    assert workbench.cloud.received("alpha") == []


def test_what_does_not_fit_in_an_override_is_named_there(workbench: Workbench) -> None:
    with pytest.raises(Unfit) as refused:
        workbench.submit_overriding({"chn_1": {}, "chn_b": {"text": "x" * 101}})
    assert [problem.field for problem in refused.value.problems] == ["targets[1].overrides.text"]


def test_what_is_urgent_goes_to_the_urgent_queue(workbench: Workbench) -> None:
    workbench.submit(priority=Priority.URGENT)
    assert workbench.cloud.received("alpha") == []
    assert len(workbench.cloud.received("alpha-urgent")) == 1


def test_what_is_due_within_two_minutes_waits_in_its_queue(workbench: Workbench) -> None:
    workbench.submit(publish_at=START + timedelta(seconds=100))
    assert workbench.cloud.waiting("alpha") == 1
    assert workbench.cloud.schedules() == []


def test_what_is_due_later_gets_one_schedule_a_minute_early(workbench: Workbench) -> None:
    publication = workbench.submit("chn_1", "chn_b", publish_at=START + timedelta(hours=3, seconds=7)).publication
    (schedule,) = workbench.cloud.schedules()
    assert schedule["Name"] == f"{publication.id}-v1"
    assert schedule["ScheduleExpression"] == "at(2026-11-20T14:59:07)"
    assert schedule["ActionAfterCompletion"] == "DELETE"
    due = message.Due.model_validate_json(schedule["Target"]["Input"])
    assert (due.publication, due.version, due.channel) == (publication.id, 1, None)
    assert workbench.cloud.waiting("alpha") == 0


def test_a_stored_publication_is_accepted_even_where_nothing_could_be_sent(
    workbench: Workbench, caplog: pytest.LogCaptureFixture
) -> None:
    workbench.cloud.settings = workbench.cloud.settings.model_copy(
        update={"queue_url_template": "https://nowhere.test/{queue}"}
    )
    whole = workbench.submit()
    assert workbench.stored(whole.publication).publication.due_at == utc_text(START + timedelta(seconds=45))
    assert "the sweep will send them" in caplog.text
