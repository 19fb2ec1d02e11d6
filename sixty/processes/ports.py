"""Whether the ports are free, asked before anything is started."""

from __future__ import annotations

import errno
import socket

from sixty.errors import OperatorError


def check_port(host: str, port: int, used_by: str, setting: str) -> None:
    """Makes sure that a port can be listened on.

    Args:
        host: The address to listen on.
        port: The port.
        used_by: What of ours would listen there, in words.
        setting: The environment variable that chooses another port.

    Raises:
        OperatorError: It cannot; says why and what to do.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: connections that linger after the last run do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise OperatorError(
                f"Port {port} on {host}, where {used_by} shall listen, {reason}: "
                f"end what listens there or choose another port, as in {setting}={_neighbour(port)}"
            ) from None


def free_port() -> int:
    """A port of the loopback interface that nobody listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _neighbour(port: int) -> int:
    return port + 1000 if port + 1000 <= 65535 else port - 1000
