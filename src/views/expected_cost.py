"""What the calls of a model cost at each threshold, by the costs of its mistakes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.cost_threshold import cost_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ..models import Costs, CostThreshold, CostThresholds

    Floats = NDArray[np.float64]

_HUNDREDTHS = 100


@dataclass(frozen=True, eq=False)
class CostCurve:
    """Expected cost a pair of one model on the pairs that are looked at.

    Attributes:
        position: Place of the model among all models of the page.
        chosen: The threshold that the costs ask for, fitted on other pairs, and what it costs on these.
        thresholds: (T,) hundredths, ascending.
        cost: (T,) mean cost a pair, in the unit of the costs.
    """

    position: int
    chosen: CostThreshold
    thresholds: Floats
    cost: Floats


def cost_curves(found: CostThresholds, scores: Mapping[str, Floats], labels: NDArray[np.int8]) -> tuple[CostCurve, ...]:
    """The curve of each model, over the thresholds that lie among the cosines of any of them.

    Args:
        found: Costs, and the thresholds that they ask for.
        scores: By artifact name, in the order of the page, cosines of the N pairs, (N,).
        labels: Of these pairs, 0 or 1, (N,).
    """
    known = [scores[one.model] for one in found.models]
    thresholds, positions = _thresholds(known), list(scores)
    return tuple(
        CostCurve(positions.index(one.model), one, thresholds, _cost(thresholds, own, labels == 1, found.costs))
        for one, own in zip(found.models, known, strict=True)
    )


def _thresholds(scores: Sequence[Floats]) -> Floats:
    """From one that accepts all pairs to one that rejects all."""
    low = int(np.floor(min(one.min() for one in scores) * _HUNDREDTHS)) - 1
    high = int(np.ceil(max(one.max() for one in scores) * _HUNDREDTHS)) + 1
    return np.arange(max(low, -_HUNDREDTHS), min(high, _HUNDREDTHS) + 1) / _HUNDREDTHS


def _cost(thresholds: Floats, scores: Floats, positive: NDArray[np.bool_], costs: Costs) -> Floats:
    positives, negatives = int(np.count_nonzero(positive)), int(np.count_nonzero(~positive))
    missed = np.searchsorted(np.sort(scores[positive]), thresholds, side="left").astype(np.float64)
    rejected = np.searchsorted(np.sort(scores[~positive]), thresholds, side="left").astype(np.float64)
    return cost_of(missed, negatives - rejected, positives, negatives, costs)
