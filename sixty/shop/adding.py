"""Adds rows that may be there already, also when several add them at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session


def add_once(session: Session, table: Any, values: Mapping[str, Any]) -> bool:
    """Adds a row unless it is there already, also when somebody else adds it at this moment.

    Returns:
        Whether it was added.
    """
    on_postgres = session.get_bind().dialect.name == "postgresql"
    insert: Any = postgresql.insert if on_postgres else sqlite.insert
    done: Any = session.execute(insert(table).values(**values).on_conflict_do_nothing())
    return bool(done.rowcount == 1)
