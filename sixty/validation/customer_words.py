"""What the playbook makes customers read says nothing that advertisements may not say, nor what inspection forbids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from yaml import MappingNode, Node, ScalarNode, SequenceNode, YAMLError, compose

from sixty.desk.inspection.rules import INSPECTION_FILE, ForbiddenRule, check_inspection
from sixty.desk.inspection.words import forbidden_words
from sixty.desk.tickets.rules import TICKETS_FILE
from sixty.forbidden_words import forbidden_in
from sixty.outreach.scenes_file import OUTREACH_FILE
from sixty.shop.located import Problem
from sixty.shop.policies.reading import POLICIES_FOLDER

# What inspection forbids stands in its own file; the scenes are checked where they are read.
_OTHER_FILES = frozenset({INSPECTION_FILE, OUTREACH_FILE})
# What customers say, and what rules are for, nobody reads.
_NOT_READ = frozenset({"when", "takes", "patterns", "no_promise", "no_answers"})


def check_customer_words(folder: Path) -> Iterator[Problem]:
    """Finds forbidden words in the texts of a playbook.

    Args:
        folder: The playbook.

    Yields:
        Each with its file, its line and what to do. A file that can't be read is left to whoever reads it.
    """
    inspection = check_inspection(folder, []) if (folder / INSPECTION_FILE).exists() else None
    rules = [each for each in inspection.for_whom("bot") if isinstance(each, ForbiddenRule)] if inspection else []
    for file in sorted((*folder.glob("*.yml"), *(folder / POLICIES_FOLDER).glob("*.yml"))):
        if file.name in _OTHER_FILES:
            continue
        try:
            root = compose(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, YAMLError):
            continue
        for text in _read_by_customers(root, file.name) if root is not None else ():
            for word in _forbidden(text.value, rules):
                wrong = f"“{word}” may not be said to customers (advertising law, {INSPECTION_FILE})"
                yield Problem(file, _line(text, word), wrong, "say it otherwise")


def _forbidden(text: str, rules: Sequence[ForbiddenRule]) -> list[str]:
    found = [*forbidden_in(text), *(word for rule in rules for word in forbidden_words(rule, text))]
    # Of words within others only the longer ones are told.
    return [each for each in dict.fromkeys(found) if not any(each != other and each in other for other in found)]


def _read_by_customers(node: Node, file: str) -> Iterator[ScalarNode]:
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, SequenceNode):
        for each in node.value:
            yield from _read_by_customers(each, file)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            if not _is_matched(str(key.value), value, file):
                yield from _read_by_customers(value, file)


def _is_matched(key: str, value: Node, file: str) -> bool:
    """Whether a value is compared with what people say, instead of being said."""
    # A list of words is looked for, words by states are told; `say` of promises is what agents say.
    looked_for = key == "words" and isinstance(value, SequenceNode)
    return key in _NOT_READ or looked_for or (file == TICKETS_FILE and key == "say")


def _line(text: ScalarNode, word: str) -> int:
    """The line of a text in which a word stands; its first one where it is folded."""
    first: int = text.start_mark.line + 1
    before = text.value.partition(word)[0]
    return first + 1 + before.count("\n") if text.style == "|" else first
