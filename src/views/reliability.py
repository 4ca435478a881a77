"""Whether pairs that a calibrated cosine gives a probability are positive as often as it says.

The probability is that of Platt's scaling (1999): the logistic regression of the label on the cosine that thresholds by
costs rest on (`metrics.calibration`). It was fitted on other pairs than those that are looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.confidence import wilson_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..models import Calibration

BINS = 10
LEAST = 20  # pairs, for two bins


@dataclass(frozen=True)
class ReliabilityBin:
    """Pairs of like probability.

    Attributes:
        predicted: Their mean probability of label 1.
        observed: Share of them with label 1.
        low: Lower end of its 95 % interval, Wilson's, which takes pairs as independent.
        high: Upper end.
        n: Pairs.
    """

    predicted: float
    observed: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Reliability:
    """Bins of equal size in ascending order, and the mean squared error of the probabilities (Brier score).

    Attributes:
        bins: At most ten; empty where there are no probabilities.
        brier: 0 is perfect.
        constant: Brier score of giving each pair the share of label 1 among these pairs.
    """

    bins: tuple[ReliabilityBin, ...] = ()
    brier: float | None = None
    constant: float | None = None


def reliability(calibration: Calibration | None, scores: NDArray[np.float64], labels: NDArray[np.int8]) -> Reliability:
    """Compare probabilities with labels.

    Args:
        calibration: Of the model; None where it has none.
        scores: (N,) its cosines.
        labels: (N,) 0 or 1.
    """
    if calibration is None or calibration.slope is None or calibration.intercept is None or labels.size < LEAST:
        return Reliability()
    from scipy.special import expit  # noqa: PLC0415 - slow to import

    found = expit(calibration.intercept + calibration.slope * scores)
    share = float(labels.mean())
    return Reliability(
        bins=tuple(_bin(found[rows], labels[rows]) for rows in _bins(found)),
        brier=float(np.mean((found - labels) ** 2)),
        constant=share * (1 - share),
    )


def _bins(probabilities: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Rows of each bin; equal probabilities stay together."""
    edges = np.quantile(probabilities, np.linspace(0, 1, BINS + 1)[1:-1])
    place = np.searchsorted(edges, probabilities)
    return [np.flatnonzero(place == number) for number in np.unique(place)]


def _bin(probabilities: NDArray[np.float64], labels: NDArray[np.int8]) -> ReliabilityBin:
    share = float(labels.mean())
    low, high = wilson_interval(share, labels.size)
    return ReliabilityBin(float(probabilities.mean()), share, low, high, labels.size)
