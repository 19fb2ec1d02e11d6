"""Runs the migrations of all tables: those of the shop, the ledger, the desk and the insights."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

import sixty.desk.agents
import sixty.desk.assignments
import sixty.desk.beside.quick_replies
import sixty.desk.beside.ratings
import sixty.desk.beside.suggestion_uses
import sixty.desk.board.alarm_rows
import sixty.desk.board.guests
import sixty.desk.board.overrides
import sixty.desk.board.whispers
import sixty.desk.conversations
import sixty.desk.drafts
import sixty.desk.feed
import sixty.desk.handoff_rows
import sixty.desk.inspection.rows
import sixty.desk.named_agents
import sixty.desk.notes
import sixty.desk.people_figures.talk_rows
import sixty.desk.staff.accounts
import sixty.desk.staff.attempts
import sixty.desk.staff.audit
import sixty.desk.staff.staff_sessions
import sixty.desk.tickets.rows
import sixty.desk.typing_marks
import sixty.insight.models
import sixty.ledger.models
import sixty.outreach.models
import sixty.shop.benefits.models
import sixty.shop.deeds.models
import sixty.shop.models
import sixty.shop.order_events.models
import sixty.shop.own_channels.models
import sixty.shop.pricing.models
import sixty.shop.recommendations.models
import sixty.shop.trials.models  # noqa: F401  (they declare the tables)
from sixty.shop.database import engine_for
from sixty.tables import Base, FixedPoint, UtcDateTime


def plain_type(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Writes our column types into migrations as what they are in the database.

    A migration must go on working when the code that it was made from has changed.
    """
    if kind == "type" and isinstance(item, FixedPoint):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def ours(name: str | None, kind: str, _parents: Any) -> bool:
    """Leaves out the table in which SQLite keeps the highest ids."""
    return (kind, name) != ("table", "sqlite_sequence")


def run() -> None:
    """Runs them on the address that the caller set, else on that of the settings."""
    url = context.config.attributes.get("url")
    if url is None:
        from sixty.settings import get_settings

        url = get_settings().database_url
    if context.is_offline_mode():
        context.configure(url=url, target_metadata=Base.metadata, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()
        return
    with engine_for(url).connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            # SQLite alters a table by making it anew.
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
            render_item=plain_type,
            include_name=ours,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


run()
