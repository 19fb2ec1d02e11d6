"""Scores of an understanding: what the customer would have met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from sixty.evaluation.labelled_lines import LabelledLine

OUT_OF_SCOPE = "out_of_scope"
# What `summary` counts, for people.
EXPLAINED = {
    "n": "lines",
    "clear": "of them decidable alone, not labelled unclear",
    "accuracy": "of clear lines: the likeliest meaning is right",
    "macro_f1": "mean F1 of the intents, each counting alike",
    "top3": "of clear lines: a right meaning is among the three likeliest",
    "ece": "how far confidences are from the share that is right; 0 is honest",
    "direct_right": "of clear lines: answered at once, rightly",
    "capsule_right": "of clear lines: asked back, with a right meaning among the capsules",
    "direct_wrong": "of all lines: answered at once, wrongly",
    "oos_recall": "of lines out of scope: declined or asked back",
    "answering_point": "confidence from which on the bot answers at once, learned in training",
    "parse_ms_p50": "milliseconds for one line, the median",
}


@dataclass(frozen=True)
class Understood:
    """What the model made of a line.

    Attributes:
        line: The line with its labels.
        ranking: Intents, the likeliest first, without the fallback.
        confidence: Of the likeliest.
        direct: Whether the bot would act on it at once; otherwise it offers the meanings in `offered`.
        offered: Meanings that would be capsules.
        milliseconds: Time of the parse.
        answering_point: Confidence from which on the model has the bot act at once; None where it names none.
    """

    line: LabelledLine
    ranking: tuple[str, ...]
    confidence: float
    direct: bool
    offered: tuple[str, ...]
    milliseconds: float
    answering_point: float | None = None

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return self.ranking[0] if self.ranking else ""

    @property
    def right(self) -> bool:
        """Whether the likeliest intent is one of the labels."""
        return self.intent in self.line.intents

    @property
    def rightly_offered(self) -> bool:
        """Whether the bot would ask back with a right meaning among the capsules."""
        return not self.direct and bool(set(self.offered) & set(self.line.intents))


@dataclass(frozen=True)
class IntentScore:
    """How one intent fares: `precision` and `recall` over clear lines, F1, and how many lines it has."""

    intent: str
    lines: int
    precision: float
    recall: float
    f1: float


def _share(items: Iterable[bool]) -> float | None:
    values = list(items)
    return sum(values) / len(values) if values else None


def intent_scores(results: Sequence[Understood]) -> list[IntentScore]:
    """Precision, recall and F1 of each intent over the clear lines.

    A prediction that is the second label counts for that label, so that a line is never held against an intent that
    people thought right as well.
    """
    truth: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for result in results:
        if not result.line.clear or not result.line.intents:
            continue
        label = result.intent if result.right else result.line.intents[0]
        truth[label] += 1
        predicted[result.intent] += 1
        hits[label] += result.right
    scores = []
    for intent in sorted(truth):
        precision = hits[intent] / predicted[intent] if predicted[intent] else 0.0
        recall = hits[intent] / truth[intent]
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        scores.append(IntentScore(intent, truth[intent], precision, recall, f1))
    return scores


def confusions(results: Sequence[Understood]) -> list[tuple[str, str, list[Understood]]]:
    """Pairs of right and predicted intent with their lines: the most frequent pair first, in it the surest line."""
    pairs: dict[tuple[str, str], list[Understood]] = {}
    for result in results:
        if result.line.clear and not result.right and result.line.intents:
            pairs.setdefault((result.line.intents[0], result.intent), []).append(result)
    ordered = sorted(pairs.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        (truth, predicted, sorted(lines, key=lambda result: -result.confidence))
        for (truth, predicted), lines in ordered
    ]


def calibration_error(results: Sequence[Understood], bins: int = 10) -> float | None:
    """Expected calibration error over the clear lines, in equal-width bins.

    Source: Naeini et al., "Obtaining Well Calibrated Probabilities Using Bayesian Binning", AAAI 2015.
    """
    clear = [result for result in results if result.line.clear]
    if not clear:
        return None
    error = 0.0
    for index in range(bins):
        inside = [result for result in clear if min(int(result.confidence * bins), bins - 1) == index]
        if inside:
            sure = sum(result.confidence for result in inside) / len(inside)
            right = sum(result.right for result in inside) / len(inside)
            error += len(inside) / len(clear) * abs(sure - right)
    return error


def summary(results: Sequence[Understood]) -> dict[str, float | int | None]:
    """The figures of an evaluation.

    Returns:
        `n` lines, of which `clear`. Over clear lines: `accuracy`, `macro_f1`, `top3`, `ece`, `direct_right` (answered
        at once and right) and `capsule_right` (asked back with the right meaning among the capsules). Over all lines:
        `direct_wrong` (answered at once and wrong). `oos_recall`: of the lines out of scope, those not answered as if
        they were a shop's question (declined or asked back). `answering_point`: the confidence from which on the bot
        acts at once, as training has learned it; None where the model names none. `parse_ms_p50`: median time of a
        parse.
    """
    clear = [result for result in results if result.line.clear]
    scores = intent_scores(results)
    beyond = [result for result in clear if OUT_OF_SCOPE in result.line.intents]
    figures: dict[str, float | int | None] = {
        "n": len(results),
        "clear": len(clear),
        "accuracy": _share(result.right for result in clear),
        "macro_f1": sum(score.f1 for score in scores) / len(scores) if scores else None,
        "top3": _share(bool(set(result.ranking[:3]) & set(result.line.intents)) for result in clear),
        "ece": calibration_error(results),
        "direct_right": _share(result.direct and result.right for result in clear),
        "capsule_right": _share(result.rightly_offered for result in clear),
        "direct_wrong": _share(result.direct and not result.right for result in results),
        "oos_recall": _share(result.intent == OUT_OF_SCOPE or not result.direct for result in beyond),
        "answering_point": next((each.answering_point for each in results if each.answering_point is not None), None),
        "parse_ms_p50": median(result.milliseconds for result in results) if results else None,
    }
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()}
