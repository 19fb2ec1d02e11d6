"""`playbook/outreach.yml` is among what `sixty validate` checks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sixty.validation.everything import find_problems

OUTREACH = """\
zone: Asia/Shanghai
quiet: {from: "22:00", until: "08:00"}
late: 30m
caps: {per_day: 2, per_week: 5, apart: 1h}
rest: {angry: 7d, abandoned: 3d}
talking: 5m
chat_within: 30d
campaign_phases: [sale]
cost: {chat: 0, sms: 0.05, phone: 1.50}
sms_signature: 小店
link: https://shop.example/m
scenes:
  unpaid:
    title: 未付款
    on: [unpaid]
    kind: selling
    wait: {default: 20m}
    at: ["09:00", "15:00"]
    in_campaigns: 10m
    audiences:
      dear: {at_least: 500}
      all: {}
    variants:
      - {id: dear, for: dear, text: "{product}给您留着", capsules: [{title: 有点贵, payload: /ask_price}]}
      - {id: plain, text: "{product}还没付款", card: order}
    ladder:
      - {way: chat}
      - {way: sms, wait: 2h, template: t1, text: "{product}还没付款，点 {link}"}
      - {way: phone, wait: 3h, at_least: 800, text: "提醒付款"}
    control: 0.1
    goal: paid
    attributed_within: 24h
    answers: pay
"""


def said(project: Any, text: str) -> list[str]:
    (Path(project.root) / "playbook" / "outreach.yml").write_text(text, encoding="utf-8")
    _, problems = find_problems(project.root, project.root / "playbook")
    return [str(problem) for problem in problems]


def test_a_file_that_fits_is_no_problem(project: Any) -> None:
    assert said(project, OUTREACH) == []


def test_capsules_name_intents_that_there_are(project: Any) -> None:
    found = [each for each in said(project, OUTREACH.replace("/ask_price", "/ask_prise")) if "ask_prise" in each]
    assert len(found) == 1
    assert "playbook/outreach.yml:24:" in found[0]


def test_a_gap_with_a_format_is_named_with_file_line_and_remedy(project: Any) -> None:
    (found,) = said(project, OUTREACH.replace("{product}还没付款，点", "{product:d}还没付款，点"))
    assert "playbook/outreach.yml:28:" in found
    assert "a brace is left open or misused" in found
    assert "no more than a name into it, such as {product}" in found
