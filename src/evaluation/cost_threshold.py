"""Thresholds by costs: call a pair compatible where its probability is worth the risk of a false positive.

The probability is that of a logistic regression of the label on the cosine (`metrics.calibration`), which was fitted on
other pairs than those that the threshold is measured on.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..metrics import threshold_metrics
from ..models import CostThreshold, CostThresholds
from ..wording import cost_threshold as wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from ..models import Calibration, Costs, ThresholdMetrics

# below and above every cosine: all pairs, or none, are called compatible
LOWEST, HIGHEST = -1.001, 1.001


def cost_threshold(calibration: Calibration, costs: Costs) -> float | None:
    """The cosine from which on a pair's probability is at least c_FP / (c_FP + c_FN).

    Args:
        calibration: Of the model.
        costs: Of a wrong call.

    Returns:
        -1.001 to 1.001; None where the slope's 95 % interval holds 0 or lies below it.
    """
    if not (calibration.slope_low is not None and calibration.slope_low > 0):
        return None
    if calibration.slope is None or calibration.intercept is None:
        return calibration.separated_at
    log_odds = math.log(costs.false_positive) - math.log(costs.false_negative)
    return min(HIGHEST, max(LOWEST, (log_odds - calibration.intercept) / calibration.slope))


def cost_thresholds(
    calibrations: Mapping[str, Calibration | None],
    scores: Mapping[str, NDArray[np.float64]],
    labels: ArrayLike,
    costs: Costs,
) -> CostThresholds:
    """The threshold of each model and what it costs.

    Args:
        calibrations: By artifact name; a model without one is left out.
        scores: By artifact name, cosines of the N eval pairs, (N,).
        labels: Of these pairs, 0 or 1, (N,).
        costs: Of a wrong call.
    """
    everything = threshold_metrics(next(iter(scores.values())), labels, LOWEST)
    nothing = threshold_metrics(next(iter(scores.values())), labels, HIGHEST)
    return CostThresholds(
        costs=costs,
        accept_all=_cost(everything, costs),
        reject_all=_cost(nothing, costs),
        models=tuple(
            _of_model(model, found, scores[model], labels, costs)
            for model, found in calibrations.items()
            if found is not None
        ),
    )


def _of_model(
    model: str, calibration: Calibration, scores: NDArray[np.float64], labels: ArrayLike, costs: Costs
) -> CostThreshold:
    threshold = cost_threshold(calibration, costs)
    if threshold is None:
        reason = wording.why_none(calibration)
        return CostThreshold(model=model, fitted_on=calibration.fitted_on, threshold=None, reason=reason)
    point = threshold_metrics(scores, labels, threshold)
    return CostThreshold(
        model=model,
        fitted_on=calibration.fitted_on,
        threshold=threshold,
        false_positive_rate=point.false_positive_rate,
        recall=point.recall,
        cost=_cost(point, costs),
    )


def _cost(point: ThresholdMetrics, costs: Costs) -> float:
    """Mean cost a pair."""
    n = point.true_positives + point.false_positives + point.false_negatives + point.true_negatives
    return (costs.false_positive * point.false_positives + costs.false_negative * point.false_negatives) / n
