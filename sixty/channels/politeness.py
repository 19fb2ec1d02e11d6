"""Tells a channel what it may want to show; whatever comes of it, nothing else waits or fails."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

_COURTESY_SECONDS = 1.0

_log = structlog.get_logger(__name__)


async def politely(saying: Coroutine[Any, Any, None]) -> None:
    """Runs something that may fail or hang, for a second at most."""
    try:
        await asyncio.wait_for(saying, _COURTESY_SECONDS)
    except Exception as error:
        _log.warning("channel.not_told", error=type(error).__name__)
