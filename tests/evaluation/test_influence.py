from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from src.evaluation import influence

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Weighted = Callable[[Floats, NDArray[np.bool_], Floats], float]

THRESHOLD = 0.2
STEP = 1e-6


def pairs(n: int, *, ties: bool, share: float = 0.4) -> tuple[Floats, NDArray[np.bool_]]:
    rng = np.random.default_rng(n)
    labels = rng.random(n) < share
    labels[:2], labels[2:4] = True, False
    scores = rng.normal(size=n) * 0.3 + 0.3 * labels
    return (np.round(scores, 1) if ties else scores), labels


def weighted_margin(scores: Floats, labels: NDArray[np.bool_], weights: Floats) -> float:
    one, other = (np.average(scores[side], weights=weights[side]) for side in (labels, ~labels))
    return float(one - other)


def weighted_d(scores: Floats, labels: NDArray[np.bool_], weights: Floats) -> float:
    means = [np.average(scores[side], weights=weights[side]) for side in (labels, ~labels)]
    squares = weights @ np.square(scores - np.where(labels, *means))
    # the degrees of freedom follow the weights in proportion, so that equal weights of any size give one number
    return float((means[0] - means[1]) / np.sqrt(squares / (weights.sum() * (1 - 2 / scores.size))))


def spearman(scores: Floats, labels: NDArray[np.bool_]) -> Floats | None:
    return influence.spearman(scores, labels, influence.auc_roc(scores, labels))


def weighted_spearman(scores: Floats, labels: NDArray[np.bool_], weights: Floats) -> float:
    _, code = np.unique(scores, return_inverse=True)
    mass = np.bincount(code, weights)
    ranks = (np.cumsum(mass) - mass / 2)[code]
    covariance = np.cov(ranks, labels, aweights=weights)
    return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))


def weighted_auc(scores: Floats, labels: NDArray[np.bool_], weights: Floats) -> float:
    return float(roc_auc_score(labels, scores, sample_weight=weights))


def weighted_ap(scores: Floats, labels: NDArray[np.bool_], weights: Floats) -> float:
    return float(average_precision_score(labels, scores, sample_weight=weights))


def weighted_f1(scores: Floats, labels: NDArray[np.bool_], weights: Floats) -> float:
    return float(f1_score(labels, scores >= THRESHOLD, sample_weight=weights))


def f1(scores: Floats, labels: NDArray[np.bool_]) -> Floats:
    return influence.f1(scores, labels, THRESHOLD)


METRICS = [
    (influence.margin, weighted_margin),
    (influence.cohens_d, weighted_d),
    (influence.auc_roc, weighted_auc),
    (influence.average_precision, weighted_ap),
    (spearman, weighted_spearman),
    (f1, weighted_f1),
]


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("of", "weighted"), METRICS, ids=lambda given: given.__name__)
def test_the_influence_of_a_pair_is_the_derivative_by_its_weight(
    of: Callable[..., Floats], weighted: Weighted, *, ties: bool
) -> None:
    scores, labels = pairs(40, ties=ties)

    found = of(scores, labels)

    for row in range(scores.size):
        more, less = np.ones(scores.size), np.ones(scores.size)
        more[row], less[row] = 1 + STEP, 1 - STEP
        slope = (weighted(scores, labels, more) - weighted(scores, labels, less)) / (2 * STEP)
        assert found[row] == pytest.approx(slope, abs=1e-7)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("of", "weighted"), METRICS, ids=lambda given: given.__name__)
def test_influences_sum_to_zero(of: Callable[..., Floats], weighted: Weighted, *, ties: bool) -> None:
    scores, labels = pairs(200, ties=ties)

    assert of(scores, labels).sum() == pytest.approx(0, abs=1e-9)
    assert np.isfinite(weighted(scores, labels, np.ones(scores.size)))


@pytest.mark.parametrize("of", [influence.cohens_d, spearman])
def test_scores_without_spread_have_no_influence(of: Callable[..., Floats | None]) -> None:
    labels = np.arange(8) < 4

    assert of(np.full(8, 0.3), labels) is None
    assert np.ptp(rankdata(np.full(8, 0.3))) == 0
