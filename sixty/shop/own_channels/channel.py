"""What a merchant's own channels (私域) are, once their playbook has been read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sixty.shop.benefits.benefit import ALWAYS, Circumstances, Condition

ChannelKind = Literal["qr", "membership", "wechat"]


@dataclass(frozen=True)
class Channel:
    """A way to stay in touch that is the shop's own.

    Attributes:
        kind: A code to scan, an invitation to become a member, or the card of a WeChat service account.
        lines: What is said, the first that can be filled in; `{benefit}` is what one gets for joining.
        target: Where the code or link leads; `{mark}` hands the source on to the page.
        benefit: What is given to who joins.
        situations: In which it is shown; in any where none is named.
        account: What the service account is called.
        picture: A picture of the merchant's own in place of the drawn code.
    """

    id: str
    kind: ChannelKind
    title: str
    lines: tuple[str, ...]
    target: str
    benefit: str | None = None
    situations: frozenset[str] = frozenset()
    when: Condition = ALWAYS
    account: str = ""
    picture: str | None = None

    def fits(self, situation: str, circumstances: Circumstances) -> bool:
        """Tells whether it is shown."""
        return (not self.situations or situation in self.situations) and self.when.holds(circumstances)

    def address(self, mark: str) -> str:
        """Where a mark of it leads."""
        return self.target.replace("{mark}", mark)
