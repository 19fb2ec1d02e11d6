"""The commands ``sixty shop …``."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sixty.settings import get_settings
from sixty.shop.benefit_commands import register as register_benefits
from sixty.shop.deeds.commands import register as register_deeds
from sixty.shop.exchange.commands import register as register_exchange
from sixty.shop.mining_commands import register as register_mining
from sixty.shop.order_events.commands import register as register_polling
from sixty.shop.trial_commands import register as register_trials

if TYPE_CHECKING:
    from sixty.shop.gaps import Gap
    from sixty.shop.pricing import Quote

shop = typer.Typer(name="shop", help="What the shop knows of its products and prices.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    register_exchange(shop)
    register_polling(shop)
    register_deeds(shop)
    register_mining(shop)
    register_benefits(shop)
    register_trials(shop)
    app.add_typer(shop)


@shop.command()
def price(
    articles: Annotated[
        list[str], typer.Argument(metavar="SKU[=N]…", help="What is bought: SKUs, with the number of pieces.")
    ],
    customer: Annotated[str | None, typer.Option(metavar="ID", help="Who buys; a stranger if left out.")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When: 2026-11-11T20:00, in the shop's time; now if left out.")
    ] = None,
    coupon: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Use this coupon, and no other that isn't named; the best ones if left out."),
    ] = None,
) -> None:
    """Works out what a basket costs, and explains it line by line."""
    from sixty.shop.database import shop_session
    from sixty.shop.pricing.offers import quote

    wanted = _wanted(articles)
    moment = _moment(at)
    with shop_session(get_settings().database_url, read_only=True) as session:
        found = quote(session, wanted, moment, customer, coupon or None)
    _print(found)


@shop.command()
def gaps(
    asked: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Counted questions, CSV or JSON: product, doubt, attribute, asked, left.",
        ),
    ] = None,
    product: Annotated[str | None, typer.Option(metavar="NO", help="Only this product.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many are shown.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Lists the doubts that products leave open, by how often they are asked and the asker left without ordering."""
    from sixty.errors import OperatorError
    from sixty.shop.catalogue import find_product
    from sixty.shop.database import shop_session
    from sixty.shop.gaps import CountedInFile, find_gaps

    with shop_session(get_settings().database_url, read_only=True) as session:
        wanted = None if product is None else find_product(session, product)
        if product is not None and wanted is None:
            raise OperatorError(f"there is no product {product}; give a product's number, such as GZ2101")
        found = find_gaps(
            session,
            None if asked is None else CountedInFile(asked),
            None if wanted is None else wanted.no,
        )
    if as_json:
        _print_json(found[:limit])
    else:
        _print_gaps(found, limit)


def _print_json(found: list[Gap]) -> None:
    import json

    rows = [
        {
            "product": each.product.no,
            "doubt": each.doubt,
            "asked": each.asked,
            "left": each.left,
            "unanswered": list(each.unanswered),
        }
        for each in found
    ]
    typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))


def _print_gaps(found: list[Gap], limit: int) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sixty.shop.gaps import DOUBT_NAMES

    console = Console(highlight=False)
    table = Table("货号", "商品", "疑虑", title="还没解答的疑虑")
    for name in ("问过", "没下单就走"):
        table.add_column(name, justify="right")
    table.add_column("资料里缺")
    for each in found[:limit]:
        table.add_row(
            each.product.no,
            Text(each.product.name),
            DOUBT_NAMES[each.doubt],
            str(each.asked),
            str(each.left),
            Text("、".join(each.unanswered)),
        )
    console.print(table)
    if len(found) > limit:
        console.print(f"还有{len(found) - limit}项没显示，用 --limit 看更多")


def _wanted(articles: list[str]) -> dict[str, int]:
    wanted: dict[str, int] = {}
    for article in articles:
        sku, separator, pieces = article.partition("=")
        number = int(pieces) if pieces.isdecimal() else 0 if separator else 1
        if not sku or number < 1:
            raise typer.BadParameter(f"{article!r} is no SKU=N, such as GZ2101-01=2", param_hint="SKU[=N]")
        wanted[sku] = wanted.get(sku, 0) + number
    return wanted


def _moment(text: str | None) -> datetime:
    from sixty.shop.wording import SHOP_ZONE

    if text is None:
        return datetime.now(timezone.utc)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no time: write 2026-11-11T20:00, or 2026-11-11T20:00+08:00", param_hint="--at"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHOP_ZONE)


def _print(found: Quote) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from sixty.shop.pricing import rows

    console = Console(highlight=False)
    table = Table("项目", "说明", title="价格明细")
    table.add_column("金额", justify="right")
    for row in rows(found):
        table.add_row(Text(row.label), Text(row.detail), row.amount)
    console.print(table)
    shares = Table("SKU", "商品", title="每行分摊")
    for name in ("件数", "原价", "分摊实付"):
        shares.add_column(name, justify="right")
    for line in found.lines:
        shares.add_row(line.sku, Text(line.name), str(line.quantity), f"{line.list_amount:.2f}", f"{line.share:.2f}")
    console.print(shares)
    if found.unused:
        unused = Table("优惠", "为什么没用上", title="没用上的优惠")
        for note in found.unused:
            unused.add_row(Text(note.title), Text(note.text))
        console.print(unused)
