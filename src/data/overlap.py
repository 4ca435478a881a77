"""Overlap of eval with train: pairs in any order and texts, both normalised and without the speaker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .normalisation import is_in, pair_keys
from .text_table import side_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..models import PairSet

    Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SplitOverlap:
    """What the N eval pairs have in common with train."""

    deduplicated: Mask  # (N,) pairs that train does not hold
    text_disjoint: Mask  # (N,) pairs without a text of train


def split_overlap(train: PairSet, other: PairSet) -> SplitOverlap:
    """Both masks, in O(N): normalised, a pair in any order, a text on any side."""
    (train_1, train_2), (other_1, other_2) = side_keys(train), side_keys(other)
    texts = np.concatenate([train_1, train_2])
    return SplitOverlap(
        deduplicated=~is_in(pair_keys(other_1, other_2), pair_keys(train_1, train_2)),
        text_disjoint=~(is_in(other_1, texts) | is_in(other_2, texts)),
    )
