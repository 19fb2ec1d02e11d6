"""Who said a line of a dialog that does not tell its roles.

The dialogs of 2018 are rows of a context and the agent's reply to it. So each row itself gives examples of both: its
replies are the agent's lines, and the last line of its context is what the customer said. From these a naive Bayes
classifier over the characters' 1- to 3-grams learns how either side speaks, and a line counts as the customer's when
it is plainly likelier theirs, for most of what makes a dialog is said by one side only: agents have set phrases
("正在为您核实"), and no customer uses them. The last line of a context is the customer's in any case.

Measured on 952 dialogs of the same shop that do tell the roles: of the lines taken for a customer's 95 % are, and 73 %
of the customers' lines are found. What is lost are mostly lines that both sides say ("好的", an order number).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

_LONGEST_GRAM = 3
# A gram seen less often says nothing about who speaks.
_RARE = 5
# The natural logarithm of how many times likelier a line must be the customer's.
_PLAINLY = 1.0


class SpeakerGuess:
    """Tells customers' lines from agents'."""

    def __init__(self, rows: Iterable[tuple[Sequence[str], Iterable[str]]]) -> None:
        """Learns how either side speaks.

        Args:
            rows: Contexts, each with the agent's replies to it.
        """
        agent: Counter[str] = Counter()
        customer: Counter[str] = Counter()
        agent_lines = customer_lines = 0
        for context, replies in rows:
            for reply in replies:
                agent.update(_grams(reply))
                agent_lines += 1
            customer.update(_grams(context[-1]))
            customer_lines += 1
        # How much likelier each gram is in a customer's line, as a logarithm.
        self._weights = {
            gram: math.log((customer[gram] + 0.5) / (customer_lines + 1) / ((agent[gram] + 0.5) / (agent_lines + 1)))
            for gram in agent.keys() | customer.keys()
            if agent[gram] + customer[gram] >= _RARE
        }

    def customer_lines(self, context: Sequence[str]) -> list[str]:
        """The customer's lines of a context, in order."""
        earlier = [
            line for line in context[:-1] if sum(self._weights.get(gram, 0.0) for gram in _grams(line)) > _PLAINLY
        ]
        return [*earlier, *context[-1:]]


def _grams(line: str) -> set[str]:
    framed = f"^{line.strip()}$"
    return {
        framed[start : start + size] for size in range(1, _LONGEST_GRAM + 1) for start in range(len(framed) - size + 1)
    }
