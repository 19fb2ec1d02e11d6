"""The commands ``sixty insight …``."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from sixty.errors import OperatorError
from sixty.settings import get_settings

if TYPE_CHECKING:
    from sixty.insight.live import Minute
    from sixty.insight.models import ChatTurn, Visit

insight = typer.Typer(name="insight", help="How far customers are from buying, and why.", no_args_is_help=True)

_AT_ONCE = 20


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(insight)


@insight.command()
def recompute(
    conversation: Annotated[
        list[str] | None, typer.Argument(metavar="[CONVERSATION]…", help="Only these; all when left out.")
    ] = None,
) -> None:
    """Works out the visits, turns, scores and lines of all history again, by the rules as they are now."""
    from sixty.insight.follower import FOLLOWED, follower_of
    from sixty.insight.following import move_cursor
    from sixty.insight.reading import conversations
    from sixty.ledger.reading import newest_id
    from sixty.processes.database import migrate

    settings = get_settings()
    migrate(settings)
    follower = follower_of(settings)
    with follower.reading() as session:
        # Before the conversations are listed: what comes meanwhile is for the desk's follower.
        last = newest_id(session)
        names = conversations(session, conversation or ())
    unknown = sorted(set(conversation or ()) - set(names))
    if unknown:
        raise OperatorError(f"The ledger has no conversation {', '.join(unknown)}")
    with typer.progressbar(length=len(names), label="conversations", file=sys.stderr) as bar:
        for place in range(0, len(names), _AT_ONCE):
            some = names[place : place + _AT_ONCE]
            while not follower.work_out(dict.fromkeys(some, 0)):
                pass  # The desk's own follower was at it, too.
            bar.update(len(some))
    if not conversation:
        with follower.writing() as session:
            move_cursor(session, FOLLOWED, last, follower.clock())
    typer.echo(f"{len(names)} conversations worked out")


@insight.command()
def show(conversation: Annotated[str, typer.Argument(metavar="CONVERSATION")]) -> None:
    """Shows a conversation's visits: each turn with its score and the reasons, and where it stands now."""
    from sixty.insight.live import minute_of
    from sixty.insight.reading import visits_of
    from sixty.processes.database import migrate
    from sixty.shop.database import shop_session

    settings = get_settings()
    migrate(settings)
    with shop_session(settings.database_url, read_only=True) as session:
        found = visits_of(session, conversation)
        minute = minute_of(session, conversation, datetime.now(timezone.utc))
    if not found and minute.first_message_id is None:
        raise OperatorError(
            f"Nothing is known of a conversation {conversation}: if the ledger has it (`sixty ledger show`), "
            "run `sixty insight recompute`"
        )
    for visit, turns in found:
        typer.echo(_told(visit))
        for turn in turns:
            typer.echo(_told_turn(turn, visit))
    typer.echo(_told_now(minute))


def _told(visit: Visit) -> str:
    what = [
        f"{visit.started_at:%Y-%m-%d %H:%M:%S} UTC",
        visit.entry or "-",
        visit.category or "-",
        visit.product_no or "-",
        f"arm {visit.arm}",
        f"line {visit.line or '-'}",
        f"score {visit.score:.2f}",
    ]
    if visit.order_no is not None:
        what.append(f"order {visit.order_no} at {visit.ordered_at:%H:%M:%S}, {visit.order_amount} yuan")
    if visit.handed_over:
        what.append("with a person")
    return "visit " + " · ".join(what)


def _told_turn(turn: ChatTurn, visit: Visit) -> str:
    mine = (each for each in visit.reasons if each["message_id"] == turn.message_id)
    reasons = "；".join(f"{each['words']} {each['delta']:+.2f}" for each in mine)
    marks = [name for name, is_so in (("tapped", turn.tapped), ("pushed", turn.pushed)) if is_so]
    about = " ".join([turn.question or turn.intent or "?", *marks])
    return f"  {turn.at:%H:%M:%S} {turn.segment:8} {turn.score:.2f} {about} → {turn.outcome or 'waits'}（{reasons}）"


def _told_now(minute: Minute) -> str:
    return (
        f"now: {minute.segment}, second {minute.seconds:.0f}, score {minute.score:.2f}, line {minute.line or '-'}, "
        f"{minute.turns} turns, {minute.questions} questions"
    )
