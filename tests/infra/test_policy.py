from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Validations
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from functions import platforms
from infra.stage import Stage
from publishing.abilities import Authorizes
from publishing.adapter import Resource
from tests.infra.synthesis import STAGES, Synthesised, app_of

Permissions = set[tuple[str, str]]
LONGEST = {"AWS::Region": "ap-southeast-1", "AWS::AccountId": "123456789012", "AWS::Partition": "aws-us-gov"}
POLICY_CHARACTERS = 10_240  # of all inline policies of a role, says IAM

SCHEDULES = "arn:<Partition>:scheduler:<Region>:<AccountId>:schedule/Timetable/Group/*"
SENDERS = "arn:<Partition>:ses:<Region>:<AccountId>:identity/*"
SENDS_LATER = {("scheduler:CreateSchedule", SCHEDULES), ("iam:PassRole", "Timetable/Scheduler")}
EVERY_LANE = {
    ("sqs:SendMessage", f"Lanes/{name}/Queues/{name}{suffix}")
    for name in platforms.names()
    for suffix in ("", "-urgent")
}
EVERY_DEAD_LETTER_QUEUE = ["Timetable/Queues/Dead", *(f"Lanes/{name}/Queues/Dead" for name in platforms.names())]
ATTENDS_THE_DEAD = {
    (f"sqs:{action}", queue)
    for action in ("ReceiveMessage", "GetQueueAttributes", "DeleteMessage", "ChangeMessageVisibility")
    for queue in EVERY_DEAD_LETTER_QUEUE
}
FLAGS = "arn:<Partition>:appconfig:<Region>:<AccountId>:application/"
FLAGS += "Flags/Application/environment/Flags/Environment/configuration/Flags/Profile"
READS_FLAGS = {("appconfig:StartConfigurationSession", FLAGS), ("appconfig:GetLatestConfiguration", FLAGS)}
ALLOWED = {
    "Submit": SENDS_LATER
    | EVERY_LANE
    | READS_FLAGS
    | {
        ("dynamodb:PutItem", "Store/Publications"),
        ("dynamodb:Query", "Store/Publications"),
        ("dynamodb:Query", "Store/Publications/index/by_workspace"),
        ("dynamodb:BatchGetItem", "Store/Publications"),
        ("dynamodb:BatchGetItem", "Store/Channels"),
        ("dynamodb:GetItem", "Store/Channels"),
        ("dynamodb:PutItem", "Store/Channels"),
        ("dynamodb:BatchGetItem", "Store/Operations"),
        ("dynamodb:UpdateItem", "Store/Operations"),
    },
    "Media": {
        ("dynamodb:PutItem", "Store/Channels"),
        ("dynamodb:GetItem", "Store/Publications"),
        ("dynamodb:BatchGetItem", "Store/Publications"),
        ("dynamodb:PutItem", "Store/Publications"),
        ("dynamodb:DeleteItem", "Store/Publications"),
        ("dynamodb:Query", "Store/Publications/index/by_workspace"),
        ("dynamodb:UpdateItem", "Store/Operations"),
        ("s3:GetObject", "Store/Media/*"),
        ("s3:PutObject", "Store/Media/*"),
        ("s3:DeleteObject", "Store/Media/*"),
        ("s3:ListBucket", "Store/Media"),
    },
    "Rest": SENDS_LATER
    | EVERY_LANE
    | ATTENDS_THE_DEAD
    | {
        ("sqs:SendMessage", "Timetable/Queues/due"),
        ("dynamodb:BatchGetItem", "Store/Channels"),
        ("dynamodb:BatchGetItem", "Store/Operations"),
        ("dynamodb:BatchGetItem", "Store/Publications"),
        ("dynamodb:ConditionCheckItem", "Store/Channels"),
        ("dynamodb:DeleteItem", "Store/Channels"),
        ("dynamodb:GetItem", "Store/Channels"),
        ("dynamodb:GetItem", "Store/Operations"),
        ("dynamodb:GetItem", "Store/Publications"),
        ("dynamodb:PutItem", "Store/Channels"),
        ("dynamodb:PutItem", "Store/Publications"),
        ("dynamodb:Query", "Store/Channels"),
        ("dynamodb:Query", "Store/Publications"),
        ("dynamodb:Query", "Store/Publications/index/by_workspace"),
        ("dynamodb:Query", "Store/Publications/index/planned"),
        ("dynamodb:UpdateItem", "Store/Channels"),
        ("dynamodb:UpdateItem", "Store/Operations"),
        ("dynamodb:UpdateItem", "Store/Publications"),
        ("kms:GenerateDataKey", "Store/Credentials"),
        ("dynamodb:Query", "Store/Notices"),
        ("sqs:SendMessage", "Notices/Laters/notify"),
        ("s3:DeleteObject", "Store/Feeds/feeds/*"),
        ("s3:GetObject", "Store/Feeds/feeds/*"),
        ("s3:ListBucket", "Store/Feeds"),
    },
    "Authorize": {
        ("dynamodb:Query", "Store/Channels/index/by_key_hash"),
        ("dynamodb:Query", "Store/Channels"),
        ("dynamodb:GetItem", "Store/Channels"),
        ("dynamodb:UpdateItem", "Store/Channels"),
    },
    "Health": READS_FLAGS
    | {
        ("sqs:GetQueueAttributes", queue)
        for queue in (
            *(*EVERY_DEAD_LETTER_QUEUE, *(each for _, each in EVERY_LANE), "Timetable/Queues/due"),
            *("Notices/Firsts/notices", "Notices/Firsts/Dead", "Notices/Laters/notify", "Notices/Laters/Dead"),
        )
    }
    | {
        ("dynamodb:GetItem", "Store/Publications"),
        ("dynamodb:Query", "Store/Publications/index/due"),
        ("dynamodb:GetItem", "Store/Channels"),
        ("dynamodb:Query", "Store/Channels"),
        ("dynamodb:GetItem", "Store/Operations"),
        ("dynamodb:BatchGetItem", "Store/Operations"),
        ("dynamodb:UpdateItem", "Store/Operations"),
        ("cloudwatch:GetMetricData", "*"),
        ("ses:GetAccount", "*"),
    },
    "Notice": {
        *(
            (f"dynamodb:{action}", f"Store/{table}.StreamArn")
            for action in ("DescribeStream", "GetRecords", "GetShardIterator")
            for table in ("Publications", "Channels")
        ),
        ("dynamodb:ListStreams", "Store/Publications/stream/*"),
        ("dynamodb:ListStreams", "Store/Channels/stream/*"),
        ("dynamodb:Query", "Store/Publications"),
        ("dynamodb:Query", "Store/Channels"),
        ("dynamodb:PutItem", "Store/Notices"),
        ("sqs:SendMessage", "Notices/Firsts/notices"),
        ("sqs:SendMessage", "Notices/Laters/Dead"),
    },
    "Notify": {
        ("dynamodb:GetItem", "Store/Channels"),
        ("dynamodb:UpdateItem", "Store/Channels"),
        ("dynamodb:PutItem", "Store/Notices"),
        ("dynamodb:Query", "Store/Notices"),
        ("dynamodb:UpdateItem", "Store/Notices"),
        ("kms:Decrypt", "Store/Credentials"),
        ("lambda:InvokeFunction", "Call/Function"),
        ("scheduler:CreateSchedule", SCHEDULES.replace("Timetable", "Notices")),
        ("iam:PassRole", "Notices/Scheduler"),
        ("sqs:SendMessage", "Notices/Laters/notify"),
        *(
            (f"sqs:{action}", f"Notices/{queue}")
            for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")
            for queue in ("Firsts/notices", "Laters/notify")
        ),
    },
    "Call": set(),
    "Dispatch": SENDS_LATER
    | EVERY_LANE
    | {
        ("dynamodb:Query", "Store/Publications"),
        ("sqs:DeleteMessage", "Timetable/Queues/due"),
        ("sqs:GetQueueAttributes", "Timetable/Queues/due"),
        ("sqs:ReceiveMessage", "Timetable/Queues/due"),
    },
    "Plan": SENDS_LATER
    | EVERY_LANE
    | {
        ("dynamodb:GetItem", "Store/Publications"),
        ("dynamodb:PutItem", "Store/Publications"),
        ("dynamodb:Query", "Store/Publications/index/due"),
    },
    "Renew": {("sqs:SendMessage", f"Lanes/{name}/Queues/{name}") for name in platforms.names()}
    | {
        ("dynamodb:Query", "Store/Channels/index/renewals"),
        ("dynamodb:UpdateItem", "Store/Channels"),
    },
    "Sweep": SENDS_LATER
    | EVERY_LANE
    | {
        ("dynamodb:Query", "Store/Publications"),
        ("dynamodb:Query", "Store/Publications/index/due"),
        ("dynamodb:UpdateItem", "Store/Publications"),
        ("dynamodb:GetItem", "Store/Operations"),
        ("dynamodb:UpdateItem", "Store/Operations"),
    },
}
PUBLISHES = (
    SENDS_LATER
    | READS_FLAGS
    | {
        ("dynamodb:Query", "Store/Publications/index/planned"),
        ("dynamodb:BatchGetItem", "Store/Publications"),
        ("dynamodb:GetItem", "Store/Channels"),
        ("dynamodb:GetItem", "Store/Operations"),
        ("dynamodb:GetItem", "Store/Publications"),
        ("dynamodb:UpdateItem", "Store/Channels"),
        ("dynamodb:UpdateItem", "Store/Operations"),
        ("dynamodb:UpdateItem", "Store/Publications"),
        ("kms:Decrypt", "Store/Credentials"),
    }
)
CONSENTS = {("dynamodb:PutItem", "Store/Channels"), ("kms:GenerateDataKey", "Store/Credentials")}
CONSENTING = {name: adapter for name in platforms.names() if isinstance(adapter := platforms.load(name), Authorizes)}
OWN_QUEUE = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:SendMessage"}
DECLARED = {
    Resource.FEEDS: {
        ("s3:GetObject", "Store/Feeds/feeds/*"),
        ("s3:PutObject", "Store/Feeds/feeds/*"),
        ("s3:ListBucket", "Store/Feeds"),
    },
    Resource.MAIL: {
        ("ses:SendEmail", SENDERS),
        ("ses:SendEmail", "arn:<Partition>:ses:<Region>:<AccountId>:configuration-set/Mail/Outgoing"),
        ("ses:GetEmailIdentity", SENDERS),
    },
}


def own(function: str) -> Permissions:
    """What every function may: its log, its traces."""
    log = {("logs:CreateLogStream", f"{function}/Log"), ("logs:PutLogEvents", f"{function}/Log")}
    return log | {("xray:PutTraceSegments", "*"), ("xray:PutTelemetryRecords", "*")}


@pytest.mark.parametrize("function", list(ALLOWED))
def test_a_function_may_do_this_and_nothing_else(aws: Synthesised, function: str) -> None:
    found = {
        (action, resource.replace("Call/Live", "Call/Function"))
        for action, resource in aws.permissions(f"{function}/Role")
    }
    assert found == ALLOWED[function] | own(function)


@pytest.mark.parametrize("platform", platforms.names())
def test_a_platforms_function_reaches_its_own_queues_and_what_its_adapter_declares(
    aws: Synthesised, platform: str
) -> None:
    lane = f"Lanes/{platform}"
    queues = {(action, f"{lane}/Queues/{platform}{suffix}") for action in OWN_QUEUE for suffix in ("", "-urgent")}
    adapter = platforms.load(platform)
    declared = set().union(*(DECLARED[used] for used in adapter.uses))
    if adapter.limits.media:  # it is told where uploads are: it signs the addresses with its own role
        declared |= {("s3:GetObject", "Store/Media/*")}
    if platform in CONSENTING:
        declared |= CONSENTS
        if CONSENTING[platform].consent.app:
            declared |= {("secretsmanager:GetSecretValue", app_secret(aws.stage, platform))}
    assert aws.permissions(f"{lane}/Publish/Role") == PUBLISHES | queues | declared | own(f"{lane}/Publish")


@pytest.mark.parametrize("function", [*ALLOWED, *(f"Lanes/{name}/Publish" for name in platforms.names())])
def test_what_a_function_may_fits_in_its_role(prod: Synthesised, function: str) -> None:
    written = json.dumps([physical(each) for each in prod.statements(f"{function}/Role")], separators=(",", ":"))
    assert len(written) < POLICY_CHARACTERS


def physical(value: Any) -> Any:
    """A statement about as long as on AWS: what is named as it is there, what is not with a name of some length."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(map(physical, parts))
        case {"Ref": name} | {"Fn::GetAtt": [name, _]}:
            return LONGEST.get(name, "x" * 100)
        case dict():
            return {key: physical(inner) for key, inner in value.items()}
        case list():
            return [physical(inner) for inner in value]
        case _:
            return value


def app_secret(stage: str, platform: str) -> str:
    return f"arn:<Partition>:secretsmanager:<Region>:<AccountId>:secret:postroom/{stage}/apps/{platform}-??????"


def test_the_operators_app_is_read_by_its_own_platforms_function_alone(stage: Synthesised) -> None:
    readers = {role.path for role in stage.all("IAM::Role") if may(stage, role.path, "secretsmanager:GetSecretValue")}
    with_apps = {name for name, adapter in CONSENTING.items() if adapter.consent.app}
    assert readers == {f"Lanes/{name}/Publish/Role" for name in with_apps}


def test_only_platforms_unseal_credentials_and_who_makes_channels_seals_them(stage: Synthesised) -> None:
    unsealing = {role.path for role in stage.all("IAM::Role") if may(stage, role.path, "kms:Decrypt")}
    sealing = {role.path for role in stage.all("IAM::Role") if may(stage, role.path, "kms:GenerateDataKey")}
    assert unsealing == {"Notify/Role", *(f"Lanes/{name}/Publish/Role" for name in platforms.names())}
    assert sealing == {"Rest/Role", *(f"Lanes/{name}/Publish/Role" for name in CONSENTING)}


LEADING, ATTRIBUTES = "ForAllValues:StringLike", "ForAllValues:StringEquals"
AUDITS = {LEADING: {"dynamodb:LeadingKeys": "ws_*#AUDIT*"}}
OF_WORKSPACES = {LEADING: {"dynamodb:LeadingKeys": "ws_*"}}


def writes(*attributes: str, returns: str | list[str] = "NONE") -> dict[str, Any]:
    """The condition under which these attributes may be written, and no others."""
    return {
        **OF_WORKSPACES,
        ATTRIBUTES: {"dynamodb:Attributes": ["pk", "sk", *attributes]},
        "StringEqualsIfExists": {"dynamodb:ReturnValues": returns},
    }


CALLED = ("version", "updated_at", "disabled_at", "disabled_why", "failing_since", "warned_at", "slow_until")
NARROWED = [
    ("Submit", "dynamodb:PutItem", AUDITS),
    ("Media", "dynamodb:PutItem", AUDITS),
    ("Authorize", "dynamodb:GetItem", OF_WORKSPACES),
    ("Authorize", "dynamodb:Query", {LEADING: {"dynamodb:LeadingKeys": "SUBJECT#*"}}),
    ("Authorize", "dynamodb:UpdateItem", writes("last_used_at")),
    ("Renew", "dynamodb:UpdateItem", writes("renew_at", "renew_tries")),
    ("Notify", "dynamodb:GetItem", OF_WORKSPACES),
    ("Notify", "dynamodb:UpdateItem", writes(*CALLED, returns=["NONE", "ALL_NEW"])),
    *((f"Lanes/{name}/Publish", "dynamodb:GetItem", OF_WORKSPACES) for name in platforms.names()),
]


@pytest.mark.parametrize(("function", "action", "condition"), NARROWED)
def test_of_the_channels_table_a_function_may_touch_only_what_is_its_business(
    stage: Synthesised, function: str, action: str, condition: dict[str, Any]
) -> None:
    (statement,) = (
        each
        for each in stage.statements(f"{function}/Role")
        if action in each["Action"] and stage.text(each["Resource"]) == "Store/Channels"
    )
    assert (statement["Action"], statement["Condition"]) == (action, condition)


@pytest.mark.parametrize("platform", platforms.names())
def test_who_connects_channels_by_consent_writes_the_log_of_it_and_no_other_platforms_function(
    stage: Synthesised, platform: str
) -> None:
    found = [each for each in stage.statements(f"Lanes/{platform}/Publish/Role") if each.get("Condition") == AUDITS]
    assert [each["Action"] for each in found] == ["dynamodb:PutItem"] * (platform in CONSENTING)


def test_who_tells_endpoints_unseals_their_secrets_and_no_credentials(aws: Synthesised) -> None:
    conditions = {
        role.path: [
            statement["Condition"] for statement in aws.statements(role.path) if statement["Action"] == "kms:Decrypt"
        ]
        for role in aws.all("IAM::Role")
    }
    found = {path: each for path, each in conditions.items() if each}
    assert found.pop("Notify/Role") == [{"StringEquals": {"kms:EncryptionContext:purpose": "webhook"}}]
    assert [each for each in found.values() if "purpose" in str(each)] == []


def test_who_calls_strangers_may_write_its_log_and_traces_and_nothing_else(stage: Synthesised) -> None:
    assert stage.permissions("Call/Role") == own("Call")
    callers = {
        role.path
        for role in stage.all("IAM::Role")
        for action, resource in stage.permissions(role.path)
        if action == "lambda:InvokeFunction" and resource.startswith("Call/")
    }
    assert callers == {"Notify/Role"}


def test_no_action_is_a_wildcard(stage: Synthesised) -> None:
    actions = {action for role in stage.all("IAM::Role") for action, _ in stage.permissions(role.path)}
    assert {action for action in actions if "*" in action} == set()


def test_the_emulator_wants_three_permissions_otherwise(
    synthesised: dict[str, Synthesised],
) -> None:
    local, dev = synthesised["local"], synthesised["dev"]
    more = {
        permission
        for role in local.all("IAM::Role")
        for permission in local.permissions(role.path) - dev.permissions(role.path)
    }
    default = SCHEDULES.replace("Timetable/Group", "default")
    notices = {("sqs:SendMessage", f"Notices/{queue}") for queue in ("Firsts/notices", "Laters/notify", "Laters/Dead")}
    sent = {*EVERY_LANE, ("sqs:SendMessage", "Timetable/Queues/due"), *notices}
    walked = {each for each in ATTENDS_THE_DEAD if each[0] in {"sqs:DeleteMessage", "sqs:ChangeMessageVisibility"}}
    batches = {(f"{action}Batch", queue) for action, queue in sent | walked}
    apps = {  # a stage has apps of its own
        ("secretsmanager:GetSecretValue", app_secret("local", name))
        for name, adapter in CONSENTING.items()
        if adapter.consent.app
    }
    assert more == batches | apps | {("scheduler:CreateSchedule", default), ("ses:SendEmail", "*")}


ALL_STAGES = [*STAGES.values(), replace(STAGES["dev"], cors=("https://app.example.org",))]


@pytest.mark.parametrize("stage", ALL_STAGES, ids=lambda stage: f"{stage.name} {' '.join(stage.cors)}".strip())
def test_cdk_nag_finds_nothing_that_is_not_acknowledged(tmp_path: Path, stage: Stage) -> None:
    app = app_of(stage, tmp_path)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    app.synth()  # it raises with the findings


def test_cdk_nag_looks(tmp_path: Path) -> None:
    app = app_of(STAGES["dev"], tmp_path)
    s3.Bucket(app.node.find_child("Postroom-dev"), "Careless")  # type: ignore[arg-type]
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    with pytest.raises(RuntimeError, match="Careless"):
        app.synth()


def test_every_acknowledgement_has_its_reason(stage: Synthesised) -> None:
    reasons = stage.acknowledged()
    assert len(reasons) > 0
    assert [rule for rule, reason in reasons if len(reason.split()) < 4] == []


def may(stage: Synthesised, role: str, action: str) -> bool:
    """Whether a role allows an action on anything."""
    return any(allowed == action for allowed, _ in stage.permissions(role))
