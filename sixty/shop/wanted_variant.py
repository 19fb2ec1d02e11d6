"""Which variant a customer wants in place of the one they have."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sixty.shop.models import Sku
from sixty.shop.stock import variant_named


def variant_instead(session: Session, sku_code: str, wanted: str) -> Sku | None:
    """Finds it: what the words name is another, all else stays as it was bought.

    Args:
        session: A session on the shop's database.
        sku_code: The variant that was bought.
        wanted: The customer's words: "换成黑色", "大一码不行，要2XL".

    Returns:
        The variant; `None` when the words name none, or none such was ever made.
    """
    bought = session.get(Sku, sku_code)
    if bought is None:
        return None
    named = variant_named(session, bought.product_no, wanted)
    if not named:
        return None
    target = {kind: named.get(kind, getattr(bought, kind)) for kind in ("color", "size", "spec")}
    fitting = (sku for sku in bought.product.skus if all(getattr(sku, kind) == value for kind, value in target.items()))
    return next(fitting, None)
