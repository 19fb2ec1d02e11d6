"""How a deed that people carry out is told: on which terms, by when, and under which number."""

from __future__ import annotations

from actions.flows.case import Case
from sixty.shop.deeds.deed import Done
from sixty.shop.wording import say_moment


def say_terms(case: Case, done: Done) -> str:
    """The policy's own words, with the hour that they come to and the reference."""
    terms = case.granted[0].say if case.granted else f"{case.flow.title}已经帮您登记了"
    until = f"最晚{say_moment(done.promised_at, case.turn.now)}，" if done.promised_at else ""
    return f"{terms}（{until}编号{done.reference}）～"
