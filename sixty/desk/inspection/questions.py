"""The customer's last question, and whether it was answered."""

from __future__ import annotations

import re

from sixty.desk.inspection.chat import Chat, Found
from sixty.desk.inspection.courtesy import is_courtesy
from sixty.desk.inspection.rules import OpenQuestionRule

_ASKS = re.compile(
    r"\?|[吗么嘛](?:\s|[,。!~]|$)|(?:什么|啥)(?:时候|时间|意思|码|颜色|原因|情况|办法|价)|多(?:久|少|大|长|重|高|宽)|几(?:天|个|件|点|号|岁|年|码|月|块)"
    r"|怎么(?!样都)|如何|为什么|为啥|咋|哪(?:里|个|种|款|天|些|家|儿|位)|谁|能不能|可不可以|会不会|有没有|是不是|行不行|要不要|好不好|对不对|够不够"
    r"|(?:能|会|可以|有|行|是|要)[^,。!?~]{0,12}(?:不|没)(?:[呢啊呀]|\s)*$|呢\s*$|多少钱|啥"
)
# Exclamations and courtesies in the form of questions.
_ASKS_NOTHING = re.compile(
    r"^(?:是吗|真的吗|好吗|是吧|对吧|不是吧|怎么会|怎么这样|怎么可能|你说呢|什么人啊|什么态度|什么破|没有?了?[呢哦啊呀]|好的?呢)"
)
# "我先用用，看有没有问题" asks nothing.
_SAYS_ONLY = re.compile(r"(?:看看?|试试|等着?)(?:有没有|是不是|能不能|会不会|行不行|怎么样)[^?]*$")
_SETTLED = re.compile(
    r"谢|知道了|明白|懂了|好的|好吧|行吧|ok|找到了|看到了|搞定|解决了|可以了|好了|不用了|算了|没事了|不问了|自己(?:看|查|弄)",
    re.IGNORECASE,
)


def asks(plain: str) -> bool:
    """Whether a line, in normal form, asks something."""
    return _ASKS.search(_SAYS_ONLY.sub("", plain)) is not None and _ASKS_NOTHING.match(plain) is None


def open_question(rule: OpenQuestionRule, chat: Chat) -> list[Found]:
    """The customer's last question where nothing but courtesies followed it."""
    if chat.end in ("passed_on", "gone"):
        # Whoever has it next answers it.
        return []
    asked = None
    author = "agent" if chat.who == "person" else "bot"
    for line in chat.talk:
        if line.author == author:
            if asked is not None and _answers(chat, line.kind, line.plain, line.outcome):
                asked = None
        elif line.kind == "text" and asks(line.plain):
            asked = line
        elif asked is not None and _SETTLED.search(line.plain):
            asked = None
    if asked is None or (chat.who == "bot" and not any(line.id > asked.id for line in chat.own)):
        return []
    return [Found(asked, key=str(asked.id))]


def _answers(chat: Chat, kind: str, plain: str, outcome: str | None) -> bool:
    if chat.who == "bot":
        return outcome not in ("missed",)
    return kind != "text" or not is_courtesy(plain)
