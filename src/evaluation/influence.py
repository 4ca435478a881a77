"""How much each pair moves a metric: influence values, from which every interval is made.

The influence value of a pair is the derivative of the metric with respect to the weight of that pair, at equal weights
(the infinitesimal jackknife, Jaeckel 1972; Efron 1982, chapter 6). The error of the metric is close to the sum of
the values of independent pairs, so their variance gives the variance of the metric (`variance.py`). The number of pairs
of each label is taken as random, as it is in another sample of pairs.

N pairs; scores (N,) are finite, labels (N,) are boolean, at least two pairs of each. Every result is (N,) float64
and sums to zero up to rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics import NO_SPREAD, placements, run_ends

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]


def margin(scores: Floats, labels: Booleans) -> Floats:
    """Influence on the mean score of positive pairs minus that of negative pairs."""
    result = np.empty_like(scores)
    for side, sign in ((labels, 1.0), (~labels, -1.0)):
        result[side] = sign * (scores[side] - scores[side].mean()) / np.count_nonzero(side)
    return result


def cohens_d(scores: Floats, labels: Booleans) -> Floats | None:
    """Influence on the margin over the pooled standard deviation; None without any spread."""
    centred = scores - np.where(labels, scores[labels].mean(), scores[~labels].mean())
    degrees = scores.size - 2
    variance = float(centred @ centred) / degrees if degrees > 0 else 0.0
    if variance <= NO_SPREAD**2:
        return None
    deviation = np.sqrt(variance)
    effect = (scores[labels].mean() - scores[~labels].mean()) / deviation
    of_variance = (centred**2 - np.mean(centred**2)) / degrees
    result: Floats = margin(scores, labels) / deviation - effect / (2 * variance) * of_variance
    return result


def auc_roc(scores: Floats, labels: Booleans) -> Floats:
    """Influence on the area under the ROC curve: DeLong's placements (DeLong, DeLong & Clarke-Pearson 1988)."""
    order = np.argsort(scores, kind="stable")
    positive = labels[order]
    ends = run_ends(scores[order])  # of equal scores, which count half
    run = np.searchsorted(ends, np.arange(scores.size))
    n_positive, n_negative = np.count_nonzero(positive), scores.size - np.count_nonzero(positive)
    others_below = np.where(positive, _halfway(~positive, ends)[run], n_positive - _halfway(positive, ends)[run])
    placed = others_below / np.where(positive, n_negative, n_positive)
    area = placed[positive].mean()
    result = np.empty_like(scores)
    result[order] = (placed - area) / np.where(positive, n_positive, n_negative)
    return result


def _halfway(counted: Booleans, ends: NDArray[np.intp]) -> Floats:
    """For each run of equal scores how many of those counted lie below it, and half of those in it."""
    through = np.cumsum(counted)[ends]
    before = np.concatenate([[0], through[:-1]])
    return (before + through) / 2


def average_precision(scores: Floats, labels: Booleans) -> Floats:
    """Influence on the average precision; for its interval on the logit scale see Boyd, Eng & Page (2013).

    A pair counts by its own precision if it is positive, and through the precision of every positive pair at or below
    it: it raises theirs if it is positive and lowers it if it is negative.
    """
    order = np.argsort(-scores, kind="stable")
    positive = labels[order].astype(np.float64)
    ends = run_ends(scores[order])
    run = np.searchsorted(ends, np.arange(scores.size))  # of equal scores, which are called together
    called = (ends + 1.0)[run]
    precision = np.cumsum(positive)[ends][run] / called
    n_positive = positive.sum()
    average = float(positive @ precision) / n_positive
    raised = _from_run_down(positive * (1 - precision) / called, ends, run)
    lowered = _from_run_down(positive * precision / called, ends, run)
    influence = np.where(positive == 1, precision - average + raised, -lowered) / n_positive
    result = np.empty_like(scores)
    result[order] = influence
    return result


def _from_run_down(terms: Floats, ends: NDArray[np.intp], run: NDArray[np.intp]) -> Floats:
    """For each position the sum of the terms of its run of equal scores and of all lower ones."""
    before = np.concatenate([[0.0], np.cumsum(terms)[ends]])
    remaining: Floats = (before[-1] - before[:-1])[run]
    return remaining


def spearman(scores: Floats, labels: Booleans, of_auc: Floats) -> Floats | None:
    """Influence on Spearman's correlation with 0/1 labels; None if all scores are equal.

    `of_auc` is the influence on the AUC.

    The correlation is sqrt(12 p q) (AUC - 1/2) / sqrt(1 - sum of the cubed shares of equal scores), with the shares p
    and q of the labels, so its influence follows from that of the AUC, of p and of the ties.
    """
    _, code, counts = np.unique(scores, return_inverse=True, return_counts=True)
    share = counts / scores.size
    cubes = float(np.sum(share**3))
    if 1 - cubes <= NO_SPREAD:
        return None
    p = float(labels.mean())
    area = float(placements(scores[labels], scores[~labels]).mean())
    factor = np.sqrt(12 * p * (1 - p) / (1 - cubes))
    correlation = factor * (area - 0.5)
    of_share = (labels - p) / scores.size * (1 - 2 * p) / (2 * p * (1 - p))
    of_ties = 1.5 * (share[code] ** 2 - cubes) / (scores.size * (1 - cubes))
    result: Floats = factor * of_auc + correlation * (of_share + of_ties)
    return result


def f1(scores: Floats, labels: Booleans, threshold: float) -> Floats:
    """Influence on the F1 at a threshold that was fixed before."""
    called = scores >= threshold
    counted = 1.0 * called + labels
    twice_true = 2.0 * (called & labels)
    result: Floats = (twice_true - twice_true.sum() / counted.sum() * counted) / counted.sum()
    return result
