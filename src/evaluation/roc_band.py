"""The 95 % band of a ROC curve: the range of the curve over other samples of pairs.

Pointwise percentile bootstrap with the same resamples as the estimates. At each false positive rate the band holds the
true positive rates of 95 % of the resampled curves (vertical averaging, Fawcett 2006, Pattern Recognition Letters 27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics import validated
from ..models import RocBand
from ..wording import intervals as methods
from .resamples import at, enough_of_each, method_text, resample_weights, totals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

GRID_POINTS = 101


def roc_band(scores: ArrayLike, labels: ArrayLike, seed: int) -> RocBand | None:
    """Limits of the true positive rate at 101 false positive rates from 0 to 1.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.
        seed: Of the resamples; the intervals of the estimates come from the same ones.

    Returns:
        None with fewer than 5 pairs of a label, or if every resample has the same curve: at an AUC of 0 or 1, or if
        all scores are equal.

    Raises:
        ValueError: See `metrics.validated`.
    """
    values, compatible = validated(scores, labels)
    if not enough_of_each(compatible):
        return None
    grid = np.linspace(0.0, 1.0, GRID_POINTS)
    curves = _resampled_curves(values, compatible, grid, seed)
    if not np.ptp(curves, axis=0).any():
        return None
    low, high = np.percentile(curves, [2.5, 97.5], axis=0)
    return RocBand(
        false_positive_rate=tuple(grid.round(2).tolist()),
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
        method=methods.pointwise(method_text(values.size, seed)),
    )


def _resampled_curves(values: Floats, compatible: NDArray[np.bool_], grid: Floats, seed: int) -> Floats:
    """True positive rate of each resample at each rate of the grid: (B, G)."""
    positive, negative = values[compatible], values[~compatible]
    positive_order, negative_order = np.argsort(-positive), np.argsort(-negative)
    # a threshold just above a negative score finds the positive ones above that score; the last one finds all
    found_above = np.searchsorted(-positive[positive_order], -negative[negative_order], side="left")
    found_above = np.append(found_above, positive.size)
    allowed = np.floor(grid * negative.size + 1e-9)
    curves = []
    for positive_weights, negative_weights in resample_weights(compatible, seed):
        true_positives = totals(at(positive_weights, positive_order))
        false_positives = totals(at(negative_weights, negative_order))
        for found, passed in zip(true_positives, false_positives, strict=True):
            ends = np.searchsorted(passed, allowed, side="right") - 1
            curves.append(found[found_above[ends]] / positive.size)
    return np.stack(curves)
