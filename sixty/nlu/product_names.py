"""What customers may call the products of a catalogue, read from its files.

A catalogue is a folder of `*.yml` (lists of products) and `*.jsonl` files (one product a line, the form for large
ones), both with the same keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sixty.errors import OperatorError


@dataclass(frozen=True)
class ProductNames:
    """All that customers may call one product, and what they may ask of it.

    Attributes:
        no: 货号.
        name: Its full title.
        kind: What sort of thing it is ("工装裤").
        aliases: Nicknames.
        listings: Platform to the product's id there.
        brand: Whose make it is.
        category: The shelf it stands on.
        colors: The colours that it comes in.
        attributes: Keys of what is known about it.
    """

    no: str
    name: str
    kind: str = ""
    aliases: tuple[str, ...] = ()
    listings: dict[str, str] = field(default_factory=dict)
    brand: str = ""
    category: str = ""
    colors: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> ProductNames:
        """Reads a product of a catalogue's file.

        Raises:
            ValueError: It is no product, or has no number or name.
        """
        if not isinstance(record, dict):
            raise ValueError(f"a product has keys such as no, name and kind, and this is {record!r:.60}")
        for key in ("no", "name"):
            if not str(record.get(key) or "").strip():
                raise ValueError(f"the product {record.get('no') or record.get('name') or '?'} has no {key}")
        return cls(
            no=str(record["no"]).upper(),
            name=str(record["name"]),
            kind=str(record.get("kind") or ""),
            aliases=_texts(record, "aliases"),
            listings={str(key): str(value) for key, value in (record.get("listings") or {}).items()},
            brand=str(record.get("brand") or ""),
            category=str(record.get("category") or ""),
            colors=_colors(record),
            attributes=tuple(map(str, record.get("attributes") or ())),
        )


def read_product_names(folder: Path) -> Iterator[ProductNames]:
    """Reads a catalogue.

    Args:
        folder: Holds YAML lists of products, or a JSON object a line.

    Yields:
        Names in the order of files and records; none when the folder does not exist.

    Raises:
        OperatorError: A file is not a catalogue's; the message says where and what to do.
    """
    for path in catalogue_files(folder):
        reader = read_lines if path.suffix == ".jsonl" else _read_list
        yield from reader(path)


def catalogue_files(folder: Path) -> list[Path]:
    """The files of a catalogue in the order they are read."""
    return sorted((*folder.glob("*.yml"), *folder.glob("*.jsonl")))


def read_lines(path: Path) -> Iterator[ProductNames]:
    """Reads a file of one JSON object a line.

    Raises:
        OperatorError: A line is no product.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    record = json.loads(line)
                except ValueError as error:
                    raise OperatorError(f"{path}:{number} is no JSON: {error}. Write one object a line") from error
                yield _product(record, f"{path}:{number}")


def _read_list(path: Path) -> Iterator[ProductNames]:
    try:
        # YAML 1.2, in which the key `no` is a word and not "false".
        records = YAML(typ="safe").load(path)
    except YAMLError as error:
        raise OperatorError(f"{path} is no YAML: {str(error).splitlines()[0]}. Mend the file") from error
    if not isinstance(records, (list, type(None))):
        raise OperatorError(f"{path} is no list of products. Begin each product with “- no: …”")
    for number, record in enumerate(records or [], 1):
        yield _product(record, f"{path}, product {number}")


def _product(record: Any, place: str) -> ProductNames:
    try:
        return ProductNames.from_record(record)
    except (ValueError, AttributeError, TypeError) as error:
        raise OperatorError(f"{place}: {error}. Mend the product there, or take it out") from error


def _texts(record: dict[str, Any], key: str) -> tuple[str, ...]:
    found = record.get(key) or ()
    if isinstance(found, str):
        raise ValueError(f"{key} of {record['no']} is one text where a list is expected: [{found}]")
    return tuple(map(str, found))


def _colors(record: dict[str, Any]) -> tuple[str, ...]:
    """Colours from `colors`, from `variants` or from `skus`."""
    named = [
        *(record.get("colors") or ()),
        *((record.get("variants") or {}).get("colors") or ()),
        *(sku.get("color") for sku in record.get("skus") or ()),
    ]
    return tuple(dict.fromkeys(str(color) for color in named if color))
