"""Writes to the database off the event loop, several writes in one transaction.

Each message means a few small writes. One thread does them all: SQLite lets one writer in at a time anyway, and what
waits while a transaction runs is written together in the next one, so that a busy hour costs few commits.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

Result = TypeVar("Result")
Job = Callable[[Session], Any]

_MOST_TOGETHER = 64
_A_MOMENT = 0.02
_PATIENCE_SECONDS = 6.0
_PAUSES = (0.02, 0.05, 0.1, 0.25, 0.5)

_log = structlog.get_logger(__name__)


class OpenSession(Protocol):
    """What opens a session, such as `shop_session`."""

    def __call__(self, *, read_only: bool = False) -> AbstractContextManager[Session]:
        """Opens one that commits when its block ends well."""
        ...  # pragma: no cover


@dataclass(frozen=True)
class _Failure:
    error: BaseException


class Scribe:
    """The one writer of a door; see `write`."""

    def __init__(self, open_session: OpenSession, patience: float = _PATIENCE_SECONDS) -> None:
        """Makes a writer that has not begun.

        Args:
            open_session: Opens the sessions that jobs get.
            patience: Seconds for which a database that is away is tried again.
        """
        self._open_session = open_session
        self._patience = patience
        self._waiting: deque[tuple[Job, asyncio.Future[Any]]] = deque()
        self._running = False
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="door-writes")
        self._readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="door-reads")

    async def write(self, job: Callable[[Session], Result]) -> Result:
        """Runs a job that writes, soon, and returns its result once that is committed.

        Jobs run one after the other, in the order in which they came. A job that raises takes back its own writes and
        nobody else's. When the connection is lost, jobs run again: they must be short and fit for that.

        Raises:
            Exception: What the job has raised, or what the database said after all patience.
        """
        return await self.begin(job)

    def begin(self, job: Callable[[Session], Result]) -> asyncio.Future[Result]:
        """As `write`, for who has something else to do meanwhile."""
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((job, result))
        if not self._running:
            self._begin(loop)
        return result

    async def write_with_others(self, job: Callable[[Session], Result]) -> Result:
        """As `write`, for what nobody waits for: it goes along with the next writing, or alone after a moment.

        The order in which jobs came is kept. Each transaction has a price of its own, whatever is written in it.
        """
        loop = asyncio.get_running_loop()
        result: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((job, result))
        if not self._running:
            loop.call_later(_A_MOMENT, self._begin_what_waits, loop)
        return await result

    async def read(self, job: Callable[[Session], Result]) -> Result:
        """Runs a job that only reads, beside all others."""

        def once() -> Result:
            with self._open_session(read_only=True) as session:
                return job(session)

        return await asyncio.get_running_loop().run_in_executor(self._readers, once)

    def close(self) -> None:
        """Ends the threads, once they have done what they are at."""
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)

    def _begin_what_waits(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._waiting and not self._running:
            self._begin(loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        together = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST_TOGETHER))]
        self._running = True
        written = self._writer.submit(self._until_written, [job for job, _ in together])

        def told(done: Future[list[Any]]) -> None:
            # When the server has ended meanwhile, the writing is done and nobody waits for it any more.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._tell, loop, [result for _, result in together], done)

        written.add_done_callback(told)

    def _tell(
        self, loop: asyncio.AbstractEventLoop, waiting: Sequence[asyncio.Future[Any]], done: Future[list[Any]]
    ) -> None:
        self._running = False
        if self._waiting:
            # The next ones are written while those who waited go on.
            self._begin(loop)
        for result, outcome in zip(waiting, done.result(), strict=True):
            if result.done():
                continue  # whoever asked has gone
            if isinstance(outcome, _Failure):
                result.set_exception(outcome.error)
            else:
                result.set_result(outcome)

    def _until_written(self, jobs: list[Job]) -> list[Any]:
        """The jobs' results; a failure stands in the place of one that raised."""
        until = time.monotonic() + self._patience
        for attempt in range(1_000_000):
            try:
                return self._together(jobs)
            except (DBAPIError, PoolTimeoutError, OSError) as error:
                if time.monotonic() >= until:
                    _log.error("door.not_written", jobs=len(jobs), error=type(error).__name__)
                    return [_Failure(error)] * len(jobs)
                time.sleep(_PAUSES[min(attempt, len(_PAUSES) - 1)])
            except BaseException as error:
                return [_Failure(error)] * len(jobs)
        raise AssertionError("time stands still")  # pragma: no cover

    def _together(self, jobs: list[Job]) -> list[Any]:
        if len(jobs) == 1:
            return [self._alone(jobs[0])]
        try:
            with self._open_session() as session:
                return [_run(job, session) for job in jobs]
        except Exception as error:
            if _connection_is_the_trouble(error):
                raise
        # One of them has raised, which is rare: nothing is written yet, and each runs in a savepoint of its own.
        results: list[Any] = []
        with self._open_session() as session:
            for job in jobs:
                try:
                    with session.begin_nested():
                        results.append(_run(job, session))
                except Exception as error:
                    if _connection_is_the_trouble(error):
                        raise
                    session.expunge_all()
                    results.append(_Failure(error))
        return results

    def _alone(self, job: Job) -> Any:
        try:
            with self._open_session() as session:
                return job(session)
        except Exception as error:
            if _connection_is_the_trouble(error):
                raise
            return _Failure(error)


def _run(job: Job, session: Session) -> Any:
    result = job(session)
    session.flush()
    # What one job has loaded, another one's plain UPDATE makes stale.
    session.expunge_all()
    return result


def _connection_is_the_trouble(error: Exception) -> bool:
    """Whether another attempt may help; what a job itself does wrong stays wrong."""
    if isinstance(error, DBAPIError):
        # Lost, locked, shutting down, a deadlock; not a value that does not fit.
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError | InternalError)
    return isinstance(error, PoolTimeoutError | OSError)
