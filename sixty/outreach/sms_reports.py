"""What a provider of SMS reports: what was delivered, and what customers have answered."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_args

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.masking import mask_phone
from sixty.outreach.contacts import Receipt, receipt, unsubscribe
from sixty.outreach.models import OutreachContact
from sixty.tables import column

_LONGEST_REF = 128
_LONGEST_NUMBER = 32
_LONGEST_TEXT = 1000
# Some write what the SMS told them to write: 回复R, 退订回T.
_BY_LETTER = re.compile(r"(回复?)?(R|TD?)+")
_BY_WORD = ("退订", "退訂", "拒收", "勿扰", "勿发", "别发", "别再发", "不要发", "不要再发")

_log = structlog.get_logger(__name__)


class WrongReportError(ValueError):
    """A report says something that cannot be; the message names the field and not its value."""


@dataclass(frozen=True)
class Delivery:
    """What became of an SMS; `ref` is what the provider calls it."""

    ref: str
    state: Receipt


@dataclass(frozen=True)
class Reply:
    """What somebody has answered to an SMS."""

    number: str
    text: str


@dataclass
class Reported:
    """What came of a report.

    Attributes:
        receipts: Receipts that were news.
        known: Receipts that were not.
        unsubscribed: Answers that want no SMS any more.
        ignored: Answers that say something else.
        unknown: What nothing is known of, each with the event that says it.
    """

    receipts: int = 0
    known: int = 0
    unsubscribed: int = 0
    ignored: int = 0
    unknown: list[str] = field(default_factory=list)


def read_report(given: Any) -> Delivery | Reply:
    """Reads one event of a report.

    Args:
        given: `{"kind": "receipt", "ref": …, "state": …}` or `{"kind": "answer", "number": …, "text": …}`.

    Raises:
        WrongReportError: It is neither.
    """
    kind = given.get("kind") if isinstance(given, dict) else None
    if kind == "receipt":
        state = given.get("state")
        if state not in get_args(Receipt):
            raise WrongReportError(f"state must be one of {', '.join(get_args(Receipt))}")
        return Delivery(_text(given, "ref", _LONGEST_REF), state)
    if kind == "answer":
        return Reply(_text(given, "number", _LONGEST_NUMBER), _text(given, "text", _LONGEST_TEXT, least=0))
    raise WrongReportError("kind must be receipt or answer")


def refuses(text: str) -> bool:
    """Whether an answer to an SMS wants no more of them: `R`, `T`, `TD`, `退订`, however it is written."""
    plain = "".join(each for each in unicodedata.normalize("NFKC", text).upper() if each.isalnum())
    return _BY_LETTER.fullmatch(plain) is not None or any(each in plain for each in _BY_WORD)


def take_reports(session: Session, provider: str, reports: Sequence[Delivery | Reply], now: datetime) -> Reported:
    """Takes what a provider reports; taken again, it changes nothing.

    Args:
        session: A session that may write.
        provider: Who reports it.
        reports: What they report.
        now: The present moment.
    """
    found = Reported()
    for index, each in enumerate(reports):
        if isinstance(each, Delivery):
            _take_delivery(session, provider, index, each, now, found)
        elif refuses(each.text):
            _take_refusal(session, provider, index, each, now, found)
        else:
            found.ignored += 1
    return found


def _take_delivery(session: Session, provider: str, index: int, each: Delivery, now: datetime, found: Reported) -> None:
    if receipt(session, provider, each.ref, each.state, now):
        found.receipts += 1
    elif _is_known(session, provider, each.ref):
        found.known += 1
    else:
        found.unknown.append(f"events.{index}: no SMS has the ref {each.ref!r}")


def _take_refusal(session: Session, provider: str, index: int, each: Reply, now: datetime, found: Reported) -> None:
    customers = unsubscribe(session, each.number, now)
    _log.info("sms.unsubscribed", provider=provider, number=mask_phone(each.number), customers=customers)
    if customers is None:
        found.unknown.append(f"events.{index}: {mask_phone(each.number)} is no mobile number")
    else:
        found.unsubscribed += 1


def _is_known(session: Session, provider: str, ref: str) -> bool:
    query = select(column(OutreachContact.id)).where(
        column(OutreachContact.provider) == provider, column(OutreachContact.provider_ref) == ref
    )
    return session.scalar(query) is not None


def _text(given: dict[str, Any], name: str, most: int, least: int = 1) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not least <= len(value) <= most:
        raise WrongReportError(f"{name} must be a text of {least} to {most} characters")
    return value
