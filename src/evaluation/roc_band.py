"""The 95 % band of a ROC curve: the range of the true positive rate at each false positive rate.

A share of the positive pairs varies as a share does. The negative pairs move the cut, and with it the rate, by the
slope of the curve there (Pepe 2003, The Statistical Evaluation of Medical Tests, section 5.2). The interval is Wilson's
for as many independent pairs as would have that variance; pairs that share texts count for fewer, as in the AUC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..models import RocBand
from ..wording import intervals as methods
from .confidence import wilson_interval
from .estimates import why_no_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .metric_registry import Scored

    Floats = NDArray[np.float64]

GRID_POINTS = 101
_HALF_WINDOW = 0.5  # of the slope, times the cube root of the number of negative pairs
_ROUNDING = 1e-9


def roc_band(of: Scored) -> RocBand | None:
    """Limits of the true positive rate at 101 false positive rates from 0 to 1.

    Args:
        of: The scores and their pairs.

    Returns:
        None where `why_no_interval` says so, and if all scores are equal.
    """
    labels = of.sample.labels
    if why_no_interval(of.sample) or not np.ptp(of.scores):
        return None
    grid = np.linspace(0.0, 1.0, GRID_POINTS)
    positive, negative = np.sort(of.scores[labels]), np.sort(of.scores[~labels])
    design_effect = of.auc_spread.design_effect
    found = _found(positive, negative, grid)
    half = _HALF_WINDOW * negative.size ** (-1 / 3)
    before, after = np.maximum(grid - half, 0), np.minimum(grid + half, 1)
    slope = (_found(positive, negative, after) - _found(positive, negative, before)) / (after - before)
    share = found * (1 - found)
    variance = share / positive.size + slope**2 * grid * (1 - grid) / negative.size
    independent = np.divide(share, variance, out=np.full_like(share, positive.size), where=share > 0)
    limits = [wilson_interval(rate, n) for rate, n in zip(found, independent / design_effect, strict=True)]
    return RocBand(
        false_positive_rate=tuple(grid.round(2).tolist()),
        low=tuple(np.maximum.accumulate([low for low, _ in limits]).tolist()),
        high=tuple(np.maximum.accumulate([high for _, high in limits]).tolist()),
        method=methods.of(methods.ROC_BAND, of.sample.related_by),
    )


def _found(positive: Floats, negative: Floats, rates: Floats) -> Floats:
    """Share of the positive scores above the cut that these shares of the negative ones pass, (G,).

    Args:
        positive: (n1,) sorted.
        negative: (n0,) sorted.
        rates: (G,) false positive rates.
    """
    passed = np.floor(rates * negative.size + _ROUNDING).astype(np.intp)
    cuts = np.append(negative[::-1], -np.inf)[passed]
    return 1 - np.searchsorted(positive, cuts, side="right") / positive.size
