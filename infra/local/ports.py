"""Ports of loopback: none is fixed, each is free when asked for."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


def free() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
