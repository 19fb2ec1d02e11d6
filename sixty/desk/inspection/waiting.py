"""How long a customer waited for words of a person."""

from __future__ import annotations

from sixty.desk.inspection.chat import Chat, Found
from sixty.desk.inspection.courtesy import is_courtesy
from sixty.desk.inspection.rules import FirstAnswerRule, SilenceRule


def first_answer(rule: FirstAnswerRule, chat: Chat) -> list[Found]:
    """A first word that came late, or never."""
    limit = rule.after or chat.first_reply
    first = next(iter(chat.own), None)
    waited = (first.at if first is not None else chat.ended_at) - chat.began_at
    if waited <= limit:
        return []
    if first is None and (chat.end in ("passed_on", "given_up", "gone") or not chat.lines):
        # It was passed on before anything was said: the next one's first word is what counts, and going away has
        # rules of its own.
        return []
    detail = {"seconds": round(waited.total_seconds()), "limit": round(limit.total_seconds())}
    return [Found(first, key="first", detail=detail)]


def silence(rule: SilenceRule, chat: Chat) -> list[Found]:
    """Waits within the chat, between a line of the customer and the next word of whoever has it."""
    found: list[Found] = []
    since = None
    asked_to_wait = False
    spoken = False
    author = "agent" if chat.who == "person" else "bot"
    for line in chat.talk:
        if line.author == author:
            if since is not None and spoken:
                limit = rule.after_asking_to_wait if asked_to_wait else rule.after
                waited = line.at - since.at
                if waited > limit:
                    detail = {"seconds": round(waited.total_seconds()), "limit": round(limit.total_seconds())}
                    found.append(Found(line, key=str(line.id), further=(since.id,), detail=detail))
            spoken, since = True, None
            asked_to_wait = any(word in line.plain for word in rule.asks_to_wait)
        elif since is None and not is_courtesy(line.plain):
            # Thanks and “好的” wait for nothing.
            since = line
    return found
