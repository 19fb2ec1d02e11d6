"""Intents by a linear model over character and word n-grams.

On short, misspelt chat lines a linear model over n-grams is both faster and more often right than a small neural
network trained on the same lines (see `bench/`).
"""

from __future__ import annotations

from typing import Any

import joblib
import numpy as np
import numpy.typing as npt
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix
from scipy.special import softmax
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from sixty.nlu.calibration import answering_point, fitted_sharpness
from sixty.nlu.clauses import Clause, halves
from sixty.nlu.concepts import Concepts, is_sign
from sixty.nlu.ngrams import NGrams
from sixty.nlu.plain_line import plain_line

_FILE = "linear_intent_classifier.joblib"
_RANKING_LENGTH = 10
_LIKELIEST = 3
SECOND_QUESTION = "second_question"
ANSWERING_POINT = "answering_point"
_FALLBACK = "nlu_fallback"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """A linear support vector machine on TF-IDF weighted n-grams of characters and concepts, calibrated."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options.

        `max_ngram`: longest n-gram in characters. `inverse_regularisation`: scikit-learn's C. `weight_of_concepts`: how
        much n-grams with a concept count beside those of characters alone. `folds`: parts of the
        training lines that are held out in turn to calibrate confidences. `wrong_at_most`: the share of lines that may
        be answered wrongly at once; less sure ones get the intent `nlu_fallback`, as from Rasa's FallbackClassifier.
        1 answers everything. `questions`: intents that may stand side by side in one line; `sure_of_half` and
        `sure_of_unmarked_half`: how confident the model must be of each of two questions, with a mark or a blank
        between them and without. `decisive`: words that decide for an intent, whatever else the line says.
        """
        return {
            "max_ngram": 3,
            "inverse_regularisation": 0.7,
            "weight_of_concepts": 0.5,
            "folds": 5,
            "wrong_at_most": 0.09,
            "questions": [],
            "sure_of_half": 0.5,
            "sure_of_unmarked_half": 0.7,
            "decisive": {},
        }

    def __init__(
        self,
        config: dict[str, Any],
        storage: ModelStorage,
        resource: Resource,
        vectorizer: TfidfVectorizer | None = None,
        model: LinearSVC | None = None,
        sharpness: float = 1.0,
        point: float = 0.0,
    ) -> None:
        """Keeps its parts; use `create` or `load`."""
        self._config = config
        self._storage = storage
        self._resource = resource
        self._vectorizer = vectorizer
        self._weights: npt.NDArray[np.float32] | None = None
        self._model = model
        self._sharpness = sharpness
        self._point = point

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
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
    ) -> LinearIntentClassifier:
        """Loads the trained parts."""
        with model_storage.read_from(resource) as folder:
            vectorizer, model, sharpness, point = joblib.load(folder / _FILE)
        return cls(config, model_storage, resource, vectorizer, model, sharpness, point)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits n-grams and model on every line that has an intent, and calibrates on held-out lines."""
        examples = training_data.intent_examples
        lines = [plain_line(example.get(TEXT)) for example in examples]
        intents = np.array([example.get(INTENT) for example in examples])
        self._vectorizer, self._weights = self._fitted_vectorizer(lines, Concepts.of(training_data)), None
        features = self._vectorizer.transform(lines).astype(np.float32)
        self._model = LinearSVC(C=self._config["inverse_regularisation"], random_state=42)
        self._calibrate(features, intents)
        self._model.fit(features, intents)
        self._model.coef_ = np.asfortranarray(self._model.coef_, dtype=np.float32)
        self._model.intercept_ = self._model.intercept_.astype(np.float32)
        with self._storage.write_to(self._resource) as folder:
            joblib.dump((self._vectorizer, self._model, self._sharpness, self._point), folder / _FILE)
        return self._resource

    def _fitted_vectorizer(self, lines: list[str], concepts: Concepts) -> TfidfVectorizer:
        # Single precision is plenty and halves what is kept in memory.
        vectorizer = TfidfVectorizer(
            analyzer=NGrams(self._config["max_ngram"], concepts), sublinear_tf=True, dtype=np.float32
        ).fit(lines)
        grams = vectorizer.get_feature_names_out()
        weights = [self._config["weight_of_concepts"] if any(map(is_sign, gram)) else 1.0 for gram in grams]
        vectorizer.idf_ = (vectorizer.idf_ * weights).astype(np.float32)
        return vectorizer

    def _calibrate(self, features: csr_matrix, intents: npt.NDArray[np.str_]) -> None:
        """Learns how far margins can be trusted, from lines unlike those that the model was fitted on.

        Trainers write an intent situation by situation. The folds are not shuffled, so that whole situations are held
        out: held-out lines then are as new to the model as real customers' are, and its confidences as honest.
        """
        names, truths, counts = np.unique(intents, return_inverse=True, return_counts=True)
        folds = min(self._config["folds"], int(counts.min()))
        if folds < 2 or len(names) < 3:
            return
        margins = cross_val_predict(
            self._model, features, intents, cv=StratifiedKFold(folds), method="decision_function"
        )
        self._sharpness = fitted_sharpness(margins, truths)
        confidences = softmax(margins * self._sharpness, axis=1)
        right = confidences.argmax(axis=1) == truths
        self._point = answering_point(confidences.max(axis=1), right, self._config["wrong_at_most"])

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the intent and the ranking of the likeliest intents."""
        for message in messages:
            text = message.get(TEXT)
            if not text or self._model is None or self._vectorizer is None:
                continue
            scores = self._confidences([plain_line(text)])[0]
            order = np.argsort(scores)[::-1][:_RANKING_LENGTH]
            names = [str(self._model.classes_[i]) for i in order]
            ranking: list[dict[str, Any]] = [
                {"name": name, "confidence": float(scores[i])} for name, i in zip(names, order, strict=True)
            ]
            second = self._second_question(text, names[:_LIKELIEST])
            if second:
                message.set(ENTITIES, [*message.get(ENTITIES, []), second], add_to_output=True)
            decided = self._decided(text)
            if decided:
                ranking = _with_first(ranking, decided, 1.0)
            # Two questions share a line's confidence; each was found sure enough in its own half.
            if ranking[0]["confidence"] < self._point and second is None:
                ranking.insert(0, {"name": _FALLBACK, "confidence": self._point})
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            message.set(ANSWERING_POINT, self._point, add_to_output=True)
        return messages

    def _decided(self, text: str) -> str | None:
        for intent, words in self._config["decisive"].items():
            if any(word in text for word in words):
                return str(intent)
        return None

    def _confidences(self, lines: list[str]) -> npt.NDArray[np.float64]:
        assert self._model is not None
        assert self._vectorizer is not None
        # Of another precision than the weights, they would make a copy of all weights at every message.
        margins = self._model.decision_function(self._features(lines))
        if margins.ndim == 1:  # Two intents have one margin between them.
            margins = np.stack([-margins, margins], axis=1) / 2
        confidences: npt.NDArray[np.float64] = softmax(margins * self._sharpness, axis=1)
        return confidences

    def _features(self, lines: list[str]) -> csr_matrix:
        """What the vectorizer makes of lines, which sums up all its weights anew for every message."""
        assert self._vectorizer is not None
        if self._weights is None:
            self._weights = np.asarray(self._vectorizer.idf_, dtype=np.float32)
        counts = CountVectorizer.transform(self._vectorizer, lines).astype(np.float32)
        counts.data = (np.log(counts.data) + 1) * self._weights[counts.indices]
        return normalize(counts, norm="l2", copy=False)

    def _second_question(self, text: str, likeliest: list[str]) -> dict[str, Any] | None:
        """The other question of a line with two ("发什么快递，能开发票吗"), as an entity.

        The cut is the one whose halves are surest of two different questions, both of them among the line's likeliest.

        Args:
            text: A message in normal form.
            likeliest: The line's likeliest intents; the first is the one that is answered first.
        """
        assert self._model is not None
        questions = self._config["questions"]
        cuts = halves(text) if likeliest[0] in questions else []
        if not cuts:
            return None
        confidences = self._confidences([plain_line(half.text) for cut in cuts for half in (cut.left, cut.right)])
        names = self._model.classes_[confidences.argmax(axis=1)].reshape(-1, 2)
        sure = confidences.max(axis=1).reshape(-1, 2)
        best: tuple[float, str, Clause] | None = None
        for cut, meant, sureness in zip(cuts, names, sure, strict=True):
            enough = self._config["sure_of_half" if cut.clear else "sure_of_unmarked_half"]
            pair = {*meant}
            if len(pair) < 2 or likeliest[0] not in pair or not pair <= {*likeliest} & {*questions}:
                continue
            if sureness.min() >= enough and (best is None or sureness.prod() > best[0]):
                other = 1 if meant[0] == likeliest[0] else 0
                best = float(sureness.prod()), str(meant[other]), cut.right if other else cut.left
        if best is None:
            return None
        _, name, half = best
        return {
            "entity": SECOND_QUESTION,
            "value": name,
            "start": half.start,
            "end": half.end,
            "extractor": type(self).__name__,
        }


def _with_first(ranking: list[dict[str, Any]], name: str, confidence: float) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": confidence}, *(guess for guess in ranking if guess["name"] != name)]
