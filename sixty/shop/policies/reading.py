"""Reads `playbook/policies/*.yml` and `playbook/pages.yml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sixty.errors import OperatorError
from sixty.shop.deeds.kinds import DEED_KINDS, DeedKind
from sixty.shop.located import Located, Problem, read_document, read_soundly
from sixty.shop.policies.deciding import Policy
from sixty.shop.policies.pages import PAGES_FILE, Page, check_pages
from sixty.shop.policies.reach import unreachable
from sixty.shop.policies.rows import PolicyEntry

POLICIES_FOLDER = "policies"


class PoliciesError(OperatorError):
    """The playbook's policies can't be used; the message names every place."""


@dataclass(frozen=True)
class Policies:
    """All of a shop's policies and the pages that they lead to."""

    policies: tuple[Policy, ...]
    pages: dict[str, Page]

    def about(self, kind: DeedKind) -> Policy:
        """The policy that decides about a kind of deed."""
        return next(each for each in self.policies if kind in each.kinds)


def check_policies(folder: Path, problems: list[Problem]) -> Policies | None:
    """Reads the policies of a playbook.

    Args:
        folder: The playbook.
        problems: Gets what is wrong, with file, line and remedy.

    Returns:
        The policies; `None` where a file could not be read.
    """
    before = len(problems)
    pages = check_pages(folder, problems)
    files = sorted((folder / POLICIES_FOLDER).glob("*.yml"))
    read = [found for file in files if (found := read_document(file, PolicyEntry, problems)) is not None]
    policies: list[Policy] = []
    for found in read:
        made = _policy(found, problems)
        _check_pages_of(found, pages, problems)
        if made is not None:
            policies.append(made)
    if len(problems) == before:
        _check_kinds(folder, read, problems)
        _check_ids(read, problems)
    return Policies(tuple(policies), pages) if len(problems) == before else None


def read_policies(folder: Path) -> Policies:
    """Reads the policies of a playbook.

    Raises:
        PoliciesError: A file is wrong or missing.
    """
    return read_soundly(check_policies, folder, PoliciesError)


@lru_cache(maxsize=4)
def _kept_policies(folder: Path) -> Policies:
    return read_policies(folder)


def shop_policies() -> Policies:
    """The policies of this deployment, read once.

    Raises:
        PoliciesError: A file is wrong or missing.
    """
    from sixty.settings import get_settings

    return _kept_policies(get_settings().playbook)


def _policy(found: Located[PolicyEntry], problems: list[Problem]) -> Policy | None:
    entry, before = found.entry, len(problems)
    for number, row in enumerate(entry.rows[:-1]):
        if row.when is None:
            problems.append(
                found.problem(
                    f"{row.id} has no conditions, so it decides everything and no row after it ever does",
                    "give it a when, or move it to the end",
                    "rows",
                    number,
                )
            )
    last = entry.rows[-1]
    if last.when is not None:
        problems.append(
            found.problem(
                f"{last.id} is the last row and has conditions, so some deeds would be decided by none",
                "add a last row without when",
                "rows",
                len(entry.rows) - 1,
            )
        )
    for number, row in enumerate(entry.rows):
        for kind in row.when.kind or [] if row.when is not None else []:
            if kind not in entry.kinds:
                problems.append(
                    found.problem(
                        f"{row.id} is about {kind}, which isn't among the kinds of this file",
                        "add it to kinds, or move the row to the file that has it",
                        "rows",
                        number,
                        "when",
                    )
                )
    if len(problems) > before:
        return None
    policy = Policy(found.file.stem, tuple(entry.kinds), tuple(entry.rows))
    for number in unreachable(policy):
        problems.append(
            found.problem(
                f"{entry.rows[number].id} can never decide: the rows before it decide all that it is about",
                "move it before them, or remove it",
                "rows",
                number,
            )
        )
    return policy


def _check_pages_of(found: Located[PolicyEntry], pages: dict[str, Page], problems: list[Problem]) -> None:
    for number, row in enumerate(found.entry.rows):
        if row.page is not None and row.page not in pages:
            problems.append(
                found.problem(
                    f"{row.id} leads to a page {row.page}, which isn't in {PAGES_FILE}",
                    f"add it there, or mend its spelling; known are {', '.join(sorted(pages)) or 'none'}",
                    "rows",
                    number,
                    "page",
                )
            )


def _check_kinds(folder: Path, read: list[Located[PolicyEntry]], problems: list[Problem]) -> None:
    homes: dict[DeedKind, str] = {}
    for found in read:
        for kind in found.entry.kinds:
            if kind in homes:
                problems.append(
                    found.problem(
                        f"{kind} is decided in {homes[kind]} already",
                        "take it out of one of the files",
                        "kinds",
                    )
                )
            homes[kind] = found.file.name
    missing = [kind for kind in DEED_KINDS if kind not in homes]
    if missing:
        problems.append(
            Problem(
                folder / POLICIES_FOLDER,
                1,
                f"no file decides about {', '.join(missing)}",
                "add a file with these kinds; a single row that refuses will do for what the shop doesn't do",
            )
        )


def _check_ids(read: list[Located[PolicyEntry]], problems: list[Problem]) -> None:
    homes: dict[str, str] = {}
    for found in read:
        for number, row in enumerate(found.entry.rows):
            if row.id in homes:
                problems.append(
                    found.problem(
                        f"{row.id} is the name of a row in {homes[row.id]} already", "rename one", "rows", number, "id"
                    )
                )
            homes[row.id] = found.file.name
