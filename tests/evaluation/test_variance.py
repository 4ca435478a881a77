from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest
from scipy.stats import ttest_ind

from src.evaluation import influence
from src.evaluation.variance import Sample


def pairs_of(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % 2 == 0)
    return rng.standard_normal(n) * np.where(labels, 2.0, 1.0) + labels, labels


def test_independent_pairs_have_the_variance_and_the_degrees_of_freedom_of_welch() -> None:
    scores, labels = pairs_of(60)
    expected = ttest_ind(scores[labels], scores[~labels], equal_var=False)

    spread = Sample(labels).spread(influence.margin(scores, labels))

    assert spread.variance**0.5 == pytest.approx(expected._standard_error)
    assert spread.degrees <= expected.df
    assert spread.design_effect == 1.0


def by_hand(values: np.ndarray, texts: np.ndarray) -> float:
    """Sum over all pairs of pairs that share a text, and the correction for few texts."""
    n = len(values)
    related = sum(
        (1 if i == j else 2) * values[i] * values[j]
        for i, j in combinations_with_replacement(range(n), 2)
        if set(texts[i]) & set(texts[j])
    )
    n_texts = len(np.unique(texts))
    return n_texts / (n_texts - 1) * related


@pytest.mark.parametrize("seed", range(4))
def test_the_variance_of_pairs_that_share_texts_is_the_sum_over_all_related_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores, labels = pairs_of(40, seed)
    texts = rng.integers(0, 12, (40, 2))  # some pairs hold one text twice, some hold the same two
    values = influence.margin(scores, labels)
    correction = np.sqrt(20 / 19)  # as many of each label

    spread = Sample(labels, texts).spread(values)

    independent = float(np.square(values * correction).sum())
    assert spread.variance == pytest.approx(max(independent, by_hand(values * correction, texts)))


def test_texts_that_are_used_once_leave_the_variance_as_it_is() -> None:
    scores, labels = pairs_of(50)
    values = influence.auc_roc(scores, labels)
    texts = np.arange(100).reshape(50, 2)

    shared, independent = Sample(labels, texts).spread(values), Sample(labels).spread(values)

    # the dyadic variance corrects for the number of texts, 100/99
    assert shared.variance == pytest.approx(100 / 99 * independent.variance)


def test_pairs_that_say_the_same_count_once() -> None:
    scores, labels = pairs_of(30)
    again = np.repeat(np.arange(30), 4)
    texts = np.arange(60).reshape(30, 2)

    once = Sample(labels, texts).spread(influence.margin(scores, labels))
    four = Sample(labels[again], texts[again]).spread(influence.margin(scores[again], labels[again]))

    assert four.variance == pytest.approx(once.variance, rel=0.06)  # 15/14 corrects for few pairs, 60/59 for more
    assert four.design_effect == pytest.approx(4, rel=0.05)


@pytest.mark.parametrize(
    ("texts", "effective"),
    [([[0, 1], [2, 3], [4, 5]], 6.0), ([[0, 1], [0, 2], [0, 3]], 36 / 12), ([[0, 1], [0, 1]], 2.0)],
)
def test_a_text_in_many_pairs_lowers_the_effective_number(texts: list[list[int]], effective: float) -> None:
    sample = Sample(np.zeros(len(texts), dtype=bool), np.array(texts))

    assert sample.effective_texts == pytest.approx(effective)
    assert sample.n_texts == len(np.unique(texts))


def test_the_texts_of_a_file_are_told_apart_by_their_words(pair_set) -> None:
    pairs = pair_set(["boy: I like tea.", "girl: i like TEA", "boy: no"], ["girl: a", "boy: b", "girl: c"])

    sample = Sample.of(pairs)

    assert sample.n_texts == 5
    assert sample[np.array([0, 2])].n_texts == 4
    assert sample[np.array([True, True, False])].n_texts == 3


@pytest.mark.parametrize("seed", range(2))
def test_the_variance_of_a_mean_of_clusters_is_that_of_the_jackknife_over_clusters(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, members = rng.standard_normal(40), np.concatenate([np.arange(12), rng.integers(0, 12, 28)])
    without = np.array([values[members != cluster].mean() for cluster in range(12)])
    labels = np.arange(40) % 2 == 0
    correction = np.sqrt(20 / 19)  # as many of each label

    spread = Sample(labels).clustered(list(map(str, members))).spread((values - values.mean()) / 40)

    assert spread.variance == pytest.approx(correction**2 * 11 / 12 * sum((without - values.mean()) ** 2))


def test_clusters_of_one_pair_each_leave_the_variance_as_it_is_but_for_the_correction_of_few() -> None:
    scores, labels = pairs_of(60)
    values = influence.margin(scores, labels)

    alone, clustered = (
        one.spread(values) for one in (Sample(labels), Sample(labels).clustered(list(map(str, range(60)))))
    )

    assert clustered.variance == pytest.approx(60 / 59 * alone.variance)


def test_a_large_cluster_lowers_the_effective_number_and_the_degrees_of_freedom() -> None:
    scores, labels = pairs_of(60)
    sample = Sample(labels).clustered(["large"] * 30 + list(map(str, range(30))))

    assert (sample.n_clusters, sample.effective_clusters) == (31, pytest.approx(60**2 / (30**2 + 30)))
    assert sample.spread(influence.margin(scores, labels)).degrees == sample.effective_clusters - 1
    assert sample[np.arange(30)].effective_clusters == 1
