from __future__ import annotations

import json
import re
from collections import Counter
from copy import deepcopy
from typing import Any

import pytest

from identity.model import Role
from publishing import ids
from tests.functions.ours import Ours
from tests.functions.service import MEDIA, Service, weekly
from tests.media.test_looking import picture
from tests.owasp.walking import ABOUT_A_THING, KEYED, PAGED, Asked, Part, leaf, named, parts, taken
from tests.web.gateway import Reply
from web import contract, dead_letters, decisions, media, people, series, webhooks
from web.contract import OPERATIONS

A_PERSONS = [people.LIST_WORKSPACES]  # a person's own, whatever workspace is worked in
BELOW = [each for each in PAGED if "{" in each.path]  # another's: 404, as all that is about a thing
LISTS = [each for each in PAGED if each not in A_PERSONS and each not in BELOW]
PREFIXES = {
    "delivery": "dlv",
    "publication": "pub",
    "channel": "chn",
    "series": "ser",
    "key": "key",
    "media": "med",
    "grant": "grt",
    "member": "mbr",
    "invitation": "inv",
    "webhook": "whk",
}
AN_ID = re.compile(r"[a-z]{2,4}_[0-9a-z]{26}")
SUBMITTING = (contract.SUBMIT, decisions.VALIDATE_PUBLICATION)
X = {"client_id": "client", "refresh_token": "refresh"}
ALIKE = (webhooks.REPLAY_WEBHOOK, dead_letters.REDRIVE_DEAD_LETTERS)  # they answer how many; here none for both
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


def more(service: Service) -> None:
    """One more of everything that is listed."""
    channel = service.connected()["id"]
    service.submitted(channel)
    service.series(channel)
    service.key()
    service.uploaded(picture("PNG"))
    service.joined(Role.AUTHOR)
    service.invited()


def identity_of(item: dict[str, Any]) -> str:
    """What tells one item of a list from all others."""
    return str(item.get("id") or json.dumps(item, sort_keys=True))


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
        asked_about = {"NewTarget.channel", "Media.id", "NewGrant.channel"}
        slots = {"NewPublication.next_slot_of", "PublicationToValidate.next_slot_of"}
        assert naming == asked_about | slots

    def test_anothers_channel_is_not_connected_again_by_consent(self, ours: Ours) -> None:
        channel = ours.service.connected(platform="x", credentials=X)["id"]
        told = []
        for which in (channel, ids.new("chn")):
            body = {"platform": "x", "channel": which}
            told.append(said(ours.service.ask("POST", "/v1/grants", body=body, workspace=ours.service.theirs)))
        assert ours.service.ask("POST", "/v1/grants", body={"platform": "x", "channel": channel}).status == 201
        assert told[0] == told[1]
        assert told[0][0] == 404

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
        assert not {identity_of(each) for each in seen} & {identity_of(each) for each in shown}

    def test_whoever_lists_workspaces_sees_those_it_is_a_member_of_alone(self, service: Service) -> None:
        for each in (service, Service(service.cloud)):
            each.founded()
            token = each.invited()["token"]
            joining = {"token": token, "name": "Bob"}
            context = {"problem": "no-member", "person": each.person}
            assert each.ask("POST", "/v1/invitations/accept", context=context, body=joining).status == 201
            listed = each.ask("GET", "/v1/workspaces").json["items"]
            assert [item["id"] for item in listed] == [each.ours]

    @pytest.mark.parametrize("operation", LISTS, ids=named)
    def test_a_cursor_opens_nothing_in_another_workspace(self, ours: Ours, operation: Asked) -> None:
        for _ in range(2):
            more(ours.service)
        query = {"limit": "1"}
        cursor = ours.service.ask("GET", operation.path, query=query).json["next"]
        assert cursor
        query = {"limit": "1", "cursor": cursor}
        reply = ours.service.ask("GET", operation.path, query=query, workspace=ours.service.theirs)
        assert (reply.status, reply.fields) == (422, ["cursor"])

    def test_every_list_is_asked_about_above(self) -> None:
        assert {each.id for each in BELOW} <= {each.id for each in ABOUT_A_THING}
        asked_about = Counter(each.id for each in [*LISTS, *BELOW, *A_PERSONS])
        assert asked_about == Counter(each.id for each in PAGED)

    @pytest.mark.parametrize("operation", KEYED, ids=named)
    def test_an_idempotency_key_is_the_workspaces_own(self, service: Service, operation: Asked) -> None:
        ours, theirs = Ours(service), Ours(Service(service.cloud))
        headers = {"idempotency-key": "one-and-the-same"}
        for each in (ours, theirs):
            each.make_ready_for(operation)
        first, second = ours.ask(operation, headers=headers), theirs.ask(operation, headers=headers)
        assert (first.status, second.status) == (operation.status, operation.status)
        assert "Idempotent-Replayed" not in second.headers
        assert first.text != second.text or operation in ALIKE
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
