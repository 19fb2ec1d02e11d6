"""The commands ``sixty ledger …``."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sixty.errors import OperatorError
from sixty.settings import Settings, get_settings

if TYPE_CHECKING:
    from sixty.channels.trackers import Trackers
    from sixty.ledger.models import Message

ledger = typer.Typer(name="ledger", help="What was said, and what is kept of it.", no_args_is_help=True)

Customer = Annotated[str | None, typer.Option(metavar="ID", help="All conversations of this customer.")]
Visitor = Annotated[str | None, typer.Option(metavar="ID", help="All conversations of this browser.")]
Conversations = Annotated[
    list[str] | None, typer.Option("--conversation", metavar="ID", help="This conversation; may be given again.")
]
Clear = Annotated[bool, typer.Option("--clear", help="Show phones, addresses and numbers as they are.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(ledger)


@ledger.command()
def show(
    conversation: Annotated[str, typer.Argument(metavar="CONVERSATION")],
    limit: Annotated[int, typer.Option(min=1, help="How many of the last messages.")] = 50,
    clear: Clear = False,
) -> None:
    """Shows a conversation: who said what, what was understood, and how it ended."""
    from sixty.ledger.reading import history
    from sixty.shop.database import shop_session

    with shop_session(get_settings().database_url, read_only=True) as session:
        found = history(session, conversation, limit=limit)
    if not found:
        raise OperatorError(f"The ledger has no conversation {conversation}")
    _print(found, clear, with_conversation=False)


@ledger.command()
def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD…", help="All of them must be in the message.")],
    customer: Customer = None,
    days: Annotated[int | None, typer.Option(min=1, help="Only of the last days.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many are shown.")] = 50,
    clear: Clear = False,
) -> None:
    """Finds messages, the newest first."""
    from sixty.desk.forgetting import conversations_of
    from sixty.ledger.reading import search as find
    from sixty.shop.database import shop_session

    begin = None if days is None else datetime.now(timezone.utc) - timedelta(days=days)
    with shop_session(get_settings().database_url, read_only=True) as session:
        ids = None if customer is None else conversations_of(session, customer)
        found = find(session, " ".join(words), conversations=ids, since=begin, limit=limit)
    _print(found, clear, with_conversation=True)


@ledger.command()
def waiting() -> None:
    """Lists what is open: customers' messages that nobody answers, and what could not be delivered."""
    from sqlalchemy import select

    from sixty.ledger.claiming import unanswered
    from sixty.ledger.models import OutboxRow
    from sixty.shop.database import shop_session
    from sixty.tables import column

    now = datetime.now(timezone.utc)
    with shop_session(get_settings().database_url, read_only=True) as session:
        messages = unanswered(session, now, limit=200)
        overdue = column(OutboxRow.state).in_(("waiting", "sending")) & (column(OutboxRow.due_at) < now)
        rows = list(
            session.scalars(
                select(OutboxRow)
                .where(overdue | (column(OutboxRow.state) == "failed"))
                .order_by(OutboxRow.due_at)
                .limit(200)
            )
        )
    _print(messages, clear=False, with_conversation=True)
    for row in rows:
        typer.echo(
            f"outbox {row.id}  {row.state:<8} due {row.due_at:%Y-%m-%d %H:%M:%S}Z  {row.attempts} attempts  "
            f"{row.conversation_id}  {row.problem or ''}".rstrip()
        )
    if not messages and not rows:
        typer.echo("none")


@ledger.command()
def reconcile(
    conversations: Conversations = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compares the ledger with Rasa's trackers and adds what was understood and done but not written."""
    from dataclasses import asdict

    from sixty.ledger.reconciling import reconcile as compare
    from sixty.shop.database import shop_session

    settings = get_settings()
    trackers = _trackers(settings)
    found: dict[str, dict[str, Any]] = {}
    for each in conversations or trackers.conversation_ids():
        events = trackers.events(each)
        with shop_session(settings.database_url) as session:
            found[each] = asdict(compare(session, each, events))
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for each, result in found.items():
        said = ", ".join(
            f"{name} {value if isinstance(value, int) else ' '.join(map(str, value))}"
            for name, value in result.items()
            if value
        )
        if said:
            typer.echo(f"{each}  {said}")
    added = sum(result["added"] for result in found.values())
    typer.echo(f"{len(found)} conversations compared, {added} events added")


@ledger.command()
def consume(
    idle: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.1, help="End after so many seconds without an event.")
    ] = None,
) -> None:
    """Writes into the ledger what Rasa publishes to RabbitMQ or Kafka, as its endpoints say, until it is stopped."""
    import asyncio

    from sixty.channels.event_stream import read_event_stream
    from sixty.logs import configure_logging

    settings = get_settings()
    configure_logging(settings)
    stream = read_event_stream(settings.endpoints)
    typer.echo(f"reading {stream.source} of {stream.kind}", err=True)
    typer.echo(f"{asyncio.run(_consume(stream, settings, idle))} new events")


async def _consume(stream: Any, settings: Settings, idle: float | None) -> int:
    import asyncio
    import signal
    from functools import partial

    from sixty.channels.event_recorder import EventRecorder
    from sixty.shop.database import shop_session

    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    recorder = EventRecorder(partial(shop_session, settings.database_url))
    if stream.kind == "kafka":
        from sixty.channels.kafka_events import consume_kafka

        return await consume_kafka(stream, recorder, stop, idle)
    from aio_pika.exceptions import AMQPError

    from sixty.channels.rabbitmq_events import consume_rabbitmq

    try:
        return await consume_rabbitmq(stream, recorder, stop, idle)
    except (AMQPError, ConnectionError) as error:
        raise OperatorError(f"RabbitMQ cannot be reached: {type(error).__name__} {error}") from None


@ledger.command()
def tidy(
    every: Annotated[
        float | None, typer.Option(metavar="HOURS", min=0.01, help="Go on, again after so many hours.")
    ] = None,
    trackers: Annotated[bool, typer.Option(help="Also let Rasa forget old conversations.")] = True,
) -> None:
    """Masks and deletes what has been kept long enough; see SIXTY_LEDGER_KEEP_DAYS and its neighbours."""
    settings = get_settings()
    while True:
        typer.echo(_tidy_once(settings, datetime.now(timezone.utc), trackers))
        if every is None:
            return
        time.sleep(every * 3600)


def _tidy_once(settings: Settings, now: datetime, with_trackers: bool) -> str:
    from functools import partial

    from sixty.desk.forgetting import forget as erase
    from sixty.desk.forgetting import outlived, quiet
    from sixty.desk.upload_routes import FOLDER, upload_store
    from sixty.ledger.retention import Kept
    from sixty.ledger.retention import tidy as tidy_ledger
    from sixty.outreach.retention import mask_old
    from sixty.shop.database import shop_session

    kept = Kept(
        messages=_days(settings.ledger_keep_days),
        personal=_days(settings.ledger_personal_days),
        events=_days(settings.ledger_event_days),
    )
    files = remembered = reminders = 0
    ends = [now - each for each in (kept.personal, kept.messages) if each is not None]
    if ends:
        # First, while the ledger still says when something was said last.
        remembering = _trackers(settings) if with_trackers else None
        uploads = settings.var / FOLDER
        names = {each.name for each in uploads.iterdir() if each.is_dir()} if uploads.is_dir() else set()
        known = set(remembering.conversation_ids()) if remembering else set()
        with shop_session(settings.database_url, read_only=True) as session:
            old = set(quiet(session, names | known, max(ends)))
        files = sum(upload_store(settings).forget(each) for each in old & names)
        remembered = remembering.forget(old & known) if remembering else 0
    done = tidy_ledger(partial(shop_session, settings.database_url), kept, now)
    if kept.personal is not None:
        reminders = mask_old(partial(shop_session, settings.database_url), now - kept.personal, now)
    ended = 0
    while kept.messages is not None:
        with shop_session(settings.database_url) as session:
            gone = erase(session, outlived(session, now - kept.messages), now)
        ended += gone.conversations
        if not gone.conversations:
            break
    return (
        f"{done.masked} messages and {reminders} of reminders masked; "
        f"{done.messages} messages, {done.events} events, {done.outbox} of the outbox, "
        f"{files} files and {ended} conversations deleted; {remembered} conversations forgotten by Rasa"
    )


@ledger.command("export")
def export_(
    customer: Customer = None,
    visitor: Visitor = None,
    conversations: Conversations = None,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to; the terminal if left out.")] = None,
    masked: Annotated[bool, typer.Option("--masked", help="Hide phones, addresses and numbers.")] = False,
) -> None:
    """Hands out all that is kept of a customer's conversations and reminders, one JSON object a line."""
    from sixty.desk.forgetting import hand_out
    from sixty.masking import mask_within
    from sixty.shop.database import shop_session

    with shop_session(get_settings().database_url, read_only=True) as session:
        # Who never wrote may have been reminded.
        ids = _whose(session, customer, visitor, conversations, some=customer is None)
        records = hand_out(session, ids, customer)
        first = next(records, None)
        if first is None:
            raise OperatorError("Nothing of theirs is kept")
        lines = (
            json.dumps(mask_within(each) if masked else each, ensure_ascii=False) for each in chain([first], records)
        )
        if out is None:
            for line in lines:
                sys.stdout.write(f"{line}\n")
            return
        count = 0
        with out.open("w", encoding="utf-8") as file:
            for line in lines:
                file.write(f"{line}\n")
                count += 1
    typer.echo(f"{count} records of {len(ids)} conversations in {out}")


@ledger.command()
def forget(
    customer: Customer = None,
    visitor: Visitor = None,
    conversations: Conversations = None,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    keep_trackers: Annotated[bool, typer.Option("--keep-trackers", help="Leave Rasa's tracker store alone.")] = False,
) -> None:
    """Erases all that was said in a customer's conversations, for good, and reminds them of nothing any more.

    Orders stay: they are records of a trade.
    """
    from sixty.desk.forgetting import forget as erase
    from sixty.desk.upload_routes import upload_store
    from sixty.shop.database import shop_session

    settings = get_settings()
    with shop_session(settings.database_url, read_only=True) as session:
        # Who never wrote may have been reminded.
        ids = _whose(session, customer, visitor, conversations, some=customer is None)
    if not yes and not typer.confirm(f"Erase {len(ids)} conversations for good?"):
        raise OperatorError("Nothing was erased")
    # Rasa first: should it fail, the ledger still knows which conversations are meant.
    remembered = 0 if keep_trackers else _trackers(settings).forget(ids)
    files = sum(upload_store(settings).forget(each) for each in ids)
    with shop_session(settings.database_url) as session:
        gone = erase(session, ids, datetime.now(timezone.utc), customer)
    typer.echo(
        f"{gone.conversations} conversations with {gone.ledger.messages} messages, {gone.ledger.events} events, "
        f"{gone.ledger.outbox} of the outbox, {gone.handoffs} hand-offs and {files} files erased; "
        f"{gone.reminders} reminders made nameless; {remembered} forgotten by Rasa"
    )


def _whose(
    session: Any, customer: str | None, visitor: str | None, conversations: Iterable[str] | None, some: bool = True
) -> list[str]:
    from sixty.desk.forgetting import conversations_of

    given = list(conversations or [])
    if customer is None and visitor is None and not given:
        raise typer.BadParameter("say whose: --customer, --visitor or --conversation")
    found = [*given, *conversations_of(session, customer, visitor)]
    if some and not found:
        raise OperatorError("No conversation of theirs is kept")
    return list(dict.fromkeys(found))


def _trackers(settings: Settings) -> Trackers:
    from sixty.channels.trackers import Trackers
    from sixty.processes.endpoints import write_endpoints

    return Trackers.of(write_endpoints(settings))


def _days(days: int) -> timedelta | None:
    return timedelta(days=days) if days else None


def _print(messages: Iterable[Message], clear: bool, with_conversation: bool) -> None:
    from sixty.masking import mask_text
    from sixty.shop.wording import SHOP_ZONE

    for each in messages:
        said = each.text or f"[{each.kind}]"
        intent = f"  → {each.understood['intent']}" if each.understood else ""
        done = f" {' '.join(each.actions)}" if each.actions else ""
        where = f"{each.conversation_id}  " if with_conversation else ""
        typer.echo(
            f"{each.id:>6}  {each.at.astimezone(SHOP_ZONE):%m-%d %H:%M:%S}  {where}{each.author:<8} {each.state:<11} "
            f"{said if clear else mask_text(said)}{intent}{done}"
        )
