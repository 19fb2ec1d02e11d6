"""Which shop system this deployment reads from."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from sixty.settings import Settings, get_settings
from sixty.shop.gateways.http import HttpCatalogue, HttpEvents, HttpOrders
from sixty.shop.gateways.http_client import ShopClient
from sixty.shop.gateways.ports import CatalogueGateway, EventFeed, OrderGateway
from sixty.shop.gateways.reading_cache import ReadingCache
from sixty.shop.gateways.sql import SqlCatalogue, SqlOrders


def order_gateway(session: Session, now: datetime, settings: Settings | None = None) -> OrderGateway:
    """The orders, as the settings say: of our own tables or of the merchant's system.

    Args:
        session: A session on our own database; one that may write where something is proved.
        now: The present moment.
        settings: The deployment's settings; those of this process when left out.
    """
    settings = settings or get_settings()
    if settings.shop_gateway == "http":
        return HttpOrders(_client(settings), session, now, _cache(settings.shop_api_url))
    return SqlOrders(session, now)


def catalogue_gateway(session: Session, now: datetime, settings: Settings | None = None) -> CatalogueGateway:
    """The catalogue, as the settings say; arguments as of :func:`order_gateway`."""
    settings = settings or get_settings()
    if settings.shop_gateway == "http":
        return HttpCatalogue(_client(settings), now, _cache(settings.shop_api_url))
    return SqlCatalogue(session, now)


def event_feed(settings: Settings | None = None) -> EventFeed | None:
    """The changes of the merchant's system; `None` where there is none to poll."""
    settings = settings or get_settings()
    return HttpEvents(_client(settings)) if settings.shop_api_url else None


def _client(settings: Settings) -> ShopClient:
    return _client_of(settings.shop_api_url, settings.shop_api_token, settings.shop_api_timeout)


# One connection pool, one breaker and one memory for all turns of a process.
@lru_cache(maxsize=4)
def _client_of(url: str, token: str, timeout: float) -> ShopClient:
    return ShopClient(url, token, timeout)


@lru_cache(maxsize=4)
def _cache(url: str) -> ReadingCache:
    return ReadingCache()
