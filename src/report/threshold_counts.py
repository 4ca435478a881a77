"""True and false positives at every threshold in steps of 0.001, exact at any N: what the threshold slider reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..metrics import validated

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

STEPS = 1_000


@dataclass(frozen=True, eq=False)
class ThresholdCounts:
    """Pairs that are called compatible at the thresholds -1.000, -0.999, ... 1.000, of each label."""

    true_positives: NDArray[np.int64]  # (2001,)
    false_positives: NDArray[np.int64]  # (2001,)
    n_compatible: int
    n_incompatible: int


def threshold_counts(scores: ArrayLike, labels: ArrayLike) -> ThresholdCounts:
    """Count at every threshold, in O(N log N); a pair is called compatible when its score is at least the threshold.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.

    Raises:
        ValueError: See `metrics.validated`.
    """
    values, compatible = validated(scores, labels)
    high, low = np.sort(values[compatible]), np.sort(values[~compatible])
    # k / 1000 is the nearest float to each threshold, here and in the browser alike
    thresholds = np.arange(-STEPS, STEPS + 1) / STEPS
    return ThresholdCounts(
        true_positives=high.size - np.searchsorted(high, thresholds, side="left"),
        false_positives=low.size - np.searchsorted(low, thresholds, side="left"),
        n_compatible=high.size,
        n_incompatible=low.size,
    )
