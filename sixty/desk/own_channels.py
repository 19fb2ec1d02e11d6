"""Where the shop's own channels are scanned, followed and joined.

- `GET /own/<mark>.svg` draws the code of a card: an address that cannot be guessed, and that a card carries.
- `GET /j/<mark>` counts whoever follows the code, once, and leads on to the channel.
- `POST /api/own-channels/<shop>` takes in who joined, signed as `sixty.identity.signatures` tells:
  `{"joined": [{"mark": "…", "visitor": "…"}]}`. `visitor` is what the channel calls them, such as an openid; it is kept
  as a digest only. What has been answered with 200 is counted, and may be sent again.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from sixty.desk.signed_reports import MOST_EVENTS, RefusalError, refused, signed_report
from sixty.settings import Settings
from sixty.shop.own_channels import code_svg, joined, scanned
from sixty.shop.own_channels.marks import is_ours, visitor_digest

Mark = Annotated[str, PathParameter(max_length=64)]

_COOKIE = "sixty_visitor"
_COOKIE_LIFE = 365 * 24 * 3600
_COOKIE_FORM = re.compile(r"([0-9a-f]{64})\.([0-9a-f]{64})")
_LONGEST_VISITOR = 128
_NO_STORE = {"Cache-Control": "no-store"}
_KEEP_FOR_AN_HOUR = {"Cache-Control": "private, max-age=3600", "Content-Security-Policy": "default-src 'none'"}
_GONE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>二维码已失效</title>
<p>这个二维码已经失效了，回到聊天里跟我们说一声，马上给您一个新的～</p></html>"""


@dataclass(frozen=True)
class _Newcomer:
    mark: str
    visitor: str


def add_own_channels(
    app: FastAPI, settings: Settings, open_shop: Callable[[], AbstractContextManager[Session]]
) -> None:
    """Adds the addresses of own channels.

    Args:
        app: The desk's application.
        settings: The deployment's settings; they hold the secrets.
        open_shop: Opens a session that may write.
    """

    @app.get("/own/{mark}.svg")
    def code(mark: Mark) -> Response:
        if not is_ours(mark, settings.secret):
            raise HTTPException(404)
        drawn = code_svg(f"{settings.public_desk_url}/j/{mark}")
        return Response(drawn, media_type="image/svg+xml", headers=_KEEP_FOR_AN_HOUR)

    @app.get("/j/{mark}")
    def follow(mark: Mark, request: Request) -> Response:
        visitor = _visitor(request, mark, settings.secret)
        with open_shop() as session:
            target = scanned(session, mark, visitor, datetime.now(timezone.utc), settings.secret)
        if target is None:
            return HTMLResponse(_GONE, status_code=404, headers=_NO_STORE)
        answer = RedirectResponse(target, 303, headers=_NO_STORE)
        answer.set_cookie(
            _COOKIE,
            f"{visitor}.{visitor_digest(settings.secret, 'cookie', visitor)}",
            max_age=_COOKIE_LIFE,
            path="/j",
            secure=settings.public_desk_url.startswith("https://"),
            httponly=True,
            samesite="lax",
        )
        return answer

    @app.post("/api/own-channels/{shop}")
    async def newcomers(shop: str, request: Request) -> JSONResponse:
        now = datetime.now(timezone.utc)
        try:
            told = read_newcomers(await signed_report(request, settings.webhook_secrets.get(shop, ""), now))
        except RefusalError as refusal:
            return refused(refusal)

        def record() -> dict[str, int]:
            counted = {"new": 0, "known": 0, "unknown": 0}
            for each in told:
                # Each by itself: what is given to one must not make others wait for all.
                with open_shop() as session:
                    found = joined(session, each.mark, each.visitor, now, settings.secret)
                counted["unknown" if found is None else "new" if found.new else "known"] += 1
            return counted

        return JSONResponse(await run_in_threadpool(record), headers=_NO_STORE)


def read_newcomers(body: bytes) -> list[_Newcomer]:
    """Reads who joined, all or none.

    Raises:
        RefusalError: It is no such report; says which entry is wrong.
    """
    try:
        report: Any = json.loads(body)
    except (ValueError, RecursionError):
        raise RefusalError(400, "the body is no JSON") from None
    given = report.get("joined") if isinstance(report, dict) else None
    if not isinstance(given, list) or not given:
        raise RefusalError(422, 'the body must be {"joined": [{"mark": "…", "visitor": "…"}]} with at least one entry')
    if len(given) > MOST_EVENTS:
        raise RefusalError(413, f"more than {MOST_EVENTS} entries; send them in several reports")
    found = []
    for index, each in enumerate(given):
        mark, visitor = (each.get("mark"), each.get("visitor")) if isinstance(each, dict) else (None, None)
        if not isinstance(mark, str) or not mark:
            raise RefusalError(422, f"joined.{index}.mark is missing, or no text")
        if not isinstance(visitor, str) or not 0 < len(visitor) <= _LONGEST_VISITOR:
            raise RefusalError(422, f"joined.{index}.visitor must be a text of 1 to {_LONGEST_VISITOR} characters")
        found.append(_Newcomer(mark, visitor))
    return found


def _visitor(request: Request, mark: str, secret: str) -> str:
    """Who follows: as their browser was told the last time, else as one and the same for a mark and a browser."""
    kept = _COOKIE_FORM.fullmatch(request.cookies.get(_COOKIE, ""))
    if kept is not None and hmac.compare_digest(visitor_digest(secret, "cookie", kept[1]), kept[2]):
        return kept[1]
    # A mark is shown in one conversation, so it is nearly always one person who scans it.
    host = request.client.host if request.client is not None else ""
    return visitor_digest(secret, mark, host, request.headers.get("user-agent", ""))
