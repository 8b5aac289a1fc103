"""AppConfig as a store of flags: the only use of boto3 in this package."""

from __future__ import annotations

import boto3
from aws_lambda_powertools.utilities.feature_flags import AppConfigStore
from botocore.config import Config

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 2}, connect_timeout=1, read_timeout=2)


def appconfig(profile: str) -> AppConfigStore:
    """What AppConfig serves of a profile, `application/environment/profile`; it is asked each time."""
    application, environment, name = profile.split("/")
    client = boto3.client("appconfigdata", config=_CONFIG)
    return AppConfigStore(environment, application, name, max_age=0, boto3_client=client)
