from __future__ import annotations

from pathlib import Path
from typing import Any

import jieba
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.nlu.shop_tokenizer import ShopTokenizer

CONTEXT = ExecutionContext(GraphSchema({}))
RESOURCE = Resource("tokenizer")
LOOKUPS = TrainingData(lookup_tables=[{"name": "fit", "elements": ["不紧不松"]}])


@pytest.fixture
def storage(tmp_path: Path) -> LocalModelStorage:
    (tmp_path / "model").mkdir()
    return LocalModelStorage(tmp_path / "model")


@pytest.fixture
def config(tmp_path: Path) -> dict[str, Any]:
    folder = tmp_path / "products"
    folder.mkdir()
    (folder / "x.yml").write_text(
        "- {no: GZ1, name: 澜星X5 多口袋耐磨裤, kind: 束腿裤, brand: 沅芷棠, aliases: [口袋裤裤], "
        "variants: {colors: [曜石灰]}}\n- {no: GZ2, name: 手口湿巾巾, brand: 澄颜记}\n",
        encoding="utf-8",
    )
    return {**ShopTokenizer.get_default_config(), "catalogue": str(folder)}


def trained(config: dict[str, Any], storage: LocalModelStorage) -> ShopTokenizer:
    component = ShopTokenizer.create(config, storage, RESOURCE, CONTEXT)
    component.train(LOOKUPS)
    return component


def words(component: ShopTokenizer, text: str) -> list[str]:
    message = Message({TEXT: text})
    tokens = component.tokenize(message, TEXT)
    for token in tokens:
        assert text[token.start : token.end] == token.text
    return [token.text for token in tokens]


def test_the_shops_words_stay_in_one_piece(config: dict[str, Any], storage: LocalModelStorage) -> None:
    component = trained(config, storage)
    assert words(component, "澜星X5 多口袋耐磨裤有吗")[:2] == ["澜星X5", "多口袋耐磨裤"]
    for word in ("束腿裤", "沅芷棠", "口袋裤裤", "曜石灰", "不紧不松"):
        assert word in words(component, f"我要{word}的")


def test_blanks_are_no_tokens(config: dict[str, Any], storage: LocalModelStorage) -> None:
    component = trained(config, storage)
    assert words(component, " 你好  在吗\t") == ["你好", "在", "吗"]
    assert words(component, "  ") == ["  "]


def test_nobody_else_sees_the_words(config: dict[str, Any], storage: LocalModelStorage) -> None:
    trained(config, storage)
    assert "不紧不松" not in jieba.lcut("不紧不松")


def test_a_loaded_tokenizer_is_warm_and_says_the_same(config: dict[str, Any], storage: LocalModelStorage) -> None:
    component = trained(config, storage)
    loaded = ShopTokenizer.load(config, storage, RESOURCE, CONTEXT)
    assert loaded._jieba.initialized
    for text in ("澜星X5 多口袋耐磨裤有吗", "不紧不松的束腿裤"):
        assert words(loaded, text) == words(component, text)


def test_names_of_a_large_catalogue_are_no_words_and_what_products_share_is(
    config: dict[str, Any], storage: LocalModelStorage
) -> None:
    component = trained({**config, "most_names": 1}, storage)
    assert "口袋裤裤" not in words(component, "口袋裤裤")
    assert words(component, "澄颜记") == ["澄颜记"]


def test_the_training_cache_sees_a_changed_catalogue(config: dict[str, Any]) -> None:
    before = ShopTokenizer.fingerprint_addon(config)
    (Path(config["catalogue"]) / "y.yml").write_text("- {no: B1, name: 裤}", encoding="utf-8")
    assert ShopTokenizer.fingerprint_addon(config) != before
    assert ShopTokenizer.fingerprint_addon({**config, "catalogue": None}) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"dictionary": "x"}, "has no option dictionary"),
        ({"catalogue": 3}, "catalogue is 3"),
        ({"most_names": "many"}, "most_names is 'many'"),
        ({"most_names": -1}, "most_names is -1"),
    ],
)
def test_wrong_options_are_named(storage: LocalModelStorage, wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidConfigException, match=said):
        ShopTokenizer.create({**ShopTokenizer.get_default_config(), **wrong}, storage, RESOURCE, CONTEXT)
