"""Three answers for a customer's line, one key to send: the bot's own, then what knowledge and quick replies have.

What the line means is what the bot has understood of it, also while a person has the conversation
(`sixty/channels/listening.py`). Of several likely meanings each is answered, so that a line on which the model is not
sure still brings its answer, second or third; a line that only gives what was asked for, or says yes, goes on with the
question before it. Where nothing is sure to fit, the words come with which good staff look something up. Whoever
writes decides, and nothing fills a place that does not fit: three, two or one are suggested.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from sixty.desk.beside.bot_answers import KEEPING_COMPANY, BotAnswer, Source, bot_answers
from sixty.desk.beside.chat_subject import Subject
from sixty.desk.beside.earlier_question import Before, before
from sixty.desk.beside.heard import FALLBACK, OTHERS
from sixty.desk.beside.knowledge import Knowledge
from sixty.desk.beside.looking_turn import OpenSession
from sixty.desk.beside.reply_variables import fill
from sixty.desk.beside.suggestion_uses import suggestion_id
from sixty.desk.conversation_reading import intent_title
from sixty.desk.topic import mood_of
from sixty.insight.live import minute_of
from sixty.insight.next_questions import likely_next
from sixty.ledger.models import Message
from sixty.playbook import capsule_plan

MOST = 3
UNDERSTOOD_WITHIN = timedelta(seconds=4)
"""So long the understanding of a line is waited for; then suggestions do without."""

_LEAST_CONFIDENCE = 0.06
_MEANINGS = 4
# From here on the bot would answer at once, and another meaning has to be this likely to be worth a place.
_SURE = 0.8
_BESIDE_A_SURE_ONE = 0.15
# What may be done to an order is said of one that was likely meant, or not at all.
_SURE_OF_A_DEED = 0.4
# A line that leans on the one before: the question is as sure as this.
_GOES_ON = 0.75
_YES_TO_IT = 0.6
_PERHAPS_STILL = 0.3
# Where nothing is surer than this, it is looked up.
_LOOKED_UP_BELOW = 0.55
_LOOKED_UP = 0.5
# Of what a sentence says, so much must stand in an entry that is found by words alone.
_LEAST_COVERED = 0.7
_BY_WORDS = 0.35
# Where no understanding came, the words are all there is.
_BY_WORDS_ALONE = 0.6
_SHORTEST_LOOKED_FOR = 2
_ASKING_COUNTS = 0.5
# A line that gives one of these narrows a product down; another one gives what a deed wants.
_OF_PRODUCTS = frozenset({"product", "kind", "color", "attribute", "brand", "category", "size", "fit", "quantity"})
_WORDLESS = frozenset({"picture", "voice", "video", "file", "location"})


@dataclass(frozen=True)
class Suggestion:
    """An answer for an agent to send.

    Attributes:
        id: The same for the same answer to the same line.
        confidence: How likely it is that it fits, 0 … 1.
        why: In a few words for the agent.
    """

    id: str
    text: str
    card: Mapping[str, Any] | None
    source: Source
    source_title: str
    intent: str | None
    confidence: float
    why: str


@dataclass(frozen=True)
class Suggestions:
    """What is suggested for a line.

    Attributes:
        message_id: The customer's line.
        pending: Whether its understanding is on its way still.
        next: What the customer is likely to ask next.
    """

    message_id: int
    answers: tuple[Suggestion, ...] = ()
    next: tuple[Mapping[str, Any], ...] = ()
    pending: bool = False


@dataclass(frozen=True)
class _Candidate:
    answer: BotAnswer
    score: float
    why: str


def suggest(
    session: Session,
    subject: Subject,
    message: Message,
    knowledge: Knowledge | None,
    now: datetime,
    *,
    account_id: int | None = None,
    known: Mapping[str, str] | None = None,
    trial: OpenSession | None = None,
) -> Suggestions:
    """Finds answers to a customer's line.

    Args:
        session: A session that reads.
        subject: What the conversation is about.
        message: The line.
        knowledge: What can be looked up; None leaves it out.
        now: The present moment.
        account_id: Who is going to answer: their own quick replies count as well.
        known: What quick replies are filled with.
        trial: Opens a session whose writing is taken back.
    """
    if is_pending(message, now):
        return Suggestions(message.id, pending=True)
    meant, earlier = meanings(message), before(session, message)
    candidates = list(_meant(session, subject, message, meant, earlier, now, trial))
    if knowledge is not None and _worth_looking_for(message, meant):
        weight = _BY_WORDS if meant else _BY_WORDS_ALONE
        candidates += _found(session, subject, message, knowledge, weight, now, account_id, known or {}, trial)
    candidates += _looked_up(message, meant, earlier, candidates)
    answers = tuple(
        Suggestion(
            id=suggestion_id(each.answer.source, place, each.answer.text, message.id),
            text=each.answer.text,
            card=each.answer.card,
            source=each.answer.source,
            source_title=each.answer.source_title,
            intent=each.answer.intent or None,
            confidence=round(min(each.score, 1.0), 3),
            why=each.why,
        )
        for place, each in enumerate(_best(candidates), 1)
    )
    return Suggestions(message.id, answers, tuple(next_questions(session, subject, now)))


def is_pending(message: Message, now: datetime) -> bool:
    """Whether what a line means is about to be known."""
    return message.understood is None and message.kind in ("text", "tap") and now - message.at < UNDERSTOOD_WITHIN


def next_questions(session: Session, subject: Subject, now: datetime) -> list[dict[str, Any]]:
    """What the customer is likely to ask next, after all that they have asked in this visit."""
    conversation = subject.conversation
    asked = minute_of(session, conversation.id, now).asked
    return likely_next(session, capsule_plan(), asked, product=subject.product, entry=conversation.entry)


def meanings(message: Message) -> list[tuple[str, float]]:
    """What a line may mean, the likeliest first, with the confidence of each."""
    understood = message.understood or {}
    found: dict[str, float] = {}
    intent = understood.get("intent")
    if intent:
        found[str(intent)] = float(understood.get("confidence") or 0.0)
    for each in understood.get(OTHERS) or ():
        found.setdefault(str(each.get("intent")), float(each.get("confidence") or 0.0))
    likely = [(name, sure) for name, sure in found.items() if name != FALLBACK]
    if not likely:
        return []
    least = _BESIDE_A_SURE_ONE if likely[0][1] >= _SURE else _LEAST_CONFIDENCE
    return [each for place, each in enumerate(likely) if place == 0 or each[1] >= least][:_MEANINGS]


def _leans(meant: list[tuple[str, float]], earlier: Before) -> float:
    """How sure it is that a line goes on with the question before it; 0 where it does not."""
    if earlier.intent is None:
        return 0.0
    intent, sure = meant[0] if meant else (FALLBACK, 0.0)
    if intent == "inform":
        return max(_GOES_ON * sure, _PERHAPS_STILL)
    if intent == "affirm":
        return _YES_TO_IT * sure
    return _PERHAPS_STILL if sure < _SURE_OF_A_DEED else 0.0


def _meant(
    session: Session,
    subject: Subject,
    message: Message,
    meant: list[tuple[str, float]],
    earlier: Before,
    now: datetime,
    trial: OpenSession | None,
) -> Iterable[_Candidate]:
    goes_on = _leans(meant, earlier)
    if goes_on and earlier.intent not in dict(meant):
        assert earlier.intent is not None
        why = f"接着问“{intent_title(earlier.intent)}”"
        for behind, answer in enumerate(bot_answers(session, subject, message, earlier.intent, now, trial)):
            if answer.source == "policy" and earlier.sure < _SURE_OF_A_DEED:
                continue
            yield _Candidate(answer, goes_on * (1 - 0.1 * behind) * (_ASKING_COUNTS if answer.asks else 1.0), why)
    for place, (intent, sure) in enumerate(meant):
        if intent == "inform" and (goes_on or earlier.told):
            # The bot would ask what it is about; whoever has been talking knows.
            continue
        if intent == "affirm" and earlier.asked:
            # "好嘞，有需要叫我" is no answer to a yes.
            continue
        title = intent_title(intent)
        why = f"听懂为“{title}”" if place == 0 else f"也可能是问“{title}”"
        for behind, answer in enumerate(bot_answers(session, subject, message, intent, now, trial)):
            if answer.source == "policy" and sure < _SURE_OF_A_DEED:
                continue
            # The second part of an answer belongs to its first: it stands behind it, not behind another meaning's.
            score = sure * (1 - 0.1 * behind) * (_ASKING_COUNTS if answer.asks else 1.0)
            yield _Candidate(answer, score, why)


def _worth_looking_for(message: Message, meant: list[tuple[str, float]]) -> bool:
    """Whether words alone may say more than what was understood: a thanks or a name finds only what sounds alike."""
    intent, sure = meant[0] if meant else (FALLBACK, 0.0)
    if message.kind in _WORDLESS or len(message.text.strip()) < _SHORTEST_LOOKED_FOR:
        return False
    return intent not in KEEPING_COMPANY and intent != "inform" and sure < _SURE


def _looked_up(
    message: Message, meant: list[tuple[str, float]], earlier: Before, candidates: Iterable[_Candidate]
) -> list[_Candidate]:
    """What good staff say first where something has to be looked up or done: that they are at it."""
    intent, sure = meant[0] if meant else (FALLBACK, 0.0)
    said_yes = intent == "affirm" and earlier.asked
    if message.kind in _WORDLESS or (intent in KEEPING_COMPANY and sure >= _LOOKED_UP_BELOW and not said_yes):
        return []
    gives = intent == "inform"
    best = max((each.score / (_ASKING_COUNTS if each.answer.asks else 1.0) for each in candidates), default=0.0)
    if mood_of(message) in ("angry", "negative"):
        text, score = "实在抱歉，让您着急了。您说的我马上去核实跟进，有结果第一时间告诉您～", _SURE
    elif said_yes:
        text, score = "好的，我马上帮您办，您稍等～", _SURE
    elif (best >= _LOOKED_UP_BELOW and not gives) or (gives and not earlier.told):
        return []
    elif gives:
        named = any(each.get("entity") in _OF_PRODUCTS for each in (message.understood or {}).get("entities") or ())
        text, score = "收到，我马上帮您处理，您稍等～", _PERHAPS_STILL if named else max(sure, _LOOKED_UP)
    elif earlier.looked_up:
        text, score = "让您久等了，还在帮您核实，有结果马上告诉您～", _LOOKED_UP
    else:
        text, score = "好的，我帮您核实一下，您稍等～", _LOOKED_UP
    return [_Candidate(BotAnswer(text, None, "answer", "先应一声", ""), score, "先应一声，再去查")]


def _found(
    session: Session,
    subject: Subject,
    message: Message,
    knowledge: Knowledge,
    weight: float,
    now: datetime,
    account_id: int | None,
    known: Mapping[str, str],
    trial: OpenSession | None,
) -> list[_Candidate]:
    """Answers and quick replies that hold the line's words."""
    candidates = []
    seen: set[str] = set()
    for hit in knowledge.search(message.text, ("answer", "quick_reply"), account_id, limit=2 * MOST):
        if hit.covered < _LEAST_COVERED:
            continue
        score, entry = weight * hit.covered, hit.entry
        intent = entry.id.split(":")[1] if entry.id.startswith("answer:") else ""
        if intent:
            # The variation that is true for this customer is the bot's to choose.
            if intent not in seen:
                seen.add(intent)
                why = f"按关键词找到“{entry.title}”"
                found = bot_answers(session, subject, message, intent, now, trial)
                candidates += [_Candidate(each, score, why) for each in found[:1]]
            continue
        if entry.kind == "quick_reply":
            text = fill(entry.text, known).text
            if text is not None:
                answer = BotAnswer(text, None, "quick_reply", entry.title, "")
                candidates.append(_Candidate(answer, score, f"快捷回复“{entry.title}”"))
        else:
            candidates.append(_Candidate(BotAnswer(entry.text, None, "answer", entry.title, ""), score, "按关键词找到"))
    return candidates


def _best(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    """The best ones, nothing said twice."""
    best: list[_Candidate] = []
    said: set[str] = set()
    for each in sorted(candidates, key=lambda candidate: -candidate.score):
        folded = "".join(letter for letter in each.answer.text if letter.isalnum())
        mark = folded or str((each.answer.card or {}).get("no"))
        if mark not in said:
            said.add(mark)
            best.append(each)
    return best[:MOST]


def shown(suggestions: Suggestions, now: datetime) -> dict[str, Any]:
    """As the workbench's API has them."""
    return {
        "message": suggestions.message_id,
        "answers": [vars(each) for each in suggestions.answers],
        "next": list(suggestions.next),
        "as_of": now.isoformat(),
        "pending": suggestions.pending,
    }
