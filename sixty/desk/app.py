"""The desk's web application: the page with its chat, the context it speaks under, pictures, webhooks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import FastAPI, Header, HTTPException, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.staticfiles import StaticFiles

from sixty.desk.conversation_context import UnknownCustomerError, Wish, issue_context
from sixty.desk.demo_shop import order_list, product_page, shop_front
from sixty.desk.pictures import neutral_picture, product_picture
from sixty.desk.security_headers import SecurityHeaders, security_headers
from sixty.desk.webhooks import add_webhooks
from sixty.settings import Settings, get_settings, project_root
from sixty.shop.catalogue import find_product
from sixty.shop.database import shop_session
from sixty.shop.models import Product

PAGE = Path("web/dist")

_NO_STORE = {"Cache-Control": "no-store"}
_CHECK_EACH_TIME = {"Cache-Control": "no-cache"}
_KEEP_FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}
# Their names carry a hash of their content.
_KEEP_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>六拾优选</title>
<p>页面还没有构建好：在项目目录里运行 <code>make run</code>，再刷新一下。</p></html>"""

OpenShop = Callable[[], AbstractContextManager[Session]]
ProductNo = Annotated[str, PathParameter(max_length=64)]


def create_app(settings: Settings | None = None, page: Path | None = None) -> FastAPI:
    """Builds the application.

    Args:
        settings: The deployment's settings; those of this process when left out.
        page: The folder of the built page; `web/dist` of the project when left out.
    """
    settings = settings or get_settings()
    app = FastAPI(title="Sixty desk", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(SecurityHeaders, headers=security_headers(settings.public_rasa_url))
    app.add_exception_handler(SQLAlchemyError, _database_trouble)

    open_shop = partial(shop_session, settings.database_url, read_only=True)

    _add_health(app, open_shop)
    _add_context(app, settings, open_shop)
    add_webhooks(app, settings, partial(shop_session, settings.database_url))
    _add_pictures(app, open_shop)
    if settings.demo:
        _add_demo_shop(app, open_shop)
    _add_page(app, page or project_root() / PAGE)
    return app


def _add_health(app: FastAPI, open_shop: OpenShop) -> None:
    @app.get("/healthz")
    def healthz() -> JSONResponse:
        with open_shop() as session:
            session.execute(text("SELECT 1"))
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)


def _add_context(app: FastAPI, settings: Settings, open_shop: OpenShop) -> None:
    @app.get("/api/context")
    def context(
        entry: Literal["shop", "product", "order"] = "shop",
        product: Annotated[str | None, Query(max_length=64)] = None,
        order: Annotated[str | None, Query(max_length=64)] = None,
        customer: Annotated[str | None, Query(max_length=64)] = None,
        conversation: Annotated[str | None, Query(max_length=128)] = None,
        token: Annotated[str | None, Query(max_length=4096)] = None,
        authorization: Annotated[str | None, Header(max_length=4200)] = None,
    ) -> JSONResponse:
        wish = Wish(
            entry=entry,
            product_no=product,
            order_no=order,
            customer_id=customer,
            conversation_id=conversation,
            # The page sends its token as a header, which no access log keeps.
            token=_bearer(authorization) or token,
        )
        try:
            with open_shop() as session:
                issued, signed = issue_context(
                    session, wish, settings.secret, settings.demo, datetime.now(timezone.utc)
                )
        except UnknownCustomerError:
            raise HTTPException(404, "no such demo customer", headers=_NO_STORE) from None
        body = {
            "conversation_id": issued.conversation_id,
            "token": signed,
            "rasa_url": settings.public_rasa_url,
            "expires_at": issued.expires_at.isoformat(),
        }
        return JSONResponse(body, headers=_NO_STORE)


def _add_pictures(app: FastAPI, open_shop: OpenShop) -> None:
    @app.get("/pictures/{no}.svg")
    def picture(no: ProductNo) -> Response:
        with open_shop() as session:
            product = find_product(session, no)
            drawn = _drawn(product) if product else neutral_picture()
        headers = {**_KEEP_FOR_AN_HOUR, "Content-Security-Policy": "default-src 'none'"}
        return Response(drawn, media_type="image/svg+xml", headers=headers)


def _add_demo_shop(app: FastAPI, open_shop: OpenShop) -> None:
    @app.get("/api/demo/shop")
    def front() -> JSONResponse:
        with open_shop() as session:
            return JSONResponse(shop_front(session, datetime.now(timezone.utc)), headers=_NO_STORE)

    @app.get("/api/demo/products/{no}")
    def product(no: ProductNo) -> JSONResponse:
        with open_shop() as session:
            found = find_product(session, no)
            shown = product_page(session, found, datetime.now(timezone.utc)) if found else None
        if shown is None:
            raise HTTPException(404, "no such product", headers=_NO_STORE)
        return JSONResponse(shown, headers=_NO_STORE)

    @app.get("/api/demo/orders")
    def orders(customer: Annotated[str, Query(max_length=64)]) -> JSONResponse:
        with open_shop() as session:
            return JSONResponse(order_list(session, customer, datetime.now(timezone.utc)), headers=_NO_STORE)

    # Where the links of playbook/pages.yml lead: the demo shop takes no money and no reviews, it shows the order.
    @app.get("/my/orders/{no}/{page}")
    def page_of_an_order(no: Annotated[str, PathParameter(max_length=64)], page: str) -> RedirectResponse:
        return RedirectResponse(f"/?entry=order&order={quote(no, safe='')}", 303)

    @app.get("/my/{page}")
    def page_of_the_customer(page: str) -> RedirectResponse:
        return RedirectResponse("/", 303)


def _add_page(app: FastAPI, page: Path) -> None:
    @app.get("/")
    def index() -> Response:
        built = page / "index.html"
        if not built.is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503, headers=_NO_STORE)
        return FileResponse(built, headers=_CHECK_EACH_TIME)

    @app.get("/icon.svg")
    def icon() -> Response:
        drawn = page / "icon.svg"
        if not drawn.is_file():
            raise HTTPException(404)
        return FileResponse(drawn, headers=_KEEP_FOR_AN_HOUR)

    # The folder may be built while the desk runs.
    app.mount("/assets", _Assets(directory=page / "assets", check_dir=False), name="assets")


class _Assets(StaticFiles):
    """The page's files, kept by browsers for good."""

    async def check_config(self) -> None:
        """Accepts a folder that is not there: before the page is built its files are missing, no more."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(_KEEP_FOR_EVER)
        return response


async def _database_trouble(request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": "the shop's database does not answer"}, status_code=503, headers=_NO_STORE)


def _drawn(product: Product) -> str:
    color = next((sku.color for sku in product.skus if sku.color), "")
    return product_picture(product.name, product.kind, product.category, color)


def _bearer(header: str | None) -> str | None:
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None
