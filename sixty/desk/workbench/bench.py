"""What all routes of the workbench share: the deployment's settings, database sessions, and who is signed in."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request
from sqlalchemy.orm import Session

from sixty.desk.desk_rules import RoutingRules, routing_rules
from sixty.desk.refusals import RefusedError
from sixty.desk.staff.oidc.provider import IdentityProvider
from sixty.desk.staff.signed_in import Entrance, Staff
from sixty.desk.upload_store import UploadStore
from sixty.desk.workbench.live import Live
from sixty.desk.workbench.pace import Pace
from sixty.settings import Settings

OpenSession = Callable[[], AbstractContextManager[Session]]

_READS = frozenset({"GET", "HEAD"})
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def present() -> datetime:
    """The present moment."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Workbench:
    """The workbench of a deployment.

    Attributes:
        reading: Opens a session that reads.
        writing: Opens a session that may write.
        rules: The merchant's, as the playbook has them.
        store: Where files lie.
        live: Tells open windows what happens.
        provider: Where people may sign in besides; None where they can't.
        pace: How often a session may change something.
        strangers: How often one address may go to the provider and come back; an office has one for all who begin at
            nine.
    """

    app: FastAPI
    settings: Settings
    entrance: Entrance
    reading: OpenSession
    writing: OpenSession
    store: UploadStore
    live: Live
    provider: IdentityProvider | None = None
    pace: Pace = field(default_factory=Pace)
    strangers: Pace = field(default_factory=lambda: Pace(burst=60, per_second=1.0))
    now: Callable[[], datetime] = present
    rules: Callable[[], RoutingRules] = routing_rules

    @property
    def secure(self) -> bool:
        """Whether cookies go over TLS only: always but for a desk on this very machine."""
        address = urlsplit(self.settings.public_desk_url)
        return not (address.scheme == "http" and address.hostname in _LOCAL)


def _bench(request: Request) -> Workbench:
    bench: Workbench = request.app.state.workbench
    return bench


Bench = Annotated[Workbench, Depends(_bench)]


def _signed(request: Request, bench: Bench) -> Staff:
    staff = bench.entrance.staff(request)
    _paced(request, bench, staff)
    return staff


def _newcomer(request: Request, bench: Bench) -> Staff:
    staff = bench.entrance.newcomer(request)
    _paced(request, bench, staff)
    return staff


Signed = Annotated[Staff, Depends(_signed)]
"""Whoever is signed in and may do something."""

Newcomer = Annotated[Staff, Depends(_newcomer)]
"""The same, also who has still to replace a one-time password."""


def _paced(request: Request, bench: Workbench, staff: Staff) -> None:
    if request.method in _READS:
        return
    wait = bench.pace.too_fast(staff.token, time.monotonic())
    if wait:
        raise RefusedError(429, "too_fast", "操作太快了，请稍等一下再试", extra={"retry_after": wait})
