"""The slices of the test pairs that a decision can be about: those cleaned of train, and those that a user may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..audit.framework import AuditFile, FilePair
from ..audit.near_duplicates import near_copies
from ..core.errors import UserInputError, printable
from ..core.paths import CHALLENGE
from ..data.label_conflicts import contradicted_pairs
from ..models import CLEAN, DEDUPLICATED, TEXT_DISJOINT, Split
from .decision import MIN_OF_A_LABEL, MIN_PAIRS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from ..data.overlap import SplitOverlap
    from ..models import Evaluation, PairSet

    Rows = NDArray[np.intp]

# the cleanest first; the decision takes the first that is large enough
CLEANED = (CLEAN, TEXT_DISJOINT, DEDUPLICATED)
_MOST_NAMED = 8
_NAME_LIMIT = 60


def slices_of(sets: Mapping[Split, PairSet], overlap: SplitOverlap) -> dict[Split, dict[str, Rows]]:
    """Rows by slice of the test pairs, the cleanest slice first, and of the challenge set as a whole.

    Args:
        sets: The pairs of each split.
        overlap: What the test pairs have in common with train.
    """
    held_out = sets[Split.TEST]
    slices = {Split.TEST: cleaned_slices(sets[Split.TRAIN], held_out, overlap) | named_slices(held_out)}
    if Split.CHALLENGE in sets:
        slices[Split.CHALLENGE] = {CHALLENGE: np.arange(len(sets[Split.CHALLENGE]))}
    return slices


def cleaned_slices(train: PairSet, held_out: PairSet, overlap: SplitOverlap) -> dict[str, Rows]:
    """Rows of the test pairs by slice, the cleanest slice first; none holds a pair with two labels.

    Near-duplicates are those that the audit finds, which examines a sample of more than 20,000 pairs.

    Args:
        train: Pairs that the models were trained on.
        held_out: The N test pairs.
        overlap: What they have in common with train.
    """
    split = FilePair(AuditFile(Split.TRAIN, train), AuditFile(Split.TEST, held_out))
    known = ~contradicted_pairs(split.target.keys, held_out)
    apart = np.ones(len(held_out), dtype=np.bool_)
    apart[near_copies(split).rows] = False
    masks = (overlap.text_disjoint & apart, overlap.text_disjoint, overlap.deduplicated)
    return {name: np.flatnonzero(mask & known) for name, mask in zip(CLEANED, masks, strict=True)}


def named_slices(pairs: PairSet) -> dict[str, Rows]:
    """Rows of the pairs of each category and pair type that is large enough for a test, as COLUMN=VALUE."""
    return large_slices(pairs, pairs.slices)


def large_slices(pairs: PairSet, columns: Mapping[str, Sequence[str]]) -> dict[str, Rows]:
    """Rows of the pairs of each value that is large enough for a test, as COLUMN=VALUE.

    Args:
        pairs: N pairs.
        columns: N values each, by name.
    """
    found: dict[str, Rows] = {}
    for column, values in columns.items():
        rows: dict[str, list[int]] = {}
        for row, value in enumerate(values):
            rows.setdefault(value, []).append(row)
        for value in sorted(rows):
            labels = pairs.labels[rows[value]]
            ones = int(labels.sum(dtype=np.int64))
            if len(labels) >= MIN_PAIRS and min(ones, len(labels) - ones) >= MIN_OF_A_LABEL:
                found[f"{column}={value}"] = np.array(rows[value], dtype=np.intp)
    return found


def group_sizes(evaluation: Evaluation) -> dict[str, tuple[int, int]]:
    """Pairs, and pairs of label 1, of every slice that `--must-hold` may name."""
    words = evaluation.eval_data.words
    columns = {words.category: evaluation.by_category, words.pair_type: evaluation.by_pair_type}
    return {f"{c}={group.name}": (group.n, group.n_compatible) for c, groups in columns.items() for group in groups}


def refuse_unknown_slices(names: Sequence[str], known: Mapping[str, object]) -> None:
    """Refuse a slice that is not there.

    Raises:
        UserInputError: The first name that is none of `known`.
    """
    for name in names:
        if name not in known:
            raise UserInputError(
                f"--must-hold {printable(name, _NAME_LIMIT)}: no such slice; there is {', '.join(_some(known))}"
            )


def _some(known: Mapping[str, object]) -> Iterator[str]:
    for place, name in enumerate(known):
        if place == _MOST_NAMED:
            yield f"and {len(known) - place} more"
            return
        yield printable(name, _NAME_LIMIT)
