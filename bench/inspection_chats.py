"""How well the rules of inspection find what is wrong: made-up chats with planted faults, and clean ones that look odd.

The chats go through the product's own tables and code: conversation, ledger, hand-off, assignment, tickets and deeds;
then the inspector of the desk looks at them, and again once every promise has run out.

    python -m bench.inspection_chats [--fresh] [--chats 200] [--seed 1] [--misses] [--json]

`--fresh` takes pieces that the rules were not mended with.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.inspection_fresh_pieces import PIECES as FRESH
from bench.inspection_pieces import PIECES
from bench.inspection_script import Pieces, Said, Script, scripts
from sixty.desk.agents import add_agent
from sixty.desk.assignments import Assignment
from sixty.desk.conversations import Where, begin
from sixty.desk.desk_rules import read_routing
from sixty.desk.handoff_rows import HandOff
from sixty.desk.inspection.inspector import Inspector
from sixty.desk.inspection.mood_ear import MoodEar
from sixty.desk.inspection.product_prices import product_prices
from sixty.desk.inspection.rows import Finding, Inspection
from sixty.desk.inspection.rules import InspectionRules, read_inspection
from sixty.desk.inspection.stretch_reading import Reading
from sixty.desk.tickets.rows import Ticket
from sixty.desk.tickets.rules import read_tickets
from sixty.ledger.models import Message
from sixty.ledger.receiving import blank_message
from sixty.settings import project_root
from sixty.shop.database import engine_for, shop_session, upgrade_database
from sixty.shop.deeds.models import DeedRow
from sixty.shop.demo import seed as seed_shop
from sixty.shop.models import Product
from sixty.shop.prices import price_card
from sixty.tables import column

NOW = datetime(2026, 8, 18, 2, 0, tzinfo=timezone.utc)

_CHANNEL = "web"
_AGENTS = ("小李", "小周", "阿宁")
_DEEDS = {"券": "compensate", "价保": "price_protection", "补发": "resend"}
_LATER = timedelta(days=8)


@dataclass
class Tally:
    """What was found of what was planted.

    Attributes:
        missed: Planted and not found: rule and the line.
        wrong: Found and not planted: rule and the line.
    """

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    chats: int = 0
    clean: int = 0
    clean_and_blamed: int = 0
    missed: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Of the planted faults, the share that was found."""
        return sum(self.right.values()) / max(1, sum(self.planted.values()))

    @property
    def precision(self) -> float:
        """Of what was found, the share that was planted."""
        return sum(self.right.values()) / max(1, sum(self.found.values()))

    def table(self) -> list[dict[str, Any]]:
        """Each rule: planted, found, right, recall, precision."""
        return [
            {
                "rule": rule,
                "planted": self.planted[rule],
                "found": self.found[rule],
                "right": self.right[rule],
                "recall": round(self.right[rule] / self.planted[rule], 3) if self.planted[rule] else None,
                "precision": round(self.right[rule] / self.found[rule], 3) if self.found[rule] else None,
            }
            for rule in sorted({*self.planted, *self.found})
        ]


@dataclass(frozen=True)
class Written:
    """A chat in the database: its conversation, and the messages that show its faults."""

    conversation_id: str
    planted: list[tuple[str, int | None]]


def inspection_figures(
    chats: int = 200, seed: int = 1, pieces: Pieces = PIECES, rules: InspectionRules | None = None
) -> tuple[float, float, list[dict[str, Any]]]:
    """Recall and precision of the rules on made-up chats, and the same for each rule.

    Args:
        chats: How many.
        seed: Of the dice.
        pieces: What the chats are made of.
        rules: Of inspection; those of the playbook when left out.
    """
    tally = measure(chats, seed, pieces, rules)
    return tally.recall, tally.precision, tally.table()


def measure(chats: int, seed: int, pieces: Pieces, rules: InspectionRules | None = None) -> Tally:
    """Writes chats into a database of their own, has them inspected, and counts."""
    playbook = project_root() / "playbook"
    chosen = rules or read_inspection(playbook)
    if chosen is None:
        raise SystemExit(f"{playbook} has no inspection.yml: restore it from a fresh checkout")
    reading = Reading(chosen, read_routing(playbook), read_tickets(playbook), MoodEar(project_root()))
    with tempfile.TemporaryDirectory(prefix="sixty-inspection-") as folder:
        url = f"sqlite:///{Path(folder) / 'shop.db'}"
        try:
            upgrade_database(url)
            with shop_session(url) as session:
                seed_shop(session, NOW, path=playbook / "demo")
                for number, name in enumerate(_AGENTS):
                    add_agent(session, f"bench-{number}", name, NOW)
            made = []
            with shop_session(url) as session:
                writer = _Writer(session, random.Random(seed))
                for number, script in enumerate(scripts(pieces, chats, seed)):
                    made.append(writer.write(script, NOW + timedelta(minutes=3 * number)))
                end = NOW + timedelta(minutes=3 * chats) + timedelta(hours=2)
            inspector = Inspector(partial(shop_session, url), reading, look_back=_LATER * 2)
            for moment in (end, end + _LATER):
                while inspector.look(moment):
                    pass
            with shop_session(url, read_only=True) as session:
                return _count(session, made)
        finally:
            engine_for(url).dispose()


class _Writer:
    """Writes scripts as chats that are over."""

    def __init__(self, session: Session, dice: random.Random) -> None:
        self._session = session
        self._dice = dice
        query = select(Product).where(column(Product.status) == "on_sale").order_by(Product.no)
        self._products = [each for each in session.scalars(query) if not each.presales and each.skus]

    def write(self, script: Script, at: datetime) -> Written:
        """Writes one, which begins at that moment."""
        product, other = self._dice.sample(self._products, 2)
        agent = self._dice.randrange(len(_AGENTS))
        fill = self._filled(product, other, _AGENTS[agent], at)
        conversation, _ = begin(self._session, _CHANNEL, at, where=Where("product", product.no))
        conversation_id, agent_id = conversation.id, f"bench-{agent}"
        clock = at
        for line in script.before:
            clock += timedelta(seconds=line.pause)
            self._say(conversation_id, line, fill(line.text), clock, agent_id)
        taken = clock + timedelta(seconds=5)
        clock = taken
        ids: list[int | None] = []
        for line in script.lines:
            clock += timedelta(seconds=line.pause)
            if line.who == "T":
                self._deed(conversation_id, _DEEDS[line.text], clock, len(ids))
                ids.append(None)
            else:
                ids.append(self._say(conversation_id, line, fill(line.text), clock, agent_id))
        ended = clock + timedelta(seconds=30)
        self._close(conversation_id, agent_id, taken, ended)
        if "ticket" in script.facts:
            self._ticket(conversation_id, ended)
        return Written(conversation_id, [(rule, ids[place]) for rule, place in script.planted])

    def _filled(self, product: Product, other: Product, agent: str, at: datetime) -> Callable[[str], str]:
        price = price_card(self._session, product, None, at)
        right = {
            amount
            for each in product_prices(self._session, [product.no, other.no], at, None, None)
            for amounts in (*each.prices.values(), *each.before.values())
            for amount in amounts
        }
        wrong = price.final_price + self._dice.choice((-30, -20, -9, 11, 21, 30, 50))
        while wrong in right or wrong <= 0:
            wrong += Decimal(7)
        known = {
            "agent": agent,
            "name": product.name,
            "other": other.name,
            "price": _plain(price.final_price),
            "list": _plain(price.list_price),
            "wrong": _plain(wrong),
            "other_price": _plain(price_card(self._session, other, None, at).final_price),
        }
        return lambda text: text.format(**known)

    def _say(self, conversation_id: str, line: Said, text: str, at: datetime, agent_id: str) -> int:
        author = {"C": "customer", "A": "agent", "B": "bot"}[line.who]
        payload: dict[str, Any] = {"agent": agent_id} if author == "agent" else {}
        if author == "bot":
            payload["outcome"] = "handed_over"
        values = blank_message(
            conversation_id=conversation_id,
            author=author,
            channel=_CHANNEL,
            kind="text",
            text=text,
            payload=payload,
            state="to_person" if author == "customer" else "delivered",
            at=at,
        )
        message = Message(**values)
        self._session.add(message)
        self._session.flush()
        return message.id

    def _close(self, conversation_id: str, agent_id: str, taken: datetime, ended: datetime) -> None:
        hand_off = HandOff(
            conversation_id=conversation_id,
            channel=_CHANNEL,
            reason="asked_for",
            question="",
            context={},
            state="closed",
            created_at=taken,
            group_id="general",
            counts_from=taken,
            agent_id=agent_id,
            queued_at=taken,
            assigned_at=taken,
            ended_at=ended,
            end="solved",
        )
        self._session.add(hand_off)
        self._session.flush()
        self._session.add(
            Assignment(
                hand_off_id=hand_off.id,
                conversation_id=conversation_id,
                agent_id=agent_id,
                by=agent_id,
                why="claimed",
                at=taken,
                until=ended,
                left_for="ended",
            )
        )

    def _deed(self, conversation_id: str, kind: str, at: datetime, number: int) -> None:
        self._session.add(
            DeedRow(
                key=f"bench:{conversation_id}:{number}",
                kind=kind,
                conversation_id=conversation_id,
                by="agent",
                state="done",
                reference=f"B{conversation_id[:20]}{number}",
                asked_at=at,
                done_at=at,
            )
        )

    def _ticket(self, conversation_id: str, at: datetime) -> None:
        self._session.add(
            Ticket(
                key=f"bench:{conversation_id}",
                type="other",
                state="new",
                group_id="general",
                title="跟进",
                conversation_id=conversation_id,
                by="bench-0",
                created_at=at,
                updated_at=at,
                state_since=at,
            )
        )


def _count(session: Session, made: Sequence[Written]) -> Tally:
    tally = Tally(chats=len(made))
    texts = dict(session.execute(select(Message.id, Message.text)).all())
    query = (
        select(Inspection.conversation_id, Finding.rule, Finding.message_id)
        .join(Inspection, column(Inspection.id) == column(Finding.inspection_id))
        .where(column(Inspection.who) == "person")
    )
    found: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
    for conversation_id, rule, message_id in session.execute(query):
        found[conversation_id].append((rule, message_id))
    for chat in made:
        left = list(found[chat.conversation_id])
        tally.clean += not chat.planted
        tally.clean_and_blamed += not chat.planted and bool(left)
        for rule, message_id in chat.planted:
            tally.planted[rule] += 1
            if (rule, message_id) in left:
                left.remove((rule, message_id))
                tally.found[rule] += 1
                tally.right[rule] += 1
            else:
                tally.missed.append((rule, texts.get(message_id, "")))
        for rule, message_id in left:
            tally.found[rule] += 1
            tally.wrong.append((rule, texts.get(message_id, "")))
    return tally


def _plain(amount: Decimal) -> str:
    return format(amount.normalize(), "f")


def _lines(tally: Tally) -> Iterator[str]:
    yield f"{tally.chats} chats, {tally.clean} of them clean; {tally.clean_and_blamed} clean ones were blamed"
    yield f"recall {tally.recall:.3f}, precision {tally.precision:.3f}"
    for row in tally.table():
        yield (
            f"  {row['rule']:<18} planted {row['planted']:>3}  found {row['found']:>3}  right {row['right']:>3}"
            f"  recall {row['recall']}  precision {row['precision']}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures, and prints what came of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.inspection_chats", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="pieces that the rules were not mended with")
    parser.add_argument("--chats", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misses", action="store_true", help="prints what was missed, and what was wrong")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    tally = measure(options.chats, options.seed, FRESH if options.fresh else PIECES)
    if options.json:
        print(
            json.dumps(
                {
                    "chats": tally.chats,
                    "inspection_recall": round(tally.recall, 4),
                    "inspection_precision": round(tally.precision, 4),
                    "rules": tally.table(),
                },
                ensure_ascii=False,
            )
        )
    else:
        print("\n".join(_lines(tally)))
    if options.misses:
        for name, listed in (("missed", tally.missed), ("wrong", tally.wrong)):
            for (rule, text), count in sorted(Counter(listed).items()):
                print(f"{name:<7} {rule:<18} ×{count} {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
