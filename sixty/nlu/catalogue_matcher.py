"""Finds what the catalogue names in what a customer wrote.

That is products by link, by 货号, by name or nickname; kinds, brands, categories, colours and attributes. Names of
products, of which there may be a million, are in `NameIndex`; the words that products share are in `CatalogueWords`. Of
findings that overlap the longest stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sixty.nlu.catalogue_contents import CatalogueContents, keys_of, plain_no, shape_of
from sixty.nlu.catalogue_words import Aliases, CatalogueWords
from sixty.nlu.folding import FoldedText
from sixty.nlu.found import Found
from sixty.nlu.key_table import KeyTable
from sixty.nlu.name_index import NameHit, NameIndex
from sixty.nlu.name_keys import How
from sixty.nlu.product_names import ProductNames
from sixty.shop.links import parse_reference

_URL = re.compile(
    r"https?://[^\s\u4e00-\u9fff]{1,2000}"
    r"|(?<![A-Za-z0-9.-])[A-Za-z0-9-]{1,40}(?:\.[A-Za-z0-9-]{1,40}){1,5}[/?][^\s\u4e00-\u9fff]{1,2000}",
    re.IGNORECASE,
)
# A number of the catalogue as it is written, or with a gap behind its letters.
_ARTICLE_NUMBER = re.compile(
    r"(?<![A-Za-z0-9-])(?:(?P<letters>[A-Za-z]{1,4})(?P<gap>[ -]?)(?P<digits>\d{2,12})"
    r"|(?=[A-Za-z-]*\d)[A-Za-z0-9](?:-?[A-Za-z0-9]){2,23})(?![A-Za-z0-9])"
)
_FEWEST_DIGITS_ALONE = 5
# 黑 alone is a colour only where it can be nothing else: 黑款, 黑XL.
_SHORT_COLOR = re.compile(
    r"(?<![\u4e00-\u9fff])(?P<color>[黑白灰红粉绿蓝黄紫棕橙])"
    r"(?=款|(?i:\s?(?:[2-6]?X{0,4}L|XS|S|M)(?![A-Za-z0-9]))|\s?\d{2}码)"
)
# Of findings of one size the lowest stays; shared words have 1.
_RANKS: dict[How, int] = {"spelled": 0, "sounded": 2, "shortened": 2, "misspelled": 3}


@dataclass(frozen=True)
class _Candidate:
    """Something found in the folded message, before it is known what overlaps."""

    start: int
    end: int
    entity: str
    value: str
    rank: int
    owner: int

    @property
    def size(self) -> int:
        return self.end - self.start


class CatalogueMatcher:
    """Everything that a catalogue names; the longest name wins, and of two equally long ones the more exact."""

    def __init__(self, contents: CatalogueContents, *, near: bool = True) -> None:
        """Builds the matcher.

        Args:
            contents: What the catalogue names. A nickname that several products share means the sort of thing, not one
                of them.
            near: Whether names with a slip of the keyboard or with words left out are found, too.
        """
        self._nos = contents.nos
        self._shapes = contents.shapes
        self._words = CatalogueWords(contents.words)
        self._names = NameIndex(contents.names, near=near)
        self._by_no = contents.by_no
        self._by_listing = contents.by_listing

    @classmethod
    def of(
        cls, products: Iterable[ProductNames], aliases: Aliases | None = None, *, near: bool = True
    ) -> CatalogueMatcher:
        """Builds the matcher over products, read once from beginning to end."""
        return cls(CatalogueContents.of(products, aliases), near=near)

    def __len__(self) -> int:
        return len(self._nos)

    def find(self, text: str) -> list[Found]:
        """Finds products, links to unknown ones (`product_link`) and the words that products share.

        Args:
            text: A message in normal form.

        Returns:
            Findings from left to right, without overlaps.
        """
        found = list(self._links(text))
        taken = bytearray(len(text))
        for item in found:
            taken[item.start : item.end] = b"\1" * (item.end - item.start)
        for start, end, number in self._article_numbers(text):
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Found("product", start, end, number))
        message = FoldedText.of(text)
        for candidate in sorted(self._candidates(message), key=lambda each: (-each.size, each.rank, each.start)):
            start, end = message.span(candidate.start, candidate.end)
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Found(candidate.entity, start, end, candidate.value))
        for match in _SHORT_COLOR.finditer(text):
            if not any(taken[slice(*match.span("color"))]):
                found.append(Found("color", *match.span("color"), f"{match['color']}色"))
        return sorted(found, key=lambda item: item.start)

    def _links(self, text: str) -> Iterator[Found]:
        for match in _URL.finditer(text):
            reference = parse_reference(match[0])
            if reference is None:
                continue
            number = self._no_of_listing(reference.platform, reference.external_id)
            if number is None and reference.platform in ("taobao", "tmall"):
                # One item of the marketplace has one id, whichever of its two fronts the link names.
                other = "tmall" if reference.platform == "taobao" else "taobao"
                number = self._no_of_listing(other, reference.external_id)
            if number is None and reference.platform == "shop":
                number = self._known_no(reference.external_id)
            value = number or f"{reference.platform}:{reference.external_id}"
            yield Found("product" if number else "product_link", *match.span(), value)

    def _no_of_listing(self, platform: str, listing: str) -> str | None:
        return self._looked_up(self._by_listing, f"{platform}:{listing}")

    def _known_no(self, no: str) -> str | None:
        known = self._looked_up(self._by_no, plain_no(no))
        return known if known is not None and plain_no(known) == plain_no(no) else None

    def _looked_up(self, table: KeyTable, text: str) -> str | None:
        _, numbers, _ = table.find(keys_of([text]))
        return self._nos[int(numbers[0])] if len(numbers) else None

    def _article_numbers(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Numbers of the catalogue, and those that only look like them (a mistyped one is worth a question)."""
        for match in _ARTICLE_NUMBER.finditer(text):
            if match[0].isdigit() and len(match[0]) < _FEWEST_DIGITS_ALONE:
                continue
            known = self._known_no(match[0])
            if known is not None:
                yield (*match.span(), known)
            elif match["letters"] and not match["gap"] and shape_of(match[0].upper()) in self._shapes:
                yield (*match.span(), match[0].upper())

    def _candidates(self, message: FoldedText) -> Iterator[_Candidate]:
        words = [
            _Candidate(hit.start, hit.end, hit.word.entity, hit.word.value, 1, -1) for hit in self._words.find(message)
        ]
        yield from words
        hits = self._names.find(message)
        spelled = [
            self._candidate(hit, message.text[hit.start : hit.end], hit.name, shared=hit.shared)
            for hit in hits
            if hit.how == "spelled"
        ]
        yield from spelled
        for hit in hits:
            if hit.how != "spelled":
                near = self._near(hit)
                if self._may_be_meant(near, self._names.names.folded[hit.name], message, words, spelled):
                    yield near

    def _candidate(self, hit: NameHit, text: str, name: int, *, shared: bool) -> _Candidate:
        """What a hit means whose name is spelled `text`: a product, or a kind when it is not the name of only one."""
        rank = _RANKS[hit.how]
        number = int(self._names.names.owners[name])
        if not shared and (not self._words.is_kind(text) or self._words.only_product_of_kind(text) == number):
            return _Candidate(hit.start, hit.end, "product", self._nos[number], rank, number)
        word = self._words.meaning(text)
        value = word.value if word and word.entity == "kind" else self._names.names.spelling(name)
        return _Candidate(hit.start, hit.end, "kind", value, rank, -1)

    def _near(self, hit: NameHit) -> _Candidate:
        owner = int(self._names.names.owners[hit.name])
        if hit.how == "shortened":
            return _Candidate(hit.start, hit.end, "product", self._nos[owner], _RANKS[hit.how], owner)
        text = self._names.names.folded[hit.name]
        name = self._names.spelled(text)
        if name is not None:
            return self._candidate(hit, text, name[0], shared=name[1])
        word = self._words.meaning(text)
        assert word is not None  # It is no product's name, so it is a shared word.
        return _Candidate(hit.start, hit.end, word.entity, word.value, _RANKS[hit.how], -1)

    def _may_be_meant(
        self,
        near: _Candidate,
        name: str,
        message: FoldedText,
        words: list[_Candidate],
        spelled: list[_Candidate],
    ) -> bool:
        """Whether nothing that is written exactly in the same place says something else."""
        for other in [*words, *(each for each in spelled if each.owner not in (-1, near.owner))]:
            if near.start <= other.start and other.end <= near.end:
                if message.text[other.start : other.end] not in name:
                    return False
            elif other.start <= near.start and near.end <= other.end:
                return False
        return True
