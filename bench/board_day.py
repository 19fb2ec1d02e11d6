"""A day at a desk with words in it: chats of the bot's and of people's, silences, moods, scores and tickets, planted.

It goes on from `bench.desk`'s day, through the product's own functions and a clock of its own.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from bench.desk import Simulation, rules
from bench.desk_day import Coming, Days, Leg, moment
from sixty.desk.agents import Agent
from sixty.desk.beside.ratings import Satisfaction, Tapped, ask_for_rating, settle_rating
from sixty.desk.board.day import DaysOfChats
from sixty.desk.board.figures import board_figures
from sixty.desk.board.supervision_rules import AlarmRule, SupervisionRules
from sixty.desk.conversations import Conversation, Who, begin
from sixty.desk.desk_errors import DeskError
from sixty.desk.desk_rules import RoutingRules
from sixty.desk.handoff_rows import HandOff
from sixty.desk.speaking import say
from sixty.desk.ticker import Ticker
from sixty.desk.tickets.flow import Wanted, move, raise_ticket
from sixty.desk.tickets.rows import Ticket
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from sixty.shop.database import shop_session
from sixty.tables import column

LATE_FIRST = 200.0
SILENCE = 320.0
SCORES_FALL = (15 * 3600, 17 * 3600, "aftersale")
"""From, to, and of whom customers are discontent."""

_ANGRY = {"entities": [{"entity": "mood", "value": "angry"}], "intent": {"name": "complain"}}
_CHECKED_EVERY = 3600.0


def alarm_rules() -> SupervisionRules:
    """Alarms of every kind that a day can give."""
    minute = timedelta(minutes=1)
    return SupervisionRules(
        alarms=(
            AlarmRule("queue_long", "waiting", "排队太多", 6, "group", minute),
            AlarmRule("wait_long", "longest_wait", "等太久", 240, "all", 2 * minute),
            AlarmRule("first_late", "first_response", "没回第一句", 90, "chat"),
            AlarmRule("silent", "agent_silent", "没人回", 240, "chat"),
            AlarmRule("upset", "negative_mood", "不高兴", 2, "chat"),
            AlarmRule("scores_low", "low_score", "满意度低", 3.5, "group", 10 * minute, timedelta(hours=1), at_least=5),
            AlarmRule("tickets_late", "overdue", "工单过期", 1, "all"),
        )
    )


def talking_rules() -> RoutingRules:
    """As in `bench.desk`; nobody stays in a wrap-up for ever."""
    return replace(rules(), wrap_up=timedelta(minutes=3))


@dataclass
class Manner:
    """How one customer and their agent talk.

    Attributes:
        first: Seconds from the beginning to the agent's first line.
        answers: Of each further line of the customer: how long after the agent's, and how long until the answer.
        angry: Whether the customer is.
        score: What they give; None for nothing.
        ticket: Of which type one is raised; None for none.
        forgotten: Whether nobody solves it in time.
    """

    first: float
    answers: list[tuple[float, float]]
    angry: bool
    score: int | None
    ticket: str | None
    forgotten: bool
    planted: tuple[str, ...]


@dataclass
class BoardDay(Simulation):
    """The day; what the script has done is kept beside it, for who counts by themselves."""

    bot_chats: list[float] = field(default_factory=list)
    seed: int = 1
    ticks: list[datetime] = field(default_factory=list)
    groups: dict[str, list[tuple[datetime, str | None]]] = field(default_factory=lambda: defaultdict(list))
    solved: dict[int, datetime] = field(default_factory=dict)
    shown: dict[datetime, dict[str, Any]] = field(default_factory=dict)
    planted: list[tuple[str, str]] = field(default_factory=list)
    _manners: dict[str, Manner] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)
    _next_look: float = 0.0
    _board: DaysOfChats | None = None
    _lines: int = 0

    def run(self) -> None:
        """Goes through the day."""
        self._coming_bots = sorted(self.bot_chats, reverse=True)
        self._chance = random.Random(self.seed)
        super().run()

    def make_ticker(self) -> Ticker:
        """Ticks as the desk does, with alarms, tickets and figures; each tick is noted."""
        ticker = Ticker(
            partial(shop_session, self.url),
            clock=lambda: moment(self.now),
            rules=self.rules,
            supervision=alarm_rules(),
        )
        return _Noting(ticker, self)  # type: ignore[return-value]

    # -- what happens -------------------------------------------------------------------------------------------------

    def _arrive(self, customer: Coming) -> None:
        before = set(self.talks)
        self._let_bots_come()
        super()._arrive(customer)
        (chat,) = set(self.talks) - before
        manner = self._manner(customer)
        self._manners[chat] = manner
        at = moment(max(customer.at, self.now - 5.0))
        with shop_session(self.url) as session:
            self._customer_says(session, chat, "请帮我看看", at, manner.angry)
            hand_off = session.scalars(select(HandOff).where(column(HandOff.conversation_id) == chat)).one()
            self.groups[chat].append((at, hand_off.group_id))

    def _manner(self, customer: Coming) -> Manner:
        chance = self._chance
        late, silent = chance.random() < 0.02, chance.random() < 0.02
        angry = chance.random() < 0.02
        answers = [(chance.uniform(5, 40), chance.uniform(5, 100)) for _ in range(2)]
        if silent:
            answers[0] = (answers[0][0], SILENCE)
        low = SCORES_FALL[0] <= customer.at % 86400 < SCORES_FALL[1] and customer.legs[-1].group == SCORES_FALL[2]
        score = chance.choice((1, 2, 2)) if low else chance.choice((4, 5, 5, 5))
        ticket = chance.choice(("callback", "complaint")) if chance.random() < 0.03 else None
        return Manner(
            LATE_FIRST if late else chance.uniform(4, 70),
            answers,
            angry,
            score if chance.random() < 0.4 else None,
            ticket,
            ticket is not None and chance.random() < 0.34,
            tuple(name for name, yes in (("first_late", late), ("silent", silent), ("upset", angry)) if yes),
        )

    def _let_bots_come(self) -> None:
        """Chats that the bot deals with alone: a question and an answer, now and then without one."""
        while self._coming_bots and self._coming_bots[-1] <= self.now:
            at = self._coming_bots.pop()
            number = f"B{len(self._coming_bots):06d}"
            with shop_session(self.url) as session:
                who = Who(number, "普通", "浙江省", moment(at) + timedelta(days=3))
                chat = begin(session, "web", moment(at), visitor_id=number, who=who)[0].id
                self._customer_says(session, chat, "有货吗", moment(at), False, "answered")
                outcome = "missed" if self._chance.random() < 0.1 else "answered"
                self._bot_says(session, chat, outcome, moment(at) + timedelta(seconds=1))

    def _begin_talks(self) -> bool:
        generations = {chat: talk.generation for chat, talk in self.talks.items()}
        waits = super()._begin_talks()
        for chat, talk in self.talks.items():
            if talk.generation != generations.get(chat, 0) and talk.holder is not None:
                began = float(talk.holder.partition("@")[2])
                self._push(began + self._manners[chat].first, "first_line", chat, talk.generation)
        return waits

    def _happen(self) -> None:
        self._let_bots_come()
        rest = []
        while self.events and self.events[0][0] <= self.now:
            event = heapq.heappop(self.events)
            _, _, kind, chat, generation = event
            if kind in ("first_line", "customer_line", "answer"):
                if generation == self.talks[chat].generation:
                    self._talk_on(chat, kind, generation)
            elif kind in ("raise", "solve"):
                self._see_to_ticket(kind, chat)
            else:
                rest.append(event)
        for event in rest:
            heapq.heappush(self.events, event)
        super()._happen()

    def _talk_on(self, chat: str, kind: str, generation: int) -> None:
        talk, manner = self.talks[chat], self._manners[chat]
        agent = str(talk.holder).partition("@")[0]
        at = moment(self.now)
        done = sum(key.startswith(f"{chat}:{generation}:customer") for key in self._said_in[chat])
        with shop_session(self.url) as session:
            if kind == "customer_line":
                self._customer_says(session, chat, "还有一件事", at, manner.angry)
                self._said_in[chat].add(f"{chat}:{generation}:customer:{done}")
                self._push(self.now + manner.answers[done][1], "answer", chat, generation)
                return
            self._lines += 1
            try:
                say(session, chat, agent, f"line-{self._lines}", {"text": "好的，我看一下"}, at)
            except DeskError:
                return
        if done < len(manner.answers):
            self._push(self.now + manner.answers[done][0], "customer_line", chat, generation)

    def _end(self, chat: str, talk: Any, kind: str) -> None:
        passes_on = kind != "wrapped_up" and talk.leg + 1 < len(talk.customer.legs)
        super()._end(chat, talk, kind)
        with shop_session(self.url) as session:
            hand_off = session.scalars(
                select(HandOff).where(column(HandOff.conversation_id) == chat).order_by(column(HandOff.id).desc())
            ).first()
            if hand_off is None:
                return
            if passes_on:
                self.groups[chat].append((moment(self.now), hand_off.group_id))
            elif kind == "wrapped_up":
                self._rate(session, chat, hand_off)
                if self._manners[chat].ticket is not None:
                    self._push(self.now + 5, "raise", chat, 0)

    def _rate(self, session: Any, chat: str, hand_off: HandOff) -> None:
        score = self._manners[chat].score
        if score is None or not ask_for_rating(session, hand_off, moment(self.now)):
            return
        asked = session.scalars(select(Satisfaction).where(column(Satisfaction.hand_off_id) == hand_off.id)).one()
        settle_rating(session, chat, Tapped(asked.id, score=score), moment(self.now))

    def _see_to_ticket(self, kind: str, chat: str) -> None:
        manner, at = self._manners[chat], moment(self.now)
        with shop_session(self.url) as session:
            if kind == "raise":
                agent = session.scalars(select(Agent).order_by(Agent.id)).first()
                assert agent is not None
                conversation = session.get(Conversation, chat)
                wanted = Wanted(
                    key=f"bench:{chat}"[:64],
                    type=str(manner.ticket),
                    title="请跟进",
                    text="顾客等回复",
                    fields={"phone": "13800138000"} if manner.ticket == "callback" else {},
                    conversation_id=chat,
                    customer_id=conversation.customer_id,
                    channel="web",
                )
                made, _ = raise_ticket(session, wanted, agent.id, at, tell=False, routing=self.rules)
                # Two or four hours are given; who forgets needs six more.
                later = 8 * 3600 if manner.forgotten else 1800
                self._push(self.now + later, "solve", chat, made.id)
                return
            ticket = session.scalars(select(Ticket).where(column(Ticket.key) == f"bench:{chat}"[:64])).one()
            agent_id = session.scalars(select(Agent.id)).first()
            for state in ("doing", "done"):
                ticket = move(
                    session,
                    ticket.id,
                    ticket.version,
                    state,
                    str(agent_id),
                    at,
                    why="已经处理好",
                    tell=False,
                    routing=self.rules,
                    fields={"about": "客服"} if state == "doing" else {"result": "已经处理好"},
                )
            self.solved[ticket.id] = at

    # -- what is written ----------------------------------------------------------------------------------------------

    def _customer_says(
        self, session: Any, chat: str, text: str, at: datetime, angry: bool, state: str = "to_person"
    ) -> None:
        values = blank_message(conversation_id=chat, author="customer", channel="web", text=text, state=state, at=at)
        if angry:
            values["understood"] = _ANGRY
        session.add(Message(**values))
        session.flush()

    def _bot_says(self, session: Any, chat: str, outcome: str, at: datetime) -> None:
        values = blank_message(
            conversation_id=chat,
            author="bot",
            channel="web",
            text="有的",
            state="delivered",
            at=at,
            payload={"outcome": outcome},
        )
        session.add(Message(**values))
        session.flush()

    def look(self) -> None:
        """Notes what the board shows, now and then."""
        if self.now < self._next_look:
            return
        self._next_look = self.now + _CHECKED_EVERY
        now = moment(self.now)
        zone = self.rules.groups[0].hours.zone
        self._board = self._board or DaysOfChats(zone)
        with shop_session(self.url, read_only=True) as session:
            self.shown[now] = board_figures(session, self._board, self.rules, alarm_rules(), now)

    @property
    def _said_in(self) -> dict[str, set[str]]:
        if not hasattr(self, "_kept"):
            self._kept: dict[str, set[str]] = defaultdict(set)
        return self._kept


class _Noting:
    """A ticker that notes when it has ticked."""

    def __init__(self, ticker: Ticker, day: BoardDay) -> None:
        self._ticker = ticker
        self._day = day

    def tick(self) -> Any:
        told = self._ticker.tick()
        self._day.ticks.append(moment(self._day.now))
        self._day.look()
        return told


def with_long_talks(days: Days, seed: int) -> Days:
    """The same day; talks are long enough for what is planted in them to be felt."""
    chance = random.Random(seed)
    return replace(
        days,
        customers=tuple(
            replace(
                each,
                legs=tuple(Leg(leg.group, max(leg.seconds, 120 + chance.random() * 60)) for leg in each.legs),
            )
            for each in days.customers
        ),
    )
