"""What Python code says: names of actions, responses and intents, read without running it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sixty.validation.guards import Guards, constants_of
from sixty.validation.located_yaml import Word
from sixty.validation.problem import Place, Problem

_RESPONSE = re.compile(r"utter_\w+")
# The key under which Rasa keeps a response's name; no response itself.
_KEY_OF_RESPONSE = "utter_action"
_PAYLOAD = re.compile(r"/(?P<intent>\w+)(?:\{|$)")


@dataclass(frozen=True)
class ResponseFamily:
    """Responses that are named by the customer's intent, such as `f"utter_faq_{turn.intent}"`."""

    prefix: str
    action: str | None
    """The action whose class says it; None for code that several actions may share."""
    place: Place
    guards: Guards


@dataclass(frozen=True)
class ActionCode:
    """What was found in the code."""

    actions: tuple[Word, ...] = ()
    responses: tuple[Word, ...] = ()
    families: tuple[ResponseFamily, ...] = ()
    payload_intents: tuple[Word, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_code(files: Iterable[Path], root: Path) -> ActionCode:
    """Reads Python files; places are relative to `root`."""
    problems: list[Problem] = []
    trees: dict[Path, ast.Module] = {}
    for file in files:
        shown = file.relative_to(root) if file.is_relative_to(root) else file
        try:
            trees[shown] = ast.parse(file.read_text(encoding="utf-8"))
        except SyntaxError as error:
            problems.append(Problem(Place(shown, error.lineno or 1), f"this is no Python: {error.msg}", "Mend it"))
    # Modules import each other's sets by name.
    shared = {name: strings for tree in trees.values() for name, strings in constants_of(tree).items()}
    reader = _Reader()
    for shown, tree in trees.items():
        reader.read(tree, shown, {**shared, **constants_of(tree)})
    return ActionCode(
        tuple(reader.actions),
        tuple(reader.responses),
        tuple(reader.families),
        tuple(reader.payload_intents),
        tuple(problems),
    )


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.actions: list[Word] = []
        self.responses: list[Word] = []
        self.families: list[ResponseFamily] = []
        self.payload_intents: list[Word] = []
        self._file = Path()
        self._action: str | None = None
        self._constants: dict[str, frozenset[str]] = {}
        self._tests: tuple[tuple[ast.expr, bool], ...] = ()

    def read(self, tree: ast.Module, file: Path, constants: dict[str, frozenset[str]]) -> None:
        self._file, self._constants = file, constants
        self.visit(tree)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer, self._action = self._action, _name_of(node)
        if self._action is not None:
            self.actions.append(self._word(node, self._action))
        self.generic_visit(node)
        self._action = outer

    def visit_If(self, node: ast.If) -> None:
        self.visit(node.test)
        self._visit_block(node.body, (node.test, True))
        self._visit_block(node.orelse, (node.test, False))

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            # A prefix (`utter_faq_`) is no response.
            if _RESPONSE.fullmatch(node.value) and not node.value.endswith("_") and node.value != _KEY_OF_RESPONSE:
                self.responses.append(self._word(node, node.value))
            self._note_payload(node, node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part)
        first = node.values[0] if node.values else None
        if not isinstance(first, ast.Constant) or not isinstance(first.value, str):
            return
        if first.value.startswith("utter_") and len(node.values) == 2:
            guards = Guards(self._tests, self._constants)
            self.families.append(
                ResponseFamily(first.value, self._action, Place(self._file, node.lineno), guards),
            )
        elif "{" in first.value:
            self._note_payload(node, first.value)

    def generic_visit(self, node: ast.AST) -> None:
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                self._visit_block(value)
            else:
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        self.visit(child)

    def _visit_block(self, block: Sequence[ast.stmt], *tests: tuple[ast.expr, bool]) -> None:
        outer = self._tests
        self._tests = (*outer, *tests)
        for statement in block:
            self.visit(statement)
            if isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Return | ast.Raise | ast.Continue):
                # What follows runs only where the test failed.
                self._tests = (*self._tests, (statement.test, False))
        self._tests = outer

    def _note_payload(self, node: ast.expr, text: str) -> None:
        payload = _PAYLOAD.match(text)
        if payload:
            self.payload_intents.append(self._word(node, payload["intent"]))

    def _word(self, node: ast.expr | ast.stmt, text: str) -> Word:
        return Word.at(Place(self._file, node.lineno), text)


def _name_of(node: ast.ClassDef) -> str | None:
    """What the method `name` returns, where it is written out."""
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and method.name == "name":
            for statement in ast.walk(method):
                if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Constant):
                    return str(statement.value.value)
    return None
