"""The command ``sixty``.

What a command needs is imported when it runs: Rasa alone takes seconds.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from sixty.channels.ledger_commands import register as register_ledger
from sixty.desk.staff.commands import register as register_staff
from sixty.errors import OperatorError
from sixty.evaluation.commands import register as register_evaluation
from sixty.insight.commands import register as register_insight
from sixty.insight.mine_commands import register as register_mining
from sixty.insight.report_commands import register as register_reports
from sixty.outreach.commands import register as register_outreach
from sixty.settings import get_settings
from sixty.shop.commands import register as register_shop
from sixty.talk.commands import register as register_talk

app = typer.Typer(
    name="sixty",
    help="A customer-service assistant for online shops.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def up(
    timeout: Annotated[float, typer.Option(help="Seconds until everything must be healthy.")] = 180,
    check: Annotated[bool, typer.Option("--check", help="End as soon as everything is healthy.")] = False,
) -> None:
    """Starts the whole bot on this machine and prints where to talk to it."""
    from sixty.processes.up import up as start

    raise typer.Exit(start(get_settings(), start_within=timeout, only_check=check))


@app.command()
def shell() -> None:
    """Talks to the bot in this terminal, as an unknown visitor."""
    from sixty.processes.shell import shell as talk

    raise typer.Exit(talk(get_settings()))


@app.command()
def desk() -> None:
    """Serves the desk and the shop's page."""
    import uvicorn

    from sixty.desk.staff.first_start import first_start
    from sixty.logs import configure_logging

    settings = get_settings()
    configure_logging(settings)
    # Whoever works something out beside the answers gives way a thousand times a second: a thread that speaks to the
    # database asks for its turn after every row, and would wait five milliseconds each time.
    sys.setswitchinterval(0.001)
    told = first_start(settings)
    if told is not None:
        typer.echo(told)
    uvicorn.run(
        "sixty.desk.app:create_app",
        factory=True,
        host=settings.desk_host,
        port=settings.desk_port,
        # Our own logging, configured above, and not a line for every picture.
        log_config=None,
        access_log=False,
        # Open windows of the workbench never end by themselves; they come back to the next desk.
        timeout_graceful_shutdown=3,
        # The desk has no web sockets yet, and Rasa holds websockets at a version that uvicorn no longer knows.
        ws="none",
    )


@app.command()
def migrate() -> None:
    """Brings the database to the newest migration."""
    from sixty.processes.database import migrate as migrate_database

    migrate_database(get_settings())


@app.command()
def seed(
    scale: Annotated[int, typer.Option(min=1, help="How many times the demo shop, for measurements.")] = 1,
) -> None:
    """Puts the demo shop into the database, in place of an earlier one."""
    from sixty.processes.database import seed_demo

    typer.echo(seed_demo(get_settings(), scale))


@app.command()
def train() -> None:
    """Trains the model from config.yml, domain.yml and data."""
    from sixty.processes.training import train as train_model

    raise typer.Exit(train_model(get_settings()))


@app.command()
def validate() -> None:
    """Checks training data, domain and playbook, and fails on every warning that is not expected."""
    from sixty.validation import validate as check

    raise typer.Exit(check())


register_talk(app)
register_evaluation(app)
register_shop(app)
register_ledger(app)
register_reports(app)
register_mining(app)
register_insight(app)
register_staff(app)
register_outreach(app)


def main() -> None:
    """Runs the command and says what is wrong in one line."""
    # SQLAlchemy says that 2.0 exists; Rasa binds us to 1.4.
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    try:
        app()
    except OperatorError as error:
        sys.stderr.write(f"sixty: {error}\n")
        sys.exit(1)
