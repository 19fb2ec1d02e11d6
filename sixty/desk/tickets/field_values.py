"""What agents fill in: checked by what it is, before it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from sixty.desk.tickets.rules import FieldEntry, TicketRules
from sixty.desk.tickets.ticket_errors import FieldsMissingError

LONGEST_LINE = 128
LONGEST_TEXT = 2000

_PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}|400-?\d{3}-?\d{4}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


def checked_fields(rules: TicketRules, type_id: str, state_id: str, given: Mapping[str, str]) -> dict[str, str]:
    """What a ticket of that type keeps of what was filled in.

    Args:
        rules: The merchant's.
        type_id: The type.
        state_id: The state that the ticket is to be in.
        given: All that is filled in, also before, by the field's id.

    Returns:
        The same without blanks; what another type asks for stays, should the type be changed back.

    Raises:
        FieldsMissingError: Something is wrong, or has to be filled in for that state and is not.
    """
    kept = {name: text.strip() for name, text in given.items() if text.strip()}
    problems: dict[str, str] = {}
    for field in rules.type(type_id).fields:
        value = kept.get(field.id)
        if value is not None and (wrong := _wrong(field, value)):
            problems[field.id] = wrong
    for field in rules.missing(type_id, state_id, kept):
        problems.setdefault(field.id, f"{field.title}还没有填")
    if problems:
        raise FieldsMissingError(problems)
    return kept


def _wrong(field: FieldEntry, value: str) -> str | None:
    longest = LONGEST_TEXT if field.kind == "long" else LONGEST_LINE
    if len(value) > longest:
        return f"{field.title}最多 {longest} 个字"
    if field.kind == "money":
        return None if _is_money(value) else f"{field.title}要写金额，例如 59.90"
    if field.kind in ("order", "product") and not _CODE.fullmatch(value):
        return f"{field.title}只能是字母、数字和横线"
    if field.kind == "phone" and not _PHONE.fullmatch(value):
        return f"{field.title}要写 11 位手机号，或带区号的座机"
    if field.kind == "date" and not _is_date(value):
        return f"{field.title}要写日期，例如 2026-12-03"
    if field.kind == "choice" and value not in field.choices:
        return f"{field.title}要从{'、'.join(field.choices)}里选"
    return None


def _is_money(text: str) -> bool:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return False
    return amount.is_finite() and 0 <= amount < 10_000_000 and amount == round(amount, 2)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
