"""Moods: the words of `data/nlu/mood.yml` as shipped, how they are found, and the component in a model's storage."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.nlu.mood import Mood
from sixty.nlu.mood_words import MOODS, MoodWords
from sixty.nlu.normal_form import normal_form

CONTEXT = ExecutionContext(GraphSchema({}))
RESOURCE = Resource("mood")

ANGRY = (
    *(
        "你们就是骗子",
        "垃圾店铺",
        "黑店！",
        "客服是智障吗",
        "真行啊你们",
        "你们可真会玩",
        "我要打12315",
        "给你们曝光到网上去",
    ),
    *(
        "等着收差评吧 必须差评",
        "不退款我就给你们差评",
        "什么破快递",
        "你们什么态度",
        "滚",
        "再也不来你家了",
        "TMD",
        "气死我了",
    ),
    *("太慢了！！！", "把我当傻子呢", "有本事你们死哪去了 客服都死了吗", "少跟我扯淡", "妈的", "在耍我吗"),
)
NEGATIVE = (
    *(
        "呵呵",
        "你们发货也太慢了吧",
        "真让人失望",
        "我也是服了",
        "都催了三遍了",
        "问了好几次了没人理",
        "到底什么时候发货",
    ),
    *("？？？", "转人工！转人工！", "凭什么不给退", "质量太差了", "比上次差多了", "说话不算话", "踢皮球呢"),
    *("还不发货 还不发货 还不发货", "态度真差", "我要投诉", "怎么老是不回消息", "唉"),
)
ABANDONING = (
    *(
        "不要了",
        "我不想要了",
        "算了",
        "那算了吧",
        "算了不买了",
        "不买了",
        "别再发了",
        "别给我发消息了",
        "不要再推送了",
        "TD",
    ),
    *("我去别家买了", "不感兴趣", "还是算了", "不考虑了", "退订", "勿扰", "我放弃", "要是不行就算了"),
)
NEUTRAL = (
    # plain defects and facts
    *(
        "屏幕碎了",
        "少发了一个",
        "颜色发错了",
        "洗了就掉色",
        "货还没拿到手",
        "充不进电",
        "包装破了",
        "昨天降价了能补差价吗",
    ),
    # polite urging
    *(
        "麻烦尽快发货",
        "能催一下快递吗",
        "着急用，帮忙快点哦",
        "什么时候能到呀",
        "怎么还没发货呢",
        "麻烦你了",
        "麻烦您帮我看看",
    ),
    # good words with bad characters
    *(
        "不错",
        "不客气",
        "别客气",
        "没问题",
        "差不多",
        "谢谢！！！",
        "收到衣服了",
        "没让我失望",
        "不会骗我吧",
        "好的好的",
        "呵呵呵",
    ),
    # words inside other words
    *(
        "有垃圾袋吗",
        "空气炸锅多大",
        "相机曝光时间怎么调",
        "麻辣烦劳加点",
        "帮我算了一下多少钱",
        "我妈的电话",
        "超预算了",
    ),
    # wants something else, not nothing
    *(
        "发票不要了",
        "不要发圆通",
        "先别发，改地址",
        "别发错了",
        "要不要洗",
        "买不买都行",
        "不用啦谢谢",
        "还要不要了解一下",
        "不要紧",
    ),
    *("好的 好的 好的 好的", "你好", "", " ", "差评怎么删", "[订单号:123] [订单号:123] [订单号:123]"),
)


@lru_cache(maxsize=1)
def shipped() -> MoodWords:
    return MoodWords.of(RasaYAMLReader().read(Path("data/nlu/mood.yml")))


def moods_of(words: MoodWords, text: str) -> list[str]:
    return [found.mood for found in words.find(normal_form(text))]


@pytest.mark.parametrize("text", ANGRY)
def test_anger(text: str) -> None:
    assert moods_of(shipped(), text)[:1] == ["angry"]


@pytest.mark.parametrize("text", NEGATIVE)
def test_discontent_is_no_anger(text: str) -> None:
    assert moods_of(shipped(), text) == ["negative"]


@pytest.mark.parametrize("text", ABANDONING)
def test_giving_up(text: str) -> None:
    assert moods_of(shipped(), text) == ["abandoning"]


@pytest.mark.parametrize("text", NEUTRAL)
def test_no_mood(text: str) -> None:
    assert moods_of(shipped(), text) == []


def test_several_moods_are_all_told_the_strongest_first() -> None:
    text = "质量太差了，不要了，骗子"
    found = shipped().find(text)
    assert [(mood, text[start:end]) for mood, start, end in found] == [
        ("angry", "骗子"),
        ("abandoning", "不要了"),
        ("negative", "太差"),
    ]


def test_every_listed_word_is_found_as_what_it_is_listed() -> None:
    words = shipped()
    for mood in MOODS:
        for word in words.words[mood]:
            assert mood in moods_of(words, word), word
    for word in words.words["neutral"]:
        assert moods_of(words, word) == [], word


@given(st.lists(st.sampled_from([*ANGRY, *NEGATIVE, *ABANDONING, *NEUTRAL, "!", "？", " ", "，"]), max_size=12))
def test_each_mood_once_and_inside_the_message(parts: list[str]) -> None:
    text = normal_form("".join(parts))
    found = shipped().find(text)
    assert [mood for mood in MOODS if mood in {item.mood for item in found}] == [item.mood for item in found]
    for item in found:
        assert 0 <= item.start < item.end <= len(text)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for item in shipped().find(normal_form(text)):
        assert item.mood in MOODS


def test_shouting_and_insisting_are_as_configured() -> None:
    listed = {"negative": ["太慢"]}
    patient, hasty = MoodWords(listed, {}, shouting=4, insisting=9), MoodWords(listed, {}, shouting=1, insisting=2)
    assert (moods_of(patient, "太慢了!!!"), moods_of(hasty, "太慢了!")) == (["negative"], ["angry"])
    insisting = "什么时候到 什么时候到"
    assert (moods_of(patient, insisting), moods_of(hasty, insisting)) == ([], ["negative"])


def test_the_longest_word_wins_and_neutral_words_hide_others() -> None:
    words = MoodWords({"angry": ["垃圾"], "neutral": ["垃圾袋"], "negative": ["垃圾袋破"]}, {})
    assert moods_of(words, "垃圾") == ["angry"]
    assert moods_of(words, "垃圾袋") == []
    assert moods_of(words, "垃圾袋破") == ["negative"]


def test_without_words_there_is_no_mood() -> None:
    nothing = MoodWords({}, {})
    assert not nothing
    assert shipped()
    assert nothing.find("骗子") == []


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    (tmp_path / "model").mkdir()
    return LocalModelStorage(tmp_path / "model")


def data(words: dict[str, list[str]], patterns: dict[str, str] | None = None) -> TrainingData:
    return TrainingData(
        lookup_tables=[{"name": name, "elements": listed} for name, listed in words.items()],
        regex_features=[{"name": name, "pattern": pattern} for name, pattern in (patterns or {}).items()],
    )


def component(storage: LocalModelStorage, **config: Any) -> Mood:
    return Mood.create({**Mood.get_default_config(), **config}, storage, RESOURCE, CONTEXT)


def entities_of(mood: Mood, text: str, *before: dict[str, Any]) -> Any:
    message = Message({TEXT: text, **({ENTITIES: list(before)} if before else {})})
    mood.process([message])
    return message.get(ENTITIES)


def test_a_mood_is_an_entity_beside_the_others(storage: LocalModelStorage) -> None:
    trained = component(storage)
    trained.train(data({"mood_angry": ["騙子"], "concept_stop": ["骗"]}, {"mood_negative": "[?]{3,}"}))
    color = {"entity": "color", "value": "黑色", "start": 0, "end": 2}
    expected = {"entity": "mood", "value": "angry", "start": 2, "end": 4, "extractor": "Mood"}
    assert entities_of(trained, "黑色骗子", color) == [color, expected]
    assert [entity["value"] for entity in entities_of(trained, "???")] == ["negative"]
    # Nothing is added where there is nothing.
    assert entities_of(trained, "黑色") is None


def test_a_tapped_capsule_has_no_mood(storage: LocalModelStorage) -> None:
    trained = component(storage)
    trained.train(data({"mood_negative": ["投诉"]}))
    assert entities_of(trained, '/complain{"attribute": "投诉"}') is None
    assert entities_of(trained, "") is None


def test_a_loaded_component_finds_the_same(storage: LocalModelStorage) -> None:
    config = {"shouting": 1, "insisting": 2}
    trained = component(storage, **config)
    assert entities_of(trained, "骗子") is None
    trained.train(data({"mood_negative": ["太慢"], "mood_neutral": ["不是太慢"]}, {"mood_angry": "(?<!我)妈的"}))
    loaded = Mood.load(config, storage, RESOURCE, CONTEXT)
    for text in ("太慢了!", "太慢", "不是太慢", "妈的", "我妈的", "什么时候到 什么时候到"):
        assert entities_of(loaded, text) == entities_of(trained, text)
    assert entities_of(loaded, "太慢了!")[0]["value"] == "angry"


@pytest.mark.parametrize(
    ("config", "named"),
    [({"shout": 2}, "no option shout"), ({"shouting": 0}, "shouting is 0"), ({"insisting": "3"}, "insisting is '3'")],
)
def test_a_wrong_option_is_named(storage: LocalModelStorage, config: dict[str, Any], named: str) -> None:
    with pytest.raises(InvalidConfigException, match=re.escape(named)):
        Mood.create(config, storage, RESOURCE, CONTEXT)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        (data({"mood_angri": ["骗子"]}), "there is no mood angri"),
        (data({}, {"mood_angry": "骗(子"}), "“骗(子”"),
        (data({}, {"mood_angry": "(骗|坑)子"}), "“(骗|坑)子” holds a group"),
    ],
)
def test_wrong_words_are_named(storage: LocalModelStorage, wrong: TrainingData, named: str) -> None:
    with pytest.raises(InvalidConfigException, match=re.escape(named)):
        component(storage).train(wrong)
