"""The command ``sixty shop poll``."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Annotated

import typer

from sixty.errors import OperatorError
from sixty.settings import Settings, get_settings

if TYPE_CHECKING:
    from sixty.shop.order_events.polling import Polled


def register(shop: typer.Typer) -> None:
    """Adds the command."""
    shop.command()(poll)


def poll(
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Where to begin the first time: 2026-11-11T20:00+08:00; a week ago if not."),
    ] = None,
    every: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=1, help="Go on, asking again after so many seconds.")
    ] = None,
) -> None:
    """Asks the merchant's system for what changed in orders, parcels and refunds, and takes it in."""
    settings = get_settings()
    begin = _moment(since)
    while True:
        try:
            typer.echo(_said(poll_once(settings, datetime.now(timezone.utc), begin)))
        except OperatorError as error:
            if every is None:
                raise
            # The system may come back; what was read until now is kept.
            typer.echo(f"sixty: {error}", err=True)
        if every is None:
            return
        time.sleep(every)


def poll_once(settings: Settings, now: datetime, since: datetime | None = None) -> Polled:
    """Reads all changes up to now.

    Raises:
        OperatorError: No system is named, or it gives no usable answer.
    """
    from functools import partial

    from sixty.shop.database import shop_session
    from sixty.shop.gateways.chosen import event_feed
    from sixty.shop.gateways.errors import GatewayError
    from sixty.shop.order_events.polling import poll as read_changes

    feed = event_feed(settings)
    if feed is None:
        raise OperatorError("There is no system to ask: name it with SIXTY_SHOP_API_URL and SIXTY_SHOP_API_TOKEN")
    try:
        return read_changes(feed, settings.shop_name, partial(shop_session, settings.database_url), now, since)
    except GatewayError as error:
        raise OperatorError(f"The poll ended early, and the next one goes on from there: {error}") from error


def _said(polled: Polled) -> str:
    taken = polled.taken
    waiting = f", {taken.pending} of them waiting for their order or article" if taken.pending else ""
    released = f"; {polled.released} that had waited are applied" if polled.released else ""
    return (
        f"{taken.new} new events{waiting}, {taken.known} known{released}; read up to {polled.until:%Y-%m-%d %H:%M:%S}Z"
    )


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    from sixty.shop.wording import SHOP_ZONE

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time: write 2026-11-11T20:00, or 2026-11-11T20:00+08:00", param_hint="--since"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHOP_ZONE)
