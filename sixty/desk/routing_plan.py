"""What a merchant sets of hand-offs and routing, as the desk works with it; `playbook/routing.yml` says it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from sixty.desk.office_hours import ALWAYS, OfficeHours


@dataclass(frozen=True)
class Topic:
    """What a hand-off is about, as far as it is known.

    Attributes:
        reason: Why a person is called.
        intents: What the customer was understood to ask, the newest last.
        words: What they have said, all in one text.
        category: Of the product that is talked about.
        amount: Of the order that is talked about, in yuan.
        level: The customer's membership level.
        region: Where they live.
        entry: Where the chat was opened.
        channel: Where they write.
        angry: Whether they were.
        wanted_group: The group that they have asked for, by its id.
    """

    reason: str = ""
    intents: Sequence[str] = ()
    words: str = ""
    category: str | None = None
    amount: Decimal | None = None
    level: str | None = None
    region: str | None = None
    entry: str | None = None
    channel: str | None = None
    angry: bool = False
    wanted_group: str | None = None


@dataclass(frozen=True)
class Condition:
    """What a topic must be; what is left empty may be anything."""

    intents: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    entries: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    levels: frozenset[str] = frozenset()
    regions: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    at_least: Decimal | None = None

    def fits(self, topic: Topic) -> bool:
        """Whether all that is asked for is so."""
        return (
            (not self.intents or bool(self.intents.intersection(topic.intents)))
            and (not self.reasons or topic.reason in self.reasons)
            and (not self.categories or topic.category in self.categories)
            and (not self.entries or topic.entry in self.entries)
            and (not self.channels or topic.channel in self.channels)
            and (not self.levels or topic.level in self.levels)
            and (not self.regions or any(each in (topic.region or "") for each in self.regions))
            and (not self.words or any(each in topic.words for each in self.words))
            and (self.at_least is None or (topic.amount is not None and topic.amount >= self.at_least))
        )


@dataclass(frozen=True)
class GroupRules:
    """A group of agents.

    Attributes:
        hours: When it is at work.
        takes: What it answers.
        regions: The regions it serves; all when empty.
        sayings: What customers call it.
        overflow_to: The group whose agents may answer as well, after a customer has waited for `overflow_after`.
    """

    id: str
    title: str
    hours: OfficeHours
    takes: Condition = field(default_factory=Condition)
    sayings: tuple[str, ...] = ()
    overflow_to: str | None = None
    overflow_after: timedelta = timedelta(0)


@dataclass(frozen=True)
class SkillRule:
    """Which topic wants an agent with which skill."""

    skill: str
    when: Condition


@dataclass(frozen=True)
class SensitiveRule:
    """What is said, or asked about how much, that a person has a look at."""

    id: str
    when: Condition
    say: str


@dataclass(frozen=True)
class Thresholds:
    """After how much of it a person is called: misses in a row and in all, angry messages."""

    misses: int = 2
    misses_in_all: int = 3
    angry: int = 2


@dataclass(frozen=True)
class RoutingRules:
    """What a merchant sets; the defaults are those of a shop without the file.

    Attributes:
        groups: In the order in which they are tried; the last one answers whatever the others do not.
        vip_levels: Levels that count as VIP.
        ahead: Minutes that something counts as having waited already: `vip`, `angry`, `amount`, or a reason.
        dear_from: From which amount an order counts as dear.
        usual: When a person is called.
        for_vips: When a person is called by VIPs.
        longest_queue: How many may wait for a group.
        longest_queue_of: The same for single groups, by their id.
        longest_wait: How long somebody waits before it becomes a message left.
        tell_every: How often a customer is told their place at most.
        own_agent_wait: How long one waits for one's own agent, the last one, or the one one was passed to.
        skill_wait: How long one waits for somebody with the skill; then anybody of the group will do.
        last_agent_within: How long ago the last agent may have been.
        service_time: How long a conversation lasts, before any have been observed.
        first_reply: Within which time an agent says something.
        alert_after: After which waits, the shortest first, those who could help are told of a customer who waits.
        gone_after: Without a sign of life for so long, an agent is gone.
        wrap_up: How long an agent may finish writing.
        idle: After how long without a word of the customer the conversation ends; None for never.
    """

    groups: tuple[GroupRules, ...] = (GroupRules("general", "在线客服", ALWAYS),)
    skills: tuple[SkillRule, ...] = ()
    sensitive: tuple[SensitiveRule, ...] = ()
    vip_levels: frozenset[str] = frozenset()
    ahead: Mapping[str, timedelta] = field(default_factory=dict)
    dear_from: Decimal | None = None
    usual: Thresholds = field(default_factory=Thresholds)
    for_vips: Thresholds = field(default_factory=Thresholds)
    longest_queue: int = 200
    longest_queue_of: Mapping[str, int] = field(default_factory=dict)
    longest_wait: timedelta = timedelta(minutes=15)
    tell_every: timedelta = timedelta(seconds=60)
    own_agent_wait: timedelta = timedelta(seconds=45)
    skill_wait: timedelta = timedelta(minutes=2)
    last_agent_within: timedelta = timedelta(hours=72)
    service_time: timedelta = timedelta(minutes=6)
    first_reply: timedelta = timedelta(seconds=60)
    alert_after: tuple[timedelta, ...] = (timedelta(seconds=60), timedelta(minutes=5))
    gone_after: timedelta = timedelta(seconds=150)
    wrap_up: timedelta = timedelta(minutes=3)
    idle: timedelta | None = timedelta(minutes=30)
    tags: tuple[str, ...] = ()

    def group(self, group_id: str | None) -> GroupRules:
        """A group by its id; the last one, which answers everything, for one that is not there any more."""
        return next((each for each in self.groups if each.id == group_id), self.groups[-1])

    def knows(self, group_id: str) -> bool:
        """Whether there is such a group."""
        return any(each.id == group_id for each in self.groups)

    def group_for(self, topic: Topic) -> GroupRules:
        """Who answers: whom the customer has asked for, else the first group that takes what they ask.

        What was asked last weighs most: the groups are tried with the last question alone, then with the one before,
        and so on; what none of them takes is the last group's.
        """
        if topic.wanted_group is not None and self.knows(topic.wanted_group):
            return self.group(topic.wanted_group)
        for intent in reversed(topic.intents):
            alone = _only(topic, intent)
            for group in self.groups[:-1]:
                if group.takes.fits(alone):
                    return group
        return next((each for each in self.groups if each.takes.fits(topic)), self.groups[-1])

    def skill_for(self, topic: Topic) -> str | None:
        """What whoever answers should know more of."""
        return next((each.skill for each in self.skills if each.when.fits(topic)), None)

    def is_vip(self, level: str | None) -> bool:
        """Whether a customer of that level is one."""
        return level in self.vip_levels

    def thresholds(self, level: str | None) -> Thresholds:
        """When a customer of that level gets a person."""
        return self.for_vips if self.is_vip(level) else self.usual

    def raised(self, topic: Topic) -> dict[str, timedelta]:
        """What puts a customer in front of others, and by how much."""
        said: list[str] = []
        if self.is_vip(topic.level):
            said.append("vip")
        if topic.angry or topic.reason == "angry":
            said.append("angry")
        if self.dear_from is not None and topic.amount is not None and topic.amount >= self.dear_from:
            said.append("amount")
        if topic.reason not in said:
            said.append(topic.reason)
        return {name: self.ahead[name] for name in said if self.ahead.get(name)}

    def wished_group(self, words: str) -> str | None:
        """The group that a customer calls by one of its names; the longest name counts."""
        named = [
            (len(saying), -place, group.id)
            for place, group in enumerate(self.groups)
            for saying in group.sayings
            if saying in words
        ]
        return max(named)[2] if named else None


def _only(topic: Topic, intent: str) -> Topic:
    return Topic(**{**topic.__dict__, "intents": (intent,)})
