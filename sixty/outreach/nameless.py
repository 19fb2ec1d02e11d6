"""Keeps no more of somebody than what tells that they are to be left alone, should they be met again.

Somebody is a customer who was forgotten, or a phone number under which no SMS is wanted.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.identity.derived_keys import derived_key
from sixty.outreach.models import OutreachStop
from sixty.settings import get_settings

_S: Any = OutreachStop.__table__.c


class Found(Protocol):
    """Something that may be a customer's."""

    @property
    def customer_id(self) -> str | None:
        """Whose it is."""


_Found = TypeVar("_Found", bound=Found)


@lru_cache(maxsize=4096)
def nameless(customer_id: str) -> str:
    """What stands in a stop in a customer's place: told from the customer, and from it nobody tells the customer.

    Customers' numbers can be counted through, so it is a hash under a key of the deployment's secret. With another
    secret, those who were forgotten before are not recognised.
    """
    return "forgotten:" + _hashed("sixty:forgotten", customer_id)


def nameless_number(number: str) -> str:
    """What stands in a stop in the place of a phone number, which is a person's for as long as they keep it.

    Args:
        number: In the international form.
    """
    return "number:" + _hashed("sixty:refused numbers", number)


def _hashed(purpose: str, name: str) -> str:
    return hmac.new(derived_key(get_settings().secret, purpose), name.encode(), sha256).hexdigest()[:40]


def without_forgotten(session: Session, found: Sequence[_Found]) -> list[_Found]:
    """What is not of customers who were forgotten: nothing is written down about them any more."""
    gone = _forgotten(session, {each.customer_id for each in found if each.customer_id})
    return [each for each in found if not each.customer_id or nameless(each.customer_id) not in gone]


def _forgotten(session: Session, customers: Iterable[str]) -> set[str]:
    subjects = sorted(nameless(each) for each in customers)
    if not subjects:
        return set()
    return set(session.scalars(select(_S.subject).where(_S.kind == "customer", _S.subject.in_(subjects))))
