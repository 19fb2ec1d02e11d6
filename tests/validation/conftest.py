"""A small project in which all is well, for tests that break one thing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

_PLAYBOOK = Path(__file__).parents[2] / "playbook"

_CONFIG = """\
recipe: default.v1
assistant_id: small
language: zh
pipeline:
  - name: KeywordIntentClassifier
    questions: [ask_price]
  - name: sixty.nlu.catalogue_entities.CatalogueEntities
    catalogue: catalogue
policies:
  - name: sixty.dialogue.trouble.TroublePolicy
  - name: MemoizationPolicy
    max_history: 1
  - name: RulePolicy
"""

_DOMAIN = """\
version: "3.1"
intents:
  - greet
  - ask_price: {use_entities: []}
  - ask_size
  - inform: {use_entities: [fit]}
  - nlu_fallback
entities: [product, attribute, color, fit]
slots:
  awaiting:
    type: categorical
    values: [product, offer]
    mappings: [{type: custom}]
  fit:
    type: any
    influence_conversation: false
    mappings:
      - type: from_entity
        entity: fit
        conditions: [{active_loop: size_form}]
forms:
  size_form:
    required_slots: [fit]
actions:
  - action_answer
  - action_default_fallback
responses:
  utter_greet:
    - text: 您好～
  utter_trouble:
    - text: 抱歉～
  utter_faq_ask_price:
    - text: 到手价在页面上～
      buttons:
        - {title: 选尺码, payload: /ask_size}
        - {title: 宽松, payload: '/inform{{"fit":"loose"}}'}
        - {title: 您好, payload: 您好}
  utter_ask_fit:
    - text: 喜欢宽松还是修身？
  utter_ask_inform:
    - text: 您想了解什么？
"""

_RULES = """\
version: "3.1"
rules:
- rule: 招呼
  steps:
  - intent: greet
  - action: utter_greet
- rule: 问价
  steps:
  - or:
    - intent: ask_price
    - intent: ask_size
  - action: action_answer
- rule: 没听懂
  steps:
  - intent: nlu_fallback
  - action: action_default_fallback
- rule: 选尺码时问别的
  condition:
  - active_loop: size_form
  steps:
  - or:
    - intent: greet
    - intent: ask_price
    - intent: ask_size
    - intent: inform
    - intent: nlu_fallback
  - action: utter_ask_inform
  - action: size_form
  - active_loop: size_form
"""

_STORIES = """\
version: "3.1"
stories:
- story: 说了情况
  steps:
  - intent: inform
    entities:
    - fit: loose
  - slot_was_set:
    - awaiting: null
  - action: size_form
  - active_loop: size_form
  - active_loop: null
"""

_VOCABULARY = """\
version: "3.1"
nlu:
- lookup: attribute
  examples: |
    - 料子厚不厚
    - 料子
    - 材质
- synonym: 厚薄
  examples: |
    - 料子厚不厚
- synonym: 材质
  examples: |
    - 料子
- lookup: fit
  examples: |
    - 宽松
    - 修身
- synonym: loose
  examples: |
    - 宽松
- synonym: slim
  examples: |
    - 修身
- lookup: color
  examples: |
    - 黑色
    - 黑的
- synonym: 黑色
  examples: |
    - 黑的
"""

_ACTIONS = """\
ANSWERED = {"ask_price": 1, "ask_size": 2}


class ActionAnswer(Action):
    def name(self):
        return "action_answer"

    def answer(self, turn):
        if turn.intent in ANSWERED and turn.intent != "ask_size":
            turn.say(response=f"utter_faq_{turn.intent}", buttons=[{"payload": "/ask_size"}])


class ActionDefaultFallback(Action):
    def name(self):
        return "action_default_fallback"
"""

_POLICY = 'APOLOGY = "utter_trouble"\n'

_CAPSULES = """\
capsules:
  material: {title: 什么面料, intent: ask_price, attribute: 材质}
  size: {title: 选尺码, intent: ask_size}
welcome:
  shop: [material]
after:
  default: [size]
  ask_price: [material]
  ask_price.材质: [size]
meanings:
  ask_price: 多少钱
  ask_size: 选尺码
  greet: 打招呼
"""


def _lines(intent: str, stem: str) -> str:
    rows = "".join(f"    - {stem}{chr(ord('a') + number)}\n" for number in range(20))
    return f"- intent: {intent}\n  examples: |\n{rows}"


@dataclass(frozen=True)
class SmallProject:
    """A project in a folder of its own."""

    root: Path

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def replace(self, path: str, old: str, new: str) -> None:
        """Puts `new` in the place of the only `old`."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
        self.write(path, text.replace(old, new))

    def line_of(self, path: str, text: str) -> int:
        """The line in which a text stands for the first time."""
        rows = (self.root / path).read_text(encoding="utf-8").split("\n")
        return next(number for number, row in enumerate(rows, start=1) if text in row)


@pytest.fixture
def project(tmp_path: Path) -> SmallProject:
    small = SmallProject(tmp_path)
    small.write("config.yml", _CONFIG)
    small.write("domain.yml", _DOMAIN)
    small.write("data/rules/rules.yml", _RULES)
    small.write("data/stories/stories.yml", _STORIES)
    small.write("data/nlu/vocabulary.yml", _VOCABULARY)
    stems = {"greet": "您好", "ask_price": "多少钱", "ask_size": "穿几码", "inform": "我一米七"}
    small.write(
        "data/nlu/lines.yml",
        'version: "3.1"\nnlu:\n' + "".join(_lines(intent, stem) for intent, stem in stems.items()),
    )
    small.write("actions/answer.py", _ACTIONS)
    small.write("sixty/dialogue/trouble.py", _POLICY)
    small.write("playbook/capsules.yml", _CAPSULES)
    small.write("playbook/front_door.yml", (_PLAYBOOK / "front_door.yml").read_text(encoding="utf-8"))
    small.write("catalogue/products.yml", "- {no: GZ2101, name: 多口袋耐磨工装裤, kind: 工装裤, aliases: [多口袋裤]}\n")
    return small
