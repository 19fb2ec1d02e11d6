"""Flows that end in a deed (F4): question, answer, done.

All of them run on one Rasa form, `deed_form`, whose slots the flow decides. A flow is a small class (`flow.py`): which
orders it suits, the factors it needs (`factors.py`), and its words. Whether a deed may be done is decided by
`sixty.shop.policies`, the deed itself is done by the shop's system through `sixty.shop.deeds`.

| module | |
| --- | --- |
| `flow.py`, `factors.py`, `case.py` | what a flow is, what it asks for, how far one is in a conversation |
| `known.py` | all flows |
| `begin.py`, `deed_form.py`, `perform.py` | the actions: begin one, get its factors, do the deed |
| the others | one flow each, or a few of one family |
"""
