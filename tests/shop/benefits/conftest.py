"""A plan of which every number is known, for the small shop."""

from __future__ import annotations

from pathlib import Path

import pytest

from sixty.shop.benefits import BenefitPlan, read_benefits
from sixty.shop.orders import Viewer

BENEFITS = """
hold: 2d
again_after: 7d
resume_after: 2h
memory: 30d
budgets:
  small: {amount: 20, per: month}
authorities:
  bot: {each: 10, together: 15, within: 30d}
  agent: {each: 30, together: 60, within: 30d}
  supervisor: {each: 100, together: 200, within: 30d}
floors:
  price: 0.8
  products: {GZ3101: 70}
goods:
  socks: {title: 棉袜1双, cost: 4, stock: 3, budget: small, per_customer: {times: 2, within: 30d}}
  box: {title: 礼盒, cost: 25, authority: agent}
  seasonal: {title: 年货小礼, cost: 1, from: 2026-12-20, until: 2027-01-10}
services:
  insurance: {title: 运费险, service: freight_insurance, cost: 1.50, per_customer: {times: 5, within: 30d}}
  membership: {title: 银卡会员, service: membership, cost: 0}
  sure_draw: {title: 抽奖, service: draw, cost: 0.50, prizes: {packet5: 1}, per_customer: {times: 3, within: 30d}}
coupons:
  packet5: {amount: 5, stacks: true, per_customer: {times: 2, within: 30d}, valid: 3d}
  packet10: {amount: 10, stacks: true, threshold: 200, valid: 3d}
  store60: {amount: 60, threshold: 200, valid: 3d, authority: agent, cost: 30}
  useless: {amount: 2, threshold: 200}
situations:
  bargaining:
    - id: usual
      steps:
        - reasons: ["{product}{points}，到手{price}，很值～", 这个价很实在了～]
        - offer: [insurance]
        - offer: [useless, packet5]
        - offer: [packet10]
        - last_word: [真的到底啦～]
  hesitating:
    - id: dear
      when: {value: {at_least: 300}}
      offer: [box, packet10]
    - id: members
      when: {level: [金卡]}
      offer: [packet5]
    - id: sale
      when: {phase: [sale]}
      offer: [socks]
    - id: cheap_category
      when: {category: [工装]}
      lead: 别着急
      offer: [useless, socks, insurance]
  complaint:
    - id: any
      lead: 真对不起
      offer: [packet5]
  silence:
    - id: visitors
      when: {level: [访客]}
      offer: [membership]
"""


@pytest.fixture(scope="session")
def plan(tmp_path_factory: pytest.TempPathFactory) -> BenefitPlan:
    folder: Path = tmp_path_factory.mktemp("playbook")
    (folder / "benefits.yml").write_text(BENEFITS, encoding="utf-8")
    return read_benefits(folder)


@pytest.fixture
def gold() -> Viewer:
    """A customer of level 金卡."""
    return Viewer("conversation of C001", "C001")


@pytest.fixture
def plain() -> Viewer:
    """A customer of level 普通."""
    return Viewer("conversation of C002", "C002")


@pytest.fixture
def visitor() -> Viewer:
    return Viewer("conversation of a visitor", None)
