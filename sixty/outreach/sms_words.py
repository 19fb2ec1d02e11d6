"""What makes a text an SMS: the signature in front, how to unsubscribe behind, and how many SMS are paid for."""

from __future__ import annotations

import re

UNSUBSCRIBE = "拒收请回复R"
"""Said at the end of every SMS whose words don't tell it themselves."""

ONE_SMS, PART_OF_A_LONG_ONE = 70, 67
"""How many characters one SMS has, and each of several that belong together; letters and digits count as Chinese do."""

_TELLS_IT = re.compile(r"(退订|拒收)\s*请?\s*[回发]|[回发][复送]?\s*(R|TD?)\s*即?可?\s*(退订|拒收)", re.IGNORECASE)
_SIGNED = re.compile(r"\s*【[^】]*】|.*【[^】]*】\s*$", re.DOTALL)


def whole_sms(signature: str, text: str) -> str:
    """An SMS as it is read: signed, with the words that end it for good."""
    return f"【{signature}】{text}" if tells_how_to_unsubscribe(text) else f"【{signature}】{text} {UNSUBSCRIBE}"


def tells_how_to_unsubscribe(text: str) -> bool:
    """Whether words say themselves how to get no more, such as 退订回R."""
    return _TELLS_IT.search(text) is not None


def is_signed(text: str) -> bool:
    """Whether words begin or end with a signature of their own."""
    return _SIGNED.match(text) is not None


def sms_length(text: str) -> int:
    """How many characters carriers count: one beyond the basic plane, such as an emoji, is two."""
    return len(text.encode("utf-16-le")) // 2


def how_many_sms(text: str) -> int:
    """How many SMS a text is sent, and paid, as."""
    length = sms_length(text)
    return 1 if length <= ONE_SMS else -(-length // PART_OF_A_LONG_ONE)
