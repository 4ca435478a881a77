from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from src.evaluation import learnability as module
from src.evaluation.learnability import can_hold_out, learnability, within_folds_auc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from src.models import Learnability, PairSet
    from tests.conftest import PairSetFactory


@pytest.fixture
def pairs(random_pairs: PairSetFactory) -> PairSet:
    return random_pairs(200)


def vectors_of(pairs: PairSet, strength: float) -> NDArray[np.float64]:
    """Sides that agree in one direction where the label is 1 and disagree where it is 0, among 7 of noise."""
    vectors = np.random.default_rng(1).normal(size=(len(pairs), 2, 8))
    vectors[:, 0, 0] *= strength
    vectors[:, 1, 0] = vectors[:, 0, 0] * (2 * pairs.labels - 1)
    return vectors


def found_in(pairs: PairSet, vectors: NDArray[np.float64]) -> Learnability:
    return learnability(pairs, "numbers", lambda rows: vectors[rows])


def test_labels_that_say_whether_the_sides_agree_are_learned(pairs: PairSet) -> None:
    found = found_in(pairs, vectors_of(pairs, 3.0))

    assert found.beyond_chance
    assert found.auc_roc is not None
    assert found.auc_low is not None
    assert found.auc_roc > 0.8
    assert found.auc_low > 0.5


def test_random_labels_are_not_learned_and_their_intervals_hold_chance(pairs: PairSet) -> None:
    vectors, beyond, held = vectors_of(pairs, 1.0), 0, 0
    for seed in range(30):
        pairs.labels[:] = np.random.default_rng(seed).permutation(pairs.labels)
        found = found_in(pairs, vectors)
        beyond += found.beyond_chance
        held += (found.auc_low or 0) <= 0.5 <= (found.auc_high or 0)

    # binomial limits at 1 % and 95 %, each missed once in a thousand
    assert beyond <= 3
    assert held >= 24


def test_shuffled_labels_lie_around_chance(pairs: PairSet) -> None:
    found = found_in(pairs, vectors_of(pairs, 3.0))

    assert 0.3 < (found.shuffled_low or 0) < 0.5 < (found.shuffled_high or 1) < 0.7


def test_texts_that_are_used_again_do_not_help(pair_set: PairSetFactory) -> None:
    """Each text has one label and a vector of its own, so that only another of its rows could tell the label."""
    rng = np.random.default_rng(0)
    labels = np.repeat(rng.integers(0, 2, 40), 5).tolist()
    pairs = pair_set([f"boy: text {i // 5}" for i in range(200)], [f"girl: answer {i}" for i in range(200)], labels)
    vectors = np.repeat(rng.normal(size=(40, 2, 16)), 5, axis=0)

    assert not found_in(pairs, vectors).beyond_chance


@pytest.mark.parametrize(
    ("ones", "text", "reason"),
    [
        (9, "text {}", "fewer than 10 pairs of a label"),
        (100, "the same", "too few components of shared texts to hold one out"),
    ],
)
def test_what_cannot_be_decided_says_why(ones: int, text: str, reason: str, pair_set: PairSetFactory) -> None:
    labels = [1] * ones + [0] * (200 - ones)
    pairs = pair_set([f"boy: {text.format(i)}" for i in range(200)], [f"girl: answer {i}" for i in range(200)], labels)
    found = found_in(pairs, vectors_of(pairs, 3.0))

    assert (found.auc_roc, found.auc_low, found.shuffled_high, found.reason) == (None, None, None, reason)
    assert not found.beyond_chance


def test_of_a_large_file_drawn_pairs_are_looked_at(pairs: PairSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PAIRS", 120)
    found = found_in(pairs, vectors_of(pairs, 3.0))

    assert found.n == 120
    assert (found.auc_roc or 0) > 0.8


def test_the_auc_within_folds_is_the_mean_over_the_folds_and_blind_to_their_levels() -> None:
    rng = np.random.default_rng(0)
    fold = np.repeat(np.arange(3, dtype=np.int8), 20)
    labels = np.tile([0.0, 1.0], 30)
    scores = rng.normal(size=60) + labels
    by_fold = [roc_auc_score(labels[fold == k], scores[fold == k]) for k in range(3)]

    for shift in (0.0, 100.0):
        found = within_folds_auc((scores + shift * fold)[:, None], labels[:, None], fold)
        assert found[0] == pytest.approx(np.mean(by_fold))


@pytest.mark.parametrize(
    ("fold", "labels", "expected"),
    [
        ([0, 0, 1, 1], [0, 1, 0, 1], True),
        ([0, 0, 0, 0], [0, 1, 0, 1], False),
        ([0, 0, 1, 1], [0, 0, 1, 1], False),
        ([0, 1, 2, 3], [0, 1, 0, 1], False),
    ],
)
def test_a_fold_can_be_held_out_where_both_labels_are_left_and_somewhere_both_are_held_out(
    fold: list[int], labels: list[int], *, expected: bool
) -> None:
    assert can_hold_out(np.array(fold, dtype=np.int8), np.array(labels, dtype=np.int8)) == expected


@pytest.mark.parametrize("grades", [(0.2, 0.8), (0.5, 1.0), (0.0, 0.5)])
def test_two_grades_have_the_auc_of_two_labels(grades: tuple[float, float]) -> None:
    rng = np.random.default_rng(0)
    labels, fold = rng.integers(0, 2, (60, 3)).astype(float), np.arange(60) % 3
    scores = labels + rng.normal(size=(60, 3))

    found = within_folds_auc(scores, np.where(labels == 1, grades[1], grades[0]), fold)

    assert found == pytest.approx(within_folds_auc(scores, labels, fold))
