"""Jieba with the shop's own words: what the catalogue names, and the lookups of the training data."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import jieba
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from sixty.errors import OperatorError
from sixty.nlu.catalogue_entities import CACHED, CatalogueEntities
from sixty.nlu.normal_form import normal_form
from sixty.nlu.product_names import ProductNames, read_product_names

_FILE = "words.txt"
_SHORTEST = 2


@dataclass(frozen=True)
class TokenizerOptions:
    """What may be set below the component in config.yml.

    Attributes:
        catalogue: The folder of product files, relative to the project; None for the lookups' words only.
        most_names: With more products than this, names of single products are no words: Jieba keeps every beginning
            of every word, about a kilobyte a name. Kinds, brands, categories and colours always are.
        intent_tokenization_flag: Rasa's: whether names of intents are split.
        intent_split_symbol: Rasa's: at which symbol.
        token_pattern: Rasa's: a regular expression that splits tokens further.
        prefix_separator_symbol: Rasa's: the symbol that ends an intent's prefix.
    """

    catalogue: str | None = "playbook/demo/products"
    most_names: int = 20_000
    intent_tokenization_flag: bool = False
    intent_split_symbol: str = "_"
    token_pattern: str | None = None
    prefix_separator_symbol: str | None = None

    @classmethod
    def of(cls, config: dict[str, Any]) -> TokenizerOptions:
        """Reads the options.

        Raises:
            InvalidConfigException: There is no such option, or its value is of another kind.
        """
        known = {option.name for option in fields(cls)}
        unknown = sorted(set(config) - known)
        if unknown:
            raise InvalidConfigException(
                f"ShopTokenizer has no option {', '.join(unknown)}. It has {', '.join(sorted(known))}: "
                "mend the pipeline in config.yml"
            )
        options = cls(**config)
        if not isinstance(options.catalogue, (str, type(None))):
            raise InvalidConfigException(
                f"ShopTokenizer: catalogue is {options.catalogue!r}, and has to be a folder or null. "
                "Mend the pipeline in config.yml"
            )
        if isinstance(options.most_names, bool) or not isinstance(options.most_names, int) or options.most_names < 0:
            raise InvalidConfigException(
                f"ShopTokenizer: most_names is {options.most_names!r}, and has to be a number from 0. "
                "Mend the pipeline in config.yml"
            )
        return options


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class ShopTokenizer(Tokenizer):
    """Cuts text into words by a Jieba of its own, so that no other user of Jieba in the process sees the shop's words.

    Unlike Rasa's `JiebaTokenizer` it makes no tokens of blanks, and has its dictionary in memory once it is loaded.
    """

    @staticmethod
    def supported_languages() -> list[str] | None:
        """Chinese."""
        return ["zh"]

    @staticmethod
    def required_packages() -> list[str]:
        """What has to be installed."""
        return ["jieba"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The options of `TokenizerOptions` and their defaults."""
        return dict(vars(TokenizerOptions()))

    def __init__(
        self, config: dict[str, Any], storage: ModelStorage, resource: Resource, words: Iterable[str] = ()
    ) -> None:
        """Makes a Jieba that knows the words; use `create` or `load`."""
        self._options = TokenizerOptions.of(config)
        super().__init__({**self.get_default_config(), **config})
        self._storage = storage
        self._resource = resource
        self._jieba = _jieba_with(words)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ShopTokenizer:
        """Creates an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ShopTokenizer:
        """Loads the words that were kept with the model."""
        with model_storage.read_from(resource) as folder:
            words = (folder / _FILE).read_text(encoding="utf-8").split("\n")
        return cls(config, model_storage, resource, filter(None, words))

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A changed catalogue means a changed component, which Rasa's training cache cannot see by itself."""
        if CACHED in config:
            return None
        options = TokenizerOptions.of({**cls.get_default_config(), **config})
        return CatalogueEntities.fingerprint_addon({"catalogue": options.catalogue}) if options.catalogue else None

    def train(self, training_data: TrainingData) -> Resource:
        """Collects the words and keeps them in the model.

        Raises:
            InvalidConfigException: A file of the catalogue is wrong.
        """
        try:
            words = sorted({*_lookup_words(training_data), *_catalogue_words(self._options)})
        except OperatorError as error:
            raise InvalidConfigException(str(error)) from error
        with self._storage.write_to(self._resource) as folder:
            (folder / _FILE).write_text("\n".join(words), encoding="utf-8")
        self._jieba = _jieba_with(words)
        return self._resource

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Cuts one attribute of a message; a text of blanks alone is one token."""
        text = message.get(attribute)
        tokens = [Token(word, start) for word, start, _ in self._jieba.tokenize(text) if not word.isspace()]
        found: list[Token] = self._apply_token_pattern(tokens or [Token(text, 0)])
        return found


def _jieba_with(words: Iterable[str]) -> jieba.Tokenizer:
    own = jieba.Tokenizer()
    # Not in the terminal of whoever trains or starts a bot.
    jieba.setLogLevel(logging.WARNING)
    own.initialize()
    for word in words:
        own.add_word(word)
    return own


def _lookup_words(training_data: TrainingData) -> Iterator[str]:
    for table in training_data.lookup_tables:
        elements = table["elements"]
        # Rasa lets `elements` name a file; its reader has then been through it, or it is not there.
        for element in elements if isinstance(elements, list) else ():
            yield from _words_in(str(element))


def _catalogue_words(options: TokenizerOptions) -> Iterator[str]:
    if options.catalogue is None:
        return
    names: set[str] = set()
    for number, product in enumerate(read_product_names(Path(options.catalogue)), 1):
        yield from _shared_words(product)
        if number <= options.most_names:
            names.update(word for name in (product.name, *product.aliases) for word in _words_in(name))
        else:
            names.clear()
    yield from names


def _shared_words(product: ProductNames) -> Iterator[str]:
    for name in (product.kind, product.brand, product.category, *product.colors, *product.attributes):
        yield from _words_in(name)


def _words_in(name: str) -> Iterator[str]:
    """The parts of a name between its blanks: Jieba cuts at them whatever its dictionary says."""
    return (part for part in normal_form(name).split() if len(part) >= _SHORTEST)
