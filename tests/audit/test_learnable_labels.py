from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.audit import learnable_labels as checked
from src.audit.learnable_labels import learnable_labels
from src.metrics import concordant_counts
from src.models import FindingStatus, GradeScale, ShallowBaseline, Split

if TYPE_CHECKING:
    from src.models import AuditFinding, PairSet
    from tests.conftest import PairSetFactory

OK, WARN = FindingStatus.OK, FindingStatus.WARN


def found_in(pairs: PairSet, bag_of_words: float | None = 0.5) -> AuditFinding:
    baseline = ShallowBaseline(name="bag_of_words", auc_roc=None, n=1, cv_auc_roc=bag_of_words)
    return learnable_labels(pairs, [baseline])


def agreeing(pair_set: PairSetFactory, n: int = 200) -> PairSet:
    """Both sides like or avoid one of many things; the label says whether they agree, which no word tells."""
    rng = np.random.default_rng(0)
    likes = rng.integers(0, 2, (n, 2))
    sides = [
        [f"{who}: thing{i} is what i {('avoid', 'enjoy')[like]}" for i, like in enumerate(likes[:, side].tolist())]
        for side, who in enumerate(("boy", "girl"))
    ]
    return pair_set(*sides, labels=(likes[:, 0] == likes[:, 1]).astype(int).tolist())


def test_labels_that_follow_from_both_texts_are_learned_though_no_word_tells_them(pair_set: PairSetFactory) -> None:
    found = found_in(agreeing(pair_set))

    assert (found.status, found.role, found.code) == (OK, Split.TRAIN, "LABEL-003")


def test_of_very_many_pieces_of_texts_the_frequent_ones_are_counted(
    random_pairs: PairSetFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checked, "MOST_PIECES", 20)

    assert checked._latent_directions(random_pairs(40), np.arange(40)).shape == (40, 2, 20)


def test_random_labels_look_random(random_pairs: PairSetFactory, pair_set: PairSetFactory) -> None:
    shuffled = agreeing(pair_set)
    shuffled.labels[:] = np.random.default_rng(3).permutation(shuffled.labels)

    for pairs in (random_pairs(200), shuffled):
        found = found_in(pairs)
        assert found.status is WARN
        assert found.name == "train: labels that look random"
        assert "shuffled labels gave up to" in found.observed


@pytest.mark.parametrize(("auc", "status"), [(0.66, WARN), (0.70, OK), (0.34, WARN), (0.30, OK), (None, WARN)])
def test_a_bag_of_words_far_from_chance_on_either_side_is_not_random(
    auc: float | None, status: FindingStatus, random_pairs: PairSetFactory
) -> None:
    """Of 200 pairs three corrected standard errors are 0.185."""
    assert found_in(random_pairs(200), auc).status is status


def test_labels_that_cannot_be_tested_are_not_taken_for_learnable(pair_set: PairSetFactory) -> None:
    found = found_in(pair_set(["boy: the same"] * 120, [f"girl: text {i}" for i in range(120)]), None)

    assert found.status is WARN
    assert "is not decidable: too few components of shared texts" in found.observed
    assert found.observed.endswith("a bag of words has n/a")


def test_one_label_and_texts_without_words_break_nothing(pair_set: PairSetFactory) -> None:
    for labels in ([1] * 40, [i % 2 for i in range(40)]):
        assert found_in(pair_set(["boy: \u2615"] * 40, ["girl: !"] * 40, labels), None).status is WARN


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.2, 0.8), (0.4, 0.3, 0.3), (0.2,) * 5])
def test_the_range_of_chance_is_that_of_random_scores_also_where_many_pairs_have_one_grade(
    shares: tuple[float, ...], pair_set: PairSetFactory
) -> None:
    n, rng = 400, np.random.default_rng(0)
    grades = np.repeat(np.arange(len(shares), dtype=float), np.round(np.array(shares) * n).astype(int))
    pairs = dataclasses.replace(
        pair_set(["a"] * n, ["b"] * n), grades=grades, scale=GradeScale(low=0.0, high=float(len(shares) - 1))
    )
    drawn = []
    for _ in range(300):
        above, below = (part.sum() for part in concordant_counts(rng.permutation(n).astype(float), grades))
        drawn.append(above / below)

    low, high = checked._chance_of_one_auc(pairs)

    expected = checked.STANDARD_ERRORS * checked.CORRECTION * np.std(drawn)
    assert (high - low) / 2 == pytest.approx(expected, rel=0.15)  # of 300 draws the deviation is known to 4 %
