"""What agents can look up: products, the bot's answers, policies; each as an entry with words to send."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from sixty.desk.beside.agent_words import as_a_person
from sixty.desk.beside.domain_responses import DomainResponses
from sixty.keywords import Keywords
from sixty.playbook import CapsulePlan
from sixty.shop.models import Attribute, Product
from sixty.shop.policies.reading import Policies
from sixty.tables import column

EntryKind = Literal["product", "answer", "policy", "quick_reply"]
KINDS: tuple[EntryKind, ...] = get_args(EntryKind)

ANSWERS = "utter_faq_"
MOST_PRODUCTS = 20_000
"""With more, products are looked for in the database: an index in memory of a million would fill the desk's process."""

_LINES = 400
_AT_A_TIME = 500


@dataclass(frozen=True)
class Entry:
    """Something to look up.

    Attributes:
        id: The same for the same thing, also after the index was built anew.
        title: One line.
        text: What can be sent.
        also: What it is found by beside that, and which is never shown: how customers ask for it.
        product_no: For products, and for facts about one.
        account_id: Whose own it is; None for everybody's.
        boost: By how much it counts more than others, 1 for the usual.
    """

    kind: EntryKind
    id: str
    title: str
    text: str
    also: str = ""
    product_no: str | None = None
    account_id: int | None = None
    boost: float = 1.0


def answers(responses: DomainResponses, plan: CapsulePlan, questions: dict[str, list[str]]) -> Iterator[Entry]:
    """What the bot answers to general questions, each way of saying it that is true for somebody now or later.

    Args:
        responses: The domain's.
        plan: How questions are called.
        questions: How customers ask, by intent.
    """
    for place, (name, text) in enumerate(responses.texts(ANSWERS)):
        intent = name.removeprefix(ANSWERS)
        said = as_a_person(text)
        if said:
            title = plan.meanings.get(intent, intent)
            yield Entry("answer", f"answer:{intent}:{place}", title, said, " ".join(questions.get(intent, ())))


def keyword_answers(words: Keywords) -> Iterator[Entry]:
    """The merchant's own answers to keywords."""
    for place, each in enumerate(words.entries):
        if each.answer is not None and (said := as_a_person(each.answer)):
            yield Entry("answer", f"keyword:{place}", each.words[0], said, " ".join(each.words))


def policy_rows(policies: Policies) -> Iterator[Entry]:
    """What each row of the policies says; where it holds nothing back but an amount, it can be sent as it is."""
    for policy in policies.policies:
        for row in policy.rows:
            if "{" not in row.say:
                yield Entry("policy", f"policy:{row.id}", row.source.name, as_a_person(row.say) or row.say)


def products(session: Session, limit: int = MOST_PRODUCTS) -> Iterator[Entry]:
    """Products on sale, with what is known about them."""
    query = select(Product).where(column(Product.status) == "on_sale").order_by(Product.no).limit(limit)
    batch: list[Product] = []
    for product in session.scalars(query.execution_options(yield_per=_AT_A_TIME)):
        batch.append(product)
        if len(batch) == _AT_A_TIME:
            yield from _described(session, batch)
            batch = []
    yield from _described(session, batch)


def questions_of(folder: Path) -> dict[str, list[str]]:
    """How customers ask, by intent, as trainers have written it down; nothing where the files are not there."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.glob("*.yml")):
        written = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
        for section in written.get("nlu") or ():
            intent, examples = section.get("intent"), section.get("examples")
            if intent and isinstance(examples, str):
                lines = [_plain(line.strip().removeprefix("- ")) for line in examples.splitlines() if line.strip()]
                found.setdefault(str(intent), []).extend(lines[:_LINES])
    return found


def _plain(line: str) -> str:
    """A training line without its marks: `[L](size)有吗` is `L有吗`."""
    import re

    return re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})", r"\1", line)


def _described(session: Session, some: Iterable[Product]) -> Iterator[Entry]:
    batch = list(some)
    if not batch:
        return
    query = (
        select(Attribute)
        .where(column(Attribute.product_no).in_([each.no for each in batch]))
        .order_by(Attribute.product_no, Attribute.ordinal)
    )
    facts: dict[str, list[Attribute]] = {}
    for fact in session.scalars(query):
        facts.setdefault(fact.product_no, []).append(fact)
    for product in batch:
        told = [f"{each.key}：{each.value}" for each in facts.get(product.no, ())]
        text = (
            f"{product.name}（货号{product.no}）\n{'；'.join(told)}" if told else f"{product.name}（货号{product.no}）"
        )
        also = " ".join((product.no, product.kind, product.category, product.brand, *product.aliases))
        yield Entry("product", f"product:{product.no}", product.name, text, also, product.no, boost=1.5)
