"""A shop with customers whose ways are known: whether what is mined and estimated of them is true.

- *Rows*: customers write, tap, get answers and order through the functions that the front door, the output wrapper, the
  event broker and the shop's webhook call; the visits are worked out by the follower's own function, related questions
  mined by `mine`, the arms compared by `experiment`. Every number of the experiment must be the generator's own.
- *Reach*: how many of the questions that customers asked on with stood among the three capsules before them – offered
  as the playbook lists them, then, for new customers, as they were mined, and as who knows the customers would.
- *Lift*: `lift_coverage` is the share of experiments whose 95% interval holds the true lift, over many experiments of
  several sizes and shares of control; `in_rows` the same for those in the rows, each a week of the shop.

``python -m bench.minute_shop [--quick] [--json] [--database URL]``; the last line is the result as one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bench.errors import BenchError
from bench.minute_customers import (
    CATEGORIES,
    PLAYBOOK,
    PRODUCTS,
    Choice,
    Law,
    Offering,
    Talk,
    Tally,
    best,
    capsules,
    draw_law,
    nothing,
    talk,
)
from bench.report import progress, store
from sixty.desk.conversations import Where, Who, begin
from sixty.insight.arms import arm_of
from sixty.insight.experiment import ArmCounts, Estimate, Experiment, arm_counts, compare, experiment
from sixty.insight.follower import VisitFollower
from sixty.insight.following import Setting
from sixty.insight.mining import mine
from sixty.insight.models import Arm
from sixty.insight.next_questions import followings
from sixty.insight.rules import read_willingness
from sixty.ledger.enriching import enrich_all
from sixty.ledger.models import Message
from sixty.ledger.receiving import Incoming, receive
from sixty.ledger.replying import finish, write_reply
from sixty.playbook import Capsule
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.intervals import wilson
from sixty.shop.models import Product, Sku
from sixty.shop.order_events.incoming import Incoming as OrderIncoming
from sixty.shop.order_events.recording import take_in

SEED = 60
UNTIL = datetime(2026, 11, 1, tzinfo=timezone.utc)
WEEK = timedelta(days=7)
SHARE = 0.3
"""Of quiet conversations in the rows; large, so that weeks of a small shop can be told apart."""

_AT_ONCE = 100
_AT_ONCE_SHARE = 0.8
_ENDINGS: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "abandons": ("算了，不买了", "abandon_purchase", ("abandoning",), "answered"),
    "hesitates": ("我再想想", "hesitate", (), "asked_back"),
}
"""What is said, what is understood of it, in which mood, and what comes of it."""
_SIZES = (200, 600, 2_000)
_SHARES = (0.05, 0.2, 0.5)


@dataclass(frozen=True)
class Size:
    """How much is generated.

    Attributes:
        weeks: Experiments in the rows.
        a_week: Conversations of each.
        later: Conversations after mining, to see what it reaches.
        drawn: Experiments of each size and share without rows.
    """

    weeks: int
    a_week: int
    later: int
    drawn: int


QUICK = Size(12, 100, 1_500, 60)
WHOLE = Size(120, 400, 6_000, 1_200)


# ---------------------------------------------------------------------------------------------------------------- rows


def fill_shelves(session: Session) -> None:
    """Puts the products on sale that customers ask about."""
    for place, category in enumerate(CATEGORIES):
        for number in range(PRODUCTS):
            no = f"{place}{number}"
            common = {"status": "on_sale", "aliases": [], "runs": "正常", "brand": "某牌"}
            session.add(Product(no=no, name=f"{category}{number}", category=category, kind=category, **common))
            session.flush()
            amounts = {"list_price": Decimal(99), "price": Decimal(99), "stock": 10_000}
            session.add(Sku(code=f"{no}-0", product_no=no, color="", size="", spec="", **amounts))


@dataclass(frozen=True)
class Written:
    """A conversation that stands in the rows."""

    conversation_id: str
    arm: Arm
    at: datetime
    talk: Talk


def converse(session: Session, draw: random.Random, law: Law, choose: Choice, share: float, at: datetime) -> Written:
    """Lets one customer talk and perhaps buy; every row is written as the running bot writes it."""
    customer = f"C{draw.getrandbits(48):012x}"
    product_page = f"{draw.randrange(len(CATEGORIES))}{draw.randrange(PRODUCTS)}"
    who = Who(customer_id=customer, known_until=at + timedelta(days=1))
    conversation, _ = begin(session, "web", at, visitor_id=customer, who=who, where=Where("product", product_page))
    arm = arm_of(conversation.id, share)
    told = talk(draw, law, choose if arm == "pushes" else nothing, arm)
    conversation.product_no = told.product
    moment, reply = at, 0
    for place in range(len(told.questions)):
        asked_at = moment + timedelta(seconds=draw.uniform(4, 16))
        moment = asked_at + timedelta(milliseconds=draw.randrange(300, 2_500))
        reply = _turn(session, conversation.id, arm, told, place, reply, asked_at, moment)
    if told.ending is not None:
        at_the_end = moment + timedelta(seconds=draw.uniform(4, 30))
        moment = at_the_end + timedelta(seconds=1)
        _end(session, conversation.id, told.ending, at_the_end, moment)
    if told.ordered:
        # Most order at once, some when they have slept on it.
        after = draw.uniform(5, 60) if draw.random() < _AT_ONCE_SHARE else draw.uniform(300, 40_000)
        _buy(session, customer, told, moment + timedelta(seconds=after))
    return Written(conversation.id, arm, at, told)


def _turn(
    session: Session, conversation: str, arm: Arm, told: Talk, place: int, before: int, at: datetime, replied: datetime
) -> int:
    """Writes a question and its answer; returns the answer's message. `before` is that of the answer before."""
    question, answered, offered = told.questions[place], told.answered[place], told.offered[place]
    capsule = _capsule(question)
    payload: dict[str, Any] = {}
    if told.tapped[place]:
        shown = [before, told.offered[place - 1].index(question)]
        payload = {"tap": {"title": capsule.title, "payload": capsule.payload, "shown": shown}}
    message = receive(
        session,
        Incoming(conversation, "web", "tap" if payload else "text", capsule.title, payload, f"{place}"),
        at,
        at_once=True,
    ).message
    entities = [] if capsule.attribute is None else [{"entity": "attribute", "value": capsule.attribute}]
    entities.append({"entity": "product", "value": told.product})
    understood = {"intent": {"name": capsule.intent, "confidence": 0.9}, "entities": entities}
    form: dict[str, Any] = {"text": "…", "outcome": "answered" if answered else "missed"}
    if offered:
        form["capsules"] = [_capsule(each).button() for each in offered]
        where = {"after": question, "category": told.category, "entry": "product", "phase": None, "arm": arm}
        form["offered"] = {"sources": ["playbook"] * len(offered), **where}
    return _answer(session, message, understood, form, replied)


def _end(session: Session, conversation: str, ending: str, at: datetime, replied: datetime) -> None:
    words, intent, moods, outcome = _ENDINGS[ending]
    message = receive(session, Incoming(conversation, "web", text=words, client_id="end"), at, at_once=True).message
    entities = [{"entity": "mood", "value": mood} for mood in moods]
    understood = {"intent": {"name": intent, "confidence": 0.9}, "entities": entities}
    _answer(session, message, understood, {"text": "…", "outcome": outcome}, replied)


def _answer(session: Session, message: Message, understood: Any, form: dict[str, Any], at: datetime) -> int:
    """Writes what the bot says, and what its event broker tells of it."""
    name = message.conversation_id
    reply, _ = write_reply(session, message.id, 0, name, "web", "bot", form, at)
    finish(session, message.id, "answered", at)
    event = {"sender_id": name, "event": "user", "timestamp": message.at.timestamp(), "message_id": str(message.id)}
    enrich_all(session, [{**event, "input_channel": "web", "parse_data": understood}])
    return reply.id


def _capsule(question: str) -> Capsule:
    capsule = capsules().asking(question)
    if capsule is None:
        raise BenchError(f"no capsule asks {question}")
    return capsule


def _buy(session: Session, customer: str, told: Talk, at: datetime) -> None:
    number = f"N{customer[1:]}"
    shelf, place = told.product[0], int(told.product[1:])
    products = [f"{shelf}{(place + other) % PRODUCTS}" for other in range(told.pieces)]
    order = {
        "no": number,
        "customer_id": customer,
        "state": "paid",
        "placed_at": at,
        "paid_at": at,
        "receiver": "顾客",
        "phone": "13800000000",
        "address": "某路1号",
        **{name: Decimal(99 * told.pieces) for name in ("goods_amount", "paid_amount")},
        **{name: Decimal(0) for name in ("discount", "postage")},
        "lines": [
            {"product_no": each, "name": each, "quantity": 1, "unit_price": Decimal(99), "share": Decimal(99)}
            for each in products
        ],
    }
    event = OrderIncoming(f"e-{number}", "order", number, at, order, None, customer)
    taken = take_in(session, "shop", [event], "webhook", at)
    if taken.new != 1 or taken.pending:
        raise BenchError(f"the shop did not take the order: {taken}")


def write_many(
    url: str, draw: random.Random, law: Law, choose: Choice, share: float, moments: Sequence[datetime]
) -> list[Written]:
    """Writes a conversation for each moment."""
    found: list[Written] = []
    for begun in range(0, len(moments), _AT_ONCE):
        with shop_session(url) as session:
            found += [converse(session, draw, law, choose, share, at) for at in moments[begun : begun + _AT_ONCE]]
    return found


def tallies(written: Sequence[Written]) -> dict[Arm, ArmCounts]:
    """What the generator knows of both arms."""
    found: dict[Arm, Tally] = {"pushes": Tally(), "quiet": Tally()}
    for each in written:
        found[each.arm].add(each.talk)
    return {arm: tally.counts() for arm, tally in found.items()}


def work_out(url: str, share: float, now: datetime, conversations: Sequence[str]) -> None:
    """Works out the visits of conversations, as `sixty insight recompute` does."""
    follower = VisitFollower(
        reading=partial(shop_session, url, read_only=True),
        writing=partial(shop_session, url),
        setting=Setting(read_willingness(PLAYBOOK.parent), share, capsules()),
        clock=lambda: now,
        follows_up=False,
    )
    for begun in range(0, len(conversations), _AT_ONCE):
        if not follower.work_out(dict.fromkeys(conversations[begun : begun + _AT_ONCE], 0)):
            raise BenchError("somebody else wrote visits into this database meanwhile")


@contextmanager
def _database(url: str | None) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="sixty-minute-") as folder:
        address = url or f"sqlite:///{Path(folder) / 'shop.db'}"
        upgrade_database(address)
        yield address
        engine_for(address).dispose()


def in_rows(url: str, law: Law, size: Size, seed: int) -> dict[str, Any]:
    """Fills a migrated, empty database with a shop, and reads out of it what is to be known.

    Args:
        url: The database.
        law: What customers are like.
        size: How many of them.
        seed: Decides.
    """
    draw = random.Random(seed + 1)
    with shop_session(url) as session:
        fill_shelves(session)
    begins = [UNTIL - WEEK * (size.weeks - place) for place in range(size.weeks)]
    moments = [
        begin_at + timedelta(seconds=draw.uniform(0, WEEK.total_seconds() - 3_600))
        for begin_at in begins
        for _ in range(size.a_week)
    ]
    begun = time.perf_counter()
    early = write_many(url, draw, law, Offering(), SHARE, sorted(moments))
    wrote = time.perf_counter()
    work_out(url, SHARE, UNTIL, [each.conversation_id for each in early])
    worked = time.perf_counter()
    weeks = [_week(url, law, begin_at, early) for begin_at in begins]
    mined = mine(url, UNTIL, capsules().related)
    with shop_session(url, read_only=True) as session:
        reached = reach(law, size.later, seed, Offering(lambda spot: followings(session, spot)))
    holds = sum(week["holds"] for week in weeks)
    turns = sum(len(each.talk.questions) for each in early)
    return {
        "conversations": len(early),
        "questions": turns,
        "written_per_s": round(turns / (wrote - begun)),
        "worked_out_per_s": round(turns / (worked - wrote)),
        "weeks": len(weeks),
        "weeks_exact": sum(week["exact"] for week in weeks),
        "lift_coverage": round(holds / len(weeks), 4),
        "mined_from_visits": mined.visits,
        "reach": reached,
    }


def _week(url: str, law: Law, begin_at: datetime, written: Sequence[Written]) -> dict[str, bool]:
    until = begin_at + WEEK
    own = tallies([each for each in written if begin_at <= each.at < until])
    with shop_session(url, read_only=True) as session:
        found = experiment(session, begin_at, until, expected=SHARE)
        read = arm_counts(session, begin_at, until)
    difference = found.difference
    return {"exact": read == own, "holds": difference is not None and holds(difference, law.lift)}


def reach(law: Law, customers: int, seed: int, mined: Choice) -> dict[str, float]:
    """Which share of the next questions of new customers stood before them, by who chose.

    Args:
        law: What customers are like.
        customers: How many.
        seed: Decides.
        mined: Offers what was mined.
    """
    choices: dict[str, Choice] = {"playbook": Offering(), "mined": mined, "best": best(law)}
    found = {}
    for name, choose in choices.items():
        # The same customers for each; what is offered doesn't change what they ask.
        draw = random.Random(seed + 2)
        talks = [_talk_with(draw.getrandbits(64), law, choose) for _ in range(customers)]
        asked = sum(len(each.questions) - 1 for each in talks)
        found[name] = round(sum(each.foreseen for each in talks) / asked, 4)
    found["of_the_best"] = round(found["mined"] / found["best"], 4)
    return found


def _talk_with(seed: int, law: Law, choose: Choice) -> Talk:
    # One tap more or less must not change the next customer.
    return talk(random.Random(seed), law, choose, "pushes")


# ---------------------------------------------------------------------------------------------------------------- lift


def holds(estimate: Estimate, truth: float) -> bool:
    """Whether an interval holds the truth."""
    return estimate.low <= truth <= estimate.high


def coverage(law: Law, experiments: int, seed: int) -> dict[str, Any]:
    """Lets many experiments of several sizes happen, and counts whose interval holds the true lift.

    Args:
        law: What customers are like.
        experiments: How many of each kind.
        seed: Decides.
    """
    kinds = []
    choose = Offering()
    for size in _SIZES:
        for share in _SHARES:
            draw = random.Random(f"{seed} {size} {share}")
            found = [_experiment(draw, law, choose, size, share) for _ in range(experiments)]
            known = [each.difference for each in found if each.difference is not None]
            held = sum(holds(each, law.lift) for each in known)
            kinds.append(
                {
                    "conversations": size,
                    "quiet_share": share,
                    "experiments": len(known),
                    "held": held,
                    "coverage": round(held / len(known), 4),
                    "mean_estimate": round(sum(each.value for each in known) / len(known), 4),
                    "mean_width": round(sum(each.high - each.low for each in known) / len(known), 4),
                    "seen": round(sum(each.low > 0 for each in known) / len(known), 4),
                }
            )
    total = sum(int(each["experiments"]) for each in kinds)
    sure = wilson(sum(int(each["held"]) for each in kinds), total)
    return {
        "true_lift": round(law.lift, 5),
        "experiments": total,
        "lift_coverage": round(sure.rate, 4),
        "low": round(sure.low, 4),
        "high": round(sure.high, 4),
        "kinds": kinds,
    }


def _experiment(draw: random.Random, law: Law, choose: Choice, conversations: int, share: float) -> Experiment:
    arms: dict[Arm, Tally] = {"pushes": Tally(), "quiet": Tally()}
    for _ in range(conversations):
        arm = arm_of(f"{draw.getrandbits(128):032x}", share)
        arms[arm].add(talk(draw, law, choose if arm == "pushes" else nothing, arm))
    return compare(arms["pushes"].counts(), arms["quiet"].counts(), share)


def measure(size: Size, seed: int = SEED, url: str | None = None, only_rows: bool = False) -> dict[str, Any]:
    """Measures all of it.

    Args:
        size: How much.
        seed: Decides what customers are like, and what they do.
        url: A migrated or empty database to fill; an SQLite file of its own when left out.
        only_rows: Leaves out the many experiments without rows.
    """
    law = draw_law(seed)
    with _database(url) as address:
        rows = in_rows(address, law, size, seed)
    progress(f"{rows['conversations']} conversations in rows, {rows['weeks_exact']} of {rows['weeks']} weeks exact")
    if only_rows:
        return {"size": asdict(size), "in_rows": rows}
    drawn = coverage(law, size.drawn, seed)
    return {"size": asdict(size), "in_rows": rows, "lift": drawn, "lift_coverage": drawn["lift_coverage"]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, and prints the result as the last line."""
    parser = argparse.ArgumentParser(prog="python -m bench.minute_shop", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer customers: a minute or two")
    parser.add_argument("--json", action="store_true", help="print nothing but the result")
    parser.add_argument("--database", metavar="URL", help="fill this empty database and leave it there")
    parser.add_argument("--only-rows", action="store_true", help="leave out the many experiments without rows")
    options = parser.parse_args(arguments)
    result = measure(QUICK if options.quick else WHOLE, url=options.database, only_rows=options.only_rows)
    if options.only_rows:
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
        return _ended(result)
    kept = store(result, f"minute-shop{'-quick' if options.quick else ''}")
    if not options.json:
        sys.stdout.write(f"kept in {kept}\n")
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return _ended(result)


def _ended(result: dict[str, Any]) -> int:
    return 0 if result["in_rows"]["weeks_exact"] == result["in_rows"]["weeks"] else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as error:
        sys.exit(f"bench: {error}")
