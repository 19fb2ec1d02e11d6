"""A bot that speaks the page's contract and answers from a short script, for tests and for work on the page.

Run it by hand with `python -m tests.web.fake_bot [PORT]`.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt
import socketio
from aiohttp import web

Message = dict[str, Any]

WELCOME = {
    "shop": "您好呀，欢迎来到六拾优选～想找什么，或者有什么想问的，直接说就行。",
    "product": "您好呀，您在看的这款我很熟，面料、尺码、优惠都可以问我～",
    "order": "您好呀，是想看看订单到哪儿了吗？我帮您查。",
}

PRODUCT: Message = {
    "type": "product",
    "no": "GZ2101",
    "name": "多口袋耐磨工装裤",
    "picture": "/pictures/GZ2101.svg",
    "url": "/?entry=product&product=GZ2101",
    "tags": ["现货", "七天无理由"],
    "prices": [
        {"label": "原价", "amount": "329.00"},
        {"label": "活动价", "amount": "259.00"},
        {"label": "金卡会员价", "amount": "249.00"},
        {"label": "满200减20", "amount": "-20.00"},
    ],
    "final_price": "229.00",
}

REPLIES: dict[str, list[Message]] = {
    "GZ2101": [
        {"card": PRODUCT},
        {
            "text": "这款卖得很好，到手 229 元。您想先了解哪方面？",
            "buttons": [
                {"title": "我该穿多大", "payload": "我该穿多大"},
                {"title": "什么面料", "payload": "什么面料"},
                {"title": "有搭配推荐吗", "payload": "/ask_matching"},
            ],
        },
    ],
    "什么面料": [{"text": "98%棉加2%氨纶的斜纹布，12盎司，膝盖双层加固，干活蹲下不绷～"}],
    "我该穿多大": [{"text": "好嘞，告诉我身高体重就行，比如 175 厘米、70 公斤。"}],
    "/ask_matching": [
        {
            "text": "这条裤子配这几件最顺手：",
            "card": {
                "type": "bundle",
                "title": "拓野工装搭配",
                "items": [
                    {**PRODUCT, "reason": "您正在看的这条", "final_price": "229.00"},
                    {
                        "no": "GZ1101",
                        "name": "复古帆布工装夹克",
                        "picture": "/pictures/GZ1101.svg",
                        "final_price": "379.00",
                        "reason": "同样的水洗帆布，上下一套不用想",
                    },
                ],
                "coupon": {"title": "搭配立减100", "amount": "100.00"},
                "bundle_price": "508.00",
                "saving": "100.00",
            },
            "buttons": [{"title": "好，就要这套", "payload": "/affirm"}, {"title": "再看看", "payload": "/hesitate"}],
        }
    ],
    "查订单": [
        {
            "text": "您最近有两笔订单，想看哪一笔？",
            "card": {
                "type": "orders",
                "orders": [
                    {
                        "no": "2026111800010001",
                        "headline": "派送中",
                        "name": "多口袋耐磨工装裤",
                        "picture": "/pictures/GZ2101.svg",
                        "payload": "/order{1}",
                        "title": "工装裤那笔",
                    },
                    {
                        "no": "2026111500010002",
                        "headline": "已经签收",
                        "name": "宽口径玻璃奶瓶",
                        "picture": "/pictures/MY1001.svg",
                        "payload": "/order{2}",
                        "title": "奶瓶那笔",
                    },
                ],
            },
        }
    ],
    "/order{1}": [
        {
            "card": {
                "type": "order",
                "no": "2026111800010001",
                "headline": "快递员正在给您派送，今天能到",
                "lines": [
                    {
                        "name": "多口袋耐磨工装裤",
                        "sku": "卡其 L",
                        "quantity": 1,
                        "picture": "/pictures/GZ2101.svg",
                    }
                ],
                "paid": "229.00",
                "details": ["收货：陈** 浙江省杭州市西湖区****"],
                "next_steps": ["请保持电话畅通", "不方便收可以让快递员放驿站"],
                "parcel": {
                    "carrier": "中通快递",
                    "no": "75312345678901",
                    "at": "今天 08:12",
                    "text": "杭州西湖区网点，派送员王师傅正在派送",
                },
            },
            "buttons": [{"title": "催一下", "payload": "催一下派送"}, {"title": "转人工", "payload": "转人工"}],
        }
    ],
    "坏消息": [
        {"text": 42, "card": {"type": "product", "name": "没有货号"}},
        {
            "text": "<img src=x onerror=alert(1)>点我",
            "card": {**PRODUCT, "url": "javascript:alert(1)", "picture": "x:y"},
        },
    ],
}


class FakeBot:
    """The server. Its switches may be changed while it runs."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.received: list[Message] = []
        self.sessions: list[Message] = []
        self.acknowledges = True
        self.replies = True
        self.delay = 0.15
        self.seen: set[str] = set()
        self._runner: web.AppRunner | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def said(self) -> list[str]:
        """What the customer said, in order, without the greetings; what was sent twice is there twice."""
        return [message["message"] for message in self.received if message["message"] != "/greet"]

    def start(self) -> None:
        """Starts the server and waits until it answers."""
        started = threading.Event()
        loop = asyncio.new_event_loop()

        async def serve() -> None:
            self._runner = web.AppRunner(self._application(), shutdown_timeout=0.5)
            await self._runner.setup()
            await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()
            started.set()

        def run() -> None:
            asyncio.set_event_loop(loop)
            loop.run_until_complete(serve())
            loop.run_forever()
            loop.close()

        self._loop = loop
        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()
        assert started.wait(10)

    def stop(self) -> None:
        """Hangs up on everybody and frees the port."""
        if self._loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._hang_up(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop = self._thread = None

    async def _hang_up(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _application(self) -> web.Application:
        sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")

        @sio.event
        async def session_request(sid: str, data: Message) -> None:
            self.sessions.append(data)
            sio.enter_room(sid, data["session_id"])
            await sio.emit("session_confirm", data["session_id"], room=sid)

        @sio.event
        async def user_uttered(sid: str, data: Message) -> Message | None:
            self.received.append(data)
            if data["id"] not in self.seen:
                self.seen.add(data["id"])
                if self.replies:
                    sio.start_background_task(self._reply, sio, data)
            while not self.acknowledges:
                # The client asked for an acknowledgement; one that never comes is all that can be withheld.
                await asyncio.sleep(0.05)
            return {"ok": True}

        application = web.Application()
        sio.attach(application)
        return application

    async def _reply(self, sio: Any, data: Message) -> None:
        await asyncio.sleep(self.delay)
        for reply in self._replies_to(data):
            await sio.emit("bot_uttered", reply, room=data["session_id"])

    def _replies_to(self, data: Message) -> list[Message]:
        message = data["message"]
        if message == "/greet":
            claims = jwt.decode(data["metadata"]["context"], options={"verify_signature": False})
            capsules = ["查订单", "什么面料", "转人工"] if claims["entry"] != "shop" else ["查订单", "GZ2101", "转人工"]
            return [
                {
                    "text": WELCOME[claims["entry"]],
                    "buttons": [{"title": title, "payload": title} for title in capsules],
                    "outcome": "social",
                }
            ]
        return REPLIES.get(message, [{"text": f"收到：{message}", "outcome": "answered"}])


@contextmanager
def running_bot(port: int) -> Iterator[FakeBot]:
    """A started bot, stopped afterwards."""
    bot = FakeBot(port)
    bot.start()
    try:
        yield bot
    finally:
        bot.stop()


if __name__ == "__main__":
    with running_bot(int(sys.argv[1]) if len(sys.argv) > 1 else 5005):
        threading.Event().wait()
