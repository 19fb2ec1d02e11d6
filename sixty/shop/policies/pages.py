"""Pages of the platform where a deed is done by the customer: `playbook/pages.yml`."""

from __future__ import annotations

from pathlib import Path
from string import Formatter
from urllib.parse import quote

from pydantic import BaseModel, ConstrainedStr, Extra, validator

from sixty.shop.located import Problem, read_entries

PAGES_FILE = "pages.yml"
_WORDS = ("order_no", "line")


class _Name(ConstrainedStr):
    regex = r"^[a-z][a-z0-9_]{1,31}$"


class Page(BaseModel):
    """A page: what it is called in policies, to customers, and where it is.

    Attributes:
        link: Its address; `{order_no}` and `{line}` are put in.
    """

    name: _Name
    title: str
    link: str

    class Config:
        """How pydantic reads it."""

        extra = Extra.forbid
        allow_mutation = False

    @validator("link")
    def _is_an_address(cls, link: str) -> str:
        if not link.startswith(("https://", "/")):
            raise ValueError("must begin with https:// or, for a page of this shop, with /")
        try:
            words = [name for _, name, _, _ in Formatter().parse(link) if name is not None]
        except ValueError as error:
            raise ValueError(f"has a brace that belongs to nothing: {error}") from error
        for word in words:
            if word not in _WORDS:
                raise ValueError(f"has {{{word}}}; known are {', '.join(_WORDS)}")
        return link

    def address(self, order_no: str | None, line: int | None = None) -> str:
        """Its address for an order; what isn't known is left empty."""
        return self.link.format(order_no=quote(order_no or "", safe=""), line="" if line is None else line)

    @property
    def needs_order(self) -> bool:
        """Whether it is about an order."""
        return any(name is not None for _, name, _, _ in Formatter().parse(self.link))


def check_pages(folder: Path, problems: list[Problem]) -> dict[str, Page]:
    """Reads the pages by name; what is wrong goes into `problems`, and a missing file has no page."""
    file = folder / PAGES_FILE
    if not file.exists():
        return {}
    pages: dict[str, Page] = {}
    for each in read_entries(file, Page, problems):
        if each.entry.name in pages:
            problems.append(each.problem(f"two pages are called {each.entry.name}", "rename one", "name"))
        pages[each.entry.name] = each.entry
    return pages
