"""Reads rows by statements that were made once.

Making a statement, and turning rows into mapped objects, takes longer than the database needs to answer. So what is
asked for every price and suggestion is a statement of plain columns with parameters, run on the session's own
connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy.orm import Session


def any_of(name: str) -> Any:
    """A parameter that is a list."""
    return bindparam(name, expanding=True)


def read(session: Session, statement: Any, values: Mapping[str, Any]) -> list[Any]:
    """Reads all rows of a statement of plain columns.

    What the session has not written yet is written first, as the session's own queries do.
    """
    if session.autoflush:
        session.flush()
    found: list[Any] = session.connection().execute(statement, values).fetchall()
    return found
