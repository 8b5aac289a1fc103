"""The pages people see on their way to a platform's consent page and back: no script, and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from html import escape
from typing import Any

from channels.granting import Sought

STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem}"
    "button{font:inherit;padding:.5rem 1rem}h1{font-size:1.4rem}"
)
_STYLES = f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
PROOF, OWN = "proof", "own"  # the fields of the form


def redirect(address: str) -> dict[str, Any]:
    """An answer that leads elsewhere at once."""
    return {"statusCode": 302, "headers": {**_headers(), "location": address}, "body": ""}


def document(told: Mapping[str, object]) -> dict[str, Any]:
    """What anybody may read of the app, servers for one."""
    return {"statusCode": 200, "headers": {**_headers(), "content-type": "application/json"}, "body": json.dumps(told)}


def said(status: int, words: str) -> dict[str, Any]:
    """A page that says something."""
    return _page(status, f"<p>{escape(words)}</p>")


def onward(address: str, to: str) -> dict[str, Any]:
    """A page that leads elsewhere at once, as the answer to a form.

    Not by redirect: Chromium and WebKit hold every further address a form leads to against `form-action`, and where a
    platform sends people on its way is not known.
    """
    there = escape(address)
    link = f'<p><a href="{there}" rel="noreferrer">Go on to {escape(to)}</a></p>'
    return _page(200, link, head=f'<meta http-equiv="refresh" content="0;url={there}">')


def front(sought: Sought, workspace: str, proof: str) -> dict[str, Any]:
    """The page a grant begins with: who would be able to do what, and that nobody is to be talked into it.

    A box must be ticked before the button is pressed, so that two clicks on one spot, stolen by another page, do not.
    """
    whose, title = f"<bdi>{escape(workspace)}</bdi>", escape(sought.title)
    whys = "".join(f"<li>{escape(why)}</li>" for why in sought.whys)
    return _page(
        200,
        f"<h1>Connect your account at {title} with {whose}?</h1>"
        f"<p>Whoever works in the workspace <strong>{whose}</strong> will be able to do this with your account, until "
        f"you take it back at {title}:</p><ul>{whys}</ul>"
        "<p><strong>Go on only if you began this yourself, just now.</strong> If somebody sent you this link, they "
        "could publish in your name: then close this page.</p>"
        f'<form method="post"><input type="hidden" name="{PROOF}" value="{escape(proof)}">'
        f'<p><label><input type="checkbox" name="{OWN}" value="yes" required> I began this myself.</label></p>'
        f"<p><button>Go on to {escape(sought.host)}</button></p></form>",
        forms="'self'",
    )


def _page(status: int, body: str, *, head: str = "", forms: str = "'none'") -> dict[str, Any]:
    start = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    headers = {**_headers(forms), "content-type": "text/html; charset=utf-8"}
    page = f"{start}{head}<title>Postroom</title><style>{STYLE}</style>{body}</html>"
    return {"statusCode": status, "headers": headers, "body": page}


def _headers(forms: str = "'none'") -> dict[str, str]:
    policy = f"default-src 'none'; style-src {_STYLES}; frame-ancestors 'none'; base-uri 'none'; form-action {forms}"
    return {
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "content-security-policy": policy,
    }
