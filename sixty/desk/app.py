"""The desk's web application: the page with its chat, sessions, uploads, pictures, webhooks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import structlog
from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.staticfiles import StaticFiles

from sixty.desk.demo_shop import order_list, product_page, shop_front
from sixty.desk.inspection.inspecting import inspecting
from sixty.desk.own_channels import add_own_channels
from sixty.desk.pictures import neutral_picture, outfit_picture, product_picture
from sixty.desk.refusals import RefusedError, answer_refusal
from sixty.desk.security_headers import (
    LOADER_HEADERS,
    SecurityHeaders,
    chat_headers,
    security_headers,
    workbench_headers,
)
from sixty.desk.session_routes import add_sessions
from sixty.desk.sms_webhook import add_sms_webhook
from sixty.desk.suggestions import add_suggestions
from sixty.desk.ticker import ticking
from sixty.desk.upload_routes import add_uploads
from sixty.desk.webhooks import add_webhooks
from sixty.desk.workbench.routes import add_workbench
from sixty.insight.follower import following
from sixty.settings import Settings, get_settings, project_root
from sixty.shop.catalogue import find_product
from sixty.shop.database import shop_session
from sixty.shop.models import Product, Sku

PAGE = Path("web/dist")

_NO_STORE = {"Cache-Control": "no-store"}
_CHECK_EACH_TIME = {"Cache-Control": "no-cache"}
_KEEP_FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}
# Their names carry a hash of their content.
_KEEP_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>六拾优选</title>
<p>页面还没有构建好：在项目目录里运行 <code>make run</code>，再刷新一下。</p></html>"""

_log = structlog.get_logger(__name__)

OpenShop = Callable[[], AbstractContextManager[Session]]
ProductNo = Annotated[str, PathParameter(max_length=64)]
SkuCodes = Annotated[str, PathParameter(max_length=256)]
_MOST_TOGETHER = 5


def create_app(settings: Settings | None = None, page: Path | None = None) -> FastAPI:
    """Builds the application.

    Args:
        settings: The deployment's settings; those of this process when left out.
        page: The folder of the built page; `web/dist` of the project when left out.
    """
    settings = settings or get_settings()
    app = FastAPI(
        title="Sixty desk", docs_url=None, redoc_url=None, openapi_url=None, lifespan=partial(_beside, settings)
    )
    headers = security_headers(settings.public_rasa_url)
    app.add_middleware(
        SecurityHeaders,
        headers=headers,
        of_path={
            "/chat": chat_headers(settings.public_rasa_url, settings.widget_origins.split()),
            "/desk": workbench_headers(),
            "/widget.js": {**headers, **LOADER_HEADERS},
        },
    )
    app.add_exception_handler(SQLAlchemyError, _database_trouble)
    app.add_exception_handler(RefusedError, answer_refusal)

    open_shop = partial(shop_session, settings.database_url, read_only=True)

    _add_health(app, open_shop)
    add_sessions(app, settings, partial(shop_session, settings.database_url))
    add_uploads(app, settings, open_shop)
    add_suggestions(app, settings, open_shop)
    add_webhooks(app, settings, partial(shop_session, settings.database_url))
    add_sms_webhook(app, settings, partial(shop_session, settings.database_url))
    add_own_channels(app, settings, partial(shop_session, settings.database_url))
    add_workbench(app, settings, partial(shop_session, settings.database_url))
    _add_pictures(app, open_shop)
    if settings.demo:
        _add_demo_shop(app, open_shop)
    _add_page(app, page or project_root() / PAGE)
    return app


@asynccontextmanager
async def _beside(settings: Settings, app: FastAPI) -> AsyncIterator[None]:
    """What runs in this process while the desk is served."""
    with following(settings), ticking(settings), inspecting(settings), app.state.workbench.live.running():
        yield
        app.state.board.stop()


def _add_health(app: FastAPI, open_shop: OpenShop) -> None:
    @app.get("/healthz")
    def healthz() -> JSONResponse:
        with open_shop() as session:
            session.execute(text("SELECT 1"))
        return JSONResponse({"status": "ok"}, headers=_NO_STORE)


def _add_pictures(app: FastAPI, open_shop: OpenShop) -> None:
    @app.get("/pictures/{no}.svg")
    def picture(no: ProductNo) -> Response:
        with open_shop() as session:
            product = find_product(session, no)
            drawn = _drawn(product) if product else neutral_picture()
        headers = {**_KEEP_FOR_AN_HOUR, "Content-Security-Policy": "default-src 'none'"}
        return Response(drawn, media_type="image/svg+xml", headers=headers)

    @app.get("/pictures/outfit/{codes}.svg")
    def outfit(codes: SkuCodes) -> Response:
        with open_shop() as session:
            found = [session.get(Sku, code) for code in codes.split("_")[:_MOST_TOGETHER]]
            skus = [sku for sku in found if sku is not None]
            drawn = [
                product_picture(sku.product.name, sku.product.kind, sku.product.category, sku.color) for sku in skus
            ]
            name = "、".join(sku.product.name for sku in skus)
        headers = {**_KEEP_FOR_AN_HOUR, "Content-Security-Policy": "default-src 'none'"}
        picture = outfit_picture(name, drawn) if drawn else neutral_picture()
        return Response(picture, media_type="image/svg+xml", headers=headers)


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
    def built(name: str) -> Response:
        if not (page / name).is_file():
            return HTMLResponse(_NOT_BUILT, status_code=503, headers=_NO_STORE)
        return FileResponse(page / name, headers=_CHECK_EACH_TIME)

    @app.get("/")
    def index() -> Response:
        return built("index.html")

    @app.get("/chat")
    def chat() -> Response:
        return built("chat.html")

    @app.get("/desk")
    def workbench() -> Response:
        return built("desk.html")

    @app.get("/widget.js")
    def loader() -> Response:
        script = page / "widget.js"
        if not script.is_file():
            raise HTTPException(404)
        # Its characters are named: the pages it is used on may be written in others. A new version is there soon.
        return FileResponse(
            script, media_type="text/javascript; charset=utf-8", headers={"Cache-Control": "public, max-age=600"}
        )

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
    # Its own words may hold what a customer wrote.
    _log.warning("desk.database_trouble", path=request.url.path.split("/")[:4], error=type(error).__name__)
    said = {"code": "busy", "message": "系统有点忙，请稍后再试", "detail": "the shop's database does not answer"}
    return JSONResponse(said, status_code=503, headers=_NO_STORE)


def _drawn(product: Product) -> str:
    color = next((sku.color for sku in product.skus if sku.color), "")
    return product_picture(product.name, product.kind, product.category, color)
