"""The Rasa graph components, trained on a handful of lines and kept in a model's storage."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.nlu.catalogue_entities import CatalogueEntities
from sixty.nlu.linear_intent_classifier import LinearIntentClassifier
from sixty.nlu.normalizer import Normalizer
from sixty.nlu.plain_line import plain_line

LINES = {
    "ask_price": ["这个多少钱", "多少钱一件", "价格是多少", "到手多少钱", "现在卖多少钱", "这款价格"],
    "ask_stock": ["有货吗", "还有现货吗", "黑色有没有货", "XL码有吗", "有现货没", "库存还有吗"],
    "ask_size": ["175 70kg穿什么码", "我穿多大码", "一米七五选什么码", "160 100斤穿几码", "尺码怎么选", "拿多大的码"],
    "greet": ["你好", "在吗", "您好呀", "客服在吗", "哈喽", "有人吗"],
}
CATALOGUE = """
- {no: GZ2101, name: 多口袋工装裤, kind: 工装裤, aliases: [口袋裤], listings: {jd: "100045120993"}}
"""
CONTEXT = ExecutionContext(GraphSchema({}))
RESOURCE = Resource("component")


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    (tmp_path / "model").mkdir()
    return LocalModelStorage(tmp_path / "model")


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    folder = tmp_path / "products"
    folder.mkdir()
    (folder / "workwear.yml").write_text(CATALOGUE, encoding="utf-8")
    return folder


def training_data(lines: dict[str, list[str]] = LINES) -> TrainingData:
    return TrainingData([Message({TEXT: text, INTENT: intent}) for intent, texts in lines.items() for text in texts])


def classifier(storage: LocalModelStorage, **config: Any) -> LinearIntentClassifier:
    settings = {**LinearIntentClassifier.get_default_config(), "wrong_at_most": 1.0, **config}
    return LinearIntentClassifier.create(settings, storage, RESOURCE, CONTEXT)


def ranking_of(component: LinearIntentClassifier, text: str) -> list[dict[str, Any]]:
    message = Message({TEXT: text})
    component.process([message])
    ranking: list[dict[str, Any]] = message.get("intent_ranking")
    assert message.get(INTENT) == ranking[0]
    return ranking


def test_intents_are_ranked_with_honest_confidences(storage: LocalModelStorage) -> None:
    component = classifier(storage)
    component.train(training_data())
    for intent, texts in LINES.items():
        for text in [*texts, texts[0] + "呀"]:
            ranking = ranking_of(component, text)
            assert ranking[0]["name"] == intent
            confidences = [guess["confidence"] for guess in ranking]
            assert confidences == sorted(confidences, reverse=True)
            assert 0 < sum(confidences) <= 1 + 1e-6
            assert all(0 <= confidence <= 1 for confidence in confidences)


def test_what_was_never_seen_is_less_certain(storage: LocalModelStorage) -> None:
    component = classifier(storage)
    component.train(training_data())
    assert ranking_of(component, "qwzx")[0]["confidence"] < ranking_of(component, "多少钱一件")[0]["confidence"]


def test_below_the_learned_point_the_bot_does_not_answer(storage: LocalModelStorage) -> None:
    component = classifier(storage, wrong_at_most=0.0)
    component.train(training_data())
    sure, unsure = ranking_of(component, "多少钱一件"), ranking_of(component, "qwzx")
    assert unsure[0] == {"name": "nlu_fallback", "confidence": pytest.approx(unsure[0]["confidence"])}
    assert unsure[1]["confidence"] < unsure[0]["confidence"]
    assert sure[0]["name"] in ("ask_price", "nlu_fallback")
    loaded = LinearIntentClassifier.load(LinearIntentClassifier.get_default_config(), storage, RESOURCE, CONTEXT)
    assert ranking_of(loaded, "qwzx") == unsure


def test_a_concept_is_understood_in_words_that_no_line_has(storage: LocalModelStorage) -> None:
    component = classifier(storage)
    data = training_data()
    data.lookup_tables = [{"name": "concept_price", "elements": ["多少钱", "价格", "售价几何"]}]
    component.train(data)
    assert ranking_of(component, "售价几何")[0]["name"] == "ask_price"


def test_a_loaded_classifier_says_the_same(storage: LocalModelStorage) -> None:
    component = classifier(storage)
    component.train(training_data())
    loaded = LinearIntentClassifier.load(LinearIntentClassifier.get_default_config(), storage, RESOURCE, CONTEXT)
    for text in ("多少钱呀", "有没有XL", "在不在"):
        assert ranking_of(loaded, text) == ranking_of(component, text)


def test_two_intents_and_single_lines_are_enough(storage: LocalModelStorage) -> None:
    component = classifier(storage)
    component.train(training_data({"ask_price": ["多少钱"], "greet": ["你好"]}))
    ranking = ranking_of(component, "多少钱")
    assert ranking[0]["name"] == "ask_price"
    assert sum(guess["confidence"] for guess in ranking) == pytest.approx(1)


def test_an_untrained_classifier_and_an_empty_message_are_left_alone(storage: LocalModelStorage) -> None:
    message = Message({TEXT: "你好"})
    assert classifier(storage).process([message]) == [message]
    assert message.get(INTENT) is None
    component = classifier(storage)
    component.train(training_data())
    empty = Message({TEXT: ""})
    component.process([empty])
    assert empty.get(INTENT) is None


@pytest.mark.parametrize(("text", "line"), [("１７５ 70KG", "0kg"), ("订单 2026-11", "订单0-0"), ("", "")])
def test_a_line_is_plain_before_it_is_counted(text: str, line: str) -> None:
    assert plain_line(text) == line


def catalogue_component(storage: LocalModelStorage, catalogue: Path) -> CatalogueEntities:
    return CatalogueEntities.create({"catalogue": str(catalogue)}, storage, RESOURCE, CONTEXT)


def entities_of(component: CatalogueEntities, text: str) -> list[tuple[str, str]]:
    message = Message({TEXT: text})
    component.process([message])
    for entity in message.get(ENTITIES):
        assert entity["extractor"] == "CatalogueEntities"
        assert 0 <= entity["start"] < entity["end"] <= len(text)
    return [(entity["entity"], entity["value"]) for entity in message.get(ENTITIES)]


def test_entities_come_from_the_trained_catalogue_even_when_it_is_gone(
    storage: LocalModelStorage, catalogue: Path
) -> None:
    component = catalogue_component(storage, catalogue)
    component.train(TrainingData())
    expected = [("product", "GZ2101"), ("height", "175"), ("weight", "70")]
    assert entities_of(component, "口袋裤 175 140斤") == expected
    shutil.rmtree(catalogue)
    loaded = CatalogueEntities.load({"catalogue": str(catalogue)}, storage, RESOURCE, CONTEXT)
    assert entities_of(loaded, "口袋裤 175 140斤") == expected


def test_digits_of_links_and_article_numbers_are_no_measures(storage: LocalModelStorage, catalogue: Path) -> None:
    component = catalogue_component(storage, catalogue)
    component.train(TrainingData())
    assert entities_of(component, "https://item.jd.com/100045120993.html") == [("product", "GZ2101")]
    assert entities_of(component, "https://item.jd.com/202611180000012345.html?w=175/70") == [
        ("product_link", "jd:202611180000012345")
    ]
    assert entities_of(component, "gz2101") == [("product", "GZ2101")]


def test_entities_of_other_components_are_kept(storage: LocalModelStorage, catalogue: Path) -> None:
    component = catalogue_component(storage, catalogue)
    color = {"entity": "color", "value": "黑色", "start": 0, "end": 2}
    message = Message({TEXT: "黑色XL", ENTITIES: [color]})
    component.process([message])
    assert [entity["entity"] for entity in message.get(ENTITIES)] == ["color", "size"]
    assert component.process([Message({TEXT: ""})])[0].get(ENTITIES) is None


def test_the_training_cache_sees_a_changed_catalogue(catalogue: Path) -> None:
    config = {"catalogue": str(catalogue)}
    before = CatalogueEntities.fingerprint_addon(config)
    assert CatalogueEntities.fingerprint_addon(config) == before
    (catalogue / "workwear.yml").write_text(CATALOGUE.replace("口袋裤", "大口袋裤"), encoding="utf-8")
    changed = CatalogueEntities.fingerprint_addon(config)
    (catalogue / "more.yml").write_text("[]", encoding="utf-8")
    assert len({before, changed, CatalogueEntities.fingerprint_addon(config)}) == 3


def test_of_the_vocabularys_words_and_the_catalogues_the_longer_stay(
    storage: LocalModelStorage, catalogue: Path
) -> None:
    (catalogue / "more.yml").write_text("- {no: A1, name: 裤, kind: 蓝牙耳机, colors: [曜石黑]}", encoding="utf-8")
    component = catalogue_component(storage, catalogue)
    component.train(TrainingData())

    def merged(text: str, *before: tuple[str, str]) -> list[tuple[str, str]]:
        known = [
            {"entity": entity, "value": f"{word}!", "start": text.index(word), "end": text.index(word) + len(word)}
            for entity, word in before
        ]
        message = Message({TEXT: text, ENTITIES: known})
        component.process([message])
        return [(entity["entity"], entity["value"]) for entity in message.get(ENTITIES)]

    assert merged("蓝牙耳机", ("kind", "耳机")) == [("kind", "蓝牙耳机")]
    assert merged("蓝牙耳机", ("kind", "蓝牙耳机")) == [("kind", "蓝牙耳机!")]
    assert merged("曜石黑色的", ("color", "黑色")) == [("color", "曜石黑")]
    assert merged("蓝牙耳机", ("attribute", "蓝牙")) == [("attribute", "蓝牙!"), ("kind", "蓝牙耳机")]
    # What the goods are put into is not what is asked about, whichever component has found it.
    assert merged("能装蓝牙耳机盒吗", ("attribute", "装蓝牙耳机盒")) == [("attribute", "装蓝牙耳机盒!")]
    assert merged("能放冰箱吗", ("attribute", "放冰箱"), ("kind", "冰箱")) == [("attribute", "放冰箱!")]


def test_aliases_are_kept_with_the_model_and_seen_by_the_cache(
    storage: LocalModelStorage, catalogue: Path, tmp_path: Path
) -> None:
    aliases = tmp_path / "aliases.yml"
    aliases.write_text("kind: {工装裤: [干活裤]}", encoding="utf-8")
    config = {**CatalogueEntities.get_default_config(), "catalogue": str(catalogue), "aliases": str(aliases)}
    CatalogueEntities.create(config, storage, RESOURCE, CONTEXT).train(TrainingData())
    before = CatalogueEntities.fingerprint_addon(config)
    aliases.write_text("kind: {工装裤: [做工裤]}", encoding="utf-8")
    assert CatalogueEntities.fingerprint_addon(config) != before
    loaded = CatalogueEntities.load(config, storage, RESOURCE, CONTEXT)
    assert entities_of(loaded, "干活裤") == [("kind", "工装裤")]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"catalog": "x"}, "has no option catalog. It has aliases, catalogue, near_names"),
        ({"catalogue": None}, "catalogue is None, and has to be a folder"),
        ({"aliases": ["x"]}, "has to be a YAML file"),
        ({"near_names": "no"}, "has to be true or false"),
    ],
)
def test_wrong_options_of_the_catalogue_are_named(storage: LocalModelStorage, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidConfigException, match=said):
        CatalogueEntities.create({**CatalogueEntities.get_default_config(), **wrong}, storage, RESOURCE, CONTEXT)


def test_training_says_what_is_wrong_with_the_catalogue(storage: LocalModelStorage, catalogue: Path) -> None:
    (catalogue / "more.yml").write_text("- {no: A1}", encoding="utf-8")
    with pytest.raises(InvalidConfigException, match=r"more\.yml, product 1: the product A1 has no name"):
        catalogue_component(storage, catalogue).train(TrainingData())
    with pytest.raises(InvalidConfigException, match="there is no folder"):
        catalogue_component(storage, catalogue / "nothing").train(TrainingData())


def test_a_model_of_an_older_version_says_so(storage: LocalModelStorage, catalogue: Path) -> None:
    with storage.write_to(RESOURCE) as folder:
        (folder / "catalogue_names.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InvalidConfigException, match="Train it again"):
        CatalogueEntities.load({"catalogue": str(catalogue)}, storage, RESOURCE, CONTEXT)


def test_the_normalizer_rewrites_text_and_training_lines(storage: LocalModelStorage) -> None:
    normalizer = Normalizer.create({}, storage, RESOURCE, CONTEXT)
    message = Message({TEXT: "１７５　這個"})
    normalizer.process([message])
    assert message.get(TEXT) == "175 这个"
    data = normalizer.process_training_data(TrainingData([Message({TEXT: "價格？", INTENT: "ask_price"})]))
    assert data.training_examples[0].get(TEXT) == "价格?"


def test_a_tapped_capsule_passes_and_a_typed_command_does_not(storage: LocalModelStorage) -> None:
    normalizer = Normalizer.create({}, storage, RESOURCE, CONTEXT)
    capsule = '/ask_attribute{"attribute": "材質"}'
    messages = [Message({TEXT: text}) for text in (capsule, "／restart", "\u3000／restart", " /restart", "")]
    normalizer.process(messages)
    assert messages[0].get(TEXT) == capsule
    assert [message.get(TEXT).strip().startswith("/") for message in messages[1:]] == [False] * 4


def test_a_run_out_of_the_cache_has_no_files_to_follow() -> None:
    # Rasa puts the cached result in the place of the options.
    assert CatalogueEntities.fingerprint_addon({"output": object()}) is None
