"""Whether the answers that the workbench suggests can be sent: real customers' lines, judged blind.

    python -m bench.suggestions draw --out DIR          # a sheet for judges, and a key that they do not see
    python -m bench.suggestions score --out DIR --judged FILE [--json]

The lines are of real dialogs that lie beside the project. They are never copied into it: the folder of the sheet has
to be elsewhere. Each line is put into the demo shop with what was said before it, understood by the trained model as
at the door, and answered by `sixty.desk.beside.suggesting` as for an agent. Judges see the talk, the customer and up
to three suggestions in an order drawn by lot; for each they write whether a good agent could send it as it is, or with
a word changed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import math
import os
import random
import re
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from bench.errors import BenchError

SEED = 60
TURNS = 100
MOST_BEFORE = 8
SHEET, KEY = "sheet.jsonl", "key.json"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SHORTEST = 3
_CUSTOMERS = ("C001", "C002", "C003", "C004")
# How many of each file: after the sale, and before it.
_FILES = {"jd_dialogs_2019.jsonl": 0.7, "uneed_presale_dialogs.jsonl": 0.3}
_Z = 1.959964


@dataclass(frozen=True)
class Spoken:
    """A line of a dialog, of the customer or of whoever answered."""

    customer: bool
    text: str


@dataclass(frozen=True)
class Drawn:
    """A customer's line, with what was said before it."""

    source: str
    before: tuple[Spoken, ...]
    line: str


def dialogs(path: Path) -> Iterator[list[Spoken]]:
    """The dialogs of a file, in the forms of JDDC 2019 and of U-NEED.

    Raises:
        BenchError: The file is not there.
    """
    if not path.is_file():
        raise BenchError(f"there are no dialogs at {path}: name their folder with --data")
    with path.open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            said = row.get("turns") or row.get("dialogue") or ()
            yield [
                Spoken(
                    each.get("role") == "user" or each.get("sender_type") == "用户",
                    str(each.get("text") or each.get("send_content") or "").strip(),
                )
                for each in said
            ]


def draw(data: Path, turns: int = TURNS, seed: int = SEED) -> list[Drawn]:
    """Draws lines, one a dialog, the same ones for the same seed.

    Args:
        data: The folder of the dialogs.
        turns: How many.
        seed: Of the draw.
    """
    lot = random.Random(seed)
    found: list[Drawn] = []
    left = turns
    # The smaller share first: where its file has too few dialogs, the other one fills up.
    for name, share in sorted(_FILES.items(), key=lambda each: each[1]):
        wanted = left if name == max(_FILES, key=lambda each: _FILES[each]) else round(turns * share)
        open_lines: list[Drawn] = []
        for said in dialogs(data / name):
            places = [
                place
                for place, each in enumerate(said)
                if each.customer and len(each.text) >= _SHORTEST and _CHINESE.search(each.text)
            ]
            if places:
                place = lot.choice(places)
                before = tuple(each for each in said[:place] if each.text)[-MOST_BEFORE:]
                open_lines.append(Drawn(name, before, said[place].text))
        found += lot.sample(open_lines, min(wanted, len(open_lines)))
        left = turns - len(found)
    return found


async def understood(lines: Sequence[str], model: Path) -> dict[str, dict[str, Any] | None]:
    """What the model makes of lines, as the door keeps it of what is said to a person.

    Raises:
        BenchError: There is no model.
    """
    if not model.is_file():
        raise BenchError(f"there is no trained model at {model}: make train")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from rasa.core.agent import Agent

    from sixty.channels.lines import for_rasa
    from sixty.desk.beside.heard import meaning_of

    agent = Agent.load(str(model))
    return {line: meaning_of(await agent.parse_message(for_rasa(line))) for line in dict.fromkeys(lines)}


def suggest_all(drawn: Sequence[Drawn], meanings: Mapping[str, Any], url: str) -> list[dict[str, Any]]:
    """Answers every line in a demo shop of its own.

    Args:
        drawn: The lines.
        meanings: What the model makes of all lines of customers.
        url: A database that may be filled.

    Returns:
        For each line the talk, who it is, and what is suggested, the best first.
    """
    from sixty.desk.beside.chat_subject import subject_of
    from sixty.desk.beside.knowledge import Knowledge
    from sixty.desk.beside.looking_turn import forgetting_session
    from sixty.desk.beside.suggesting import suggest
    from sixty.ledger.models import Message
    from sixty.settings import get_settings, project_root
    from sixty.shop.database import shop_session, upgrade_database
    from sixty.shop.demo import seed
    from sixty.shop.gateways.chosen import order_gateway

    now = datetime.now(timezone.utc)
    upgrade_database(url)
    with shop_session(url) as session:
        seed(session, now)
    reading = partial(shop_session, url, read_only=True)
    knowledge = Knowledge(reading, get_settings().playbook, project_root())
    found = []
    for number, each in enumerate(drawn):
        chat, line_id = _play(url, number, each, meanings, now)
        with reading() as session:
            message = session.get(Message, line_id)
            subject = subject_of(session, chat, order_gateway(session, now), now)
            made = suggest(session, subject, message, knowledge, now, trial=partial(forgetting_session, url))
            found.append(_told(number, each, subject, made))
    return found


def write_sheet(found: Sequence[Mapping[str, Any]], folder: Path, seed: int = SEED) -> None:
    """Writes what judges read, and apart from it what they must not know.

    Raises:
        BenchError: The folder lies within the project, where no line of real customers may stand.
    """
    from sixty.settings import project_root

    if project_root().resolve() in (folder.resolve(), *folder.resolve().parents):
        raise BenchError("real customers' lines stay out of the project: name a folder elsewhere with --out")
    folder.mkdir(parents=True, exist_ok=True)
    lot = random.Random(seed)
    key = {}
    with (folder / SHEET).open("w", encoding="utf-8") as sheet:
        for each in found:
            order = list(range(len(each["suggestions"])))
            lot.shuffle(order)
            shown = [
                {"letter": "ABC"[at], "text": each["suggestions"][place]["text"]} for at, place in enumerate(order)
            ]
            row = {name: each[name] for name in ("id", "shop", "before", "line")}
            sheet.write(json.dumps({**row, "suggestions": shown}, ensure_ascii=False) + "\n")
            key[each["id"]] = {
                "source": each["source"],
                "letters": {
                    "ABC"[at]: {"place": place + 1, "source": each["suggestions"][place]["source"]}
                    for at, place in enumerate(order)
                },
            }
    (folder / KEY).write_text(json.dumps(key, ensure_ascii=False), encoding="utf-8")


def score(folder: Path, judged: Path) -> dict[str, Any]:
    """Reads judgements: lines `<id> TAB <letters that are apt, such as AC; - for none>`, further columns are ignored.

    Raises:
        BenchError: A line is missing or names what was not on the sheet.
    """
    key = json.loads((folder / KEY).read_text(encoding="utf-8"))
    apt: dict[str, set[str]] = {}
    for row in judged.read_text(encoding="utf-8").splitlines():
        if row.strip() and not row.startswith("#"):
            number, letters = [*row.split("\t"), ""][:2]
            apt[number.strip()] = set(letters.strip().upper()) - {"-"}
    missing = sorted(set(key) - set(apt))
    if missing:
        raise BenchError(f"not judged: {', '.join(missing[:10])}")
    wrong = [number for number, letters in apt.items() if not letters <= set(key.get(number, {}).get("letters", {}))]
    if wrong:
        raise BenchError(f"letters that are not on the sheet, or unknown ids: {', '.join(wrong[:10])}")
    places = {number: {key[number]["letters"][letter]["place"] for letter in apt[number]} for number in key}
    sources: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for number, each in key.items():
        for letter, what in each["letters"].items():
            sources[what["source"]] += 1
            good[what["source"]] += letter in apt[number]
    found: dict[str, Any] = {"turns": len(key)}
    found |= _share("top1", [1 in each for each in places.values()])
    found |= _share("top3", [bool(each) for each in places.values()])
    found["with_none"] = sum(not each["letters"] for each in key.values())
    found["apt_by_source"] = {name: round(good[name] / count, 3) for name, count in sorted(sources.items())}
    for name in sorted({each["source"] for each in key.values()}):
        found |= _share(f"top3_{name.partition('_')[0]}", [bool(places[n]) for n in key if key[n]["source"] == name])
    return found


def _share(name: str, hits: Sequence[bool]) -> dict[str, float]:
    """A share with its 95 % interval (E. B. Wilson, 1927)."""
    count = len(hits)
    if not count:
        return {}
    share = sum(hits) / count
    middle = (share + _Z**2 / (2 * count)) / (1 + _Z**2 / count)
    half = _Z / (1 + _Z**2 / count) * math.sqrt(share * (1 - share) / count + _Z**2 / (4 * count**2))
    return {name: round(share, 3), f"{name}_low": round(middle - half, 3), f"{name}_high": round(middle + half, 3)}


def _play(url: str, number: int, drawn: Drawn, meanings: Mapping[str, Any], now: datetime) -> tuple[str, int]:
    """Writes the talk into the ledger, as with a person; returns the conversation and the line to answer."""
    from sixty.desk.conversations import Who, begin
    from sixty.ledger.models import Message
    from sixty.ledger.receiving import blank_message
    from sixty.shop.database import shop_session
    from sixty.shop.models import Product

    with shop_session(url) as session:
        presale = drawn.source.startswith("uneed")
        who = Who(_CUSTOMERS[number % len(_CUSTOMERS)], "普通", "浙江省", now + timedelta(days=1))
        row = begin(session, "web", now, visitor_id=f"bench-{number}", who=who)[0]
        if presale:
            of_shelf = session.query(Product).filter(Product.category == "美妆").order_by(Product.no).all()
            row.entry, row.product_no = "product", of_shelf[number % len(of_shelf)].no
        last = 0
        for place, each in enumerate((*drawn.before, Spoken(True, drawn.line))):
            at = now - timedelta(minutes=10) + timedelta(seconds=20 * place)
            state = "to_person" if each.customer else "read"
            author = "customer" if each.customer else "agent"
            values = blank_message(
                conversation_id=row.id, author=author, channel="web", text=each.text, state=state, at=at
            )
            message = Message(**values)
            if each.customer:
                message.understood = meanings.get(each.text)
            session.add(message)
            session.flush()
            last = message.id
        return row.id, last


def _told(number: int, drawn: Drawn, subject: Any, made: Any) -> dict[str, Any]:
    from sixty.card_text import as_text

    order = subject.order
    shop = [f"顾客的最近订单：{order.lines[0].name if order.lines else ''}，{order.state}"] if order is not None else []
    if subject.product is not None:
        shop.append(f"正在看的商品：{subject.product.name}")
    return {
        "id": f"{number:03d}",
        "source": drawn.source,
        "shop": "；".join(shop),
        "before": [f"{'顾客' if each.customer else '客服'}：{each.text}" for each in drawn.before],
        "line": drawn.line,
        "suggestions": [
            {
                "text": "\n".join(part for part in (each.text, as_text(each.card) if each.card else "") if part),
                "source": each.source,
            }
            for each in made.answers
        ],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Draws or scores."""
    from sixty.settings import project_root

    parser = argparse.ArgumentParser(prog="bench.suggestions", description=__doc__.splitlines()[0])
    parser.add_argument("doing", choices=["draw", "score"])
    parser.add_argument("--out", type=Path, default=Path(tempfile.gettempdir()) / "sixty-suggestions")
    parser.add_argument("--data", type=Path, default=project_root() / "../shared/data/real")
    parser.add_argument("--model", type=Path, default=project_root() / "models/sixty.tar.gz")
    parser.add_argument("--seed", type=int, default=SEED, help="another one draws other lines")
    parser.add_argument("--turns", type=int, default=TURNS)
    parser.add_argument("--judged", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    # Rasa's libraries tell of every line that is read.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        if options.doing == "score":
            found = score(options.out, options.judged or options.out / "judged.tsv")
        else:
            drawn = draw(options.data, options.turns, options.seed)
            lines = [each.line for each in drawn]
            lines += [said.text for each in drawn for said in each.before if said.customer]
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                meanings = asyncio.run(understood(lines, options.model))
            with tempfile.TemporaryDirectory() as folder:
                url = f"sqlite:///{Path(folder) / 'shop.db'}"
                os.environ["SIXTY_DATABASE_URL"] = url
                suggestions = suggest_all(drawn, meanings, url)
            write_sheet(suggestions, options.out)
            counts = Counter(len(each["suggestions"]) for each in suggestions)
            found = {"turns": len(suggestions), "sheet": str(options.out / SHEET), "suggestions": dict(counts)}
    except BenchError as error:
        if options.json and options.doing == "draw":
            print(json.dumps({"missing": str(error)}, ensure_ascii=False))
            return 0
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(found, ensure_ascii=False, indent=None if options.json else 2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
