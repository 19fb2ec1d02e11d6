"""The commands ``sixty chat``, ``sixty replay`` and ``sixty flows``."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from sixty.settings import get_settings

if TYPE_CHECKING:
    from rich.console import Console

Entry = Literal["shop", "product", "order"]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(chat)
    app.command()(replay)
    app.command()(flows)


def chat(
    customer: Annotated[
        str | None, typer.Option(metavar="ID", help="Talk as this customer of the demo shop, such as C001.")
    ] = None,
    entry: Annotated[Entry | None, typer.Option(help="Where the conversation is opened.")] = None,
    product: Annotated[str | None, typer.Option(metavar="NO", help="Open it on this product's page.")] = None,
    order: Annotated[str | None, typer.Option(metavar="NO", help="Open it on this order's page.")] = None,
    say: Annotated[
        list[str] | None, typer.Option(metavar="LINE", help="Say this and end; give it again to say more.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a turn.")] = False,
) -> None:
    """Talks to the running bot in this terminal. The number of a capsule taps it; Ctrl-D ends."""
    from sixty.talk.chat import JsonScreen, TextScreen, typed_lines
    from sixty.talk.chat import chat as hold
    from sixty.talk.client import Conversation, Servers, Visit
    from sixty.talk.customers import check_demo_customer

    settings = get_settings()
    if customer and not settings.demo:
        raise typer.BadParameter("only the demo shop's customers can be played", param_hint="--customer")
    visit = Visit(_entry(entry, product, order), product, order, customer)
    by_hand = not say and sys.stdin.isatty()
    if customer:
        check_demo_customer(settings, customer)
    conversation = Conversation(Servers.of(settings), visit)
    try:
        code = hold(
            conversation,
            say or typed_lines(),
            JsonScreen() if as_json else TextScreen(echo=not by_hand),
            welcome=not say,
            forgiving=by_hand,
        )
    finally:
        conversation.close()
    raise typer.Exit(code)


def flows(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a flow.")] = False,
) -> None:
    """Lists the flows that end in a deed: what each asks for, what it does, where it is written and tested."""
    from dataclasses import asdict

    from sixty.settings import project_root

    root = project_root()
    # The project's own actions lie beside this package, where Rasa looks for them, and are not installed with it.
    sys.path.insert(0, str(root))
    from actions.flows.overview import overviews

    for flow in overviews(root):
        if as_json:
            typer.echo(json.dumps(asdict(flow), ensure_ascii=False))
            continue
        typer.secho(f"{flow.name}  {flow.title}", bold=True)
        typer.echo(f"  begun by  {', '.join(flow.intents)}")
        typer.echo(f"  factors   {', '.join(flow.factors)}")
        typer.echo(f"  deeds     {', '.join(flow.deeds)}")
        for title, places in (("stories", flow.stories), ("tests", flow.tests)):
            typer.echo(f"  {title:<9} {len(places)}")
            for place in places:
                typer.echo(f"            {place}")


def replay(
    file: Annotated[Path, typer.Argument(help="Dialogs of real customers, as JSON Lines.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for transcripts and summary; var/replays/<name>-<time> if left out.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first so many dialogs.")] = None,
    parallel: Annotated[int, typer.Option(min=1, max=64, help="Dialogs held at the same time.")] = 4,
) -> None:
    """Plays what real customers said against the running bot, and counts what came of it."""
    from rich.console import Console

    from sixty.talk.client import Servers
    from sixty.talk.replay import Replay

    settings = get_settings()
    folder = out or settings.var / "replays" / f"{file.stem}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    errors = Console(stderr=True, highlight=False)
    playing = Replay(Servers.of(settings), parallel=parallel)
    with _ended_by_signals(playing.stop), _progress(errors) as advance:
        summary = playing.run(file, folder, limit=limit, progress=advance)
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        _print_summary(summary)
    if "stopped" in summary:
        _to_stderr(f"Not all was played: {summary['stopped']}.")
        raise typer.Exit(1)


def _entry(entry: Entry | None, product: str | None, order: str | None) -> Entry:
    fitting: Entry = "product" if product else "order" if order else "shop"
    if product and order:
        raise typer.BadParameter("a conversation is opened on one page: a product's or an order's")
    if entry is not None and fitting not in ("shop", entry):
        raise typer.BadParameter(f"--{fitting} goes with --entry {fitting}", param_hint="--entry")
    if entry == "product" and not product:
        raise typer.BadParameter("say which product with --product NO", param_hint="--entry")
    return entry or fitting


@contextmanager
def _ended_by_signals(stop: Callable[[str], None]) -> Iterator[None]:
    """Lets Ctrl-C end in good order: what was played is written and counted. A second one ends at once."""

    def end(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop("interrupted")

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(console: Console) -> Iterator[Callable[[int, int], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("Dialogs"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _print_summary(summary: dict[str, Any]) -> None:
    typer.echo(f"{summary['dialogs']} dialogs, {summary['turns']} turns in {summary['seconds']:g} s")
    for outcome, share in summary["shares"].items():
        typer.echo(f"  {outcome:<12}{summary[outcome]:>7}  {share:>6.1%}")
    seconds = summary["turn_seconds"]
    typer.echo(f"A turn took {seconds['p50']:g} s, p95 {seconds['p95']:g} s, at most {seconds['max']:g} s")
    typer.echo(f"Transcripts: {summary['out']}")


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"sixty: {line}\n")
