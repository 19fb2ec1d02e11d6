"""The knowledge of this deployment, searched by agents; built in the desk's process, and again when it has changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sixty.desk.beside.domain_responses import DOMAIN, read_responses
from sixty.desk.beside.knowledge_entries import (
    KINDS,
    MOST_PRODUCTS,
    Entry,
    EntryKind,
    answers,
    keyword_answers,
    policy_rows,
    products,
    questions_of,
)
from sixty.desk.beside.knowledge_index import Hit, KnowledgeIndex
from sixty.desk.beside.quick_replies import QuickReply
from sixty.desk.beside.search_words import SearchWords, snippet
from sixty.errors import OperatorError
from sixty.keywords import KEYWORDS_FILE, read_keywords
from sixty.playbook import PlaybookError, read_capsule_plan
from sixty.shop.catalogue import search_products
from sixty.shop.models import Attribute, CatalogueImport, Product, Sku
from sixty.shop.policies.reading import read_policies
from sixty.tables import column

OpenSession = Callable[[], AbstractContextManager[Session]]

LOOKED_AT_EVERY = 5.0
"""Seconds between two looks at whether anything has changed."""

_NAMES_AS_WORDS = 20_000

_log = structlog.get_logger(__name__)


@dataclass
class Knowledge:
    """What can be looked up.

    Attributes:
        reading: Opens a session that reads.
        playbook: The folder of the playbook.
        project: The folder with `domain.yml` and `data/`.
        clock: Tells seconds.
    """

    reading: OpenSession
    playbook: Path
    project: Path
    clock: Callable[[], float] = time.monotonic
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _index: KnowledgeIndex | None = field(default=None, init=False)
    _mark: Any = field(default=None, init=False)
    _looked_at: float = field(default=float("-inf"), init=False)
    _many: bool = field(default=False, init=False)

    def search(
        self, typed: str, kinds: Collection[EntryKind] = KINDS, account_id: int | None = None, limit: int = 20
    ) -> list[Hit]:
        """Finds entries; see `KnowledgeIndex.search`."""
        hits = self.index().search(typed, kinds, account_id, limit)
        if self._many and "product" in kinds:
            hits += self._in_the_database(typed, limit)
            hits = sorted(hits, key=lambda hit: -hit.score)[:limit]
        return hits

    def index(self) -> KnowledgeIndex:
        """The index as it is now. While it is built anew, the others search the one that was."""
        index = self._index
        if index is not None and (self.clock() - self._looked_at < LOOKED_AT_EVERY or not self._lock.acquire(False)):
            return index
        if index is None:
            self._lock.acquire()
        try:
            if self._index is None or self.clock() - self._looked_at >= LOOKED_AT_EVERY:
                self._look()
        finally:
            self._lock.release()
        assert self._index is not None
        return self._index

    def _look(self) -> None:
        with self.reading() as session:
            mark = (self._files(), self._rows(session))
            if mark != self._mark:
                began = time.perf_counter()
                self._index = self._built(session)
                self._mark = mark
                took = round((time.perf_counter() - began) * 1000)
                _log.info("knowledge.built", entries=len(self._index), ms=took)
        self._looked_at = self.clock()

    def _files(self) -> tuple[tuple[str, int, int], ...]:
        folders = (self.playbook, self.playbook / "policies", self.project / "data" / "nlu")
        files = [self.project / DOMAIN, *(file for folder in folders for file in sorted(folder.glob("*.yml")))]
        return tuple((str(file), (at := file.stat()).st_mtime_ns, at.st_size) for file in files if file.exists())

    @staticmethod
    def _rows(session: Session) -> tuple[Any, ...]:
        imported = session.scalar(select(func.max(CatalogueImport.id)))
        sold = select(func.count()).select_from(Product).where(column(Product.status) == "on_sale")
        known = session.scalar(select(func.count()).select_from(Attribute))
        replies = session.execute(select(func.count(), func.max(QuickReply.updated_at), func.max(QuickReply.id))).one()
        return imported, session.scalar(sold), known, session.scalar(select(func.count()).select_from(Sku)), *replies

    def _built(self, session: Session) -> KnowledgeIndex:
        sold = select(func.count()).select_from(Product).where(column(Product.status) == "on_sale")
        self._many = int(session.scalar(sold) or 0) > MOST_PRODUCTS
        words = SearchWords(self._own_words(session))
        return KnowledgeIndex(self._entries(session), words)

    def _own_words(self, session: Session) -> Iterable[str]:
        for attribute in (Product.kind, Product.brand, Product.category):
            yield from session.scalars(select(column(attribute)).distinct().limit(_NAMES_AS_WORDS))
        yield from session.scalars(select(column(Attribute.key)).distinct().limit(_NAMES_AS_WORDS))

    def _entries(self, session: Session) -> Iterable[Entry]:
        plan = read_capsule_plan(self.playbook / "capsules.yml")
        yield from self._checked(
            lambda: answers(read_responses(self.project / DOMAIN), plan, questions_of(self.project / "data" / "nlu"))
        )
        yield from self._checked(lambda: keyword_answers(read_keywords(self.playbook / KEYWORDS_FILE, plan)))
        yield from self._checked(lambda: policy_rows(read_policies(self.playbook)))
        if not self._many:
            yield from products(session)
        for reply in session.scalars(select(QuickReply).order_by(QuickReply.id)):
            text, own = reply.text, reply.account_id
            also = f"{reply.folder} {reply.initials}"
            yield Entry("quick_reply", f"quick_reply:{reply.id}", reply.title, text, also, account_id=own, boost=1.2)

    @staticmethod
    def _checked(read: Callable[[], Iterable[Entry]]) -> list[Entry]:
        """The entries of a file; one that is being written wrongly takes the others nothing."""
        try:
            return list(read())
        except (OperatorError, PlaybookError, OSError, ValueError) as error:
            _log.warning("knowledge.file_left_out", error=type(error).__name__)
            return []

    def _in_the_database(self, typed: str, limit: int) -> list[Hit]:
        """Products of a catalogue that is too large for the memory."""
        words = SearchWords().wanted(typed) if self._index is None else self.index()._words.wanted(typed)
        with self.reading() as session:
            found = search_products(session, words, limit=limit)
            return [
                Hit(Entry("product", f"product:{each.no}", each.name, each.name, "", each.no), 0.0, 1.0, tuple(words))
                for each in found
            ]


def shown(hit: Hit) -> dict[str, Any]:
    """A hit as the workbench's API has it."""
    entry = hit.entry
    return {
        "kind": entry.kind,
        "id": entry.id,
        "title": entry.title,
        "snippet": snippet(entry.text, hit.words),
        "text": entry.text,
        "url": f"/?entry=product&product={entry.product_no}" if entry.product_no else None,
        "product_no": entry.product_no,
    }
