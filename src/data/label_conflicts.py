"""Labels that contradict each other or their category."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .normalisation import codes
from .profiles import PAIR_TYPES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..models import PairSet

    Keys = NDArray[np.uint64] | NDArray[np.int64]


# two means of a few raters of one pair differ by less, as a share of the scale
RATER_NOISE = 0.25


def contradicted(keys: Keys, labels: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Pairs whose key occurs with both labels, shape (N,)."""
    _, group = np.unique(keys, return_inverse=True)
    size, ones = np.bincount(group), np.bincount(group, weights=labels)
    return np.asarray(((ones > 0) & (ones < size))[group], dtype=np.bool_)


def contradicted_pairs(keys: Keys, pairs: PairSet) -> NDArray[np.bool_]:
    """Pairs that occur with both labels, or with grades that lie further apart than raters do, shape (N,).

    Args:
        keys: Of the texts of each pair, (N,).
        pairs: The N pairs.
    """
    if pairs.grades is None or pairs.scale is None:
        return contradicted(keys, pairs.labels)
    return grade_spreads(keys, pairs.grades) >= RATER_NOISE * (pairs.scale.high - pairs.scale.low)


def grade_spreads(keys: Keys, grades: NDArray[np.float64]) -> NDArray[np.float64]:
    """Largest less least grade of the pairs of the same key, shape (N,)."""
    _, group = np.unique(keys, return_inverse=True)
    least, largest = np.full(group.max(initial=-1) + 1, np.inf), np.full(group.max(initial=-1) + 1, -np.inf)
    np.minimum.at(least, group, grades)
    np.maximum.at(largest, group, grades)
    return np.asarray((largest - least)[group], dtype=np.float64)


def misnamed(pairs: PairSet) -> NDArray[np.bool_]:
    """Pairs whose pair type names the other label ('compatible' with 0, 'incompatible' with 1), shape (N,)."""
    promised = promised_labels(pairs)
    return np.asarray((promised >= 0) & (promised != pairs.labels), dtype=np.bool_)


def promised_labels(pairs: PairSet) -> NDArray[np.int64]:
    """The label that each pair's type names, -1 where it names none, shape (N,)."""
    coded, names = codes(pairs.pair_type)
    return np.array([_promised_label(name) for name in names], dtype=np.int64)[coded]


def _promised_label(pair_type: str) -> int:
    """The label that a known pair type names, -1 where it names none."""
    last = pair_type.rpartition("_")[2] if pair_type in PAIR_TYPES else ""
    return {"compatible": 1, "incompatible": 0}.get(last, -1)
