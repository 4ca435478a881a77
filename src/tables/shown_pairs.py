"""Which eval pairs a page draws, on its maps and in its list of pairs: all of a small file, a sample of a large one.

Every number of a page is computed on all pairs; what is drawn is only looked at.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np

from ..core import formatting as formats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..models import Evaluation, PairSet

PAIRS_ON_PAGE = 3_000
NAME_CHARACTERS = 60
MAX_NAMES = 100
RARER = "one of the rarer ones"


@dataclass(frozen=True, eq=False)
class ShownPairs:
    """M of the N pairs of a file, and what they can be filtered by."""

    pairs: PairSet
    rows: NDArray[np.int64]  # (M,), ascending
    models: tuple[str, ...]  # artifact names of the models that the list of pairs can be looked at with

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_sample(self) -> bool:
        """Whether there are pairs that are not drawn."""
        return len(self) < len(self.pairs)

    @cached_property
    def categories(self) -> list[str]:
        """Category of each drawn pair as it is shown, (M,)."""
        return self._names(self.pairs.category)

    @cached_property
    def pair_types(self) -> list[str]:
        """Pair type of each drawn pair as it is shown, (M,)."""
        return self._names(self.pairs.pair_type)

    def places(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Place of some rows of the file among the drawn pairs, -1 for a row that is not drawn; same shape."""
        found = np.minimum(np.searchsorted(self.rows, rows), max(len(self) - 1, 0))
        drawn = self.rows[found] == rows if len(self) else np.zeros(rows.shape, dtype=bool)
        places: NDArray[np.int64] = np.where(drawn, found, -1)
        return places

    def link(self, **state: str) -> str:
        """A link to the pairs of a category or pair type; empty where none of them is drawn.

        Args:
            state: What to filter by, under the names of the page's address; a `model` that cannot be chosen is left
                out.
        """
        known = {"category": self.categories, "pair_type": self.pair_types}
        wanted = {key: formats.short_name(value, NAME_CHARACTERS) for key, value in state.items()}
        if any(value not in known[key] for key, value in wanted.items() if key in known):
            return ""
        if wanted.get("model") not in self.models:
            wanted.pop("model", None)
        return "#" + urlencode(wanted)

    def _names(self, column: Sequence[str]) -> list[str]:
        names = [formats.short_name(column[row], NAME_CHARACTERS) for row in self.rows]
        kept = {name for name, _ in Counter(names).most_common(MAX_NAMES)}
        return [name if name in kept else RARER for name in names]


def shown_pairs(evaluations: Sequence[Evaluation], pairs: PairSet) -> ShownPairs:
    """All pairs up to 3,000; beyond that those that any model's map draws, at most 3,000 evenly spaced ones of them.

    Args:
        evaluations: Of the same pairs; the first is the baseline, which can be looked at alone only.
        pairs: The eval pairs.
    """
    rows = np.arange(len(pairs))
    if len(pairs) > PAIRS_ON_PAGE:
        mapped = [evaluation.projection.indices for evaluation in evaluations if evaluation.projection is not None]
        rows = np.unique(np.concatenate(mapped)) if mapped else rows
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), PAIRS_ON_PAGE)).astype(int)]
    trained = tuple(evaluation.model for evaluation in evaluations[1:])
    return ShownPairs(pairs, rows, trained)
