"""What functions are told in their environment: the writer's side of `publishing.settings`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Stack

from publishing.adapter import Resource

if TYPE_CHECKING:
    from infra.api import Api
    from infra.mail import Mail
    from infra.notices import Notices
    from infra.stage import Issuer, Stage
    from infra.store import Store
    from infra.timetable import Timetable


def sending(stage: Stage, store: Store, timetable: Timetable) -> dict[str, str]:
    """Where everything is, and how work is sent on: what all but the authorizer need."""
    return {
        **_tables(store),
        "QUEUE_URL_TEMPLATE": _queue_url(stage, Stack.of(store)),
        "DUE_QUEUE_URL": timetable.due.queue_url,
        "DUE_QUEUE_ARN": timetable.due.queue_arn,
        "DUE_DEAD_LETTER_ARN": timetable.dead.queue_arn,
        "SCHEDULE_GROUP": timetable.group.ref,
        "SCHEDULE_ROLE_ARN": timetable.role.role_arn,
    }


def media(stage: Stage, store: Store) -> dict[str, str]:
    """Where uploads lie."""
    local = f"{stage.endpoint}/{store.media.bucket_name}"
    return {"MEDIA_URL": local if stage.local else f"https://{store.media.bucket_regional_domain_name}"}


def files(api: Api) -> dict[str, str]:
    """Where an address that lasts leads to an upload."""
    return {"FILES_URL": f"{api.url}/v1/files"}


def limiting(stage: Stage) -> dict[str, str]:
    """How much of a workspace may wait."""
    return {"BACKLOG_LIMIT": str(stage.backlog_limit)}


def examining(stage: Stage, store: Store, queue_url: str) -> dict[str, str]:
    """Where everything is that is looked at, and who sees all of it."""
    return {**_tables(store), "QUEUE_URL_TEMPLATE": queue_url} | (
        {"OPERATORS": stage.operators} if stage.operators else {}
    )


def answering(stage: Stage, store: Store) -> dict[str, str]:
    """How many requests callers may make, and where they are counted."""
    return {
        "OPERATIONS_TABLE": store.operations.table_name,
        "CHANNELS_TABLE": store.channels.table_name,
        "CALLER_LIMIT": str(stage.caller_limit),
        "WORKSPACE_LIMIT": str(stage.workspace_limit),
    }


def credentials(stage: Stage, store: Store) -> dict[str, str]:
    """The key that seals credentials, and whether addresses may lead to this machine, or be led there."""
    detours = {"DETOURS": stage.detours} if stage.detours else {}
    return {"CREDENTIALS_KEY_ARN": store.key.key_arn, "OPEN_NETWORK": str(stage.local).lower(), **detours}


def consent(stage: Stage, api: Api, platform: str, *, app: bool) -> dict[str, str]:
    """Where people come back to from a consent page, and which secret holds the operator's app, if there is one."""
    return {"OAUTH_URL": api.oauth_url, **({"APP_SECRET": stage.app_secret(platform)} if app else {})}


def returning(stage: Stage, api: Api) -> dict[str, str]:
    """Where grants begin, and where people may be sent back to in the end."""
    allowed = {"RETURN_TO": stage.return_to} if stage.return_to else {}
    return {"OAUTH_URL": api.oauth_url, **allowed}


def resource(used: Resource, *, stage: Stage, store: Store, api: Api, mail: Mail) -> dict[str, str]:
    """The addresses of an AWS resource an adapter declares to use."""
    match used:
        case Resource.FEEDS:
            path = f"{stage.endpoint}/{store.feeds.bucket_name}"
            bucket = path if stage.local else f"https://{store.feeds.bucket_regional_domain_name}"
            return {"FEEDS_URL": bucket, "FEEDS_PUBLIC_URL": api.feeds_url}
        case Resource.MAIL:
            ses = stage.endpoint or f"https://email.{Stack.of(mail).region}.amazonaws.com"
            return {"MAIL_URL": ses, "MAIL_CONFIGURATION_SET": mail.configuration_set.configuration_set_name}


def replaying(store: Store, notices: Notices) -> dict[str, str]:
    """Where webhooks' log is, and who tells them of it again."""
    return {"NOTICES_TABLE": store.notices.table_name, "NOTIFY_QUEUE_URL": notices.laters.queue_url}


def noticing(store: Store, notices: Notices) -> dict[str, str]:
    """Where changes are looked up and written down, and where what they tell goes."""
    return {
        "PUBLICATIONS_TABLE": store.publications.table_name,
        "CHANNELS_TABLE": store.channels.table_name,
        "NOTICES_TABLE": store.notices.table_name,
        "FIRSTS_QUEUE_URL": notices.firsts.queue_url,
        "NOTIFY_DEAD_LETTER_URL": notices.dead.queue_url,
    }


def notifying(store: Store, notices: Notices, *, call: str) -> dict[str, str]:
    """Whom to tell, where that is written down, how it is done later, and which function calls."""
    return {
        **replaying(store, notices),
        "CHANNELS_TABLE": store.channels.table_name,
        "NOTIFY_QUEUE_ARN": notices.laters.queue_arn,
        "NOTIFY_DEAD_LETTER_ARN": notices.dead.queue_arn,
        "NOTICE_GROUP": notices.group.ref,
        "NOTICE_ROLE_ARN": notices.role.role_arn,
        "CREDENTIALS_KEY_ARN": store.key.key_arn,
        "CALL_FUNCTION": call,
    }


def authorizing(store: Store, issuer: Issuer) -> dict[str, str]:
    """Where API keys are, and whose JWTs count."""
    told = {"JWT_ISSUER": issuer.name, "JWT_AUDIENCE": issuer.audience, "JWT_JWKS_URL": issuer.jwks_url}
    return {"CHANNELS_TABLE": store.channels.table_name} | {name: text for name, text in told.items() if text}


def _tables(store: Store) -> dict[str, str]:
    return {
        "PUBLICATIONS_TABLE": store.publications.table_name,
        "CHANNELS_TABLE": store.channels.table_name,
        "OPERATIONS_TABLE": store.operations.table_name,
    }


def _queue_url(stage: Stage, stack: Stack) -> str:
    service = stage.endpoint or f"https://sqs.{stack.region}.{stack.url_suffix}"
    return f"{service}/{stack.account}/{stage.queue_name('{queue}')}"
