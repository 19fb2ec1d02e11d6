"""Parts of our own training lines: what is held out, what is left to train on."""

from __future__ import annotations

import random
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedGroupKFold

from sixty.evaluation.sources import TrainingLine

# Cosine of TF-IDF weighted character pairs and triples from which two lines are one line said twice. Above it lie
# changed particles, digits and single words; below it, different questions.
NEARLY_ALIKE = 0.5
_CHUNK = 1000


def near_duplicates(lines: Sequence[TrainingLine], alike: float = NEARLY_ALIKE) -> npt.NDArray[np.int64]:
    """Puts lines into groups, so that lines nearly alike, whatever their intents, are in one.

    Args:
        lines: The lines.
        alike: Cosine from which two lines belong together, directly or through others.

    Returns:
        The group of each line.
    """
    plain = ["^" + "".join(unicodedata.normalize("NFKC", line.text).lower().split()) + "$" for line in lines]
    features = TfidfVectorizer(analyzer="char", ngram_range=(2, 3), dtype=np.float32).fit_transform(plain)
    by_ngram = features.T.tocsr()
    rows: list[npt.NDArray[np.int64]] = []
    columns: list[npt.NDArray[np.int64]] = []
    for start in range(0, features.shape[0], _CHUNK):
        cosines = (features[start : start + _CHUNK] @ by_ngram).tocoo()
        near = cosines.data >= alike
        rows.append(cosines.row[near] + start)
        columns.append(cosines.col[near])
    row, column = np.concatenate(rows), np.concatenate(columns)
    pairs = coo_matrix((np.ones(len(row), dtype=bool), (row, column)), shape=(len(lines), len(lines)))
    groups: npt.NDArray[np.int64] = connected_components(pairs, directed=False)[1]
    return groups


def folds(
    lines: Sequence[TrainingLine], groups: npt.NDArray[np.int64], number: int
) -> list[tuple[list[TrainingLine], list[TrainingLine]]]:
    """Splits lines for cross-validation, intents alike in every part and no group in two.

    Args:
        lines: The lines.
        groups: The group of each.
        number: How many folds.

    Returns:
        For every fold the lines to train on and the lines held out.
    """
    intents = [line.intent for line in lines]
    splitter = StratifiedGroupKFold(n_splits=number, shuffle=True, random_state=42)
    return [
        ([lines[i] for i in trained], [lines[i] for i in held_out])
        for trained, held_out in splitter.split(intents, intents, groups)
    ]


def hold_out(
    lines: Sequence[TrainingLine], groups: npt.NDArray[np.int64], wanted: int
) -> tuple[list[TrainingLine], list[TrainingLine]]:
    """Puts whole groups, drawn by lot, aside.

    Args:
        lines: The lines.
        groups: The group of each.
        wanted: How many lines at least shall be held out, if there are as many.

    Returns:
        The other lines, and the lines held out.
    """
    sizes = np.bincount(groups)
    order = random.Random(42).sample(range(len(sizes)), len(sizes))
    chosen: set[int] = set()
    held = 0
    for group in order:
        if held >= wanted:
            break
        chosen.add(group)
        held += int(sizes[group])
    aside = [line for line, group in zip(lines, groups, strict=True) if int(group) in chosen]
    return [line for line, group in zip(lines, groups, strict=True) if int(group) not in chosen], aside


def draw(lines: Sequence[TrainingLine], of_each_intent: int, seed: int) -> list[TrainingLine]:
    """Draws lines of every intent by lot; all of an intent that has no more."""
    lot = random.Random(seed)
    by_intent: dict[str, list[TrainingLine]] = {}
    for line in lines:
        by_intent.setdefault(line.intent, []).append(line)
    return [
        line
        for intent in sorted(by_intent)
        for line in lot.sample(by_intent[intent], min(of_each_intent, len(by_intent[intent])))
    ]


def write_training_data(lines: Iterable[TrainingLine], also: Iterable[Path], folder: Path) -> Path:
    """Writes lines as training data of Rasa.

    Args:
        lines: The lines.
        also: Files that belong to every training: vocabulary, synonyms.
        folder: Where to; made by this function.

    Returns:
        The folder.
    """
    folder.mkdir(parents=True)
    by_intent: dict[str, list[str]] = {}
    for line in lines:
        by_intent.setdefault(line.intent, []).append(line.text)
    rows = ['version: "3.1"', "nlu:"]
    for intent, texts in by_intent.items():
        rows += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
    (folder / "lines.yml").write_text("\n".join(rows) + "\n", encoding="utf-8")
    for path in also:
        shutil.copy2(path, folder / path.name)
    return folder


def write_labelled_lines(lines: Iterable[TrainingLine], path: Path) -> Path:
    """Writes lines with their intents in the form that `sixty eval` reads."""
    rows = ["id\ttext\tintent\talso"]
    rows += [f"{line.place}\t{line.text}\t{line.intent}\t-" for line in lines]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path
