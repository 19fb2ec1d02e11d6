"""Misunderstood lines, grouped: what was meant, what was understood, and where the lines stand that teach it better."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sixty.evaluation.scores import Understood, confusions, summary
from sixty.evaluation.sources import NearestLines, TrainingLine

# What YAML would take for the end of a line, or for no character at all.
_UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]+")
_ADVICE = """\
# {count} lines of {name} that were misunderstood, by what they were taken for.
# Take what you learn from to the file that is named above it, and write the situation in your own words, five to ten
# lines as different as customers are: a line that is copied from here measures nothing there any more.
version: "3.1"
nlu:"""


@dataclass(frozen=True)
class Lesson:
    """Lines with one meaning that were taken for one other.

    Attributes:
        truth: The intent that people gave them.
        predicted: What they were taken for.
        lines: The lines, the surest first, each with the training line of `predicted` that is most like it.
        home: The training line of `truth` in whose situation most of them belong; None when `truth` has no lines.
    """

    truth: str
    predicted: str
    lines: tuple[tuple[Understood, TrainingLine | None], ...]
    home: TrainingLine | None

    @property
    def heading(self) -> str:
        """Both intents and the number of lines."""
        return f"{self.truth} read as {self.predicted} ({len(self.lines)})"


def lessons_of(results: Sequence[Understood], nearest: NearestLines) -> list[Lesson]:
    """Groups the clear lines that were misunderstood, the largest group first."""
    return [
        Lesson(
            truth,
            predicted,
            tuple((result, nearest.nearest(result.line.text, predicted)) for result in lines),
            _home([nearest.nearest(result.line.text, truth) for result in lines]),
        )
        for truth, predicted, lines in confusions(results)
    ]


def _home(nearest: Sequence[TrainingLine | None]) -> TrainingLine | None:
    lines = [line for line in nearest if line]
    situations = Counter((line.path, line.situation) for line in lines)
    # Of equally frequent situations the one of the surest line, which comes first.
    return max(lines, key=lambda line: situations[line.path, line.situation], default=None)


def what_came_of(result: Understood) -> str:
    """What the customer met who wrote a misunderstood line."""
    if result.direct:
        return "answered wrongly at once"
    return "asked back, right meaning offered" if result.rightly_offered else "asked back in vain"


def as_text(lessons: Sequence[Lesson], results: Sequence[Understood]) -> Iterator[str]:
    """Rows to read."""
    figures = summary(results)
    count = sum(len(lesson.lines) for lesson in lessons)
    yield f"{count} of {figures['clear']} clear lines misunderstood."
    if figures["answering_point"] is not None:
        yield f"From a confidence of {figures['answering_point']:.2f} on the bot answers at once; below it asks back."
    for lesson in lessons:
        yield f"\n{lesson.heading}"
        for result, source in lesson.lines:
            yield f"  {result.line.text}  ({result.confidence:.2f}, {what_came_of(result)})"
            if source:
                yield f"      like {source.place}: {source.text}"
        if lesson.home:
            yield f"  → write lines of {lesson.truth} in {_where(lesson.home)}"


def as_yaml(lessons: Sequence[Lesson], name: str) -> Iterator[str]:
    """Rows of a training file with a block for each group, to be edited and moved into `data/nlu/`.

    Args:
        lessons: The groups.
        name: What was read, for the comment at the top.
    """
    yield _ADVICE.format(count=sum(len(lesson.lines) for lesson in lessons), name=_one_row(name))
    for lesson in lessons:
        # A line of nothing but blanks teaches nothing, and one that is there twice no more than once.
        texts = dict.fromkeys(text for result, _ in lesson.lines if (text := _one_row(result.line.text)))
        if not texts:
            continue
        yield f"# {_one_row(lesson.heading)}"
        if lesson.home:
            yield f"# belongs in {_one_row(_where(lesson.home))}"
        for source in dict.fromkeys(source for _, source in lesson.lines if source):
            yield f"# drawn by {_one_row(f'{source.place}: {source.text}')}"
        yield f"- intent: {_one_row(lesson.truth)}"
        yield "  examples: |"
        yield from (f"    - {_unannotated(text)}" for text in texts)


def _where(line: TrainingLine) -> str:
    return f"{line.file}, “{line.situation}” (line {line.number})" if line.situation else line.place


def _one_row(text: str) -> str:
    return _UNPRINTABLE.sub(" ", text).strip()


def _unannotated(text: str) -> str:
    """What customers put in brackets is no annotation of an entity."""
    return re.sub(r"\](?=[({\[])", "] ", text)
