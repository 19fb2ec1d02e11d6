"""Which words were said and meant: not denied, not quoted, not part of a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sixty.desk.inspection.chat import Chat, Clauses, Found
from sixty.desk.inspection.rules import ForbiddenRule
from sixty.nlu.normal_form import normal_form

# 别家, 特别, 级别, 不仅, 不错 deny nothing.
_DENIAL = re.compile(
    r"不是|并非|没有|没法|不能|不会|不敢|不可以?|不允许|不支持|不提供|不得|不要|不用(?!走)|不让|不需要|不好|不(?=[加做说算称属用卖])"
    r"|没(?!问题|错|准|啥说)|未|无法|勿|切忌|禁止|拒绝|杜绝|谨防|严禁|避免|防止|当心|小心|(?<![特级个区分告性类])别(?![家的人处名])"
)
_AFTER_ALL = re.compile(r"不(?:仅|但|只|光|止|愧|妨|如|管|论)")
_SUPPOSED = re.compile(r"如果|若是?|要是|假如|万一|倘若|凡是|除非|的话|属于|是否|是不是|有没有")
_SAID_BY = re.compile(
    r"[您你](?:刚才|之前|前面)?(?:说|提|看|问|听)(?:到|的|起)|骗子|冒充|诈骗|假客服|别(?:人|家|人家)[^,。!?]{0,2}(?:说|写|吹|宣传)"
)
_QUOTES = (("“", "”"), ("「", "」"), ('"', '"'), ("‘", "’"), ("『", "』"))
_QUESTION = re.compile(r"[吗么]\s*[?。!~]*$|\?$")


def forbidden(rule: ForbiddenRule, chat: Chat) -> list[Found]:
    """The lines that say what must not be said."""
    found: list[Found] = []
    for line in chat.own:
        plain = line.plain
        # One finding a line: the words that follow say the same.
        for start, end in islice(_meant(rule, chat.names, plain), 1):
            found.append(Found(line, start, end, key=f"{start}", detail={"words": line.text[start:end][:40]}))
    return found


def forbidden_words(rule: ForbiddenRule, text: str) -> list[str]:
    """What a text says that must not be said, in order; for texts that are no line of a chat."""
    plain = normal_form(text)
    return [plain[start:end] for start, end in _meant(rule, (), plain)]


def denied(plain: str, start: int, end: int) -> bool:
    """Whether a place stands behind a denial of its own clause."""
    begin, _ = Clauses(plain).around(start, end)
    # Of 不加 the 加 may be the first letter of what is denied.
    before = _AFTER_ALL.sub("　　", plain[begin : start + 1])
    return any(match.start() < start - begin for match in _DENIAL.finditer(before))


def quoted(plain: str, start: int, end: int) -> bool:
    """Whether a place stands in quotation marks."""
    for opening, closing in _QUOTES:
        begin = plain.rfind(opening, 0, start)
        if begin < 0 or (opening == closing and plain.count(opening, 0, start) % 2 == 0):
            continue
        if closing != opening and plain.find(closing, begin + 1, start) >= 0:
            continue
        if plain.find(closing, end) >= 0:
            return True
    return False


def spans_of(names: Iterable[str], plain: str) -> list[tuple[int, int]]:
    """Where names stand in a text."""
    low = plain.lower()
    found = []
    for name in names:
        wanted = name.lower()
        at = low.find(wanted) if len(wanted) > 1 else -1
        while at >= 0:
            found.append((at, at + len(wanted)))
            at = low.find(wanted, at + 1)
    return found


def said_by_others(plain: str, start: int) -> bool:
    """Whether the words in front say that somebody else says so."""
    begin, _ = Clauses(plain).around(start, start)
    return _SAID_BY.search(plain, max(0, begin - 12), start) is not None


def _meant(rule: ForbiddenRule, names: Iterable[str], plain: str) -> Iterator[tuple[int, int]]:
    fine = _fine_spans(rule, names, plain)
    for match in rule.expression.finditer(plain):
        start, end = match.span()
        covered = any(begin < end and start < finish for begin, finish in fine)
        if not covered and not _is_not_meant(rule, plain, start, end):
            yield start, end


def _fine_spans(rule: ForbiddenRule, names: Iterable[str], plain: str) -> Sequence[tuple[int, int]]:
    covered = spans_of(names, plain)
    if rule.fine_expression is not None:
        covered += [match.span() for match in rule.fine_expression.finditer(plain)]
    return covered


def _is_not_meant(rule: ForbiddenRule, plain: str, start: int, end: int) -> bool:
    if rule.denied == "fine" and denied(plain, start, end):
        return True
    begin, finish = Clauses(plain).around(start, end)
    if rule.supposed == "fine" and _SUPPOSED.search(plain, begin, finish):
        return True
    if _QUESTION.search(plain[begin : min(len(plain), finish + 1)]) and rule.supposed == "fine":
        return True
    return quoted(plain, start, end) or said_by_others(plain, start)
