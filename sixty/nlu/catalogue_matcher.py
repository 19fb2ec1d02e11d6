"""Finds the shop's products in what a customer wrote: by link, by 货号, by name or by nickname."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import spacy
from ruamel.yaml import YAML
from spacy.matcher import PhraseMatcher
from spacy.util import filter_spans

from sixty.nlu.measures import Found
from sixty.nlu.normal_form import normal_form
from sixty.shop.links import parse_reference

_URL = re.compile(
    r"https?://[^\s\u4e00-\u9fff]{1,2000}"
    r"|(?<![A-Za-z0-9.-])[A-Za-z0-9-]{1,40}(?:\.[A-Za-z0-9-]{1,40}){1,5}[/?][^\s\u4e00-\u9fff]{1,2000}",
    re.IGNORECASE,
)
_ARTICLE_NUMBER = re.compile(r"(?<![A-Za-z0-9])(?P<letters>[A-Za-z]{2})(?P<gap>[ -]?)(?P<digits>\d{4})(?![A-Za-z0-9])")


@dataclass(frozen=True)
class ProductNames:
    """All that customers may call one product.

    Attributes:
        no: 货号.
        name: Its full title.
        kind: What sort of thing it is ("工装裤").
        aliases: Nicknames.
        listings: Platform to the product's id there.
    """

    no: str
    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    listings: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ProductNames:
        """Reads a record of the catalogue's YAML, or what `asdict` made."""
        return cls(
            no=str(record["no"]).upper(),
            name=str(record["name"]),
            kind=str(record.get("kind", "")),
            aliases=tuple(map(str, record.get("aliases") or ())),
            listings={str(key): str(value) for key, value in (record.get("listings") or {}).items()},
        )


def read_product_names(folder: Path) -> list[ProductNames]:
    """Reads every `*.yml` of a catalogue folder.

    Args:
        folder: Holds YAML lists of products.

    Returns:
        Names in the order of files and records; empty when the folder does not exist.
    """
    names: list[ProductNames] = []
    for path in sorted(folder.glob("*.yml")):
        # YAML 1.2, in which the key `no` is a word and not "false".
        records = YAML(typ="safe").load(path)
        names += [ProductNames.from_record(record) for record in records or []]
    return names


class CatalogueMatcher:
    """A phrase matcher over the catalogue; the longest name wins."""

    def __init__(self, products: Iterable[ProductNames]) -> None:
        """Builds the matcher.

        Args:
            products: The catalogue's names. A nickname that several products share means the sort of thing, not
                one of them.
        """
        self.products = list(products)
        self._by_listing = {
            (platform, listing): product.no
            for product in self.products
            for platform, listing in product.listings.items()
        }
        self._nlp = spacy.blank("zh")
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._numbers = {product.no for product in self.products}
        self._letters = {product.no[:2] for product in self.products}
        meanings: dict[str, set[str]] = {}
        spelling: dict[str, str] = {}
        for product in self.products:
            for name in (product.name, *product.aliases):
                meanings.setdefault(_phrase(name), set()).add(product.no)
                spelling.setdefault(_phrase(name), name)
        of_kind: dict[str, set[str]] = {}
        for product in self.products:
            if product.kind:
                of_kind.setdefault(_phrase(product.kind), set()).add(product.no)
                spelling[_phrase(product.kind)] = product.kind
        self._product_of = {
            name: next(iter(numbers))
            for name, numbers in meanings.items()
            if len(numbers | of_kind.get(name, set())) == 1
        }
        self._kinds = {name: spelling[name] for name in [*of_kind, *meanings] if name and name not in self._product_of}
        for label, phrases in (("product", self._product_of), ("kind", self._kinds)):
            self._matcher.add(label, [self._nlp.make_doc(phrase) for phrase in sorted(phrases) if phrase])

    def records(self) -> list[dict[str, Any]]:
        """The catalogue's names as plain records, for the model's file."""
        return [asdict(product) for product in self.products]

    def find(self, text: str) -> list[Found]:
        """Finds products, links to unknown ones (`product_link`) and sorts of things (`kind`).

        Args:
            text: A message in normal form.

        Returns:
            Findings from left to right, without overlaps.
        """
        found: list[Found] = []
        for match in _URL.finditer(text):
            reference = parse_reference(match[0])
            if reference is None:
                continue
            number = self._by_listing.get((reference.platform, reference.external_id))
            if number is None and reference.platform in ("taobao", "tmall"):
                # One item of the marketplace has one id, whichever of its two fronts the link names.
                other = "tmall" if reference.platform == "taobao" else "taobao"
                number = self._by_listing.get((other, reference.external_id))
            if number is None and reference.platform == "shop" and reference.external_id in self._numbers:
                number = reference.external_id
            value = number or f"{reference.platform}:{reference.external_id}"
            found.append(Found("product" if number else "product_link", *match.span(), value))
        found += [
            Found("product", *match.span(), number)
            for match, number in self._article_numbers(text)
            if not any(item.start <= match.start() < item.end for item in found)
        ]
        doc = self._nlp.make_doc(text)
        for span in filter_spans(self._matcher(doc, as_spans=True)):
            # The matcher overlooks blanks inside a name, so its text may hold some.
            phrase = _phrase(span.text)
            if any(item.start < span.end_char and span.start_char < item.end for item in found):
                continue
            value = self._product_of[phrase] if span.label_ == "product" else self._kinds[phrase]
            found.append(Found(span.label_, span.start_char, span.end_char, value))
        return sorted(found, key=lambda item: item.start)

    def _article_numbers(self, text: str) -> Iterator[tuple[re.Match[str], str]]:
        """Numbers of the catalogue, and those that only look like them (a mistyped one is worth a question)."""
        for match in _ARTICLE_NUMBER.finditer(text):
            number = f"{match['letters']}{match['digits']}".upper()
            if number in self._numbers or (not match["gap"] and number[:2] in self._letters):
                yield match, number


def _phrase(name: str) -> str:
    """A name as the matcher compares it."""
    return "".join(normal_form(name).lower().split())
