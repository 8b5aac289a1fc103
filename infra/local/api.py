"""Postroom's API as a caller sees it: the few operations the demonstration needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict

from infra.local.programs import Failed

TIMEOUT_S = 30.0  # the first request to a function waits until it has started


class _Seen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Channel(_Seen):
    """A channel, and whether its credentials are good."""

    id: str
    platform: str
    name: str
    connection: str
    reason: str


class Trouble(_Seen):
    """Why a delivery is not published."""

    kind: str
    message: str


class Delivery(_Seen):
    """What became of one target."""

    channel: str
    platform: str
    state: str
    attempts: int
    url: str | None
    post_id: str | None
    next_at: str | None
    updated_at: str | None
    trouble: Trouble | None


class Publication(_Seen):
    """A publication with its deliveries."""

    id: str
    title: str
    status: str
    publish_at: str
    deliveries: tuple[Delivery, ...]


@dataclass(frozen=True)
class Api:
    """The API of one workspace, by `http`, which holds its address and key."""

    http: httpx.Client

    def platforms(self) -> list[dict[str, Any]]:
        """Everything that can be published to."""
        found: list[dict[str, Any]] = self._asked("GET", "/v1/platforms").json()["items"]
        return found

    def connect(self, platform: str, name: str, credentials: Mapping[str, str]) -> Channel:
        """Connect a channel."""
        body = {"platform": platform, "name": name, "credentials": dict(credentials)}
        return Channel.model_validate(self._asked("POST", "/v1/channels", json=body).json())

    def channel(self, identifier: str) -> Channel:
        """A channel as it stands."""
        return Channel.model_validate(self._asked("GET", f"/v1/channels/{identifier}").json())

    def submit(self, content: Mapping[str, Any], channels: Sequence[str], **more: object) -> Publication:
        """Submit content to channels."""
        body = {"content": content, "targets": [{"channel": channel} for channel in channels], **more}
        return Publication.model_validate(self._asked("POST", "/v1/publications", json=body).json())

    def publication(self, identifier: str) -> Publication:
        """A publication as it stands."""
        return Publication.model_validate(self._asked("GET", f"/v1/publications/{identifier}").json())

    def _asked(self, method: str, path: str, *, json: object = None) -> httpx.Response:
        try:
            answer = self.http.request(method, path, json=json)
        except httpx.TransportError as error:
            raise Failed(f"{method} {path} was not answered: {error}.") from error
        if answer.is_success:
            return answer
        raise Failed(f"{method} {path} was answered {answer.status_code}. {_problem(answer)}")


def client(base_url: str, key: str) -> httpx.Client:
    """A connection to the API that shows `key`."""
    return httpx.Client(
        base_url=base_url, headers={"Authorization": f"Bearer {key}"}, timeout=TIMEOUT_S, trust_env=False
    )


def _problem(answer: httpx.Response) -> str:
    """What a problem document says, each field's remedy included; else how the answer begins."""
    try:
        document = answer.json()
        errors = document["errors"] or [{"field": "", "message": document["detail"], "remedy": ""}]
        return " ".join(f"{each['field']}: {each['message']} {each['remedy']}".strip(": ") for each in errors)
    except (ValueError, KeyError, TypeError):
        return answer.text[:300]
