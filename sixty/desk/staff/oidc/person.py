"""Who somebody is to the desk, by what the identity provider says of them and the deployment's settings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sixty.desk.staff.oidc.troubles import OidcError
from sixty.desk.staff.roles import Role
from sixty.settings import Settings

_LONGEST_NAME = 32
_LONGEST_SUBJECT = 255
_NO_LETTER = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True)
class Person:
    """Somebody whom the provider knows.

    Attributes:
        subject: Issuer and the provider's own name for them, which never changes: `Account.subject`.
        login: What their account is called here; empty where their name there can be none.
        name: What colleagues read.
        role: What they may do; None where the desk itself decides that.
        groups: The groups they answer for; None where the desk itself decides that.
    """

    subject: str
    login: str
    name: str
    role: Role | None
    groups: tuple[str, ...] | None


def person_of(claims: Mapping[str, Any], settings: Settings) -> Person:
    """Reads the claims of an id token.

    Args:
        claims: Those of a token that was checked.
        settings: Which claim says what, and whose addresses are the shop's.

    Raises:
        OidcError: Their address is none of the shop's, or nothing says what they may do.
    """
    _check_domain(claims, settings)
    sub = str(claims.get("sub") or "")
    if not 0 < len(sub) <= _LONGEST_SUBJECT:
        raise OidcError("invalid", "the id_token's sub is empty or too long")
    login = _login(claims, settings)
    name = " ".join(str(claims.get(settings.oidc_name_claim) or login).split())[:_LONGEST_NAME]
    return Person(
        subject=f"{settings.oidc_issuer} {sub}",
        login=login,
        name=name or login,
        role=_role(claims, settings),
        groups=_groups(claims, settings),
    )


def _check_domain(claims: Mapping[str, Any], settings: Settings) -> None:
    domains = settings.oidc_domains.split()
    if not domains:
        return
    email = str(claims.get("email") or "")
    # An address that nobody has checked is whatever its owner has typed.
    if claims.get("email_verified") is not True or email.rpartition("@")[2].lower() not in domains:
        raise OidcError("domain", "the address is not verified, or of none of SIXTY_OIDC_DOMAINS")


def _login(claims: Mapping[str, Any], settings: Settings) -> str:
    value = str(claims.get(settings.oidc_login_claim) or "").strip().lower()
    before, at, domain = value.partition("@")
    if at:
        # The same name in front of another domain is somebody else.
        if settings.oidc_domains.split() != [domain]:
            return ""
        value = before
    return "" if _NO_LETTER.search(value) or len(value) > _LONGEST_NAME else value


def _role(claims: Mapping[str, Any], settings: Settings) -> Role | None:
    if not settings.oidc_role_claim:
        return None
    has = _values(claims, settings.oidc_role_claim)
    for value, role in settings.oidc_roles.items():
        if value in has:
            return role
    raise OidcError("role", f"none of {settings.oidc_role_claim} is in SIXTY_OIDC_ROLES")


def _groups(claims: Mapping[str, Any], settings: Settings) -> tuple[str, ...] | None:
    if not settings.oidc_groups_claim:
        return None
    has = _values(claims, settings.oidc_groups_claim)
    return tuple(dict.fromkeys(group for value, group in settings.oidc_groups.items() if value in has))


def _values(claims: Mapping[str, Any], path: str) -> Sequence[str]:
    """The values of a claim, one or many; a dot leads into an object, as in Keycloak's `realm_access.roles`."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for step in path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return [found]
    return [str(each) for each in found] if isinstance(found, (list, tuple)) else []
