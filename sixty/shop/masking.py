"""Hides what a deed's details say of a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sixty.masking import mask_address, mask_email, mask_name, mask_phone


def mask_details(details: Mapping[str, str]) -> dict[str, str]:
    """Masks what a deed's details say of a person, for logs and exports.

    What is known to be impersonal stays as it is. All else is hidden wholly, because what customers write in their own
    words may hold anything.

    Args:
        details: As in `sixty.shop.deeds.deed.Deed`.
    """
    return {
        name: value if name in _IMPERSONAL else _PERSONAL.get(name, _mask_words)(value)
        for name, value in details.items()
    }


def _mask_words(words: str) -> str:
    return "****" if words.strip() else ""


_PERSONAL: dict[str, Callable[[str], str]] = {
    "address": mask_address,
    "phone": mask_phone,
    "receiver": mask_name,
    "title": mask_name,
    "email": mask_email,
}
_IMPERSONAL = frozenset(
    {"amount", "coupon", "day", "opened", "part", "product", "region", "service", "sku", "title_type"}
)
