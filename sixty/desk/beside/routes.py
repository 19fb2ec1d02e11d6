"""The workbench's routes beside the chat: customer, suggestions, search, quick replies, deeds, notes, ratings."""

from __future__ import annotations

from sixty.desk.beside import answer_routes, customer_routes, deed_routes, reply_routes
from sixty.desk.staff.signed_in import PATH
from sixty.desk.workbench.bench import Workbench

_SECTIONS = (customer_routes, answer_routes, reply_routes, deed_routes)


def add_beside(bench: Workbench) -> None:
    """Adds the routes to the desk's application."""
    for section in _SECTIONS:
        bench.app.include_router(section.router, prefix=PATH)
