"""What a question is called for people: the title of its capsule, or what it means."""

from __future__ import annotations

from sixty.playbook import CapsulePlan


class Titles:
    """The names of questions, from a merchant's capsules."""

    def __init__(self, plan: CapsulePlan) -> None:
        """Takes the capsules."""
        self._meanings = plan.meanings
        self._titles: dict[str, str] = {}
        for capsule in plan.capsules.values():
            self._titles.setdefault(capsule.question, capsule.title)

    def of(self, question: str) -> str:
        """The name of a question, `intent` or `intent.topic`."""
        known = self._titles.get(question)
        if known is not None:
            return known
        intent, _, topic = question.partition(".")
        meant = self._meanings.get(intent) or self._titles.get(intent) or intent
        return f"{meant}（{topic}）" if topic else meant
