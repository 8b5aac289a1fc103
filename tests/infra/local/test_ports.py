from __future__ import annotations

import socket

from infra.local import ports


def test_a_free_port_can_be_listened_on() -> None:
    with socket.socket() as server:
        server.bind((ports.HOST, ports.free()))
        server.listen()
        assert server.getsockname()[0] == "127.0.0.1"
