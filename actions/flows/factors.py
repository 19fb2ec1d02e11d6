"""What a flow has to know: where it is found in what the customer says, and how it is asked for."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actions import cards
from actions.without_number import WHERE_IT_IS
from sixty.shop.gateways.normal_form import Order, OrderLine
from sixty.shop.order_answers import describe_order
from sixty.shop.order_numbers import lacks_number

if TYPE_CHECKING:
    from actions.flows.case import Case

YES, NO = {"title": "确定", "payload": "/affirm"}, {"title": "先不了", "payload": "/deny"}
_ONLY_ASKS = frozenset({"refund_status", "after_sales_progress", "ask_return_policy", "ask_return_shipping"})
_WHICH_AGAIN = "点一下是哪一笔就行，说“第一个”也可以～"
_ALL_OF_THEM = re.compile(r"都|全部|整单|两[个件条样]|一起")


class UnfitError(Exception):
    """What the customer gave cannot be meant; the text says why and what would do.

    Args:
        text: That text.
        person: Whether a person can do more, so that one is offered.

    Attributes:
        slot: The factor that it was given for, once that is known.
    """

    def __init__(self, text: str, *, person: bool = False) -> None:
        super().__init__(text)
        self.person = person
        self.slot = ""


@dataclass(frozen=True)
class Factor(ABC):
    """One deciding factor.

    Attributes:
        slot: Where it is kept.
        courtesy: Whether it is asked for our own sake, so that an angry customer is spared it.
    """

    slot: str
    courtesy: bool = field(default=False, kw_only=True)

    def needed(self, case: Case) -> bool:
        """Whether this case has to know it."""
        return True

    def preset(self, case: Case) -> Any | None:
        """Its value where there can be only one."""
        return None

    @abstractmethod
    def take(self, case: Case, *, asked: bool) -> Any | None:
        """Its value in the latest message.

        Args:
            case: The case, with the turn.
            asked: Whether it is what the bot has just asked for: then a bare answer is meant for it.

        Returns:
            The value, or None when the message has none.

        Raises:
            UnfitError: There is one, but it cannot be meant.
        """

    @abstractmethod
    def ask(self, case: Case) -> None:
        """Asks for it."""


@dataclass(frozen=True)
class WhichOrder(Factor):
    """The order: the only one that suits, one of those shown, or one whose number is given and proved."""

    slot: str = "order_no"

    def needed(self, case: Case) -> bool:
        """A flow without orders asks for none."""
        return case.flow.needs_order

    def preset(self, case: Case) -> Any | None:
        """The order of the page that the customer came from, or the only one that suits."""
        context = case.turn.context
        of_page = next((order for order in case.orders if context and order.no == context.order_no), None)
        if of_page is not None and case.flow.suits(of_page, case.turn.now):
            return of_page.no
        suiting = [order.no for order in case.candidates]
        return suiting[0] if len(suiting) == 1 else None

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """A number; a position among the orders shown; goods that are in one of them only."""
        number = case.turn.entity("order_no")
        if number is not None:
            return self._by_number(case, number)
        candidates = case.candidates
        if asked and not candidates and lacks_number(case.turn.text):
            raise UnfitError(WHERE_IT_IS, person=True)
        if not asked or not candidates:
            return self._by_goods(case, candidates) if case.values["order_no"] is None else None
        position = position_said(case, len(candidates))
        if position is None:
            return self._by_goods(case, candidates)
        if position > len(candidates):
            raise UnfitError(f"一共就{len(candidates)}笔，您看看要哪一笔？")
        return candidates[position - 1].no

    @staticmethod
    def _by_number(case: Case, number: str) -> str:
        digits = "".join(character for character in number if character.isascii() and character.isdigit())
        known = case.turn.viewer.customer_id is not None or bool(case.orders)
        if known and case.turn.told(case.turn.orders.order_for(digits, case.turn.viewer)) is None:
            if case.turn.viewer.customer_id is not None:
                raise UnfitError("这个订单号在您名下没有找到，麻烦核对一下～")
        elif not 10 <= len(digits) <= 20:
            raise UnfitError("订单号一般是18位数字，麻烦从订单详情里复制一下～")
        return digits

    @staticmethod
    def _by_goods(case: Case, candidates: Sequence[Order]) -> str | None:
        found = [order.no for order in candidates if any(is_named(line, case) for line in order.lines)]
        return found[0] if len(found) == 1 else None

    def ask(self, case: Case) -> None:
        """Shows those that suit, or asks for a number."""
        candidates = case.candidates
        if not candidates:
            case.turn.say(case.flow.number, outcome="asked_back")
            return
        case.turn.say(_WHICH_AGAIN if self._asked_before(case) else case.flow.which, outcome="asked_back")
        shown = [(order, describe_order(order, case.turn.now)) for order in candidates]
        case.turn.show(cards.orders_card(shown))

    def _asked_before(self, case: Case) -> bool:
        """Whether this flow's own question has just been put: the same words twice sound deaf."""
        kept = case.turn.slot("flow")
        same_flow = isinstance(kept, dict) and kept.get("name") == case.flow.name
        return same_flow and case.turn.slot("requested_slot") == self.slot


@dataclass(frozen=True)
class Proof(Factor):
    """The last four digits of the receiver's phone, by which an unknown visitor proves the order to be theirs.

    Attributes:
        only_asked: Whether a number that comes with the wish is meant for something else, such as a new phone.
    """

    slot: str = "phone_tail"
    only_asked: bool = False

    def needed(self, case: Case) -> bool:
        """Who is known has nothing to prove, nor has who did already."""
        return case.flow.needs_order and case.order is None

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """Four digits, or the whole number; checked at once, and every check counts as a try."""
        turn = case.turn
        if self.only_asked and not asked:
            return None
        given = turn.entity("phone") or (turn.entity("number") if asked else None)
        if given is None or case.values["order_no"] is None:
            return None
        digits = "".join(character for character in given if character.isascii() and character.isdigit())
        if len(digits) not in (4, 11):
            raise UnfitError("只要收货手机号的后四位数字就好～")
        proof = turn.orders.prove(turn.tracker.sender_id, str(case.values["order_no"]), digits)
        if proof.outcome == "locked":
            raise LockedError
        if proof.outcome == "wrong":
            case.values["order_no"] = None
            raise UnfitError(f"订单号和手机后四位没有对上，您再核对一下，还可以试{proof.tries_left}次～")
        return digits

    def ask(self, case: Case) -> None:
        """Says what it is for."""
        case.turn.say("为了保护您的隐私，再核对一下收货手机号的后四位就好～", outcome="asked_back")


class LockedError(Exception):
    """All tries to prove an order are used up for now."""


@dataclass(frozen=True)
class WhichArticles(Factor):
    """The lines of the order that are meant: by name, position, or all."""

    slot: str = "article"

    def needed(self, case: Case) -> bool:
        """An order of one line leaves no choice."""
        return case.order is not None and len(case.order.lines) > 1 and case.of_one_article

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """Positions from 1."""
        order = case.order
        if order is None:
            return None
        positions = [position for position, line in enumerate(order.lines, 1) if is_named(line, case)]
        if positions and len(positions) < len(order.lines):
            return positions
        if asked and _ALL_OF_THEM.search(case.turn.text):
            return list(range(1, len(order.lines) + 1))
        position = position_said(case, len(order.lines)) if asked else None
        if position is not None and position > len(order.lines):
            raise UnfitError(f"这单一共{len(order.lines)}件，您说的是哪一件？")
        return [position] if position is not None else None

    def ask(self, case: Case) -> None:
        """Names them all."""
        assert case.order is not None  # only then it is needed
        buttons = [
            {"title": f"{line.name} {line.sku_text}".strip(), "payload": f'/inform{{"ordinal":"{position}"}}'}
            for position, line in enumerate(case.order.lines, 1)
        ]
        case.turn.say("这单里有好几件，是哪一件呢？都要的话说“都要”～", outcome="asked_back", buttons=buttons)


@dataclass(frozen=True)
class Choice(Factor):
    """One of a few values, which an entity of the same name as the slot finds; offered as buttons.

    Attributes:
        question: What is asked.
        options: The values, and what their buttons say.
        own_words: Whether an answer in other words will do, too.
        only_if: Whether a case needs it; always, when left out.
    """

    question: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    own_words: bool = False
    only_if: Callable[[Case], bool] | None = None

    def needed(self, case: Case) -> bool:
        """As the flow says."""
        return self.only_if is None or self.only_if(case)

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """The entity's value; asked for, a position or the customer's own words."""
        value = case.turn.entity(self.slot)
        # "退款几天到账" in the middle of an exchange asks something; it wishes for no refund.
        if value in self.options and (asked or case.turn.intent not in _ONLY_ASKS):
            return value
        if not asked:
            return None
        position = position_said(case, len(self.options))
        if position is not None and position <= len(self.options):
            return [*self.options][position - 1]
        return own_words(case) if self.own_words else None

    def ask(self, case: Case) -> None:
        """The question, with the options as buttons."""
        buttons = [
            {"title": title, "payload": f'/inform{{"{self.slot}":"{value}"}}'} for value, title in self.options.items()
        ]
        case.turn.say(self.question, outcome="asked_back", buttons=buttons)


@dataclass(frozen=True)
class Words(Factor):
    """Something in the customer's own words: an address, a remark, a title.

    Attributes:
        question: What is asked.
        read: Finds it in a message: text and whether it was asked for; raises `UnfitError`.
        only_if: Whether a case needs it; always, when left out.
    """

    question: str = ""
    read: Callable[[str, bool], str | None] = lambda text, asked: text if asked else None
    only_if: Callable[[Case], bool] | None = None

    def needed(self, case: Case) -> bool:
        """As the flow says."""
        return self.only_if is None or self.only_if(case)

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """What the reader finds; a question of the customer's is no answer."""
        if case.turn.text.startswith("/"):
            return None
        return self.read(case.turn.text, asked and own_words(case) is not None)

    def ask(self, case: Case) -> None:
        """The question."""
        case.turn.say(self.question, outcome="asked_back")


@dataclass(frozen=True)
class Heard(Factor):
    """What is heard where it is told and never asked for: its preset stands in."""

    def ask(self, case: Case) -> None:
        """Not asked for.

        Raises:
            LookupError: Always; it has a preset.
        """
        raise LookupError(f"{self.slot} has a preset and is not asked for")


@dataclass(frozen=True)
class Picture(Factor):
    """A picture, which the channel keeps; who has none goes on without.

    Attributes:
        only_if: Whether a case needs it; always, when left out.
    """

    slot: str = "picture"
    only_if: Callable[[Case], bool] | None = None

    def needed(self, case: Case) -> bool:
        """As the flow says."""
        return self.only_if is None or self.only_if(case)

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """Where the picture lies; `none` where the customer says that there is none."""
        for form in _PICTURES:
            if (found := form.search(case.turn.text)) is not None:
                return found.group(0)
        return "none" if asked and (case.turn.intent == "deny" or _NO_PICTURE.search(case.turn.text)) else None

    def ask(self, case: Case) -> None:
        """Says what it is good for, and that it goes without."""
        case.turn.say(
            "方便拍张照发我吗？有图审核更快；没有也没关系，点“没有图”～",
            outcome="asked_back",
            buttons=[{"title": "没有图", "payload": "/deny"}],
        )


# A picture reaches the bot as the link that its channel has kept it under, or as the channel's mark for one.
_PICTURES = (
    re.compile(r"https?://\S+\.(?:jpe?g|png|webp|gif)\S*", re.IGNORECASE),
    re.compile(r"\[图片[^\]]*\]|#E-s\[图片\]", re.IGNORECASE),
)
_NO_PICTURE = re.compile(r"没有?(?:图|照|拍)|不方便|拍不了|发不了|没有")


@dataclass(frozen=True)
class Confirmation(Factor):
    """The customer's yes, before what cannot be undone.

    Attributes:
        only_if: Whether a case needs it; always, when left out.
    """

    slot: str = "confirmed"
    only_if: Callable[[Case], bool] | None = None

    def needed(self, case: Case) -> bool:
        """As the flow says."""
        return self.only_if is None or self.only_if(case)

    def take(self, case: Case, *, asked: bool) -> Any | None:
        """A yes counts only as the answer to the question."""
        return True if asked and case.turn.intent == "affirm" else None

    def ask(self, case: Case) -> None:
        """Reads out what is going to be done."""
        text = case.flow.confirmation(case, case.verdicts())
        case.turn.say(text, outcome="asked_back", buttons=[YES, NO])


_ASKS = re.compile(
    r"[?？]|[吗嘛呢]\s*$|怎么|如何|为什么|为啥|多少|多久|几天|哪里|哪儿|什么时候|能不能|可不可以|是不是|谁出"
    r"|(\w)[不没]\1|[不没]\s*$|来得及|行不行"
)
_EDGE = " ,。!?;…~、\n，！？；～的了吧我要想"
_OTHER_FACTORS = frozenset({"service", "ordinal", "number", "size", "color", "product", "kind", "order_no", "phone"})
_SAYS_NOTHING = frozenset({"affirm", "deny", "greet", "goodbye", "thank", "ask_human", "abandon_purchase"})


def asks(text: str) -> bool:
    """Whether a line asks something, rather than telling it or wishing for it."""
    return bool(_ASKS.search(text))


def own_words(case: Case) -> str | None:
    """The latest message as an answer in the customer's own words; None where it is none."""
    text = case.turn.text.strip()
    if not text or text.startswith("/") or asks(text) or case.turn.intent in _SAYS_NOTHING:
        return None
    return text if _beside_entities(case) and not _wants_another_flow(case) else None


def _wants_another_flow(case: Case) -> bool:
    from actions.flows.known import flow_begun_by  # the flows build on this module

    other = flow_begun_by(case.turn)
    if other is None or other.name == case.flow.name or not other.named_by:
        return False
    return re.search(other.named_by, case.turn.text) is not None


def _beside_entities(case: Case) -> bool:
    """Whether the message says more than what an entity has found: a bare "退货" or "第一件" is another factor's."""
    text = [*case.turn.text]
    for entity in case.turn.tracker.latest_message.get("entities") or []:
        if entity.get("entity") in _OTHER_FACTORS and "start" in entity:
            start, end = int(entity["start"]), int(entity["end"])
            text[start:end] = [""] * (end - start)
    return bool("".join(text).strip(_EDGE))


def position_said(case: Case, of: int) -> int | None:
    """The place in a list of `of`, from 1, that the message picks (第二个, 最后一个, 2); None when it picks none."""
    given = case.turn.entity("ordinal") or case.turn.entity("number")
    if given is None or not given.lstrip("-").isdigit() or int(given) == 0:
        return None
    return int(given) if int(given) > 0 else max(1, of + int(given) + 1)


def is_named(line: OrderLine, case: Case) -> bool:
    """Whether the latest message names the article, by 货号, name, sort, colour or size."""
    turn = case.turn
    if line.product_no in turn.entities("product"):
        return True
    # "裤子" is every name with 裤 in it.
    if any((kind.rstrip("子儿") or kind) in line.name for kind in turn.entities("kind")):
        return True
    variant = line.sku_text.split()
    return any(value in variant for value in turn.entities("color") + turn.entities("size"))
