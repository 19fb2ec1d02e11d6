"""A full-text index of what agents can look up, in the memory of the desk's process (tantivy, BM25)."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import tantivy

from sixty.desk.beside.knowledge_entries import KINDS, Entry, EntryKind
from sixty.desk.beside.pinyin import are_letters, initials
from sixty.desk.beside.search_words import SearchWords, characters

_HEAP_BYTES = 32_000_000
# How much a word counts where it stands; what stands in the title says most of what an entry is.
_TITLE, _ALSO, _TEXT = 3.0, 1.5, 1.0
# A single character is a weak sign: it finds what a wrong cut of the words would have hidden, and no more.
_CHARACTERS = 0.15
_BEGINS, _HOLDS = 12.0, 6.0


@dataclass(frozen=True)
class Hit:
    """Something that was found.

    Attributes:
        score: The higher the better; of one search only.
        covered: Which part of what was looked for stands in it, 0 … 1, long words counting more.
        words: The words that were looked for.
    """

    entry: Entry
    score: float
    covered: float
    words: tuple[str, ...]


class KnowledgeIndex:
    """Entries that can be searched."""

    def __init__(self, entries: Iterable[Entry], words: SearchWords) -> None:
        """Builds the index.

        Args:
            entries: What can be found.
            words: Cuts text; the same for what is typed.
        """
        self._words = words
        self._entries = list(entries)
        schema = _schema()
        self._index = tantivy.Index(schema)
        writer = self._index.writer(_HEAP_BYTES, 1)
        self._cut: list[frozenset[str]] = []
        for place, entry in enumerate(self._entries):
            title, text, also = (words.words(each) for each in (entry.title, entry.text, entry.also))
            self._cut.append(frozenset((*title, *text, *also)))
            writer.add_document(
                tantivy.Document(
                    place=place,
                    kind=[entry.kind],
                    title=[" ".join(title)],
                    text=[" ".join(text)],
                    also=[" ".join(also)],
                    characters=[" ".join(characters(f"{entry.title} {entry.text} {entry.also}"))],
                    initials=[initials(entry.title)],
                )
            )
        writer.commit()
        writer.wait_merging_threads()
        self._index.reload()
        self._schema = schema

    def __len__(self) -> int:
        return len(self._entries)

    def search(
        self, typed: str, kinds: Collection[EntryKind] = KINDS, account_id: int | None = None, limit: int = 20
    ) -> list[Hit]:
        """Finds entries.

        Args:
            typed: What somebody looks for: words, a sentence, or the initials of a title.
            kinds: Only these.
            account_id: Who looks: what belongs to others stays out.
            limit: How many at most.

        Returns:
            The best first.
        """
        wanted = self._words.wanted(typed)
        parts = self._parts(wanted, "".join(typed.casefold().split()))
        if not parts or not kinds:
            return []
        of_kind = tantivy.Query.term_set_query(self._schema, "kind", sorted(kinds))
        query = tantivy.Query.boolean_query(
            [
                (tantivy.Occur.Must, tantivy.Query.boolean_query([(tantivy.Occur.Should, part) for part in parts])),
                (tantivy.Occur.Must, tantivy.Query.const_score_query(of_kind, 0.0)),
            ]
        )
        searcher = self._index.searcher()
        # Colleagues' own replies are left out below: enough are read that the others fill the answer.
        found = searcher.search(query, limit=max(4 * limit, 50)).hits
        hits = []
        for score, address in found:
            place = int(searcher.doc(address)["place"][0])
            entry = self._entries[place]
            if entry.account_id is None or entry.account_id == account_id:
                hits.append(Hit(entry, score * entry.boost, _covered(wanted, self._cut[place]), tuple(wanted)))
        return heapq.nlargest(limit, hits, key=lambda hit: hit.score)

    def _parts(self, wanted: Sequence[str], typed: str) -> list[Any]:
        term, boost = tantivy.Query.term_query, tantivy.Query.boost_query
        parts = [
            boost(term(self._schema, field, word), weight)
            for word in wanted
            for field, weight in (("title", _TITLE), ("also", _ALSO), ("text", _TEXT))
        ]
        letters = list(dict.fromkeys(each for word in wanted for each in characters(word)))
        parts += [boost(term(self._schema, "characters", each), _CHARACTERS) for each in letters]
        if are_letters(typed):
            for pattern, weight in ((f"{typed}.*", _BEGINS), (f".+{typed}.*", _HOLDS)):
                matching = tantivy.Query.regex_query(self._schema, "initials", pattern)
                parts.append(tantivy.Query.const_score_query(matching, weight))
        return parts


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("place", stored=True)
    for field in ("kind", "initials"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    # The text is cut already; the blanks between its words are all that is left to see.
    for field in ("title", "text", "also", "characters"):
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


def _covered(wanted: Sequence[str], held: frozenset[str]) -> float:
    weight = sum(len(word) for word in wanted)
    return sum(len(word) for word in wanted if word in held) / weight if weight else 0.0
