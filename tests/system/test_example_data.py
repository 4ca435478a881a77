"""The data set of support questions keeps what its data card promises."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from src.audit.shallow_baselines import MODELS
from src.data.mapped_pairs import load_mapped_pairs
from src.data.normalisation import normalise
from src.data.options import DataOptions
from src.data.overlap import split_overlap
from src.data.tokens import words_of
from src.metrics import auc_roc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from src.models import PairSet

FOLDER = Path(__file__).parents[2] / "examples" / "support_questions"
PAIRS = {"train": 1200, "validation": 200, "test": 400}
HELD_OUT = ("validation", "test")
ISSUES_OF_A_TOPIC = 3
QUESTIONS_OF_AN_ISSUE = 11


def rows_of(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def sets() -> dict[str, PairSet]:
    """The three files, read as the pairs profile reads them, with the topic as category."""
    options = DataOptions(slices=("topic",))
    return {split: load_mapped_pairs(FOLDER / f"{split}.csv", options, "", lambda _: None) for split in PAIRS}


@pytest.fixture(scope="module")
def bank() -> dict[str, dict[str, str]]:
    """Question to its line in the bank."""
    rows = rows_of("questions.csv")
    found = {row["question"]: row for row in rows}
    assert len(found) == len(rows), "a question stands twice in the bank"
    return found


def uses(pairs: PairSet) -> dict[str, Counter[int]]:
    """How often each question takes part in pairs of either label."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for one, two, label in zip(pairs.text_1, pairs.text_2, pairs.labels.tolist(), strict=True):
        for text in (one, two):
            found[text][label] += 1
    return found


def shallow_aucs(name: str, sets: dict[str, PairSet]) -> dict[str, float]:
    """AUC on each held-out file of the shallow baseline of this name, fitted on train."""
    scorer = next(model for model in MODELS if model.name == name).fit(sets["train"])
    found = {split: auc_roc(scorer(sets[split]), sets[split].labels) for split in HELD_OUT}
    return {split: auc for split, auc in found.items() if auc is not None}


# --- written, not filled in -----------------------------------------------------------------------------


def test_the_bank_has_more_than_1400_questions_on_more_than_120_issues(bank: dict[str, dict[str, str]]) -> None:
    issues = Counter((row["topic"], row["issue"]) for row in bank.values())

    assert len({normalise(question) for question in bank}) == len(bank) >= 1400
    assert len(issues) >= 120
    assert set(issues.values()) == {QUESTIONS_OF_AN_ISSUE}
    assert set(Counter(topic for topic, _ in issues).values()) == {ISSUES_OF_A_TOPIC}


def test_every_issue_has_an_answer_of_its_own(bank: dict[str, dict[str, str]]) -> None:
    answers = {(row["topic"], row["issue"]): row["answer"] for row in rows_of("issues.csv")}

    assert set(answers) == {(row["topic"], row["issue"]) for row in bank.values()}
    assert len(set(answers.values())) == len(answers)
    assert all(answers.values())


def frames(text: str) -> Iterator[tuple[str, ...]]:
    """The words of a text, and the same with each one replaced or left out."""
    words = tuple(words_of(text, has_speaker=False))
    yield words
    for i in range(len(words)):
        yield (*words[:i], "*", *words[i + 1 :])
        yield (*words[:i], *words[i + 1 :])


def test_no_question_of_four_words_is_another_with_one_word_changed_added_or_left_out(
    bank: dict[str, dict[str, str]],
) -> None:
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for text in bank:
        for frame in frames(text):
            if len(frame) > 3:
                found[frame].add(text)

    assert [texts for texts in found.values() if len(texts) > 1] == []


def test_no_opening_of_three_words_covers_3_percent_of_the_questions(bank: dict[str, dict[str, str]]) -> None:
    openings = Counter(tuple(words_of(text, has_speaker=False)[:3]) for text in bank)
    (opening, count) = openings.most_common(1)[0]

    assert count / len(bank) < 0.03, opening


# --- the files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", PAIRS)
def test_half_of_the_pairs_of_a_file_are_duplicates(split: str, sets: dict[str, PairSet]) -> None:
    assert len(sets[split]) == PAIRS[split]
    assert 2 * int(sets[split].labels.sum()) == PAIRS[split]


@pytest.mark.parametrize("split", PAIRS)
def test_half_of_the_pairs_of_a_topic_are_duplicates(split: str, sets: dict[str, PairSet]) -> None:
    found = Counter(zip(sets[split].category, sets[split].labels.tolist(), strict=True))

    assert {topic for topic, _ in found if found[topic, 0] != found[topic, 1]} == set()


def test_the_script_writes_the_same_bytes_again(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-W", "error", str(FOLDER / "draw_pairs.py"), str(tmp_path)],
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "1"},
        cwd=tmp_path,
    )

    made = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert made == {f"{split}.csv": (FOLDER / f"{split}.csv").read_bytes() for split in PAIRS}


# --- the challenge file ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def challenge() -> PairSet:
    """The longer messages, with the topic as category."""
    return load_mapped_pairs(FOLDER / "challenge.csv", DataOptions(slices=("topic",)), "", lambda _: None)


def test_the_challenge_file_has_as_many_duplicates_as_others_on_each_of_40_topics(challenge: PairSet) -> None:
    found = Counter(zip(challenge.category, challenge.labels.tolist(), strict=True))

    assert len(challenge) == 240
    assert len(set(challenge.category)) == 40
    assert set(found.values()) == {3}


def test_a_message_that_stands_twice_stands_once_in_each_label(challenge: PairSet) -> None:
    found = uses(challenge)

    assert len(found) == 360
    assert {text for text, count in found.items() if max(count.values()) > 1} == set()


def test_no_message_is_one_of_the_questions(challenge: PairSet, bank: dict[str, dict[str, str]]) -> None:
    assert {normalise(text) for text in uses(challenge)} & {normalise(text) for text in bank} == set()


def test_overlap_and_length_do_not_tell_the_label_of_messages(challenge: PairSet) -> None:
    shared, lengths = [], []
    for one, two in zip(challenge.text_1, challenge.text_2, strict=True):
        words = [set(words_of(text, has_speaker=False)) for text in (one, two)]
        shared.append(len(words[0] & words[1]) / len(words[0] | words[1]))
        lengths.append(-abs(len(one.split()) - len(two.split())))

    for scores in (shared, lengths):
        found = auc_roc(scores, challenge.labels)
        assert found is not None
        assert 0.40 <= found <= 0.60


# --- labels ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", PAIRS)
def test_two_questions_are_duplicates_if_one_answer_solves_both(
    split: str, sets: dict[str, PairSet], bank: dict[str, dict[str, str]]
) -> None:
    pairs = sets[split]
    sides = [(bank[one], bank[two]) for one, two in zip(pairs.text_1, pairs.text_2, strict=True)]

    assert {one["topic"] == two["topic"] for one, two in sides} == {True}
    assert [int(one["issue"] == two["issue"]) for one, two in sides] == pairs.labels.tolist()
    assert [one["topic"] for one, _ in sides] == list(pairs.category)


def test_no_pair_stands_twice(sets: dict[str, PairSet]) -> None:
    drawn = Counter(
        frozenset((one, two)) for pairs in sets.values() for one, two in zip(pairs.text_1, pairs.text_2, strict=True)
    )

    assert [pair for pair, count in drawn.items() if count > 1 or len(pair) < 2] == []


@pytest.mark.parametrize("split", PAIRS)
def test_a_question_is_in_as_many_pairs_of_one_label_as_of_the_other(split: str, sets: dict[str, PairSet]) -> None:
    found = uses(sets[split])
    uneven = [text for text, count in found.items() if count[0] != count[1]]

    assert {text: found[text] for text in uneven if abs(found[text][0] - found[text][1]) > 1} == {}
    assert len(uneven) < len(found) / 5


def test_the_files_use_more_than_1400_questions(sets: dict[str, PairSet]) -> None:
    assert len({text for pairs in sets.values() for text in uses(pairs)}) >= 1400


# --- held out means held out ----------------------------------------------------------------------------


@pytest.mark.parametrize(("split", "other"), list(combinations(PAIRS, 2)))
def test_no_text_is_in_two_files(split: str, other: str, sets: dict[str, PairSet]) -> None:
    assert split_overlap(sets[split], sets[other]).text_disjoint.all()


@pytest.mark.parametrize("split", HELD_OUT)
def test_half_of_the_held_out_pairs_are_on_topics_that_train_never_mentions(
    split: str, sets: dict[str, PairSet]
) -> None:
    topics = set(sets["train"].category)
    unseen = [topic for topic in sets[split].category if topic not in topics]

    assert len(unseen) >= PAIRS[split] / 2


def test_validation_and_test_share_no_topic(sets: dict[str, PairSet]) -> None:
    assert set(sets["validation"].category) & set(sets["test"].category) == set()


# --- what looks alone give away -------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "limit"), [("text_1_only", 0.60), ("text_2_only", 0.60), ("bag_of_words", 0.70)])
def test_words_alone_do_not_tell_the_label(name: str, limit: float, sets: dict[str, PairSet]) -> None:
    aucs = shallow_aucs(name, sets)

    assert set(aucs) == set(HELD_OUT)
    assert {split: auc for split, auc in aucs.items() if auc > limit} == {}


@pytest.mark.parametrize("name", ["lexical_overlap", "length", "negation_agreement"])
def test_what_is_no_meaning_is_near_chance(name: str, sets: dict[str, PairSet]) -> None:
    aucs = shallow_aucs(name, sets)

    assert set(aucs) == set(HELD_OUT)
    assert {split: auc for split, auc in aucs.items() if not 0.40 <= auc <= 0.60} == {}
