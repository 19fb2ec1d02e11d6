"""All that a catalogue names, in the columns that a model keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sixty.nlu.catalogue_words import Aliases, WordCollector, WordContents
from sixty.nlu.folding import folded
from sixty.nlu.key_table import KeyTable
from sixty.nlu.name_columns import NameCollector, NameColumns
from sixty.nlu.name_parts import head_of, parts_of
from sixty.nlu.near_names import SHORTEST_SOUNDED
from sixty.nlu.product_names import ProductNames
from sixty.nlu.stretches import LONGEST_TEXT, Keys, Stretches, code_points, scattered
from sixty.nlu.text_column import TextColumn

_COLUMNS_FILE = "catalogue.npz"
_WORDS_FILE = "catalogue_words.json"
_MOST_SHAPES = 10_000
# Shared words are owners from here on, so that no two are mistaken for one.
_WORDS_FROM = 1 << 30


@dataclass(frozen=True)
class CatalogueContents:
    """What a catalogue names.

    Attributes:
        names: Names and nicknames, owned by products, and shared words, which are only found there when they are
            nearly written.
        nos: 货号 by number of the product.
        by_no: Number of the product by the hash of its 货号.
        by_listing: And by the hash of platform and id there.
        shapes: Letters and number of digits that 货号 have.
        words: Words that products share.
    """

    names: NameColumns
    nos: TextColumn
    by_no: KeyTable
    by_listing: KeyTable
    shapes: frozenset[tuple[str, int]]
    words: WordContents

    @classmethod
    def of(cls, products: Iterable[ProductNames], aliases: Aliases | None = None) -> CatalogueContents:
        """Collects what products and other words for the same name.

        Args:
            products: The catalogue, read once from beginning to end.
            aliases: Other words for brands, kinds, categories, colours and attributes.

        Returns:
            The contents.
        """
        words = WordCollector(aliases)
        names = NameCollector()
        nos: list[str] = []
        listings: list[str] = []
        listed: list[int] = []
        shapes: set[tuple[str, int]] = set()
        for number, product in enumerate(products):
            words.add(product, number)
            parts = parts_of(folded(product.name), _folded_word(product.brand))
            nicknames = [folded(alias) for alias in product.aliases]
            head = head_of(parts, [name for name in (_folded_word(product.kind), *nicknames) if name]) if parts else 0
            names.add(product.name, number, parts, head)
            for alias in product.aliases:
                names.add(alias, number)
            nos.append(product.no)
            shape = shape_of(product.no)
            if shape and len(shapes) < _MOST_SHAPES:
                shapes.add(shape)
            for platform, listing in product.listings.items():
                listings.append(f"{platform}:{listing}")
                listed.append(number)
        contents = words.contents()
        shared = {text for found in contents["words"].values() for text in found if len(text) >= SHORTEST_SOUNDED}
        for number, text in enumerate(sorted(shared)):
            names.add(text, _WORDS_FROM + number, near_only=True)
        return cls(
            names.columns(),
            TextColumn.of([no.encode() for no in nos]),
            KeyTable.of(keys_of([plain_no(no) for no in nos]), np.arange(len(nos), dtype=np.int32)),
            KeyTable.of(keys_of(listings), np.array(listed, dtype=np.int32)),
            frozenset(shapes),
            contents,
        )

    def save(self, folder: Path) -> None:
        """Writes everything into a folder."""
        columns: dict[str, npt.NDArray[np.generic]] = {
            **{f"names.{name}": column for name, column in self.names.arrays().items()},
            **{f"nos.{name}": column for name, column in self.nos.arrays().items()},
            **{f"by_no.{name}": column for name, column in self.by_no.arrays().items()},
            **{f"by_listing.{name}": column for name, column in self.by_listing.arrays().items()},
        }
        np.savez(folder / _COLUMNS_FILE, **columns)
        rest = {"shapes": sorted(self.shapes), **self.words}
        (folder / _WORDS_FILE).write_text(json.dumps(rest, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> CatalogueContents:
        """Reads what `save` wrote.

        Raises:
            FileNotFoundError: The folder holds nothing of that kind.
        """
        rest = json.loads((folder / _WORDS_FILE).read_text(encoding="utf-8"))
        with np.load(folder / _COLUMNS_FILE, allow_pickle=False) as file:
            columns = {name: file[name] for name in file.files}
        names = {name.removeprefix("names."): column for name, column in columns.items()}
        return cls(
            NameColumns.from_arrays(names),
            TextColumn.from_arrays(columns, "nos"),
            KeyTable.from_arrays(columns, "by_no"),
            KeyTable.from_arrays(columns, "by_listing"),
            frozenset((letters, digits) for letters, digits in rest["shapes"]),
            {"words": rest["words"], "sole_of_kind": rest["sole_of_kind"]},
        )


def plain_no(no: str) -> str:
    """A 货号 as it is compared: capitals, without hyphens and blanks."""
    return no.upper().replace("-", "").replace(" ", "")


def shape_of(no: str) -> tuple[str, int] | None:
    """The letters and the number of digits of a 货号 of the kind "GZ2101"; None for others."""
    digits = no.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    letters = no[: len(no) - len(digits)]
    return (letters, len(digits)) if letters and digits.isdigit() else None


def keys_of(texts: Sequence[str]) -> Keys:
    """A hash of each of many short texts."""
    keys = np.empty(len(texts), dtype=np.uint64)
    ends = np.cumsum(np.fromiter(map(len, texts), dtype=np.int64, count=len(texts)))
    first = 0
    while first < len(texts):
        read = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, read + LONGEST_TEXT, side="right")))
        bounds = np.concatenate([[0], ends[first:last] - read]).astype(np.int64).clip(max=LONGEST_TEXT)
        stretches = Stretches(scattered(code_points("".join(texts[first:last])[:LONGEST_TEXT])))
        keys[first:last] = stretches.keys(bounds[:-1], bounds[1:])
        first = last
    return keys


# A catalogue of a million has some thousand brands and kinds.
_folded_word = lru_cache(maxsize=65536)(folded)
