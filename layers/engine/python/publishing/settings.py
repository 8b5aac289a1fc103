"""What the functions read from their environment: the only use of `os.environ`, one model for each kind of function."""

from __future__ import annotations

import os
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, Json, model_validator

S = TypeVar("S", bound="Settings")


class Settings(BaseModel):
    """What every function is told. Field names in capitals are the names in the environment."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str  # local, dev or prod


CALLER_LIMIT, WORKSPACE_LIMIT = 1_200, 6_000


class Answering(Settings):
    """What whoever answers callers is told: how many requests a minute one may make, and its workspace; 0: any."""

    operations_table: str
    channels_table: str  # holds the audit log
    caller_limit: int = Field(default=CALLER_LIMIT, ge=0)
    workspace_limit: int = Field(default=WORKSPACE_LIMIT, ge=0)


class Stores(Settings):
    """The tables."""

    publications_table: str
    channels_table: str
    operations_table: str


class Sending(Stores):
    """How work is sent on, at once or later.

    `queue_url_template` holds `{queue}`, to be replaced by `<platform>` or `<platform>-urgent`.
    """

    queue_url_template: str
    due_queue_url: str
    due_queue_arn: str
    due_dead_letter_arn: str
    schedule_group: str
    schedule_role_arn: str


class Flagged(Settings):
    """Where flags are read: an AppConfig profile (`application/environment/profile`), or on stage local a file."""

    flags_profile: str = ""
    flags_file: str = ""

    @model_validator(mode="after")
    def _files_on_the_laptop_alone(self) -> Flagged:
        if self.flags_file and self.stage != "local":
            raise ValueError("FLAGS_FILE is for stage local alone.")
        return self


BACKLOG_LIMIT = 50_000


class Limiting(Sending):
    """What accepting and sweeping are told beside: so many publications of one workspace may wait."""

    backlog_limit: int = Field(default=BACKLOG_LIMIT, gt=0)


class Accepting(Limiting, Flagged, Answering):
    """What the submit function is told."""


class Publishing(Sending, Flagged):
    """What a platform's publish function is told beside; empty where the adapter doesn't declare the resource."""

    platform: str
    credentials_key_arn: str
    feeds_url: str = ""
    feeds_public_url: str = ""
    mail_url: str = ""
    mail_configuration_set: str = ""
    media_url: str = ""
    files_url: str = ""
    oauth_url: str = ""  # where people come back to from consent pages, below which each platform has its own place
    app_secret: str = ""  # the name under which the secret store has the operator's app
    open_network: bool = False  # lets customers' URLs lead to loopback and plain http
    detours: Json[dict[str, str]] = Field(default_factory=dict)  # by platforms' hosts: where their stand-ins listen

    @model_validator(mode="after")
    def _closed_beyond_the_laptop(self) -> Publishing:
        if (self.open_network or self.detours) and self.stage != "local":
            raise ValueError("OPEN_NETWORK and DETOURS are for stage local alone.")
        return self

    @property
    def aws(self) -> dict[str, str]:
        """The addresses adapters find in `Channel.aws`."""
        return {
            "feeds": self.feeds_url,
            "feeds_public": self.feeds_public_url,
            "mail": self.mail_url,
            "mail_configuration_set": self.mail_configuration_set,
        }


class Serving(Sending, Answering):
    """What the api function is told."""

    notices_table: str
    notify_queue_url: str
    credentials_key_arn: str
    feeds_bucket: str
    feeds_public_url: str
    oauth_url: str
    return_to: str = ""  # the origins people may be sent back to when they have consented, commas between them
    open_network: bool = False

    @property
    def origins(self) -> frozenset[str]:
        """Those origins."""
        return frozenset(origin.strip() for origin in self.return_to.split(",") if origin.strip())


class Examining(Stores, Flagged, Answering):
    """What the health function is told: `operators` are the workspaces that see the whole, with commas between."""

    queue_url_template: str
    backlog_limit: int = Field(default=BACKLOG_LIMIT, gt=0)
    operators: str = ""

    @property
    def operating(self) -> frozenset[str]:
        """The workspaces that see the whole."""
        return frozenset(filter(None, map(str.strip, self.operators.split(","))))

    @property
    def tables(self) -> dict[str, str]:
        """The tables' names by what they hold."""
        return {
            "publications": self.publications_table,
            "channels": self.channels_table,
            "operations": self.operations_table,
        }

    def queue(self, name: str) -> str:
        """The physical name of a queue."""
        return self.queue_url_template.replace("{queue}", name).rpartition("/")[2]


class Noticing(Settings):
    """What the function is told that reads the tables' streams."""

    publications_table: str
    channels_table: str
    notices_table: str
    firsts_queue_url: str
    notify_dead_letter_url: str


class Notifying(Settings):
    """What the function is told that tells endpoints; `notice_group` is that of the schedules of later attempts."""

    channels_table: str
    notices_table: str
    notify_queue_url: str
    notify_queue_arn: str
    notify_dead_letter_arn: str
    notice_group: str
    notice_role_arn: str
    credentials_key_arn: str
    call_function: str


class Calling(Settings):
    """What the function is told that calls strangers: nothing but whether they may be on this machine."""

    open_network: bool = False

    @model_validator(mode="after")
    def _closed_beyond_the_laptop(self) -> Calling:
        if self.open_network and self.stage != "local":
            raise ValueError("OPEN_NETWORK is for stage local alone.")
        return self


class Storing(Answering):
    """What the media function is told."""

    publications_table: str
    channels_table: str  # where the audit log is
    media_bucket: str
    media_url: str


class Authorizing(Settings):
    """What the authorizer is told; without an issuer only API keys are accepted."""

    channels_table: str
    jwt_issuer: str = ""
    jwt_audience: str = ""
    jwt_jwks_url: str = ""


def read(model: type[S]) -> S:
    """The environment as `model`.

    Raises:
        pydantic.ValidationError: a variable is missing or wrong; it names which.
    """
    return model.model_validate(
        {name: os.environ[name.upper()] for name in model.model_fields if name.upper() in os.environ}
    )
