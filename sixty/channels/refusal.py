"""Why a message is not taken, in words for the customer."""

from __future__ import annotations

from typing import Literal

RefusalCode = Literal[
    "empty",
    "too_long",
    "too_fast",
    "too_big",
    "wrong_kind",
    "wrong_link",
    "unknown_capsule",
    "unknown_conversation",
    "opened_already",
    "busy",
]

_TEXTS: dict[RefusalCode, str] = {
    "empty": "您好像还没写内容呢，说说您的问题吧～",
    "too_long": "这条消息有点长，麻烦分成几条发给我，我慢慢看～",
    "too_fast": "您发得有点快，我快跟不上啦，稍等几秒再发哦～",
    "too_big": "这个文件有点大，麻烦压缩一下再发给我～",
    "wrong_kind": "这种消息我这边还收不了，麻烦用文字告诉我～",
    "wrong_link": "这个链接我这边打不开，麻烦换个方式发给我～",
    "unknown_capsule": "这个选项已经失效啦，您直接打字告诉我就行～",
    "unknown_conversation": "这次对话已经结束了，刷新一下页面就能接着聊～",
    "opened_already": "在的，您请说～",
    "busy": "系统有点忙，刚才那条没收到，麻烦稍后再发一次～",
}


class Refused(Exception):  # noqa: N818 - it is an answer to the customer, not a failure
    """A message that is not taken.

    Attributes:
        code: The reason, for programs.
        text: The reason and what to do about it, for the customer.
        retry_after: Seconds after which it would be taken, where waiting helps.
    """

    def __init__(self, code: RefusalCode, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code: RefusalCode = code
        self.text = _TEXTS[code]
        self.retry_after = retry_after
