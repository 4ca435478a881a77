"""Draws train.csv, validation.csv and test.csv from the hand-written questions, byte for byte the same each time.

A reference script, no stage of the pipeline: `python examples/support_questions/draw_pairs.py [FOLDER]`.
README.md beside it tells the rule that gives each label.
"""

from __future__ import annotations

import csv
import itertools
import math
import random
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
SEED = 42
HEADER = ("question1", "question2", "is_duplicate", "topic")

# topics that train never mentions
UNSEEN = {
    "test": (
        "bin",
        "export",
        "gift_codes",
        "location",
        "prints",
        "raw_files",
        "television",
        "two_factor",
        "upload_speed",
        "vault",
        "widget",
        "yearbook",
    ),
    "validation": ("archive", "crashes", "editing", "language", "plus_family", "throwbacks"),
}
# pairs on topics that train never mentions, and on topics that it has
PAIRS = {"train": (0, 1200), "validation": (120, 80), "test": (240, 160)}
# of the questions of an issue that train has, these many are held out of train
HELD_OUT = 3
# one in three of the topics that train has gives the held-out questions to validation, the others to test
TO_VALIDATION = 3
# of so many pairs of duplicates that are next, the one that shares most words: the questions of an issue were written
# to differ in words, more than those of a support desk do
CHOICES = 2
# how much a difference in word overlap, in length and in negation counts beside one uneven use of a question
LIKENESS = (12.0, 4.0, 1.0)
_NEGATION = re.compile(r"\b(?:no|not|none|nobody|nothing|nor|never|neither|without|cannot|\w+n't)\b")


class Question(NamedTuple):
    """One line of questions.csv."""

    id: str
    topic: str
    issue: str
    question: str


Pair = tuple[Question, Question]


class Outside(NamedTuple):
    """What a reader who understands no word can see of a question."""

    words: frozenset[str]
    log_length: float
    negated: bool

    @classmethod
    def of(cls, text: str) -> Outside:
        """See a text."""
        lower = text.lower()
        words = re.findall(r"[\w']+", lower)
        return cls(frozenset(words), math.log1p(len(words)), bool(_NEGATION.search(lower)))


class Look(NamedTuple):
    """A pair from outside."""

    overlap: float  # Jaccard index of the words
    lengths_apart: float  # difference of the log lengths
    negated_once: float  # 1 where one side alone negates something


class Drawing:
    """The pairs of one topic in one split, drawn one positive and one negative at a time."""

    def __init__(self, questions: list[Question], rng: random.Random) -> None:
        pairs = list(itertools.combinations(questions, 2))
        rng.shuffle(pairs)
        seen = {question: Outside.of(question.question) for question in questions}
        self._looks = {(one, two): look(seen[one], seen[two]) for one, two in pairs}
        self._left = {
            1: [pair for pair in pairs if pair[0].issue == pair[1].issue],
            0: [pair for pair in pairs if pair[0].issue != pair[1].issue],
        }
        self._used: dict[int, Counter[Question]] = {0: Counter(), 1: Counter()}

    def draw(self) -> tuple[Pair, Pair]:
        """A pair of duplicates, and a pair of different questions that looks like it from outside."""
        next_ones = sorted(self._left[1], key=lambda pair: self._uneven(pair, 1))[:CHOICES]
        positive = max(next_ones, key=lambda pair: self._looks[pair].overlap)
        self._take(positive, 1)
        wanted = self._looks[positive]
        negative = min(self._left[0], key=lambda pair: self._uneven(pair, 0) + distance(wanted, self._looks[pair]))
        self._take(negative, 0)
        return positive, negative

    def _take(self, pair: Pair, label: int) -> None:
        self._left[label].remove(pair)
        self._used[label].update(pair)

    def _uneven(self, pair: Pair, label: int) -> float:
        same, other = self._used[label], self._used[1 - label]
        ahead = {question: same[question] + 1 - other[question] for question in pair}
        # squared, so that two questions one ahead are better than one that is two ahead
        return sum(4 * n * abs(n) + same[question] + other[question] for question, n in ahead.items())


def look(one: Outside, two: Outside) -> Look:
    """What the same reader can see of a pair."""
    overlap = len(one.words & two.words) / len(one.words | two.words)
    return Look(overlap, abs(one.log_length - two.log_length), float(one.negated != two.negated))


def distance(one: Look, two: Look) -> float:
    """How different two pairs look."""
    return sum(weight * abs(a - b) for weight, a, b in zip(LIKENESS, one, two, strict=True))


def divide(bank: list[Question]) -> dict[str, dict[str, list[Question]]]:
    """The questions of each split, by topic."""
    divided: dict[str, dict[str, list[Question]]] = {split: defaultdict(list) for split in PAIRS}
    home = {topic: split for split, topics in UNSEEN.items() for topic in topics}
    seen = sorted({question.topic for question in bank} - set(home))
    guest = {topic: "test" if number % TO_VALIDATION else "validation" for number, topic in enumerate(seen)}
    issues: dict[tuple[str, str], list[Question]] = defaultdict(list)
    for question in bank:
        issues[question.topic, question.issue].append(question)
    for (topic, issue), questions in issues.items():
        if topic in home:
            divided[home[topic]][topic] += questions
            continue
        shuffled = random.Random(f"{SEED} {topic} {issue}").sample(questions, len(questions))  # noqa: S311 - keeps no secret
        divided[guest[topic]][topic] += shuffled[:HELD_OUT]
        divided["train"][topic] += shuffled[HELD_OUT:]
    return divided


def draw(topics: dict[str, list[Question]], n_pairs: int, rng: random.Random) -> list[tuple[Pair, int]]:
    """This many pairs, half of them duplicates, from all topics in turn."""
    names = sorted(topics)
    rng.shuffle(names)
    drawings = {name: Drawing(topics[name], rng) for name in names}
    found: list[tuple[Pair, int]] = []
    for name in itertools.islice(itertools.cycle(names), n_pairs // 2):
        positive, negative = drawings[name].draw()
        found += [(positive, 1), (negative, 0)]
    return found


def rows(split: str, topics: dict[str, list[Question]]) -> list[tuple[str, str, int, str]]:
    """The rows of one file, in random order."""
    # a stream of random numbers for each file: a change in one leaves the others as they are
    rng = random.Random(f"{SEED} {split}")  # noqa: S311 - draws pairs, keeps no secret
    unseen = {topic: questions for topic, questions in topics.items() if topic in UNSEEN.get(split, ())}
    seen = {topic: questions for topic, questions in topics.items() if topic not in unseen}
    drawn = [
        pair for group, n_pairs in zip((unseen, seen), PAIRS[split], strict=True) for pair in draw(group, n_pairs, rng)
    ]
    rng.shuffle(drawn)
    turned = [(pair if rng.random() < 0.5 else pair[::-1], label) for pair, label in drawn]
    return [(one.question, two.question, label, one.topic) for (one, two), label in turned]


def generate(folder: Path) -> None:
    """Write the three files into a folder."""
    with (HERE / "questions.csv").open(encoding="utf-8", newline="") as file:
        bank = [Question(**row) for row in csv.DictReader(file)]
    for split, topics in divide(bank).items():
        with (folder / f"{split}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(rows(split, topics))


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
