"""What each role may do at the desk; pages and routes ask for a permission, never for a role."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

Role = Literal["agent", "supervisor", "trainer", "admin"]
Permission = Literal[
    "chat.take",
    "chat.all",
    "chat.assign",
    "customer.read",
    "customer.clear",
    "deed.do",
    "reply.share",
    "staff.read",
    "staff.write",
    "audit.read",
    "report.read",
    "inspect.all",
    "inspect.score",
    "inspect.plan",
    "outreach.read",
    "outreach.edit",
    "outreach.call",
]

ROLES: tuple[Role, ...] = get_args(Role)
PERMISSIONS: tuple[Permission, ...] = get_args(Permission)

_AGENT: frozenset[Permission] = frozenset({"chat.take", "customer.read", "deed.do", "report.read", "outreach.call"})
_SUPERVISOR: frozenset[Permission] = _AGENT | {
    "chat.all",
    "chat.assign",
    "customer.clear",
    "reply.share",
    "staff.read",
    "audit.read",
    "inspect.all",
    "inspect.score",
    "inspect.plan",
    "outreach.read",
    "outreach.edit",
}
# A trainer reads what was said, to learn from it, and not who the customer is.
_TRAINER: frozenset[Permission] = frozenset({"chat.all", "report.read", "inspect.score"})

MAY: Mapping[Role, frozenset[Permission]] = {
    "agent": _AGENT,
    "supervisor": _SUPERVISOR,
    "trainer": _TRAINER,
    "admin": frozenset(PERMISSIONS),
}
"""The permissions of each role."""
