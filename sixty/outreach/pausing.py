"""Staff pause a scene, or all of them, and let it go on."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sixty.outreach.models import OutreachPause
from sixty.tables import column

ALL = "*"
"""In place of a scene's name."""


def pause(session: Session, scene: str, by: str, now: datetime) -> bool:
    """Pauses a scene; what is due meanwhile is skipped.

    Args:
        session: A session that may write.
        scene: Its name, or `*` for all.
        by: Who does so.
        now: The present moment.

    Returns:
        False when it was paused already.
    """
    if session.get(OutreachPause, scene, populate_existing=True) is not None:
        return False
    session.add(OutreachPause(scene=scene, by=by, at=now))
    session.flush()
    return True


def resume(session: Session, scene: str) -> bool:
    """Lets a scene, or all of them, go on; False when it was not paused."""
    done = session.execute(
        delete(OutreachPause).where(column(OutreachPause.scene) == scene).execution_options(synchronize_session="fetch")
    )
    return bool(done.rowcount)


def paused(session: Session) -> set[str]:
    """The names of the scenes that are paused; `*` among them when all are."""
    return set(session.scalars(select(OutreachPause.scene)))


def is_paused(names: set[str], scene: str) -> bool:
    """Whether a scene is paused, by what `paused` has given."""
    return ALL in names or scene in names
