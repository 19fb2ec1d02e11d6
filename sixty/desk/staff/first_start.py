"""The first start of a desk: an account for whoever sets it up, whose password is shown once and kept nowhere."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy.exc import OperationalError, ProgrammingError

from sixty.desk.staff.accounts import FIRST_ADMIN, first_admin
from sixty.settings import Settings
from sixty.shop.database import shop_session


def first_start(settings: Settings) -> str | None:
    """Makes the first account of a desk that has none.

    Returns:
        What to show to whoever has started it, this once; None when there are accounts already, when the database has
        no tables yet, or when nobody signs in by password.
    """
    if not settings.password_sign_in:
        # Who manages accounts is said by the identity provider.
        return None
    try:
        with shop_session(settings.database_url) as session:
            password = first_admin(session, datetime.now(timezone.utc))
    except (OperationalError, ProgrammingError):
        return None
    if password is None:
        return None
    return (
        f"The workbench: {settings.public_desk_url}/desk\n"
        f"  login {FIRST_ADMIN}, one-time password {password}\n"
        "  It is shown this once, and asks for one of your own. Lost it? sixty staff one-time-password admin"
    )
