from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import pytest

from identity.model import Role
from publishing import ids
from tests.functions.service import MEDIA, Service, weekly
from tests.functions.test_roles import Ours
from tests.owasp.walking import ABOUT_A_THING, OURS_ALONE, Asked, Part, leaf, named, parts, taken
from tests.web.gateway import Reply
from web import contract, decisions, media, series
from web.contract import OPERATIONS
from web.schemas.base import Paging

LISTS = [each for each in OURS_ALONE if issubclass(each.takes, Paging)]
IDEMPOTENT = [each for each in OURS_ALONE if each.idempotent]
PREFIXES = {"delivery": "dlv", "publication": "pub", "channel": "chn", "series": "ser", "key": "key", "media": "med"}
AN_ID = re.compile(r"[a-z]{2,4}_[0-9a-z]{26}")
SUBMITTING = (contract.SUBMIT, decisions.VALIDATE_PUBLICATION)
NAMING = {"channel", "next_slot_of", "id"}


def bodies(ours: Ours, channel: str) -> list[tuple[Asked, Any]]:
    """Everything that names a thing of ours in its body, with the caller's own `channel` beside."""
    mine, target = {"text": "Hi"}, [{"channel": channel}]
    submitted = {"content": mine, "targets": target}
    our_media = {"text": "Hi", "media": [{"id": ours.names["media"]}]}
    overridden = [{"channel": channel, "overrides": our_media}]
    our_channel = [{"channel": ours.names["channel"]}]
    return [
        *((each, {**submitted, "targets": our_channel}) for each in SUBMITTING),
        *((each, {**submitted, "content": our_media}) for each in SUBMITTING),
        (contract.SUBMIT, {**submitted, "targets": overridden}),
        *((each, {**submitted, "next_slot_of": our_channel[0]["channel"]}) for each in SUBMITTING),
        (series.CREATE_SERIES, weekly(ours.names["channel"])),
        (series.CREATE_SERIES, {**weekly(channel), "content": our_media}),
    ]


def names_a_thing(part: Part) -> bool:
    """Whether a field holds the id of something, by its name or its example."""
    return leaf(part) in NAMING or any(AN_ID.fullmatch(str(each)) for each in part.node.get("examples", ()))


def said(reply: Reply) -> tuple[int, str]:
    """What an answer lets one know; the correlation id is another each time."""
    return reply.status, json.dumps({**reply.json, "correlation_id": ""})


class TestObjectLevel:
    """API1, broken object level authorization: whoever knows an id reads or changes what is another's.

    A thing of another workspace is answered like one that never was, wherever it is named: in the address, in the
    body, by a cursor, by an Idempotency-Key. Every key in every table begins with the caller's workspace.
    """

    @pytest.mark.parametrize("operation", ABOUT_A_THING, ids=named)
    def test_anothers_thing_is_answered_like_one_that_never_was(self, ours: Ours, operation: Asked) -> None:
        stranger = {"role": Role.ADMIN, "workspace": ours.service.theirs}
        theirs = ours.ask(operation, **stranger)
        for name, prefix in PREFIXES.items():
            made_up = ids.new(prefix)
            ours.names[name] = ids.delivery(ids.new("pub"), ids.new("chn")) if name == "delivery" else made_up
        assert said(theirs) == said(ours.ask(operation, **stranger))
        assert theirs.status == 404

    def test_every_field_that_names_a_thing_is_asked_about_below(self) -> None:
        naming = {part.name for part in parts(taken(), "validation") if names_a_thing(part)}
        slots = {"NewPublication.next_slot_of", "PublicationToValidate.next_slot_of"}
        assert naming == {"NewTarget.channel", "Media.id", *slots}

    @pytest.mark.parametrize("place", range(9))
    def test_anothers_thing_in_a_body_is_answered_like_one_that_never_was(self, ours: Ours, place: int) -> None:
        theirs = ours.service.theirs
        channel = ours.service.ask(
            "POST", "/v1/channels", body=ours.bodies[contract.CONNECT_CHANNEL.id], workspace=theirs
        ).json["id"]
        never = deepcopy(ours)
        never.names |= {"channel": ids.new("chn"), "media": ids.new("med")}
        ours_and_none = []
        for whose in (ours, never):
            operation, body = bodies(whose, channel)[place]
            reply = ours.service.ask(operation.method, operation.path, body=body, workspace=theirs)
            ours_and_none.append(reply.text.replace(whose.names["channel"], "").replace(whose.names["media"], ""))
        assert ours_and_none[0] == ours_and_none[1]
        assert ours.service.ask("GET", "/v1/publications", workspace=theirs).json["items"] == []

    @pytest.mark.parametrize("operation", LISTS, ids=named)
    def test_lists_are_of_the_callers_workspace_alone(self, ours: Ours, operation: Asked) -> None:
        seen = ours.ask(operation, role=Role.ADMIN).json["items"]
        shown = ours.ask(operation, role=Role.ADMIN, workspace=ours.service.theirs).json["items"]
        assert seen
        assert not {each["id"] for each in seen} & {each["id"] for each in shown}

    @pytest.mark.parametrize("operation", LISTS, ids=named)
    def test_a_cursor_opens_nothing_in_another_workspace(self, ours: Ours, operation: Asked) -> None:
        for _ in range(2):
            Ours(ours.service)
        query = {"limit": "1"}
        cursor = ours.service.ask("GET", operation.path, query=query).json["next"]
        assert cursor
        query = {"limit": "1", "cursor": cursor}
        reply = ours.service.ask("GET", operation.path, query=query, workspace=ours.service.theirs)
        assert (reply.status, reply.fields) == (422, ["cursor"])

    @pytest.mark.parametrize("operation", IDEMPOTENT, ids=named)
    def test_an_idempotency_key_is_the_workspaces_own(self, service: Service, operation: Asked) -> None:
        ours, theirs = Ours(service), Ours(Service(service.cloud))
        headers = {"Idempotency-Key": "one-and-the-same"}
        path = operation.path
        first = service.ask("POST", path.format(**ours.names), body=ours.bodies[operation.id], headers=headers)
        body = theirs.bodies[operation.id]
        second = theirs.service.ask("POST", path.format(**theirs.names), body=body, headers=headers)
        assert (first.status, second.status) == (operation.status, operation.status)
        assert first.text != second.text
        assert ours.service.ours not in second.text

    def test_an_upload_is_found_with_both_of_its_ids_alone(self, ours: Ours) -> None:
        ours.ask(media.COMPLETE_MEDIA)
        found = ours.ask(media.READ_FILE, role=None)
        ours.names["workspace"] = ours.service.theirs
        assert found.headers["Location"].startswith(f"https://{MEDIA}.")
        assert ours.ask(media.READ_FILE, role=None).status == 404

    def test_no_operation_takes_the_workspace_from_its_caller(self) -> None:
        public = {media.READ_FILE.id}
        assert {each.id for each in OPERATIONS if "{workspace}" in each.path} <= public
        assert [part.name for part in parts(taken(), "validation") if leaf(part) == "workspace"] == []
