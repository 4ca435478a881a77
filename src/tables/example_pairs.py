"""A few pairs to look at: right, confidently wrong, and the failures on the challenge set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..core.formatting import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..models import PairSet

    Kind = Literal["right", "wrong", "challenge"]

EACH = 2
TEXT_CHARACTERS = 300
RULE = (
    "Of each kind the two pairs whose cosine lies farthest from the threshold, one of each label where there are both."
)


@dataclass(frozen=True, eq=False)
class ScoredPairs:
    """N pairs with the cosines of the reference and of the candidate, (N,) each."""

    pairs: PairSet
    before: NDArray[np.float64]
    after: NDArray[np.float64]


@dataclass(frozen=True)
class ExamplePair:
    """One pair as it is shown.

    Attributes:
        kind: Whether the candidate is right or wrong about it; `challenge` is wrong about a pair of the challenge set.
        place: Where the pair stands, as FILE:LINE.
        label: The word for its label.
        called: The word for what the candidate takes it for.
        text_1: Its first text, cut at 300 characters.
        text_2: Its second text.
        before: Cosine of the reference.
        after: Cosine of the candidate.
    """

    kind: Kind
    place: str
    label: str
    called: str
    text_1: str
    text_2: str
    before: float
    after: float


def example_pairs(test: ScoredPairs, challenge: ScoredPairs | None, threshold: float) -> tuple[ExamplePair, ...]:
    """At most two pairs of each kind, by `RULE`; of equal ones the first in the file.

    Args:
        test: The eval pairs.
        challenge: The pairs of the challenge set; None where there is none.
        threshold: The candidate's operating threshold; from it on a pair is called positive.
    """
    found = [*_farthest(test, threshold, "right"), *_farthest(test, threshold, "wrong")]
    if challenge is not None:
        found += _farthest(challenge, threshold, "challenge")
    return tuple(found)


def _farthest(scored: ScoredPairs, threshold: float, kind: Kind) -> Sequence[ExamplePair]:
    positive = scored.pairs.labels == 1
    wanted = ((scored.after >= threshold) == positive) == (kind == "right")
    distance = np.abs(scored.after - threshold)
    order = np.flatnonzero(wanted)[np.argsort(-distance[wanted], kind="stable")]
    first = [int(rows[0]) for rows in (order[positive[order]], order[~positive[order]]) if rows.size]
    rows = list(dict.fromkeys([*first, *order.tolist()]))[:EACH]
    return [_shown(scored, row, threshold, kind) for row in rows]


def _shown(scored: ScoredPairs, row: int, threshold: float, kind: Kind) -> ExamplePair:
    pairs = scored.pairs
    words = {True: pairs.words.positive, False: pairs.words.negative}
    return ExamplePair(
        kind=kind,
        place=pairs.place(row),
        label=words[bool(pairs.labels[row])],
        called=words[bool(scored.after[row] >= threshold)],
        text_1=cut(pairs.text_1[row], TEXT_CHARACTERS),
        text_2=cut(pairs.text_2[row], TEXT_CHARACTERS),
        before=float(scored.before[row]),
        after=float(scored.after[row]),
    )
