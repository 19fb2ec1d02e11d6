"""Under which intents a line of an action's code can run, as far as the code itself says."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_UNKNOWN = object()


@dataclass(frozen=True)
class Guards:
    """The conditions around a line: each test, and whether it must hold or fail."""

    tests: tuple[tuple[ast.expr, bool], ...] = ()
    constants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Sets of strings that the tests name."""

    def let_through(self, intent: str) -> bool:
        """Whether the line can run for an intent. What can't be told from the code counts as possible."""
        return all(self._value(test, intent) in (wanted, _UNKNOWN) for test, wanted in self.tests)

    def _value(self, node: ast.expr, intent: str) -> Any:
        if isinstance(node, ast.Attribute) and node.attr == "intent":
            return intent
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return self.constants.get(node.id, _UNKNOWN)
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self._compared(node, intent)
        if isinstance(node, ast.BoolOp):
            return self._joined(node, intent)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            value = self._value(node.operand, intent)
            return value if value is _UNKNOWN else not value
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            left, right = self._value(node.left, intent), self._value(node.right, intent)
            return left | right if isinstance(left, frozenset) and isinstance(right, frozenset) else _UNKNOWN
        strings = strings_of(node)
        return _UNKNOWN if strings is None else strings

    def _compared(self, node: ast.Compare, intent: str) -> Any:
        left, right = self._value(node.left, intent), self._value(node.comparators[0], intent)
        if left is _UNKNOWN or right is _UNKNOWN:
            return _UNKNOWN
        operator = node.ops[0]
        if isinstance(operator, ast.Eq | ast.NotEq):
            return (left == right) is isinstance(operator, ast.Eq)
        if isinstance(operator, ast.In | ast.NotIn) and isinstance(right, frozenset):
            return (left in right) is isinstance(operator, ast.In)
        return _UNKNOWN

    def _joined(self, node: ast.BoolOp, intent: str) -> Any:
        values = [self._value(part, intent) for part in node.values]
        decisive = isinstance(node.op, ast.Or)
        if any(value is not _UNKNOWN and bool(value) is decisive for value in values):
            return decisive
        return _UNKNOWN if _UNKNOWN in values else not decisive


def strings_of(node: ast.expr) -> frozenset[str] | None:
    """The strings of a set, tuple or list, or the keys of a dictionary; None when it is anything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("frozenset", "set", "tuple"):
        return strings_of(node.args[0]) if len(node.args) == 1 else None
    if isinstance(node, ast.Set | ast.Tuple | ast.List):
        members: list[ast.expr | None] = list(node.elts)
    elif isinstance(node, ast.Dict):
        members = list(node.keys)
    else:
        return None
    strings = [member.value for member in members if isinstance(member, ast.Constant)]
    if len(strings) < len(members) or not all(isinstance(string, str) for string in strings):
        return None
    return frozenset(map(str, strings))


def constants_of(tree: ast.Module) -> dict[str, frozenset[str]]:
    """The sets of strings that a module names."""
    found: dict[str, frozenset[str]] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        strings = strings_of(value)
        if strings is not None:
            found.update({target.id: strings for target in targets if isinstance(target, ast.Name)})
    return found
