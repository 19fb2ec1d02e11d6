"""Cuts Chinese text into the words by which knowledge is kept and looked for."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Iterable

import jieba

from sixty.nlu.normal_form import normal_form

_WORD = re.compile(r"[0-9a-z]+|[\u3400-\u9fff]+")
# They stand in every question and tell nothing of it.
_EMPTY_LINES = (
    "的 了 吗 呢 啊 呀 吧 哦 嘛 么 我 你 您 他 她 它 是 有 在 和 与 就 都 也 还 这 那 个 请 问 请问 什么 怎么 怎样",
    "如何 多少 可以 能 能不能 一下 哪 哪个 几 会 要 想 给 把 被 到 说 看 去 来 很 好 又 再 没 没有 不 亲 亲亲 你们",
    "您好 你好 咱们 咱 这个 那个 这款 那款 一个",
)
_EMPTY = frozenset(word for line in _EMPTY_LINES for word in line.split())


class SearchWords:
    """A Jieba of its own that knows the shop's words; what it cuts is the same for text and for what is typed."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        """Loads the dictionary.

        Args:
            words: The shop's own: kinds, brands, names of products.
        """
        jieba.setLogLevel(logging.WARNING)
        self._jieba = jieba.Tokenizer()
        self._jieba.initialize()
        for word in words:
            plain = normal_form(word).casefold().strip()
            if 2 <= len(plain) <= 16:
                self._jieba.add_word(plain)

    def words(self, text: str) -> list[str]:
        """The words of a text, long ones also in their parts, in order."""
        plain = normal_form(text).casefold()
        found: list[str] = []
        for stretch in _WORD.findall(plain):
            found += [stretch] if stretch.isascii() else self._jieba.lcut_for_search(stretch)
        return found

    def wanted(self, typed: str) -> list[str]:
        """The words of what somebody looks for; those that say nothing only where there are no others."""
        found = list(dict.fromkeys(self.words(typed)))
        return [each for each in found if each not in _EMPTY] or found


def characters(text: str) -> list[str]:
    """Each Chinese character by itself, and Latin words: what a part of a word is found by."""
    plain = normal_form(text).casefold()
    return [part for stretch in _WORD.findall(plain) for part in ([stretch] if stretch.isascii() else stretch)]


def snippet(text: str, wanted: Iterable[str], longest: int = 80) -> str:
    """A part of a text with what was looked for in `<em>`, safe to be shown as HTML.

    Args:
        text: The whole text.
        wanted: The words; what isn't in it is passed over.
        longest: About how many characters.
    """
    line = " ".join(text.split())
    words = sorted({each for each in wanted if each}, key=len, reverse=True)
    marks = re.compile("|".join(map(re.escape, words)), re.IGNORECASE) if words else None
    first = marks.search(line) if marks else None
    start = max(0, min(first.start() - longest // 4, len(line) - longest)) if first else 0
    part = line[start : start + longest]
    shown, end = [], 0
    for found in marks.finditer(part) if marks else ():
        shown += [html.escape(part[end : found.start()]), f"<em>{html.escape(found[0])}</em>"]
        end = found.end()
    shown.append(html.escape(part[end:]))
    return f"{'…' if start else ''}{''.join(shown)}{'…' if start + longest < len(line) else ''}"
