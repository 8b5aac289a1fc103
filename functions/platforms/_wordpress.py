"""How a WordPress site is asked with an application password, and what its answers and refusals mean.

Source: https://developer.wordpress.org/rest-api/using-the-rest-api/authentication/ and github.com/WordPress/
wordpress-develop: src/wp-includes/user.php, rest-api/endpoints/class-wp-rest-posts-controller.php (read 2026-11-21)
"""

from __future__ import annotations

import base64

import httpx
from pydantic import ConfigDict, JsonValue, RootModel
from pydantic import Field as Reads

from publishing.adapter import PUBLISHES
from publishing.errors import PublishingError, Refused, Unauthorized
from publishing.model import Channel, Receipt
from publishing.replies import Reply, error_for, quoted, read_if_readable

Form = dict[str, tuple[str | None, str | bytes, str | None]]  # file name, content, content type
LOGIN = ("rest_not_logged_in", "incorrect_password", "invalid_username", "invalid_email", "application_passwords_")
MAY_NOT = ("rest_cannot_", "rest_forbidden")  # that media may not be uploaded comes with a 400


class Thing(Reply):
    """A post, a tag, a file or a user."""

    id: int = Reads(gt=0)
    name: str = ""
    link: str = Reads(default="", pattern=r"^(https?://\S+)?$")
    date_gmt: str | None = None
    source_url: str = Reads(default="", pattern=r"^(https?://\S+)?$")
    capabilities: JsonValue = None

    def receipt(self) -> Receipt:
        """That it is out, as a post."""
        return Receipt(str(self.id), self.link, f"{self.date_gmt}Z" if self.date_gmt else "")


class Things(RootModel[tuple[Thing, ...]]):
    """A list of them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Trouble(Reply):
    """What WordPress says of a request it did not take; nothing where a firewall answered in its stead."""

    code: str = ""
    message: str = ""
    data: JsonValue = None

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by WordPress's own code first, by the status where that says nothing."""
        told, code, status = quoted(self.message, channel), quoted(self.code, channel), reply.status_code
        message = f"WordPress answered: {told}" if told else ""
        if self.code.startswith((*LOGIN, *MAY_NOT)) and reply.is_client_error:
            return Unauthorized(message, code=code, status=status)
        if self.code.startswith(("rest_upload_", "rest_trash_not_supported")):
            return Refused(message, code=code, status=status)
        return error_for(reply, message, code=code)


def taken(reply: httpx.Response, channel: Channel) -> httpx.Response:
    """The reply, if WordPress did what it was asked; else its complaint is raised."""
    if reply.is_success:
        return reply
    if reply.has_redirect_location:
        raise Refused("The site redirects: connect the address it leads to.", status=reply.status_code)
    raise read_if_readable(Trouble, reply).error(reply, channel)


def request(
    method: str, path: str, channel: Channel, *, json: object = None, form: Form | None = None, publishes: bool = False
) -> httpx.Request:
    """A request to the channel's site."""
    url = f"{channel.settings['site_url'].strip().rstrip('/')}/wp-json/wp/v2/{path}"
    login = f"{channel.settings['username'].strip()}:{channel.secrets['application_password'].strip()}"
    headers = {"authorization": f"Basic {base64.b64encode(login.encode(errors='replace')).decode()}"}
    return httpx.Request(method, url, headers=headers, json=json, files=form, extensions=PUBLISHES if publishes else {})
