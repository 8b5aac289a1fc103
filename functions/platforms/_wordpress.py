"""How a WordPress site is asked, with an application password or on WordPress.com with a token, and what it answers.

Source: https://developer.wordpress.org/rest-api/using-the-rest-api/authentication/ and github.com/WordPress/
wordpress-develop: src/wp-includes/user.php, rest-api/endpoints/class-wp-rest-posts-controller.php; for WordPress.com
https://developer.wordpress.com/docs/api/getting-started/ and …/oauth2/ (read 2026-11-21, the last as a stored copy).
"""

from __future__ import annotations

import base64

import httpx
from pydantic import AliasChoices, ConfigDict, JsonValue, RootModel
from pydantic import Field as Reads

from publishing.adapter import PUBLISHES, Conversation
from publishing.errors import PublishingError, Refused, Unauthorized
from publishing.model import Channel, Identity, Receipt
from publishing.replies import Reply, error_for, parsed, quoted, read_if_readable

Form = dict[str, tuple[str | None, str | bytes, str | None]]  # file name, content, content type
WORDPRESS_COM = "https://public-api.wordpress.com/wp/v2/sites/"  # and a site's number: so its consent has it
LOGIN = ("rest_not_logged_in", "incorrect_password", "invalid_username", "invalid_email", "application_passwords_")
TOKEN = ("invalid_token", "authorization_required")  # WordPress.com's; with a 400, too
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

    code: str = Reads("", validation_alias=AliasChoices("code", "error"))  # WordPress.com's own are under `error`
    message: str = ""
    data: JsonValue = None

    def error(self, reply: httpx.Response, channel: Channel) -> PublishingError:
        """Sorted by WordPress's own code first, by the status where that says nothing."""
        told, code, status = quoted(self.message, channel), quoted(self.code, channel), reply.status_code
        message = f"WordPress answered: {told}" if told else ""
        if self.code.startswith((*LOGIN, *TOKEN, *MAY_NOT)) and reply.is_client_error:
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
    site, hosted = channel.settings["site_url"].strip().rstrip("/"), hosted_site(channel)
    url = f"{site}/{path}" if hosted else f"{site}/wp-json/wp/v2/{path}"
    headers = {"authorization": _bearer(channel) if hosted else _basic(channel)}
    return httpx.Request(method, url, headers=headers, json=json, files=form, extensions=PUBLISHES if publishes else {})


def hosted_site(channel: Channel) -> str:
    """The number of the channel's site on WordPress.com; empty where the channel leads to a site itself."""
    site = channel.settings["site_url"].strip().rstrip("/")
    return site.removeprefix(WORDPRESS_COM) if site.startswith(WORDPRESS_COM) else ""


def author(channel: Channel) -> Conversation[Identity]:
    """Whose login it is; on WordPress.com, where a token is good for one site, the site, whoever consented.

    Raises:
        Unauthorized: this user may not publish.
    """
    reply = yield request("GET", "users/me?context=edit&_fields=id,name,link,capabilities", channel)
    user = parsed(Thing, taken(reply, channel))
    if not (isinstance(user.capabilities, dict) and user.capabilities.get("publish_posts")):
        raise Unauthorized("This user may not publish posts: give it the role of an author or editor.")
    site = hosted_site(channel)
    where = f" at {user.link.split('/')[2]}" if site and user.link else ""
    return Identity(site or str(user.id), f"{user.name}{where}", user.link)


def _basic(channel: Channel) -> str:
    name = channel.settings.get("username", "").strip()
    password = channel.secrets.get("application_password", "").strip()
    if not (name and password):
        raise Unauthorized("This site takes a user name and an application password; a token is WordPress.com's alone.")
    login = f"{name}:{password}"
    return f"Basic {base64.b64encode(login.encode(errors='replace')).decode()}"


def _bearer(channel: Channel) -> str:
    token = channel.secrets.get("access_token", "").strip()
    if not (token and token.isascii() and token.isprintable()):
        raise Unauthorized("This channel has no access token for WordPress.com: connect it by consent.")
    return f"Bearer {token}"
