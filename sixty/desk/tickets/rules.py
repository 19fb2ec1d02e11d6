"""Reads `playbook/tickets.yml`: types of tickets and how each is moved along, and what counts as a promise."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from string import Formatter
from typing import Any, Literal

from pydantic import BaseModel, ConstrainedStr, Extra, Field, root_validator, validator

from sixty.desk.desk_rules import Condition, ConditionEntry, RoutingRules, Topic, Wait, check_routing
from sixty.desk.office_hours import ALWAYS, OfficeHours
from sixty.errors import OperatorError
from sixty.shop.deeds.kinds import DEED_KINDS
from sixty.shop.located import Located, Problem, read_document, read_soundly
from sixty.shop.spans import WrittenSpan
from sixty.shop.written_values import Text

TICKETS_FILE = "tickets.yml"

StateKind = Literal["open", "waiting", "done"]
FieldKind = Literal["text", "long", "money", "order", "product", "phone", "date", "choice"]
EscalatesTo = Literal["agent", "group", "supervisor"]
Keeping = Literal["auto", "ask"]
Kept = Literal["ticket", "reply", "ask"]

_PLACES = frozenset({"no", "title", "due", "why"})


class TicketRulesError(OperatorError):
    """The file can't be used; the message names every place."""


class Name(ConstrainedStr):
    """A name such as `refund`."""

    regex = r"^[a-z][a-z0-9_]{0,31}$"


class Offset(WrittenSpan):
    """A time from the due one on, or in front of it."""

    form = re.compile(r"(-?\d{1,5})([smh])")
    called = "time such as 0s, 2h, or -30m for half an hour before"


class OfficeDays(WrittenSpan):
    """So many days on which the group is at work."""

    form = re.compile(r"([1-9]\d?)(d)")
    called = "number of days such as 1d or 3d"


class _Entry(BaseModel):
    class Config:
        extra = Extra.forbid
        allow_mutation = False


class StateEntry(_Entry):
    """A state; the board shows them in this order."""

    id: Name
    title: Text
    title_en: Text | None = None
    kind: StateKind = "open"


class TransitionEntry(_Entry):
    """Where a ticket may go from a state."""

    before: Name = Field(alias="from")
    to: list[Name] = Field(min_items=1)
    why: bool = False
    only: Literal["supervisor"] | None = None


class StepEntry(_Entry):
    """Whom to turn to, and when."""

    after: Offset
    to: EscalatesTo | None = None
    move: Name | None = None

    @root_validator(skip_on_failure=True)
    def _one_of_them(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values["to"] is None) == (values["move"] is None):
            raise ValueError("says whom to turn to: either to (agent, group, supervisor) or move (a group)")
        return values


class FieldEntry(_Entry):
    """Something that a type asks for."""

    id: Name
    title: Text
    title_en: Text | None = None
    kind: FieldKind = "text"
    choices: list[Text] = []
    required: Name | None = None

    @root_validator(skip_on_failure=True)
    def _choices_for_a_choice(cls, values: dict[str, Any]) -> dict[str, Any]:
        if (values["kind"] == "choice") != bool(values["choices"]):
            raise ValueError("choices belong to kind: choice, which needs some")
        return values


class PatienceEntry(_Entry):
    """How long tickets of a type wait for customers, where that is not as usual.

    Attributes:
        close: Whether they are ever closed for want of an answer.
        remind_after: When the customer is reminded, from the last thing that they or the shop have said of it.
        close_after: When it is closed.
    """

    close: bool = True
    remind_after: OfficeDays | None = None
    close_after: OfficeDays | None = None


class UnansweredEntry(_Entry):
    """What becomes of tickets whose customers don't answer.

    Attributes:
        remind_after: When the customer is reminded, once; in days on which the group is at work.
        close_after: When the ticket is closed.
        to: The state into which it is closed.
        why: The reason that stands in its history.
        reopen_within: So long a customer who writes after all finds it open again, by the clock; None for never.
        remind: What the customer reads when they are reminded.
        closed: What they read when it is closed.
        answered: What they read when they have written, and work goes on; empty for nothing.
    """

    remind_after: OfficeDays
    close_after: OfficeDays
    to: Name
    why: Text
    reopen_within: OfficeDays | None = None
    remind: Text
    closed: Text
    answered: str = ""


@dataclass(frozen=True)
class Patience:
    """How long one type waits for its customers, in days of work."""

    remind_after: int
    close_after: int


class TypeEntry(_Entry):
    """A kind of ticket.

    Attributes:
        due: By when it has to be done; None for whenever.
        counts: `office` counts the group's hours only, `always` the clock.
        promise: The kind of promise that such a ticket keeps.
        when: What a chat is about that such a ticket is raised from.
        words: What customers are told, by state, instead of the usual words.
        escalation: Instead of the usual steps.
        unanswered: How long it waits for customers, instead of the usual time.
    """

    id: Name
    title: Text
    title_en: Text | None = None
    group: Name
    due: Wait | None = None
    counts: Literal["office", "always"] = "office"
    urgent: bool = False
    promise: Name | None = None
    when: ConditionEntry = ConditionEntry()
    states: list[Name] | None = None
    fields: list[FieldEntry] = []
    words: dict[str, str] = {}
    escalation: list[StepEntry] | None = None
    unanswered: PatienceEntry = PatienceEntry()

    @validator("due")
    def _is_some_time(cls, due: timedelta | None) -> timedelta | None:
        if due is not None and due <= timedelta(0):
            raise ValueError("must be longer than nothing")
        return due


class PromiseEntry(_Entry):
    """A kind of promise.

    Attributes:
        say: What is said of it.
        soon: When it is due where no time was named, only that it will be soon; None where that is no promise.
        keep: Whether it is watched at once, or only after the agent's yes.
        kept: What keeps it, beside the agent's word that it is kept: its ticket's end, or the agent's next line.
        type: Of the ticket that is raised for it.
    """

    id: Name
    title: Text
    title_en: Text | None = None
    say: list[Text] = Field(min_items=1)
    soon: Wait | None = None
    keep: Keeping = "ask"
    kept: Kept = "ask"
    type: Name | None = None


class NoPromiseEntry(_Entry):
    """Words beside which nothing is a promise.

    Attributes:
        condition: Anywhere in the sentence; all others in the same part of it.
    """

    general: list[Text] = []
    condition: list[Text] = []
    cannot: list[Text] = []
    yours: list[Text] = []


def _usual_states() -> list[StateEntry]:
    return [
        StateEntry.parse_obj({"id": "new", "title": "待处理", "title_en": "New"}),
        StateEntry.parse_obj({"id": "doing", "title": "处理中", "title_en": "In progress"}),
        StateEntry.parse_obj({"id": "done", "title": "已解决", "title_en": "Solved", "kind": "done"}),
    ]


def _usual_transitions() -> list[TransitionEntry]:
    return [
        TransitionEntry.parse_obj({"from": "new", "to": ["doing", "done"]}),
        TransitionEntry.parse_obj({"from": "doing", "to": ["done"]}),
        TransitionEntry.parse_obj({"from": "done", "to": ["doing"], "why": True}),
    ]


def _usual_types() -> list[TypeEntry]:
    return [TypeEntry.parse_obj({"id": "other", "title": "问题跟进", "title_en": "Other", "group": "general"})]


class TicketRules(_Entry):
    """All of it; the defaults are those of a shop without the file.

    Attributes:
        late: What customers read instead of words that name a due time, once that has passed.
        undated: What they read instead of these where a ticket has no due time.
    """

    states: list[StateEntry] = Field(default_factory=_usual_states, min_items=2)
    transitions: list[TransitionEntry] = Field(default_factory=_usual_transitions)
    escalation: list[StepEntry] = []
    words: dict[str, str] = {}
    late: str = "您的{title}（{no}）比说好的时间晚了，真抱歉，同事正在加急处理，有结果马上在这里告诉您～"
    undated: str = "您的{title}（{no}）同事正在处理，有进展我在这里告诉您～"
    unanswered: UnansweredEntry | None = None
    types: list[TypeEntry] = Field(default_factory=_usual_types, min_items=1)
    promises: list[PromiseEntry] = []
    no_promise: NoPromiseEntry = NoPromiseEntry()
    deeds: list[Text] = []
    promise_escalation: list[StepEntry] = []

    def state(self, state_id: str) -> StateEntry:
        """A state by its id; the first one for one that is not there any more."""
        return next((each for each in self.states if each.id == state_id), self.states[0])

    def type(self, type_id: str) -> TypeEntry:
        """A type by its id; the last one for one that is not there any more."""
        return next((each for each in self.types if each.id == type_id), self.types[-1])

    def knows_type(self, type_id: str) -> bool:
        """Whether there is such a type."""
        return any(each.id == type_id for each in self.types)

    def promise(self, kind: str) -> PromiseEntry | None:
        """A kind of promise by its id."""
        return next((each for each in self.promises if each.id == kind), None)

    def keeps(self, type_id: str, kind: str) -> bool:
        """Whether a ticket of a type keeps promises of a kind: as the type says, or the promise; never a deed's."""
        entry = self.promise(kind)
        return entry is not None and (entry.id == self.type(type_id).promise or entry.type == self.type(type_id).id)

    def first_state(self, type_id: str) -> StateEntry:
        """In which a ticket of that type begins."""
        return self.states_of(type_id)[0]

    def states_of(self, type_id: str) -> list[StateEntry]:
        """The states of a type, in order."""
        own = self.type(type_id).states
        return [each for each in self.states if own is None or each.id in own]

    def transition(self, type_id: str, before: str, after: str) -> TransitionEntry | None:
        """The rule by which a ticket may go from one state to another; None where it may not."""
        if not any(each.id == after for each in self.states_of(type_id)):
            return None
        return next((each for each in self.transitions if each.before == before and after in each.to), None)

    def missing(self, type_id: str, state_id: str, given: dict[str, str]) -> list[FieldEntry]:
        """What has to be filled in before a ticket of that type may be in that state, and is not."""
        order = [str(each.id) for each in self.states]
        place = order.index(state_id) if state_id in order else 0
        if self.state(state_id).kind == "done" and not self.is_solved(state_id):
            # What is closed without having been solved needs no result.
            place = 0
        return [
            each
            for each in self.type(type_id).fields
            if each.required in order
            and order.index(str(each.required)) <= place
            and not given.get(each.id, "").strip()
        ]

    def is_solved(self, state_id: str) -> bool:
        """Whether tickets in a state have been solved: the first in which they are done; others only close them."""
        return state_id == next((each.id for each in self.states if each.kind == "done"), None)

    def patience(self, type_id: str) -> Patience | None:
        """How long tickets of a type wait for their customers; None for as long as it takes."""
        usual, own = self.unanswered, self.type(type_id).unanswered
        if usual is None or not own.close:
            return None
        remind, close = own.remind_after or usual.remind_after, own.close_after or usual.close_after
        return Patience(remind.days, close.days)

    def phones(self) -> frozenset[str]:
        """The fields of any type that hold telephone numbers: what one type asks for stays when another is chosen."""
        return frozenset(str(field.id) for each in self.types for field in each.fields if field.kind == "phone")

    def waiting_states(self) -> list[str]:
        """The states in which tickets wait for their customers."""
        return [str(each.id) for each in self.states if each.kind == "waiting"]

    def way_on(self, type_id: str, state_id: str) -> str | None:
        """The state in which work goes on from another one; None where no way leads to any."""
        found = [str(each.id) for each in self.states_of(type_id) if each.kind == "open"]
        # The later one: what has been begun is not new again.
        return next((each for each in reversed(found) if self.transition(type_id, state_id, each) is not None), None)

    def steps(self, type_id: str) -> list[StepEntry]:
        """A type's escalation, the first step first."""
        own = self.type(type_id).escalation
        return sorted(self.escalation if own is None else own, key=lambda each: each.after)

    def steps_of_promises(self) -> list[StepEntry]:
        """The escalation of promises, the first step first."""
        return sorted(self.promise_escalation, key=lambda each: each.after)

    def told(self, type_id: str, state_id: str) -> str:
        """What customers read when a ticket comes into a state; empty for nothing."""
        return self.type(type_id).words.get(state_id, self.words.get(state_id, ""))

    def hours(self, type_id: str, group_id: str, routing: RoutingRules) -> OfficeHours:
        """By whose clock the time of a ticket counts."""
        return routing.group(group_id).hours if self.type(type_id).counts == "office" else ALWAYS

    def guess(self, topic: Topic) -> TypeEntry:
        """The type that fits best what a chat is about: by the last question, then by the words, then the last type."""
        for intent in reversed(topic.intents):
            alone = Topic(**{**topic.__dict__, "intents": (intent,)})
            for each in self.types:
                condition = each.when.made()
                if condition.intents and _likely(condition, alone):
                    return each
        return next((each for each in self.types if _somehow(each.when.made(), topic)), self.types[-1])


def _likely(condition: Condition, topic: Topic) -> bool:
    """Whether the question fits, and the words where the condition names any, or nobody else could tell better."""
    return bool(condition.intents.intersection(topic.intents)) and (
        not condition.words or any(each in topic.words for each in condition.words)
    )


def _somehow(condition: Condition, topic: Topic) -> bool:
    """Whether anything that the condition names is so."""
    return (
        bool(condition.intents.intersection(topic.intents))
        or topic.reason in condition.reasons
        or any(each in topic.words for each in condition.words)
    )


def check_tickets(folder: Path, problems: list[Problem]) -> TicketRules:
    """Reads the rules of a playbook; what is wrong goes into `problems`, a missing file leaves the usual ones."""
    file = folder / TICKETS_FILE
    if not file.exists():
        return TicketRules()
    found = read_document(file, TicketRules, problems)
    if found is None:
        return TicketRules()
    before = len(problems)
    routing = check_routing(folder, [])
    _check_names(found, [each.id for each in routing.groups], problems)
    return found.entry if len(problems) == before else TicketRules()


@lru_cache(maxsize=4)
def read_tickets(folder: Path) -> TicketRules:
    """Reads the rules of a playbook, once.

    Raises:
        TicketRulesError: The file is wrong; names every place.
    """
    return read_soundly(check_tickets, folder, TicketRulesError)


def ticket_rules() -> TicketRules:
    """The rules of this deployment's playbook.

    Raises:
        TicketRulesError: The file is wrong.
    """
    from sixty.settings import get_settings

    return read_tickets(get_settings().playbook)


def intents_of_tickets(folder: Path) -> list[tuple[str, Problem]]:
    """The intents that the file names, each with the problem that it would be if there were none of that name."""
    file = folder / TICKETS_FILE
    found = read_document(file, TicketRules, []) if file.exists() else None
    if found is None:
        return []
    remedy = "mend its spelling, or add it to intents in domain.yml"
    return [
        (intent, found.problem(f"there is no intent {intent}", remedy, "types", number, "when", "intents"))
        for number, each in enumerate(found.entry.types)
        for intent in each.when.intents
    ]


def _check_names(found: Located[TicketRules], groups: Sequence[str], problems: list[Problem]) -> None:
    rules = found.entry
    states = [str(each.id) for each in rules.states]
    types = [str(each.id) for each in rules.types]
    promises = [str(each.id) for each in rules.promises]
    for section, names in (("states", states), ("types", types), ("promises", promises)):
        _check_twice(found, section, names, problems)
    if not any(each.kind == "done" for each in rules.states):
        remedy = "give the last one kind: done"
        problems.append(found.problem("no state is one in which a ticket is done", remedy, "states"))
    if rules.states[0].kind != "open":
        remedy = "put an open one first"
        problems.append(found.problem("a ticket begins in the first state, which is not open", remedy, "states", 0))
    known = partial(_check_known, found, problems)
    for number, transition in enumerate(rules.transitions):
        for state in (transition.before, *transition.to):
            known("state", state, states, "transitions", number)
    _check_ways(found, states, problems)
    _check_steps(found, rules.escalation, groups, problems, "escalation")
    _check_steps(found, rules.promise_escalation, groups, problems, "promise_escalation")
    _check_words(found, rules.words, states, problems, "words")
    _check_timeless_words(found, problems)
    for number in range(len(rules.types)):
        _check_type(found, number, groups, problems)
    _check_unanswered(found, problems)
    for number, promise in enumerate(rules.promises):
        known("type", promise.type, types, "promises", number, "type")
        if promise.kept == "ticket" and promise.type is None:
            wrong = f"{promise.id} is kept by its ticket and has no type"
            problems.append(found.problem(wrong, "add the type of ticket", "promises", number))
    for kind in rules.deeds:
        known("deed", kind, DEED_KINDS, "deeds")


def _check_unanswered(found: Located[TicketRules], problems: list[Problem]) -> None:
    rules = found.entry
    usual = rules.unanswered
    if usual is None:
        for number, kind in enumerate(rules.types):
            if kind.unanswered != PatienceEntry():
                wrong = f"{kind.id} says how long it waits for an answer, and the file has no unanswered"
                remedy = "add unanswered: at the top level, or take this out"
                problems.append(found.problem(wrong, remedy, "types", number, "unanswered"))
        return
    done = [str(each.id) for each in rules.states if each.kind == "done"]
    if usual.to not in done:
        remedy = f"name one with kind: done; known are {', '.join(done)}"
        problems.append(found.problem(f"{usual.to} is no state in which a ticket is done", remedy, "unanswered", "to"))
        return
    for name in ("remind", "closed", "answered"):
        _check_places(found, f"the words of {name}", getattr(usual, name), problems, "unanswered", name)
    if usual.remind_after >= usual.close_after:
        remedy = "let remind_after be less than close_after"
        problems.append(found.problem("customers are reminded after it is closed", remedy, "unanswered"))
        return
    for number in range(len(rules.types)):
        _check_patience(found, number, usual, problems)


def _check_patience(found: Located[TicketRules], number: int, usual: UnansweredEntry, problems: list[Problem]) -> None:
    rules = found.entry
    kind = rules.types[number]
    patience = rules.patience(kind.id)
    if patience is None:
        return
    if patience.remind_after >= patience.close_after:
        wrong = f"customers of {kind.id} are reminded after it is closed"
        remedy = "let remind_after be less than close_after, the usual one counting where one is left out"
        problems.append(found.problem(wrong, remedy, "types", number, "unanswered"))
    for state in rules.states_of(kind.id):
        if state.kind == "waiting" and rules.transition(kind.id, state.id, usual.to) is None:
            wrong = f"from {state.id} a ticket of {kind.id} may not go to {usual.to}"
            remedy = f"add a transition from {state.id} to {usual.to}, or unanswered: {{close: false}} to {kind.id}"
            problems.append(found.problem(wrong, remedy, "unanswered", "to"))
    if usual.reopen_within is not None and rules.way_on(kind.id, usual.to) is None:
        wrong = f"from {usual.to} a ticket of {kind.id} can't be opened again"
        remedy = f"add a transition from {usual.to} to an open state, or take reopen_within out"
        problems.append(found.problem(wrong, remedy, "unanswered", "reopen_within"))


def _check_type(found: Located[TicketRules], number: int, groups: Sequence[str], problems: list[Problem]) -> None:
    rules = found.entry
    kind, states = rules.types[number], [str(each.id) for each in rules.states]
    known = partial(_check_known, found, problems)
    known("group", kind.group, groups, "types", number, "group")
    known("promise", kind.promise, [str(each.id) for each in rules.promises], "types", number, "promise")
    for state in kind.states or ():
        known("state", state, states, "types", number, "states")
    _check_twice(found, "fields", [str(field.id) for field in kind.fields], problems, "types", number)
    for place, field in enumerate(kind.fields):
        known("state", field.required, states, "types", number, "fields", place, "required")
    _check_steps(found, kind.escalation or (), groups, problems, "types", number, "escalation")
    _check_words(found, kind.words, states, problems, "types", number, "words")


def _check_known(
    found: Located[TicketRules],
    problems: list[Problem],
    what: str,
    name: str | None,
    names: Collection[str],
    *path: str | int,
) -> None:
    if name is not None and name not in names:
        remedy = f"mend its spelling; known are {', '.join(names) or 'none'}"
        problems.append(found.problem(f"there is no {what} {name}", remedy, *path))


def _check_ways(found: Located[TicketRules], states: Sequence[str], problems: list[Problem]) -> None:
    rules = found.entry
    done = {str(each.id) for each in rules.states if each.kind == "done"}
    for state in states:
        if state not in done and not _reaches(rules.transitions, state, done):
            remedy = "add a transition from it that leads to one with kind: done"
            problems.append(found.problem(f"from {state} a ticket can never be done", remedy, "transitions"))


def _reaches(transitions: Iterable[TransitionEntry], start: str, goals: Collection[str]) -> bool:
    there, grown = {start}, True
    while grown:
        further = {str(to) for each in transitions if each.before in there for to in each.to} - there
        there |= further
        grown = bool(further)
    return bool(there & set(goals))


def _check_steps(
    found: Located[TicketRules],
    steps: Iterable[StepEntry],
    groups: Collection[str],
    problems: list[Problem],
    *path: str | int,
) -> None:
    for number, step in enumerate(steps):
        if step.move is not None and step.move not in groups:
            remedy = f"mend its spelling; known are {', '.join(groups)}"
            problems.append(found.problem(f"there is no group {step.move}", remedy, *path, number, "move"))
        if step.move is not None and path[0] == "promise_escalation":
            remedy = "use to: agent, group or supervisor"
            problems.append(found.problem("a promise moves to no group", remedy, *path, number, "move"))


def _check_words(
    found: Located[TicketRules],
    words: dict[str, str],
    states: Collection[str],
    problems: list[Problem],
    *path: str | int,
) -> None:
    for state, text in words.items():
        if state not in states:
            remedy = f"mend its spelling; known are {', '.join(states)}"
            problems.append(found.problem(f"there is no state {state}", remedy, *path, state))
        _check_places(found, f"the words of {state}", text, problems, *path, state)


def _check_timeless_words(found: Located[TicketRules], problems: list[Problem]) -> None:
    for name in ("late", "undated"):
        text = getattr(found.entry, name)
        _check_places(found, f"the words of {name}", text, problems, name)
        if "{due}" in text:
            problems.append(found.problem(f"the words of {name} name a time that there is not", "take {due} out", name))


def _check_places(found: Located[TicketRules], what: str, text: str, problems: list[Problem], *path: str | int) -> None:
    try:
        named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        named = {text}
    if not named <= _PLACES:
        remedy = f"use {', '.join(f'{{{each}}}' for each in sorted(_PLACES))} only"
        problems.append(found.problem(f"{what} name something that is not known", remedy, *path))


def _check_twice(
    found: Located[TicketRules], section: str, names: Sequence[str], problems: list[Problem], *path: str | int
) -> None:
    for number, name in enumerate(names):
        if name in names[:number]:
            where = (*path, section, number, "id")
            problems.append(found.problem(f"{name} stands here twice", "rename one", *where))
