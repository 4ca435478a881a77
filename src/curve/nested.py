"""Nested parts of the train pairs: whole components, drawn by label, each part inside the next larger one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import NAME_LIMIT, DataFileError, UserInputError, printable
from ..core.formatting import count
from ..data.components import component_sample, largest_component, strata
from ..data.text_table import text_table
from ..workflow.context import MIN_TRAIN_PAIRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..models import PairSet

ALL = 100.0
_LEAST = 0.5  # of the pairs that a part should have


def parse_shares(text: str) -> tuple[float, ...]:
    """The shares of `--shares 10,25,50,100`, in percent, the smallest first.

    Raises:
        UserInputError: One is no number above 0 and at most 100, or is named twice.
    """
    shares = []
    for part in text.split(","):
        try:
            share = float(part)
        except ValueError:
            share = 0.0
        if not 0 < share <= ALL:
            raise UserInputError(
                f"--shares {printable(text, NAME_LIMIT)}: {printable(repr(part.strip()), NAME_LIMIT)} is no share; "
                "give percents of train above 0, such as 10,25,50,100"
            )
        shares.append(share)
    if len(set(shares)) < len(shares):
        raise UserInputError(f"--shares {printable(text, NAME_LIMIT)}: a share is named twice; name each once")
    return tuple(sorted(shares))


def nested_parts(pairs: PairSet, shares: Sequence[float], seed: int) -> list[PairSet]:
    """A part of the pairs for each share, in the order of the shares.

    Components come in random order, as long as they fit; so a part has at most the pairs of each label that its share
    asks for, and a little less where components are large.

    Args:
        pairs: All train pairs.
        shares: In percent, the smallest first.
        seed: Of the order.

    Raises:
        DataFileError: A part has less than half of the pairs that its share asks for, or too few of a label.
    """
    sides = strata(pairs)
    wanted = np.bincount(sides, minlength=2)
    part, parts = pairs, list["PairSet"]()
    for share in reversed(shares):
        if share < ALL:
            zeros, ones = (round(share / ALL * number) for number in wanted.tolist())
            chosen = component_sample(text_table(part), sides, (zeros, ones), seed)
            part, sides = part.take(np.flatnonzero(chosen)), sides[chosen]
        _refuse_small(part, sides, pairs, share)
        parts.insert(0, part)
    return parts


def _refuse_small(part: PairSet, sides: NDArray[np.int8], pairs: PairSet, share: float) -> None:
    fewest = int(np.bincount(sides, minlength=2).min())
    if len(part) < _LEAST * share / ALL * len(pairs) or fewest < MIN_TRAIN_PAIRS:
        joined = count(largest_component(text_table(pairs)))
        raise DataFileError(
            f"{pairs.path}: {share:g} % of {count(len(pairs))} pairs cannot be drawn: shared texts join up to {joined} "
            f"pairs, which stay together, and each label needs {MIN_TRAIN_PAIRS}; leave out this share"
        )
