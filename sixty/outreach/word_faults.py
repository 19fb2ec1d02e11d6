"""What is wrong with words that staff write for a scene, said to them as they write."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from sixty.forbidden_words import forbidden_in
from sixty.outreach.example_words import EXAMPLES, variables_of
from sixty.outreach.gaps import words_in
from sixty.outreach.models import Way
from sixty.outreach.scene_faults import LONGEST_SMS
from sixty.outreach.scenes import Scene
from sixty.outreach.sms_words import UNSUBSCRIBE, is_signed, tells_how_to_unsubscribe


@dataclass(frozen=True)
class Fault:
    """Why words cannot be used, and what to do about it; for staff."""

    message: str
    remedy: str


def faults_of(text: str, scene: Scene, way: Way) -> list[Fault]:
    """What is wrong with words of a scene; empty where nothing is.

    Args:
        text: The words.
        scene: The scene.
        way: How they are said.
    """
    found = [Fault(f"“{word}”是广告里不能用的说法", "换一种说法，不说“最”，也不打包票") for word in forbidden_in(text)]
    try:
        names = words_in(text)
    except ValueError:
        return [Fault("花括号没有配对，或者括号里不是变量名", "变量写成 {product} 这样，文字里不要用花括号"), *found]
    known = variables_of(scene, sms=way != "chat")
    unknown = [
        Fault(f"没有变量 {{{name}}}", _instead(name, known)) for name in dict.fromkeys(names) if name not in known
    ]
    found = [*unknown, *found]
    if way == "sms" and len(text) > LONGEST_SMS:
        found.append(Fault(f"短信太长，最多 {LONGEST_SMS} 个字", "删短一些，细节放到链接里"))
    if way == "sms" and is_signed(text):
        found.append(Fault("短信里又写了签名", "去掉【】里的签名，发出时会自动加在最前面"))
    return found


def hints_of(text: str, way: Way) -> list[str]:
    """What is good to know of words that can be used."""
    if way == "sms" and not tells_how_to_unsubscribe(text):
        return [f"没写怎么退订，发出时会在句末加上“{UNSUBSCRIBE}”"]
    return []


def _instead(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    if near:
        return f"是不是想写 {{{near[0]}}}（{EXAMPLES[near[0]][0]}）？"
    return "可以用：" + "、".join(f"{{{each}}} {EXAMPLES[each][0]}" for each in known)
