from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from src import metrics
from src.evaluation import graded_influence, influence

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    OfGrades = Callable[[Floats, Floats], Floats | None]

STEP = 1e-6


def graded(n: int, *, levels: int = 0, ties: bool = False) -> tuple[Floats, Floats]:
    """Scores that follow the grades, of which there are so many levels, or any number."""
    rng = np.random.default_rng(n + levels)
    grades = rng.standard_normal(n)
    scores = 0.1 * grades + 0.1 * rng.standard_normal(n)
    if levels:
        grades = np.clip(np.floor(grades + levels / 2), 0, levels - 1)
    return (np.round(scores, 1) if ties else scores), grades


def concordance(scores: Floats, grades: Floats) -> Floats:
    return graded_influence.concordance(*metrics.concordant_counts(scores, grades))


def weighted_ranks(values: Floats, weights: Floats) -> Floats:
    _, code = np.unique(values, return_inverse=True)
    mass = np.bincount(code, weights)
    ranks: Floats = (np.cumsum(mass) - mass / 2)[code]
    return ranks


def weighted_pearson(scores: Floats, grades: Floats, weights: Floats) -> float:
    covariance = np.cov(scores, grades, aweights=weights)
    return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))


def weighted_spearman(scores: Floats, grades: Floats, weights: Floats) -> float:
    return weighted_pearson(weighted_ranks(scores, weights), weighted_ranks(grades, weights), weights)


def weighted_slope(scores: Floats, grades: Floats, weights: Floats) -> float:
    covariance = np.cov(scores, grades, aweights=weights)
    return float(covariance[0, 1] / covariance[1, 1])


def weighted_concordance(scores: Floats, grades: Floats, weights: Floats) -> float:
    apart = np.sign(grades[:, None] - grades)
    alike = 0.5 + 0.5 * apart * np.sign(scores[:, None] - scores)
    couples = np.outer(weights, weights) * (apart != 0)
    return float((couples * alike).sum() / couples.sum())


METRICS: list[tuple[OfGrades, Callable[[Floats, Floats, Floats], float]]] = [
    (graded_influence.spearman, weighted_spearman),
    (graded_influence.pearson, weighted_pearson),
    (graded_influence.slope, weighted_slope),
    (concordance, weighted_concordance),
]


@pytest.mark.parametrize(("levels", "ties"), [(0, False), (5, True)])
@pytest.mark.parametrize(("of", "weighted"), METRICS, ids=lambda given: given.__name__)
def test_it_is_the_derivative_by_the_weight_of_a_pair(
    of: OfGrades, weighted: Callable[[Floats, Floats, Floats], float], levels: int, *, ties: bool
) -> None:
    scores, grades = graded(40, levels=levels, ties=ties)
    values = of(scores, grades)
    assert values is not None
    for row in (0, 17, 39):
        up, down = np.ones(40), np.ones(40)
        up[row], down[row] = 1 + STEP, 1 - STEP
        slope = (weighted(scores, grades, up) - weighted(scores, grades, down)) / (2 * STEP)
        assert values[row] == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize("of", [*(of for of, _ in METRICS), graded_influence.thirds_margin])
@pytest.mark.parametrize("levels", [0, 2, 5])
def test_it_sums_to_zero(of: OfGrades, levels: int) -> None:
    values = of(*graded(61, levels=levels))

    assert values is not None
    assert values.sum() == pytest.approx(0, abs=1e-12)


def test_with_two_labels_it_is_that_of_the_labels() -> None:
    scores, grades = graded(50, levels=2, ties=True)
    labels = grades == 1
    of_auc = influence.auc_roc(scores, labels)

    assert concordance(scores, grades) == pytest.approx(of_auc, abs=1e-12)
    assert graded_influence.slope(scores, grades) == pytest.approx(influence.margin(scores, labels), abs=1e-12)
    assert graded_influence.spearman(scores, grades) == pytest.approx(
        influence.spearman(scores, labels, of_auc), abs=1e-12
    )


def test_without_spread_there_is_none() -> None:
    _, grades = graded(20)

    assert graded_influence.spearman(np.zeros(20), grades) is None
    assert graded_influence.pearson(np.zeros(20), grades) is None
