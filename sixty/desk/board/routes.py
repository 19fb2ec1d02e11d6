"""Puts the board, supervision and people's figures into the workbench."""

from __future__ import annotations

from functools import partial

from sixty.desk.board import board_routes, override_routes, supervision_routes
from sixty.desk.board.broadcast import Broadcast
from sixty.desk.board.supervision_rules import read_supervision
from sixty.desk.people_figures import routes as people_routes
from sixty.desk.staff.signed_in import PATH
from sixty.desk.workbench.bench import Workbench

_SECTIONS = (board_routes, override_routes, supervision_routes, people_routes)


def add_board(bench: Workbench) -> None:
    """Adds their addresses below `/api/desk`."""
    rules = partial(read_supervision, bench.settings.playbook)
    bench.app.state.supervision = rules
    bench.app.state.board = Broadcast(bench.reading, bench.rules, rules, bench.now)
    for section in _SECTIONS:
        bench.app.include_router(section.router, prefix=PATH)
