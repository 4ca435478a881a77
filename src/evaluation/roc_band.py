"""The 95 % band of a ROC curve: what the curve would be on another draw of pairs.

Pointwise percentile bootstrap with the resamples of `src.bootstrap`: at each false positive rate, between which true
positive rates 95 % of the resampled curves lie (vertical averaging, Fawcett 2006, Pattern Recognition Letters 27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics import validated
from ..models import RocBand
from .bootstrap import at, enough_of_each, method_text, resample_weights, totals

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
        None with fewer than 5 pairs of a label, and where every resample has the same curve: at an AUC of 0 or 1, or
        where no score differs from another.

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
        method=f"{method_text(values.size, seed)}, pointwise",
    )


def _resampled_curves(values: Floats, compatible: NDArray[np.bool_], grid: Floats, seed: int) -> Floats:
    """True positive rate of each resample at each rate of the grid: (B, G)."""
    high, low = values[compatible], values[~compatible]
    high_order, low_order = np.argsort(-high), np.argsort(-low)
    # a threshold just above an incompatible score finds the compatible ones above that score; the last finds all
    found_above = np.append(np.searchsorted(-high[high_order], -low[low_order], side="left"), high.size)
    allowed = np.floor(grid * low.size + 1e-9)
    curves = []
    for high_weights, low_weights in resample_weights(compatible, seed):
        found, passed = totals(at(high_weights, high_order)), totals(at(low_weights, low_order))
        for found_row, passed_row in zip(found, passed, strict=True):
            ends = np.searchsorted(passed_row, allowed, side="right") - 1
            curves.append(found_row[found_above[ends]] / high.size)
    return np.stack(curves)
