"""The command ``sixty shop mine-pairs``."""

from __future__ import annotations

from typing import Annotated

import typer

from sixty.settings import get_settings


def register(shop: typer.Typer) -> None:
    """Adds it."""
    shop.command("mine-pairs")(mine_pairs)


def mine_pairs(
    full: Annotated[
        bool, typer.Option("--full", help="Count all orders anew, not only those paid since the last run.")
    ] = False,
) -> None:
    """Counts what is bought together, and puts the shelves in order: recommendations live on both."""
    from sixty.processes.database import migrate
    from sixty.shop.recommendations import mining

    settings = get_settings()
    migrate(settings)
    found = mining.mine_pairs(settings.database_url, whole=full, tell=lambda step: typer.echo(f"{step} …", err=True))
    how = "all" if found.whole else "the latest"
    typer.echo(f"{found.orders} orders counted ({how}); {found.pairs} pairs go together, {found.places} shelf places")
