"""Section "Lists" of the workbench's API."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse

from sixty.desk.chat_rows import MOST, chat_rows, counts, next_page
from sixty.desk.refusals import RefusedError
from sixty.desk.workbench.access import learns_only, viewing_of
from sixty.desk.workbench.answers import answer, at, doing
from sixty.desk.workbench.bench import Bench, Signed
from sixty.desk.workbench.chat_forms import row_forms

router = APIRouter()


@router.get("/chats")
def chats(
    staff: Signed,
    bench: Bench,
    box: Literal["queue", "left", "mine", "all", "done"] = "mine",
    group: Annotated[str | None, Query(max_length=32)] = None,
    agent: Annotated[str | None, Query(max_length=32)] = None,
    q: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> JSONResponse:
    """One of the lists, with how many there are in each."""
    if learns_only(staff) and box != "done":
        raise RefusedError(403, "not_allowed", "您的账号只能查看已结束的会话")
    if box == "all":
        staff.needs("chat.all")
    now, rules = bench.now(), bench.rules()
    with bench.reading() as session, doing(session):
        viewing = viewing_of(session, staff)
        rows, more = chat_rows(
            session,
            box,
            viewing,
            now,
            group=group or None,
            agent=agent or None,
            words=q,
            before=before,
            limit=limit,
            rules=rules,
        )
        return answer(
            {
                "chats": row_forms(session, rows, staff),
                "more": more,
                "next": next_page(box, rows) if more else None,
                "counts": counts(session, viewing, now).dict(),
                "server_time": at(now),
            }
        )
