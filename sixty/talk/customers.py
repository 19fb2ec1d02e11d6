"""Which demo customers there are to be played."""

from __future__ import annotations

from sqlalchemy.exc import OperationalError, ProgrammingError

from sixty.errors import OperatorError
from sixty.settings import Settings
from sixty.shop.database import shop_session
from sixty.shop.models import Customer


class UnknownCustomerError(OperatorError):
    """The demo shop has no such customer."""


def check_demo_customer(settings: Settings, customer_id: str) -> None:
    """Makes sure that somebody is known before they speak: a slip of the finger would talk as a stranger.

    A database that cannot be read says nothing; whether there is a bot at all is found out when it is spoken to.

    Raises:
        UnknownCustomerError: There is nobody of that number.
    """
    try:
        with shop_session(settings.database_url, read_only=True) as session:
            known = session.get(Customer, customer_id) is not None
    except (OperationalError, ProgrammingError):
        return
    if not known:
        raise UnknownCustomerError(f"The demo shop has no customer {customer_id}; `sixty seed` brings C001 and others")
