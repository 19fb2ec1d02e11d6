"""A turn that only looks: the bot's own actions answer in it, and nothing that they would write is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy.orm import Session

from actions.action import Turn
from sixty.desk.beside.chat_subject import Subject
from sixty.shop.database import engine_for

OpenSession = Callable[[], AbstractContextManager[Session]]


@dataclass
class LookingTurn(Turn):
    """A turn whose session reads; what an action writes beside it is taken back at once.

    Attributes:
        trial: Opens a session whose writing is taken back at its end.
    """

    trial: OpenSession | None = None

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that may write, and forgets.

        Raises:
            RuntimeError: The turn was made without one.
        """
        if self.trial is None:
            raise RuntimeError("this turn may only read")
        with self.trial() as session:
            yield session


def looking_turn(
    session: Session, tracker: Tracker, subject: Subject, trial: OpenSession | None, now: datetime
) -> LookingTurn:
    """Makes a turn for the customer of a conversation.

    Args:
        session: A session that reads.
        tracker: What has been said.
        subject: What the conversation is about, and with whom.
        trial: Opens a session whose writing is taken back; without one, an action that writes fails.
        now: The present moment.
    """
    turn = LookingTurn(CollectingDispatcher(), tracker, session, now, trial=trial)
    # The row's customer, also when the token by which they came in has run out meanwhile.
    turn.viewer = subject.viewer
    return turn


@contextmanager
def forgetting_session(url: str) -> Iterator[Session]:
    """Opens a session whose writing is taken back at the end of its block.

    It is held for the moment of a single write only: on SQLite it keeps the other writers waiting meanwhile.

    Args:
        url: The database.
    """
    with Session(engine_for(url), future=True, expire_on_commit=False) as session:
        session.begin()
        try:
            yield session
        finally:
            session.rollback()
