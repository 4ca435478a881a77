"""How a training moved each pair among all pairs: the percentile of its cosine before and after.

A percentile needs no threshold, so a movement says something also where a threshold accepts every pair or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..models import PairSet

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


def decides_nothing(accepted: int, n: int) -> bool:
    """Whether a threshold calls all pairs the same, so that right and wrong say nothing of a training.

    Args:
        accepted: Pairs that it accepts.
        n: All pairs.
    """
    return accepted in (0, n)
