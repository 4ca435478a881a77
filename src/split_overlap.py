"""Which eval pairs, and which of their texts, train already holds: order-free, normalised, without the speaker."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from src.text_statistics import pair_keys, text_keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from src.models import PairSet

    Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class SplitOverlap:
    """What the N eval pairs have in common with train."""

    not_copied: Mask  # (N,) pairs that train does not hold
    no_shared_text: Mask  # (N,) pairs without a text of train


def split_overlap(train: PairSet, other: PairSet) -> SplitOverlap:
    """Both masks, in O(N)."""
    return SplitOverlap(~shared_pair_mask(train, other), ~shared_text_mask(train, other))


def shared_pair_mask(train: PairSet, other: PairSet) -> Mask:
    """Pairs of `other` that are in train, in any order, normalised; shape (N,) of `other`."""
    known = pair_keys(text_keys(train.text_1), text_keys(train.text_2))
    return np.isin(pair_keys(text_keys(other.text_1), text_keys(other.text_2)), known)


def shared_text_mask(train: PairSet, other: PairSet) -> Mask:
    """Pairs of `other` with at least one text in train, on any side, normalised; shape (N,) of `other`."""
    known = text_keys(chain(train.text_1, train.text_2))
    return np.isin(text_keys(other.text_1), known) | np.isin(text_keys(other.text_2), known)
