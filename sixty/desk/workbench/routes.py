"""Puts the workbench into the desk's application."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from sixty.desk.beside.routes import add_beside
from sixty.desk.board.overrides import reading_in_force
from sixty.desk.board.routes import add_board
from sixty.desk.desk_rules import read_routing
from sixty.desk.staff.signed_in import PATH, Entrance
from sixty.desk.upload_routes import upload_store
from sixty.desk.workbench import (
    chat_routes,
    deed_routes,
    event_routes,
    inspection_routes,
    list_routes,
    message_routes,
    oidc_routes,
    outreach_call_routes,
    outreach_routes,
    presence_routes,
    sign_in_routes,
    staff_routes,
    ticket_routes,
)
from sixty.desk.workbench.bench import OpenSession, Workbench, present
from sixty.desk.workbench.live import Live
from sixty.settings import Settings
from sixty.shop.database import shop_session

_SECTIONS = (
    sign_in_routes,
    oidc_routes,
    staff_routes,
    presence_routes,
    list_routes,
    chat_routes,
    deed_routes,
    message_routes,
    event_routes,
    ticket_routes,
    inspection_routes,
    outreach_call_routes,
    outreach_routes,
)


def add_workbench(app: FastAPI, settings: Settings, open_session: OpenSession) -> Workbench:
    """Adds the workbench's addresses below `/api/desk`.

    Args:
        app: The desk's application.
        settings: The deployment's settings.
        open_session: Opens a session that may write.

    Returns:
        The workbench; its `live` is to be stopped with the application.
    """
    reading = partial(shop_session, settings.database_url, read_only=True)
    # What is changed on the spot counts with the next question.
    rules = reading_in_force(reading, partial(read_routing, settings.playbook), present)
    bench = Workbench(
        app=app,
        settings=settings,
        entrance=Entrance(settings.secret, reading, open_session),
        reading=reading,
        writing=open_session,
        store=upload_store(settings),
        live=Live(reading, settings.secret, rules=rules),
        provider=oidc_routes.identity_provider(settings),
        rules=rules,
    )
    app.state.workbench = bench
    for section in _SECTIONS:
        app.include_router(section.router, prefix=PATH)
    add_beside(bench)
    add_board(bench)
    return bench
