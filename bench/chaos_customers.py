"""Customers who go on talking whatever dies: each message is sent under one id until it is taken."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import requests

from bench.servers import direct_session
from sixty.identity.api_keys import LOCAL, local_api_secret
from sixty.identity.signatures import signed_headers
from sixty.talk.client import KEY_HEADER, MESSAGES

LINES = (
    *("你好", "多少钱", "质量怎么样", "什么面料", "有优惠券吗", "包邮吗", "什么时候发货", "能退换吗", "谢谢"),
    *("我该穿什么码", "175 70kg", "有货吗", "查一下我的订单", "第一个", "发什么快递", "推荐几款裤子", "转人工"),
    *("有什么活动吗", "会起球吗", "开发票", "好的", "怎么洗", "到手多少", "在吗", "不用了"),
)
_KNOWN = ("C001", "C002", "C004", "C008", None, None)
_LONGEST_CONVERSATION = 9
_TAPS, _WAITS = 0.25, 0.6
_PATIENCE = 40.0
_GIVES_UP_AFTER = 600.0
_PAUSE = 0.5


@dataclass
class Sent:
    """Everything that customers have said: ids in the order in which each conversation was spoken."""

    conversations: dict[str, list[str]] = field(default_factory=dict)
    tries: int = 0
    refused: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def messages(self) -> int:
        """How many messages."""
        return sum(map(len, self.conversations.values()))

    def note(self, conversation: str, message_id: str) -> None:
        """Remembers a message before it is sent for the first time."""
        with self.lock:
            self.conversations.setdefault(conversation, []).append(message_id)


class Crowd:
    """So many customers who say so much between them, at a pace."""

    def __init__(
        self, rasa_url: str, secret: str, messages: int, at_once: int, a_second: float, seed: int, sent: Sent
    ) -> None:
        """Makes the customers.

        Args:
            rasa_url: Where the bot is.
            secret: The deployment's secret.
            messages: How many messages in all.
            at_once: How many customers.
            a_second: Messages a second of all customers together.
            seed: Decides who says what when.
            sent: Gets what is said.
        """
        self._address = f"{rasa_url}{MESSAGES}"
        self._secret = local_api_secret(secret)
        self._left = messages
        self._think = at_once / a_second
        self._sent = sent
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._live, args=(random.Random(f"{seed}-{number}"),), daemon=True)
            for number in range(at_once)
        ]

    def start(self) -> None:
        """Lets them talk."""
        for thread in self._threads:
            thread.start()

    def join(self, watch: Callable[[], None]) -> None:
        """Waits until all has been said and taken; calls `watch` now and then."""
        while any(thread.is_alive() for thread in self._threads):
            time.sleep(0.1)
            watch()

    def stop(self) -> None:
        """Lets them end after what they are saying."""
        self._stop.set()

    def _next(self) -> bool:
        with self._lock:
            if not self._left or self._stop.is_set():
                return False
            self._left -= 1
            return True

    def _live(self, lot: random.Random) -> None:
        with direct_session() as http:
            # They do not all begin at the same moment.
            self._stop.wait(lot.uniform(0, self._think))
            while self._converse(lot, http):
                pass

    def _converse(self, lot: random.Random, http: requests.Session) -> bool:
        name = f"chaos-{uuid.UUID(int=lot.getrandbits(128)).hex}"
        customer = lot.choice(_KNOWN)
        place: dict[str, Any] = {"entry": "product", "product": "GZ2101"} if lot.random() < 0.5 else {"entry": "shop"}
        visit = {**place, **({"customer": {"id": customer}} if customer else {})}
        taps: Sequence[str] = ()
        for number in range(lot.randint(2, _LONGEST_CONVERSATION)):
            if not self._next():
                return False
            said = {"tap": lot.choice(taps)} if taps and lot.random() < _TAPS else {"text": lot.choice(LINES)}
            waits = lot.random() < _WAITS
            body = {"conversation": name, "id": f"{number}-{lot.getrandbits(40):x}", **said, **visit, "wait": waits}
            self._sent.note(name, body["id"])
            replies = self._until_taken(http, body)
            taps = [capsule["tap"] for reply in replies for capsule in reply.get("capsules") or ()]
            self._stop.wait(lot.expovariate(1 / self._think))
        return True

    def _until_taken(self, http: requests.Session, body: dict[str, Any]) -> list[Any]:
        content = json.dumps(body, ensure_ascii=False).encode()
        deadline = time.monotonic() + _GIVES_UP_AFTER
        while time.monotonic() < deadline:
            headers = {
                "Content-Type": "application/json",
                KEY_HEADER: LOCAL,
                **signed_headers(self._secret, content, datetime.now(timezone.utc)),
            }
            with self._sent.lock:
                self._sent.tries += 1
            try:
                answer = http.post(self._address, data=content, headers=headers, timeout=_PATIENCE)
                if answer.status_code in (200, 202):
                    replies: list[Any] = answer.json()["replies"]
                    return replies
            except (requests.RequestException, ValueError, KeyError):
                time.sleep(_PAUSE)
                continue
            if answer.status_code not in (429, 500, 502, 503, 504):
                with self._sent.lock:
                    self._sent.refused.append(f"{answer.status_code}: {answer.text[:200]}")
                return []
            time.sleep(min(float(answer.headers.get("Retry-After") or _PAUSE), 5.0))
        return []
