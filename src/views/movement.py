"""How a training moved each pair among all pairs: the percentile of its cosine before and after.

A percentile needs no threshold, so a movement says something also where a threshold accepts every pair or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..models import Evaluation, PairSet, ThresholdMetrics

FAR = 10.0  # percentile points
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Movement:
    """Percentiles of N pairs before and after a training, 0 to 100.

    Attributes:
        model: Artifact name.
        before: (N,) of the base model's cosines.
        after: (N,) of the model's.
        wanted: (N,) where a perfect model would put each pair: 100 for a positive pair, 0 for a negative one; with
            grades the percentile of its grade.
    """

    model: str
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    wanted: NDArray[np.float64]

    @cached_property
    def way(self) -> NDArray[np.int8]:
        """(N,) 1 for a pair that came nearer to where it belongs, -1 for one that went away, 0 for one that stayed."""
        nearer = np.abs(self.before - self.wanted) - np.abs(self.after - self.wanted)
        return np.where(np.abs(nearer) < _ROUNDING, 0, np.sign(nearer)).astype(np.int8)

    @property
    def far(self) -> NDArray[np.bool_]:
        """(N,) whether a pair moved by 10 percentile points or more."""
        return np.abs(self.after - self.before) >= FAR


def movement(model: str, before: NDArray[np.float64], after: NDArray[np.float64], pairs: PairSet) -> Movement:
    """How each pair moved.

    Args:
        model: Artifact name.
        before: (N,) cosines of the base model.
        after: (N,) cosines of the model.
        pairs: The N pairs.
    """
    wanted = percentiles(pairs.grades) if pairs.grades is not None else pairs.labels.astype(np.float64) * 100
    return Movement(model, percentiles(before), percentiles(after), wanted)


def percentiles(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) the share of the values below each one, and half of those that equal it, in percent."""
    from scipy.stats import rankdata  # noqa: PLC0415 - slow to import; `status` needs none

    ranks: NDArray[np.float64] = (rankdata(values) - 0.5) * (100.0 / max(values.size, 1))
    return ranks


def movement_alone_tells(evaluations: Sequence[Evaluation]) -> bool:
    """Whether a model has no operating threshold, or one that calls all pairs the same.

    Right and wrong then say nothing of a training: where the base model accepts every pair, a pair is "fixed" by being
    rejected, whatever else the training did.
    """
    return any(_decides_nothing(one.operating_point) for one in evaluations)


def _decides_nothing(point: ThresholdMetrics | None) -> bool:
    if point is None:
        return True
    accepted = point.true_positives + point.false_positives
    return 0 in (accepted, point.false_negatives + point.true_negatives)
