"""Connections to the action server that last.

Rasa opens a connection for every action and closes it again, which takes longer than most actions. Here the connection
is kept for the next one, for less time than a server keeps it, so that no action is sent into one that is being closed.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from rasa.utils.endpoints import DEFAULT_REQUEST_TIMEOUT, EndpointConfig

# Sanic, which the action server is made of, closes after five seconds.
_KEPT_SECONDS = 2.0

_connectors: dict[int, tuple[asyncio.AbstractEventLoop, aiohttp.BaseConnector]] = {}


def keep_connections() -> None:
    """Makes Rasa keep its connections; a second time does nothing."""
    EndpointConfig.session = _session


async def let_connections_go() -> None:
    """Closes those of the loop that runs now, before it ends."""
    kept = _connectors.pop(id(asyncio.get_running_loop()), None)
    if kept is not None:
        await kept[1].close()


def _session(self: EndpointConfig) -> aiohttp.ClientSession:
    """As Rasa's own, with a connector that outlives it."""
    basic: dict[str, Any] = self.basic_auth
    return aiohttp.ClientSession(
        headers=self.headers,
        auth=aiohttp.BasicAuth(basic["username"], basic["password"]) if basic else None,
        timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
        connector=_connector(),
        connector_owner=False,
    )


def _connector() -> aiohttp.BaseConnector:
    """The connector of the loop that runs now; those of loops that have ended are let go."""
    loop = asyncio.get_running_loop()
    kept = _connectors.get(id(loop))
    if kept is None or kept[0] is not loop or kept[1].closed:
        for name in [name for name, (other, _) in _connectors.items() if other.is_closed()]:
            del _connectors[name]
        kept = _connectors[id(loop)] = (loop, aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT_SECONDS))
    return kept[1]
