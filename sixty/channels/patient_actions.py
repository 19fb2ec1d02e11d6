"""An action server that is being restarted costs nobody an answer.

Rasa takes a refused connection for a failed action, and the customer reads an apology. A refusal means that nothing was
sent, so asking again is safe: whoever asks waits until the server is back, for some seconds from the first refusal on.
After that it is down, and every turn is apologised for at once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import structlog
from rasa.utils.endpoints import EndpointConfig

PATIENCE_SECONDS = 8.0
"""How long a restart may take; a turn that has waited so long still has time for its apology."""

_PAUSE = 0.15
_log = structlog.get_logger(__name__)

_Request = Callable[..., Awaitable[Any]]


class _Outages:
    """Since when each server has been refusing connections."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def ended(self, url: str) -> None:
        if self._since and self._since.pop(url, None) is not None:
            _log.info("actions.back", url=url)

    def worth_waiting(self, url: str, now: float) -> bool:
        if url not in self._since:
            _log.warning("actions.refused", url=url)
        return now < self._since.setdefault(url, now) + PATIENCE_SECONDS


def _patient(request: _Request) -> _Request:
    outages = _Outages()

    async def patient(self: EndpointConfig, *args: Any, **kwargs: Any) -> Any:
        url = str(self.url)
        while True:
            try:
                answer = await request(self, *args, **kwargs)
            except aiohttp.ClientConnectorError:
                if not outages.worth_waiting(url, time.monotonic()):
                    raise
                await asyncio.sleep(_PAUSE)
            except Exception:
                outages.ended(url)
                raise
            else:
                outages.ended(url)
                return answer

    patient.__wrapped__ = request  # type: ignore[attr-defined]
    return patient


def wait_for_actions() -> None:
    """Makes Rasa wait for an action server that refuses connections; a second time does nothing."""
    if not hasattr(EndpointConfig.request, "__wrapped__"):
        EndpointConfig.request = _patient(EndpointConfig.request)
