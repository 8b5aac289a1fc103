"""A film at an address, for stand-ins that are asked without a network: given in parts, as adapters have it sent on."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

HOST = "films.example.org"
FILM = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 16  # as an MP4 begins
URL = f"https://{HOST}/river.mp4"


@dataclass(frozen=True)
class Films(httpx.BaseTransport):
    """Answers for the films' host itself; everything else is for `stand_in`."""

    stand_in: httpx.BaseTransport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The part of the film that is asked for."""
        if request.url.host != HOST:
            return self.stand_in.handle_request(request)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers["range"])
        assert wanted, "films are read in parts"
        first, last = int(wanted[1]), int(wanted[2])
        headers = {"content-type": "video/mp4", "content-range": f"bytes {first}-{last}/{len(FILM)}"}
        return httpx.Response(206, content=FILM[first : last + 1], headers=headers)
