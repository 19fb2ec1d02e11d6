"""Cards in words, for channels that draw none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Card = Mapping[str, Any]


def as_text(card: Card, first: int = 1) -> str:
    """The card in words, with its links.

    Args:
        card: As the actions send it. One of a type that is not known here is told by its title, text and link.
        first: The number from which a card that lists choices counts them.
    """
    return _WORDS.get(str(card.get("type")), _any)(card, first)


def choices_listed(card: Card) -> int:
    """How many of the card's choices its text numbers by itself, from `first` on."""
    if card.get("type") == "orders":
        return len(card["orders"])
    if card.get("type") == "suggestions":
        # The number stands for the item's own action, the first thing in it that can be tapped.
        return len(card["items"]) if all(item.get("action") for item in card["items"]) else 0
    return 0


def _product(card: Card, first: int) -> str:
    prices = "，".join(f"{row['label']}{_signed(row['amount'])}" for row in card["prices"])
    return f"【{card['name']}】货号{card['no']}\n{prices}\n到手价¥{card['final_price']}\n{card['url']}"


def _order(card: Card, first: int) -> str:
    goods = "；".join(f"{line['name']} {line['sku']} ×{line['quantity']}" for line in card["lines"])
    return "\n".join([f"订单{card['no']}：{card['headline']}", goods, *card["details"], *card["next_steps"]])


def _orders(card: Card, first: int) -> str:
    return "\n".join(
        f"{position}. {order['name']}（尾号{order['no'][-4:]}）{order['headline']}"
        for position, order in enumerate(card["orders"], first)
    )


def _suggestions(card: Card, first: int) -> str:
    return "\n".join(
        [f"【{card['title']}】", *(_suggestion(place, item) for place, item in enumerate(card["items"], first))]
    )


def _suggestion(place: int, item: Card) -> str:
    difference = f"（{item['difference']}）" if item.get("difference") else ""
    return f"{place}. {item['name']} 到手价¥{item['final_price']}{difference}：{item['reason']}\n{item['url']}"


def _bundle(card: Card, first: int) -> str:
    lines = [f"【{card['title']}】"]
    lines += [f"{item['name']} ¥{item['final_price']}：{item['reason']}\n{item['url']}" for item in card["items"]]
    if card.get("coupon"):
        lines.append(f"一起买用“{card['coupon']['title']}”，共省¥{card['saving']}")
    return "\n".join(lines)


def _benefit(card: Card, first: int) -> str:
    until = f"（{card['until']}前有效）" if card.get("until") else ""
    return f"【{card['title']}】{card['text']}{until}"


def _own_channel(card: Card, first: int) -> str:
    return _lines(f"【{card['title']}】", card.get("benefit"), card.get("text"), card.get("link"))


def _any(card: Card, first: int) -> str:
    title = card.get("title") or card.get("name")
    return _lines(f"【{title}】" if title else None, card.get("text"), card.get("url") or card.get("link"))


def _lines(*parts: object) -> str:
    return "\n".join(str(part) for part in parts if part)


def _signed(amount: str) -> str:
    return f"−¥{amount[1:]}" if amount.startswith("-") else f"¥{amount}"


_WORDS: dict[str, Callable[[Card, int], str]] = {
    "product": _product,
    "order": _order,
    "orders": _orders,
    "suggestions": _suggestions,
    "bundle": _bundle,
    "benefit": _benefit,
    "own_channel": _own_channel,
}
