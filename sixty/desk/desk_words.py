"""What customers read when their conversation goes to a person, waits, comes back: short, warm, and true."""

from __future__ import annotations

from datetime import datetime, timedelta

from sixty.desk.office_hours import say_hours
from sixty.desk.reception import Received
from sixty.keywords import LEAVES_QUEUE
from sixty.shop.wording import say_moment

LEAVE_QUEUE = LEAVES_QUEUE.button()
"""The button by which a customer gives up waiting."""

_HERE = "有要补充的直接发，别的问题我一直都在～"

REASONS = {
    "asked_for": "顾客要求人工",
    "two_misses": "机器人没听懂",
    "angry": "顾客生气",
    "complaint": "投诉",
    "broken_promise": "承诺没有兑现",
    "sensitive": "敏感问题",
    "policy": "按规定要人工处理",
    "failed_action": "系统办理失败",
    "action_failed": "系统办理失败",
    "shop_out_of_reach": "订单系统连不上",
    "turn_too_slow": "回答超时",
    "turn_failed": "回答出错",
    "turn_silent": "没有答上来",
    "reply_lost": "回复没有发出",
    "not_answered": "没有答上来",
    "taken_over": "客服主动接手",
    "transferred": "转接",
}
"""Why a person is called, for agents to read."""

RAISED = {"vip": "VIP", "angry": "生气", "amount": "大额订单", **REASONS}
"""What puts somebody in front, for agents to read."""


def reason_title(reason: str) -> str:
    """A reason as agents read it."""
    return REASONS.get(reason, reason)


def say_wait(seconds: float) -> str:
    """An expected wait as people say it; never more exact than it is known."""
    minutes = seconds / 60
    if minutes < 1:
        return "不到1分钟"
    if minutes < 10:
        return f"约{round(minutes)}分钟"
    return f"约{round(minutes / 5) * 5}分钟"


def place_in_queue(position: int, expected: timedelta | None) -> str:
    """Where somebody stands in the queue, in half a sentence."""
    where = "您是下一位" if position <= 1 else f"您前面还有{position - 1}位"
    return where if expected is None else f"{where}，预计{say_wait(expected.total_seconds())}"


def queued(position: int | None, expected: timedelta | None, vip: bool = False) -> str:
    """Said when a customer is put into the queue."""
    first = "好的，已经帮您登记转人工，聊天记录和商品信息都一并转过去了，您不用再说一遍。"
    if position is None:
        # The shop has nobody at all who could come: a queue would be a promise.
        return f"{first}现在没有同事在线，一上线就在这里回复您；别的问题可以继续问我～"
    kept = "已经帮您优先安排，" if vip else ""
    return f"{first}{kept}{place_in_queue(position, expected)}；等的时候，别的问题可以继续问我～"


def still_queued(position: int | None, expected: timedelta | None) -> str:
    """Said when somebody who waits already asks again."""
    if position is None:
        return "已经帮您登记转人工了，现在没有同事在线，一上线就在这里回复您；有什么想补充的直接发，我一并转过去～"
    return f"已经在帮您排人工了，{place_in_queue(position, expected)}；有什么想补充的直接发，我一并转过去～"


def left(received: Received, now: datetime) -> str:
    """Said when nobody can come now, and the customer leaves a message."""
    kept = "您的问题和聊天记录我都留好了"
    hours = received.group.hours
    if received.reception == "closed":
        when = _opening(received.opens_at, now)
        today = say_hours(hours, received.opens_at) if received.opens_at else ""
        periods = f"（上班时间{today}）" if today else ""
        return f"现在同事们下班了{periods}。{kept}，{when}就看，在这里回复您；{_HERE}"
    if received.reception == "full":
        return f"现在排队的人特别多，怕您白等。{kept}，同事忙过来就在这里回复您；{_HERE}"
    return f"现在没有同事在线。{kept}，同事一上线就看，在这里回复您；{_HERE}"


def still_left(received: Received, now: datetime) -> str:
    """Said when somebody whose message is kept asks again."""
    if received.reception == "closed" and received.opens_at is not None:
        return f"您的留言已经记下了，{_opening(received.opens_at, now)}就回复您；有要补充的直接发，我一并留好～"
    return "您的留言已经记下了，同事一上线就回复您；有要补充的直接发，我一并留好～"


def place_told(position: int, expected: timedelta | None) -> str:
    """Said when somebody's place has changed."""
    if position <= 1:
        return "您是下一位啦，同事一空下来就接～"
    return f"{place_in_queue(position, expected)}，我帮您看着呢～"


def waited_too_long() -> str:
    """Said when a wait becomes a message left."""
    return (
        "让您久等了，真不好意思，同事们这会儿都忙不过来。"
        "不用守着等，您的问题我已经转成留言，同事空下来第一时间在这里回复您～"
    )


def given_up() -> str:
    """Said when somebody does not want to wait any longer."""
    return "好的，已经帮您取消排队，有什么我先帮您看～想找同事随时说“转人工”。"


def claimed(name: str, message_left: bool) -> str:
    """Said when an agent takes a conversation."""
    if message_left:
        return f"客服{name}来回复您的留言啦，前面的聊天都看得到，不用再说一遍～"
    return f"客服{name}来啦，前面的聊天都看得到，不用再说一遍～"


def transferred_to(name: str) -> str:
    """Said when an agent passes a conversation on to another one."""
    return f"已经帮您转给同事{name}，聊天记录都转过去了，您不用再说一遍～"


def transferred_to_group(title: str) -> str:
    """Said when an agent passes a conversation on to a group."""
    return f"已经帮您转到{title}，聊天记录都转过去了，同事会接着帮您看～"


def agent_gone() -> str:
    """Said when an agent's line has gone dead, and somebody else takes over."""
    return "刚才的同事那边断线了，我正在帮您接另一位同事，排在最前面，聊天记录都在，不用再说一遍～"


def signed_off(name: str) -> str:
    """Said when an agent has signed off, and somebody else takes over."""
    return f"客服{name}今天先下班啦，我正在帮您接下一位同事，排在最前面，聊天记录都在，不用再说一遍～"


def returned() -> str:
    """Said when an agent gives a conversation back to the queue."""
    return "已经帮您请别的同事来接着看，排在最前面，聊天记录都转过去了～"


def taken_over(name: str) -> str:
    """Said when somebody else takes a conversation over."""
    return f"客服{name}来接着帮您，前面的聊天都看得到～"


def ended(name: str) -> str:
    """Said when an agent ends a conversation."""
    return f"{name}的服务先到这里，感谢您的信任～后面有问题直接发，我来帮您，需要同事也随时说“转人工”。"


def idle() -> str:
    """Said when a conversation ends because the customer has not written for long."""
    return "有一会儿没收到您的消息了，人工服务先到这里～后面有问题直接发，我来帮您，需要同事也随时说“转人工”。"


def back_with_the_bot(name: str | None) -> str:
    """Said when an agent gives a conversation back to the bot."""
    who = f"{name}已经帮您看过了" if name else "同事已经帮您看过了"
    return f"{who}，接下来由我继续陪着您，有什么直接问我～"


def _opening(opens_at: datetime | None, now: datetime) -> str:
    return f"{say_moment(opens_at, now)}上班后" if opens_at is not None else "上班后"
