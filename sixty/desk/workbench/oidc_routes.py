"""Section "Sign-in" of the workbench's API, at an identity provider: there and back again.

Both addresses are opened by the browser itself: whatever goes wrong is told on the sign-in page, in its reader's
language, and in the log.
"""

from __future__ import annotations

import secrets
import time
from datetime import datetime
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse

from sixty.desk.refusals import NO_STORE, RefusedError
from sixty.desk.staff import signed_in
from sixty.desk.staff.audit import note
from sixty.desk.staff.oidc import begun as begun_sign_in
from sixty.desk.staff.oidc.linking import account_of
from sixty.desk.staff.oidc.person import person_of
from sixty.desk.staff.oidc.provider import IdentityProvider
from sixty.desk.staff.oidc.troubles import OidcError
from sixty.desk.staff.sign_in import welcome
from sixty.desk.workbench.answers import answer
from sixty.desk.workbench.bench import Bench, Workbench
from sixty.desk.workbench.client_addresses import client_address
from sixty.settings import Settings

router = APIRouter()

Given = Annotated[str, Query(max_length=2048)]

_log = structlog.get_logger(__name__)


def identity_provider(settings: Settings) -> IdentityProvider | None:
    """The provider of this deployment; None where there is none."""
    if not settings.oidc_issuer:
        return None
    return IdentityProvider(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.oidc_scopes,
        f"{settings.public_desk_url}{begun_sign_in.PATH}/back",
    )


def _paced(request: Request, bench: Bench) -> None:
    """Refuses who comes and goes too often.

    Raises:
        RefusedError: They do.
    """
    wait = bench.strangers.too_fast(client_address(request, bench.settings.proxies), time.monotonic())
    if wait:
        raise RefusedError(429, "too_fast", "操作太快了，请稍等一下再试", extra={"retry_after": wait})


@router.get("/oidc")
def oidc(bench: Bench) -> JSONResponse:
    """Which ways in there are."""
    settings = bench.settings
    enabled = bench.provider is not None
    label = settings.oidc_label if enabled else ""
    return answer({"enabled": enabled, "label": label, "password": settings.password_sign_in})


@router.get("/oidc/begin", dependencies=[Depends(_paced)])
def begin(bench: Bench) -> RedirectResponse:
    """Sends the browser to the provider."""
    provider = _provider(bench)
    begun = begun_sign_in.begin()
    try:
        response = _to(provider.address(begun))
    except OidcError as error:
        return _refused(bench, error, bench.now())
    cookie = begun_sign_in.written(begun, bench.settings.secret, bench.now())
    begun_sign_in.set_cookie(response, cookie, bench.secure)
    return response


@router.get("/oidc/back", dependencies=[Depends(_paced)])
def back(
    request: Request, bench: Bench, code: Given = "", state: Given = "", error: Given = "", iss: Given = ""
) -> RedirectResponse:
    """Lets in whom the provider sends back."""
    provider, now = _provider(bench), bench.now()
    try:
        begun = begun_sign_in.read(request.cookies.get(begun_sign_in.COOKIE, ""), bench.settings.secret, now)
        if begun is None or not secrets.compare_digest(begun.state.encode(), state.encode()):
            raise OidcError("stale", "the browser has not begun this sign-in, or too long ago")
        if error:
            raise OidcError("denied", f"the provider answers {error[:100]!r}")
        # RFC 9207: an answer that names another issuer was meant for somebody else.
        if not code or iss not in ("", provider.issuer):
            raise OidcError("invalid", "the answer has no code, or is of another issuer")
        person = person_of(provider.claims_for(code, begun, now), bench.settings)
        with bench.writing() as session:
            account = account_of(session, person, bench.settings.oidc_accounts, bench.rules(), now)
            token = welcome(session, account, now, "oidc").token
    except OidcError as refusal:
        return _refused(bench, refusal, now)
    response = _to(f"{bench.settings.public_desk_url}/desk")
    signed_in.set_cookie(response, token, bench.secure)
    begun_sign_in.drop_cookie(response, bench.secure)
    return response


def _provider(bench: Workbench) -> IdentityProvider:
    if bench.provider is None:
        raise RefusedError(404, "unknown", "没有配置公司账号登录", "SIXTY_OIDC_ISSUER is not set")
    return bench.provider


def _refused(bench: Workbench, error: OidcError, now: datetime) -> RedirectResponse:
    """Back to the sign-in page, which says what has happened; the log says why."""
    _log.warning("desk.oidc_refused", trouble=error.trouble, detail=error.detail)
    if error.trouble not in ("down", "stale", "denied"):
        # The others can come from the provider's side only: nobody can fill the log with them.
        with bench.writing() as session:
            note(session, None, "oidc_refused", now, detail=f"{error.trouble}: {error.detail}")
    response = _to(f"{bench.settings.public_desk_url}/desk?trouble={error.trouble}")
    begun_sign_in.drop_cookie(response, bench.secure)
    return response


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, status_code=303, headers={**NO_STORE, "Referrer-Policy": "no-referrer"})
