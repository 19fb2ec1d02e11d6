"""How the workbench answers: JSON that nobody keeps, and refusals with a line for the person who asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from fastapi import Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from sixty.desk.agents import names_of
from sixty.desk.conversations import ForbiddenMoveError
from sixty.desk.desk_errors import DeskError, UnknownAgentError, UnknownGroupError
from sixty.desk.refusals import NO_STORE, RefusedError

_SAID: Mapping[str, str] = {
    "taken": "{by}已经接了这个会话",
    "not_yours": "这个会话现在由{by}接待",
    "not_waiting": "这位顾客已经不在等待了",
    "not_online": "您还没有上线，先把状态改成在线再接待",
    "full": "您手上的会话已经满了（{load}/{capacity}），先结束一个再接",
    "not_reachable": "对方现在不在或者已经满了，可以让顾客等他，或者转给一个组",
    "same": "会话已经在那里了",
    "not_in_wrap_up": "会话还没有结束，先结束再填小结",
    "ended": "这个会话已经结束了",
    "talked_meanwhile": "刚才有同事也回复了顾客，先看一眼再发",
    "has_chats": "您还有{chats}个会话没有结束",
    "drawn": "这一周已经抽过了",
    "no_inspector": "方案里没有能打分的人，先选几位质检员",
    "scored": "这个会话您已经打过分了",
    "appealed": "这一条已经申诉过了",
    "too_late": "过了申诉期，有疑问请直接找主管",
    "decided": "这条申诉已经处理过了",
    "own_judgement": "自己打的分、自己的会话要由别人来处理",
    "unknown_agent": "没有这位客服",
    "unknown_group": "没有这个组",
    "ticket_changed": "刚才有同事也改了这张工单，先看看最新的再改",
    "not_that_way": "工单不能从现在的状态走到那一步",
    "only_supervisors": "这一步只有主管能操作",
    "why_missing": "这一步要写一句原因",
    "fields": "还有内容没有填好",
    "settled": "这条承诺已经处理过了",
}
_NOT_POSSIBLE = "现在不能这样操作，请刷新页面看看最新情况"
_UNKNOWN = (UnknownAgentError, UnknownGroupError)


def answer(body: Any, status: int = 200) -> JSONResponse:
    """An answer; times in ISO 8601 with their zone."""
    return JSONResponse(jsonable_encoder(body), status_code=status, headers=NO_STORE)


def done() -> Response:
    """It is done, and there is nothing to say."""
    return Response(status_code=204, headers=NO_STORE)


def at(moment: datetime | None) -> str | None:
    """A moment as the API says it."""
    return moment.astimezone(timezone.utc).isoformat() if moment is not None else None


@contextmanager
def doing(session: Session) -> Iterator[None]:
    """Turns what the desk's functions refuse into answers; for the block that calls them.

    Args:
        session: The session in which they work.

    Raises:
        RefusedError: What was asked for was not done.
    """
    try:
        yield
    except DeskError as error:
        raise _refused(session, error) from None
    except ForbiddenMoveError as error:
        raise RefusedError(409, "not_possible", _NOT_POSSIBLE, str(error)) from None
    except LookupError as error:
        raise RefusedError(404, "unknown", "没有找到，可能已经删除了", str(error)) from None
    except ValueError as error:
        raise RefusedError(422, "malformed", "填写的内容不对，请检查一下", str(error)) from None


def _refused(session: Session, error: DeskError) -> RefusedError:
    extra = error.extra()
    words: dict[str, Any] = dict(extra)
    if "by" in extra:
        name = names_of(session, [extra["by"]]).get(extra["by"] or "")
        extra["by"] = {"id": extra["by"], "name": name or extra["by"]} if extra["by"] else None
        words["by"] = name or "其他同事"
    message = _SAID.get(error.code, _NOT_POSSIBLE).format(**words)
    return RefusedError(404 if isinstance(error, _UNKNOWN) else 409, error.code, message, extra=extra)
