"""One open window of the workbench: who sits before it, what they may see, and what it has still to be told."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi.encoders import jsonable_encoder

from sixty.desk.chat_rows import Viewing
from sixty.desk.staff.signed_in import Staff
from sixty.desk.workbench.cursors import Cursor

MOST_FRAMES = 5000
"""A window that does not take what it is told is let go; it comes back and goes on, or begins anew."""


@dataclass(frozen=True)
class Frame:
    """One event of the stream.

    Attributes:
        cursor: Where a window that has this one goes on; None for what needs no going on.
    """

    event: str
    data: Any
    cursor: Cursor | None = None

    def text(self) -> str:
        """As server-sent events have it (HTML Living Standard, 9.2.6)."""
        number = f"id: {self.cursor}\n" if self.cursor is not None else ""
        body = json.dumps(jsonable_encoder(self.data), ensure_ascii=False, separators=(",", ":"))
        return f"{number}event: {self.event}\ndata: {body}\n\n"


class Window:
    """An open window. Frames are put in by the thread that follows what happens, and taken out by the event loop."""

    def __init__(self, staff: Staff, viewing: Viewing, cursor: Cursor) -> None:
        """Opens it.

        Args:
            staff: Who sits before it.
            viewing: What they may see.
            cursor: What they have been told already.
        """
        self.staff = staff
        self.viewing = viewing
        self.cursor = cursor
        self.taken = cursor
        """Where it stands once all that was taken is read; `cursor` is where it stands once all is taken."""
        self.closed = False
        self.told_queue = ""
        self._frames: deque[Frame] = deque()
        self._lock = threading.Lock()
        self._waiter: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    def put(self, frames: Iterable[Frame], cursor: Cursor | None = None) -> None:
        """Tells the window something; nothing more once it is closed.

        Args:
            frames: What.
            cursor: Where it stands after these.
        """
        with self._lock:
            if self.closed:
                return
            self._frames.extend(frames)
            if cursor is not None:
                self.cursor = cursor
            if len(self._frames) > MOST_FRAMES:
                self._frames.clear()
                self.closed = True
        self._wake()

    def close(self, frame: Frame | None = None) -> None:
        """Lets the window go, with a last word."""
        with self._lock:
            if self.closed:
                return
            if frame is not None:
                self._frames.append(frame)
            self.closed = True
        self._wake()

    def take(self) -> list[Frame]:
        """What it has still to be told; empty when it is up to date."""
        with self._lock:
            frames = list(self._frames)
            self._frames.clear()
            self.taken = self.cursor
            return frames

    async def wait(self, seconds: float) -> None:
        """Waits until there is something, or it is closed, or the time is over."""
        event = asyncio.Event()
        with self._lock:
            if self._frames or self.closed:
                return
            self._waiter = (asyncio.get_running_loop(), event)
        try:
            await asyncio.wait_for(event.wait(), seconds)
        except asyncio.TimeoutError:
            pass
        finally:
            with self._lock:
                self._waiter = None

    def _wake(self) -> None:
        with self._lock:
            waiter = self._waiter
        if waiter is not None:
            loop, event = waiter
            # The loop may have ended with the server.
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)
