"""Intents by the training lines that are most like the message: a peer, not a part of the product."""

from __future__ import annotations

import re
from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

_FILE = "nearest_example.joblib"
_RANKING = "intent_ranking"
_RANKING_LENGTH = 10
_DIGITS = re.compile(r"\d+")


def _plain(text: str) -> str:
    return _DIGITS.sub("0", "".join(text.lower().split()))


def confidences(
    similarities: npt.NDArray[np.float64], intents: npt.NDArray[np.int64], number_of_intents: int, sharpness: float
) -> npt.NDArray[np.float64]:
    """What the nearest lines say.

    Each line votes for its intent with `exp(sharpness × similarity)`. Every intent has one vote more, of a line that
    is like nothing, so that a message unlike all lines is nobody's.

    Args:
        similarities: Cosines of the nearest lines, 0 to 1.
        intents: The intent of each of them, as an index.
        number_of_intents: How many intents there are.
        sharpness: How much more a more similar line counts.

    Returns:
        A probability an intent.
    """
    votes = np.ones(number_of_intents)
    np.add.at(votes, intents, np.exp(sharpness * similarities))
    shares: npt.NDArray[np.float64] = votes / votes.sum()
    return shares


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class NearestExample(GraphComponent, IntentClassifier):
    """The k nearest training lines by the cosine of their TF-IDF weighted character n-grams vote for the intent."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options.

        `neighbours`: lines that vote. `max_ngram`: longest n-gram in characters. `probes`: training lines on which the
        sharpness is fitted, each without itself. `share`: weight of this component's confidences; the rest is the
        weight of what a classifier before it in the pipeline has found.
        """
        return {"neighbours": 15, "max_ngram": 3, "probes": 2000, "share": 1.0}

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        vectorizer: TfidfVectorizer | None = None,
        lines_by_ngram: csr_matrix | None = None,
        intents: npt.NDArray[np.int64] | None = None,
        names: tuple[str, ...] = (),
        sharpness: float = 10.0,
    ) -> None:
        """Keeps its parts; use `create` or `load`."""
        self._config = config
        self._storage = storage
        self._resource = resource
        self._vectorizer = vectorizer
        self._lines_by_ngram = lines_by_ngram
        self._intents = intents
        self._names = names
        self._sharpness = sharpness

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> NearestExample:
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
    ) -> NearestExample:
        """Loads the lines."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, *joblib.load(folder / _FILE))

    def train(self, training_data: TrainingData) -> Resource:
        """Keeps every line that has an intent, and fits how much similarity counts."""
        examples = training_data.intent_examples
        names, self._intents = np.unique([example.get(INTENT) for example in examples], return_inverse=True)
        self._names = tuple(str(name) for name in names)
        self._vectorizer = TfidfVectorizer(
            analyzer="char", ngram_range=(1, self._config["max_ngram"]), sublinear_tf=True, dtype=np.float32
        )
        lines = self._vectorizer.fit_transform([_plain(example.get(TEXT)) for example in examples])
        self._lines_by_ngram = lines.T.tocsr()
        self._sharpness = self._fitted_sharpness(lines)
        with self._storage.write_to(self._resource) as folder:
            parts = (self._vectorizer, self._lines_by_ngram, self._intents, self._names, self._sharpness)
            joblib.dump(parts, folder / _FILE)
        return self._resource

    def _nearest(self, line: csr_matrix, but: int | None = None) -> tuple[Any, Any]:
        """Similarities and numbers of the nearest lines, without the line number `but`."""
        found = line @ self._lines_by_ngram
        similarities, numbers = found.data, found.indices
        if but is not None:
            others = numbers != but
            similarities, numbers = similarities[others], numbers[others]
        wanted = self._config["neighbours"]
        if len(numbers) > wanted:
            best = np.argpartition(similarities, -wanted)[-wanted:]
            similarities, numbers = similarities[best], numbers[best]
        return similarities.astype(np.float64), numbers

    def _fitted_sharpness(self, lines: csr_matrix) -> float:
        """The sharpness under which the intents of lines, judged by the other lines, are likeliest."""
        assert self._intents is not None
        number = lines.shape[0]
        probes = np.random.default_rng(42).permutation(number)[: self._config["probes"]]
        nearest = [self._nearest(lines[probe], but=int(probe)) for probe in probes]

        def surprise(sharpness: float) -> float:
            assert self._intents is not None
            right = [
                confidences(similarities, self._intents[numbers], len(self._names), sharpness)[self._intents[probe]]
                for probe, (similarities, numbers) in zip(probes, nearest, strict=True)
            ]
            return -float(np.log(right).mean())

        return float(minimize_scalar(surprise, bounds=(0.5, 30.0), method="bounded").x)

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent and the ranking of the likeliest intents."""
        for message in messages:
            text = message.get(TEXT)
            if not text or self._vectorizer is None or self._intents is None:
                continue
            similarities, numbers = self._nearest(self._vectorizer.transform([_plain(text)]))
            scores = confidences(similarities, self._intents[numbers], len(self._names), self._sharpness)
            share = self._config["share"]
            mixed = {name: share * float(score) for name, score in zip(self._names, scores, strict=True)}
            for guess in message.get(_RANKING) or []:
                if guess["name"] in mixed:
                    mixed[guess["name"]] += (1 - share) * guess["confidence"]
            order = sorted(mixed, key=lambda name: -mixed[name])[:_RANKING_LENGTH]
            ranking = [{"name": name, "confidence": mixed[name]} for name in order]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(_RANKING, ranking, add_to_output=True)
        return messages
