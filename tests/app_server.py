"""Really serves an application of ours in a thread, for tests that need a socket."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

_STARTS_WITHIN_S = 120.0
"""Patience for a machine that does a dozen other things."""


@contextmanager
def serving(app: Any, port: int, **options: Any) -> Iterator[None]:
    """Serves an application while the block runs, on this machine alone; the block begins when it listens."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, ws="none", **options))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + _STARTS_WITHIN_S
    while not server.started:
        assert thread.is_alive(), f"the server on port {port} has ended while it started"
        assert time.monotonic() < until, f"the server on port {port} does not start"
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=15)
