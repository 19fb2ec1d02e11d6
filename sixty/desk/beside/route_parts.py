"""What the routes beside the chat share: the conversation in the path, what it is about, and answers for errors."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path as PathParameter
from sqlalchemy.orm import Session

from sixty.desk.beside.chat_subject import Subject, subject_of
from sixty.desk.refusals import RefusedError
from sixty.desk.workbench.bench import Workbench
from sixty.shop.gateways.chosen import order_gateway
from sixty.shop.gateways.errors import GatewayError

Chat = Annotated[str, PathParameter(max_length=64)]
"""The conversation that a path names."""


def subject_here(session: Session, bench: Workbench, chat: str) -> Subject:
    """What a conversation is about, by the gateways of the deployment.

    Raises:
        LookupError: There is no such conversation.
    """
    now = bench.now()
    return subject_of(session, chat, order_gateway(session, now, bench.settings), now)


class Answering:
    """Turns errors that are answers into refusals; for `with`."""

    def __init__(self, *, says_why: bool) -> None:
        self._says_why = says_why

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> Literal[False]:
        if isinstance(error, GatewayError):
            raise RefusedError(503, "busy", "店铺系统这会儿连不上，请稍后再试") from None
        if self._says_why and type(error) is ValueError:
            raise RefusedError(422, "malformed", str(error)) from None
        return False


def shop_answers() -> Answering:
    """Says that the shop's system is out of reach."""
    return Answering(says_why=False)


def saying_why() -> Answering:
    """The same, and says what is wrong with what was sent, in the error's own words."""
    return Answering(says_why=True)
