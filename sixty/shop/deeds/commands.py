"""The commands ``sixty shop deeds`` and ``sixty shop deed-done``."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sixty.errors import OperatorError
from sixty.settings import get_settings

if TYPE_CHECKING:
    from sixty.shop.deeds.models import DeedRow


def register(shop: typer.Typer) -> None:
    """Adds both commands."""
    shop.command()(deeds)
    shop.command("deed-done")(deed_done)


def deeds(
    state: Annotated[
        str, typer.Option(metavar="STATE", help="Those in this state: accepted, done, refused, asked, failed; or all.")
    ] = "accepted",
    overdue: Annotated[bool, typer.Option("--overdue", help="Only those later than promised.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many are shown.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Lists what customers asked for and people have to carry out, the most urgent first, personal details masked."""
    from sixty.shop.database import shop_session
    from sixty.shop.deeds.recording import deeds_in

    now = datetime.now(timezone.utc)
    try:
        with shop_session(get_settings().database_url, read_only=True) as session:
            found = deeds_in(session, state, limit, due_before=now if overdue else None)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--state") from None
    if as_json:
        typer.echo(json.dumps([_plain(each) for each in found], ensure_ascii=False, indent=2))
        return
    for each in found:
        typer.echo(_line(each, now))
    if not found:
        typer.echo("none")


def deed_done(
    reference: Annotated[str, typer.Argument(metavar="REFERENCE", help="Which: D260520-7KQ2MX3B.")],
) -> None:
    """Says that people have carried out what a customer asked for."""
    from sixty.shop.database import shop_session
    from sixty.shop.deeds.recording import finish

    with shop_session(get_settings().database_url) as session:
        row = finish(session, reference, datetime.now(timezone.utc))
        if row is None:
            raise OperatorError(f"No deed {reference} waits to be carried out; `sixty shop deeds` lists those that do")
        typer.echo(f"{row.reference} {row.kind} done")


def _plain(row: DeedRow) -> dict[str, Any]:
    from sixty.shop.masking import mask_details

    return {
        "reference": row.reference,
        "kind": row.kind,
        "state": row.state,
        "order_no": row.order_no,
        "line": row.line,
        "customer_id": row.customer_id,
        "by": row.by,
        "cause": row.cause,
        "rule": row.row_id,
        "details": mask_details(row.details),
        "amount": None if row.amount is None else str(row.amount),
        "asked_at": row.asked_at.isoformat(),
        "promised_at": None if row.promised_at is None else row.promised_at.isoformat(),
        "done_at": None if row.done_at is None else row.done_at.isoformat(),
    }


def _line(row: DeedRow, now: datetime) -> str:
    from sixty.shop.masking import mask_details
    from sixty.shop.wording import SHOP_ZONE

    due = "" if row.promised_at is None else f"{row.promised_at.astimezone(SHOP_ZONE):%m-%d %H:%M}"
    late = " late" if row.state == "accepted" and row.promised_at is not None and row.promised_at < now else ""
    details = " ".join(f"{name}={value}" for name, value in mask_details(row.details).items())
    amount = "" if row.amount is None else f"{row.amount} yuan"
    what = " ".join(part for part in (row.order_no or "-", row.cause, amount, details) if part)
    return f"{row.reference}  {row.state:<9}{due:<12}{late:<5} {row.kind:<21} {what}".rstrip()
