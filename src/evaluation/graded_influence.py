"""Influence values of the metrics of graded labels; what they are for stands in `influence.py`.

N pairs; scores (N,) and grades (N,) are finite and not all equal. Every result is (N,) float64 and sums to zero up to
rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics import NO_SPREAD, third_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# pairs on each side of the border of a third whose mean score stands for that at the border, as a power of N
_WINDOW = 2 / 3


def spearman(scores: Floats, grades: Floats) -> Floats | None:
    """Influence on Spearman's correlation; with 0/1 labels the same as `influence.spearman`.

    The correlation is the covariance of the mean ranks over their standard deviations. Another pair moves the ranks of
    all pairs beyond it, and the shares of equal values.
    """
    sides = [_ranked(values) for values in (scores, grades)]
    (ranks, ties, one), (grade_ranks, grade_ties, other) = sides
    if min(one, other) <= NO_SPREAD:
        return None
    covariance = float(ranks @ grade_ranks) / scores.size
    of_covariance = (
        ranks * grade_ranks + _moved(scores, grade_ranks) + _moved(grades, ranks) - 3 * covariance
    ) / scores.size
    scale = np.sqrt(one * other) / 12
    correlation = covariance / scale
    result: Floats = of_covariance / scale + correlation / 2 * (ties / one + grade_ties / other)
    return result


def _ranked(values: Floats) -> tuple[Floats, Floats, float]:
    """Mean ranks as shares, centred; influence on the sum of the cubed shares of equal values; 1 less that sum."""
    _, code, counts = np.unique(values, return_inverse=True, return_counts=True)
    share = counts / values.size
    cubes = float(np.sum(share**3))
    ranks = (np.cumsum(share) - share / 2)[code] - 0.5
    return ranks, 3 * (share[code] ** 2 - cubes) / values.size, 1 - cubes


def _moved(values: Floats, weights: Floats) -> Floats:
    """For each pair the mean weight of pairs with a higher value, and half of those with the same, (N,)."""
    _, code = np.unique(values, return_inverse=True)
    sums = np.bincount(code, weights)
    above: Floats = (sums.sum() - np.cumsum(sums) + sums / 2)[code] / values.size
    return above


def pearson(scores: Floats, grades: Floats) -> Floats | None:
    """Influence on Pearson's correlation; None without spread."""
    deviations = scores.std(), grades.std()
    if min(deviations) <= NO_SPREAD:
        return None
    one, other = (scores - scores.mean()) / deviations[0], (grades - grades.mean()) / deviations[1]
    correlation = float(one @ other) / scores.size
    result: Floats = (one * other - correlation * (one**2 + other**2) / 2) / scores.size
    return result


def slope(scores: Floats, grades: Floats) -> Floats:
    """Influence on the slope of the least-squares line."""
    centred, rest = grades - grades.mean(), scores - scores.mean()
    squares = float(centred @ centred)
    rest = rest - float(centred @ rest) / squares * centred
    result: Floats = centred * rest / squares
    return result


def thirds_margin(scores: Floats, grades: Floats) -> Floats:
    """Influence on the mean score of the upper third minus that of the lower one.

    The borders move with the pairs too; what passes them has the mean score of the pairs around the border.
    """
    above, below = third_weights(grades)
    return _third(scores, grades, above, 2 / 3) - _third(scores, grades, below, 1 / 3)


def _third(scores: Floats, grades: Floats, weights: Floats, border: float) -> Floats:
    n, ranked = scores.size, np.sort(grades)
    window = n**_WINDOW / 4
    ends = np.clip([border * n - window, border * n + window], 0, n - 1).astype(np.intp)
    low, high = ranked[ends]
    at_border = float(scores[(grades >= low) & (grades <= high)].mean())
    mean = float(np.average(scores, weights=weights))
    result: Floats = weights * (scores - at_border) / weights.sum() - (mean - at_border) / n
    return result


def concordance(alike: Floats, other: Floats) -> Floats:
    """Influence on the share of couples of different grades that scores order as grades do.

    Args:
        alike: (N,) how many pairs of another grade each pair is ordered with as the grades are.
        other: (N,) how many pairs of another grade there are.
    """
    result: Floats = 2 * (alike - alike.sum() / other.sum() * other) / other.sum()
    return result
