"""What tables can hold."""

from __future__ import annotations

import importlib
import re
import typing
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from sqlalchemy import String

from sixty.shop.database import MIGRATIONS
from sixty.tables import Base

# The modules whose tables are migrated, by the migrations' own list.
for _name in re.findall(r"^import (sixty\.[\w.]+)", (MIGRATIONS / "env.py").read_text(encoding="utf-8"), re.MULTILINE):
    importlib.import_module(_name)


def words_of(hint: Any) -> list[str]:
    """The words that a column's annotation lets in; none where it may be any text."""
    if get_origin(hint) is Literal:
        return [each for each in get_args(hint) if isinstance(each, str)]
    return [word for each in get_args(hint) for word in words_of(each)] if get_origin(hint) is not dict else []


@pytest.mark.parametrize("mapper", sorted(Base.registry.mappers, key=lambda each: each.class_.__name__))
def test_each_word_of_a_state_fits_its_column(mapper: Any) -> None:
    """SQLite would not mind, PostgreSQL does."""
    hints = get_type_hints(mapper.class_, vars(typing) | vars(importlib.import_module(mapper.class_.__module__)))
    too_long = [
        (name, word)
        for name, hint in hints.items()
        if name in mapper.columns and isinstance(mapper.columns[name].type, String)
        for word in words_of(hint)
        if mapper.columns[name].type.length is not None and len(word) > mapper.columns[name].type.length
    ]
    assert too_long == []
