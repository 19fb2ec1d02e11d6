"""A shop's system that speaks the normal form over HTTP, small but real: sockets, status codes, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sixty.shop.gateways.normal_form import CatalogueProduct, Order
from sixty.shop.order_events.incoming import Incoming

TOKEN = "the-merchants-token"


def _withdrawn(order: Order, _: dict[str, Any]) -> Order:
    return replace(order, refunds=tuple(replace(each, state="withdrawn") for each in order.refunds))


# What the system changes of an order by itself; everything else its people do.
_DEEDS: dict[str, Callable[[Order, dict[str, Any]], Order]] = {
    "cancel_order": lambda order, _: replace(order, state="closed", close_reason="您主动取消"),
    "change_address": lambda order, told: replace(order, address=told["details"]["address"]),
    "add_note": lambda order, told: replace(order, note=told["details"]["note"]),
    "withdraw_after_sales": _withdrawn,
}
EVENTS_A_PAGE = 2


@dataclass
class Request:
    """What was asked, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class ReferenceServer:
    """What the system holds, how it behaves, and what it was asked."""

    orders: list[Order] = field(default_factory=list)
    products: list[CatalogueProduct] = field(default_factory=list)
    events: list[Incoming] = field(default_factory=list)
    # Answers that stand in for the right one, one a request; the last one stays.
    instead: list[tuple[int, bytes]] = field(default_factory=list)
    extra_headers: dict[str, str] = field(default_factory=dict)
    ignores_filters: bool = False
    silent: bool = False
    requests: list[Request] = field(default_factory=list)
    deeds: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    _over: Event = field(default_factory=Event)
    _one_at_a_time: Lock = field(default_factory=Lock)

    def answer(self, request: Request) -> tuple[int, bytes]:
        self.requests.append(request)
        if self.silent:
            self._over.wait(10)
        if self.instead:
            return self.instead.pop(0) if len(self.instead) > 1 else self.instead[0]
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return 401, b"{}"
        found = self._found(request)
        return (404, b"{}") if found is None else (200, to_json(found))

    def _found(self, request: Request) -> Any:
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        segments = [unquote(part) for part in parts.path.strip("/").split("/")][1:]
        if request.method == "POST":
            return self._deed(segments, request)
        if segments == ["orders"]:
            own = [each for each in self.orders if self.ignores_filters or each.customer_id == asked["customer_id"]]
            own.sort(key=lambda each: each.placed_at, reverse=True)
            return {"orders": own if self.ignores_filters else own[: int(asked["limit"])]}
        if segments == ["products"]:
            following = [each for each in self.products if each.no > asked.get("after", "")]
            return {"products": following[: int(asked["limit"])]}
        if segments == ["events"]:
            return self._changes(asked)
        kept: dict[str, list[Any]] = {"orders": self.orders, "products": self.products}
        kind, number = segments
        if self.ignores_filters:
            return kept[kind][0]
        return next((each for each in kept[kind] if each.no == number), None)

    def _deed(self, segments: list[str], request: Request) -> Any:
        key = request.headers["Idempotency-Key"]
        with self._one_at_a_time:
            # Done once for each key.
            if key in self.deeds:
                return self.deeds[key]
            if segments[-1] != "deeds":
                return self.deeds.setdefault(key, {"done": len(self.deeds) + 1})
            number = segments[1] if segments[0] == "orders" else None
            place = next((place for place, each in enumerate(self.orders) if each.no == number), None)
            if number is not None and place is None:
                return None
            told = json.loads(request.body)
            if place is not None and told["kind"] in _DEEDS:
                self.orders[place] = _DEEDS[told["kind"]](self.orders[place], told)
            pays = told["kind"] in ("cancel_order", "compensate", "price_protection", "return", "refund_only")
            self.deeds[key] = {
                "state": "done" if told["kind"] in _DEEDS else "accepted",
                "reference": f"M{len(self.deeds) + 1}",
                "amount": told["amount"] if pays and Decimal(told["amount"]) else None,
            }
            return self.deeds[key]

    def _changes(self, asked: dict[str, str]) -> Any:
        start, end = (datetime.fromisoformat(asked[name]) for name in ("start", "end"))
        changed = [each for each in self.events if start <= each.occurred_at < end]
        begin = int(asked.get("page", "0"))
        page = changed[begin : begin + EVENTS_A_PAGE]
        more = begin + EVENTS_A_PAGE < len(changed)
        return {"events": page, "next_page": str(begin + EVENTS_A_PAGE) if more else None}


def to_json(value: Any) -> bytes:
    def plain(each: Any) -> Any:
        if isinstance(each, datetime):
            return each.isoformat()
        if isinstance(each, Decimal):
            return str(each)
        return asdict(each)

    return json.dumps(value, default=plain, ensure_ascii=False).encode()


@contextmanager
def running(system: ReferenceServer) -> Iterator[ReferenceServer]:
    """Serves it on a port of its own until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = system.answer(Request(self.command, self.path, dict(self.headers), body))
            try:
                self.send_response(status)
                for name, value in system.extra_headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        do_GET = do_POST = _do  # noqa: N815

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    system.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    try:
        yield system
    finally:
        system._over.set()
        server.shutdown()
        server.server_close()
        thread.join()
