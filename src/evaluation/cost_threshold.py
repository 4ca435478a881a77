"""Thresholds by costs: call a pair compatible where its probability is worth the risk of a false positive.

The probability is that of a logistic regression of the label on the cosine (`metrics.calibration`), which was fitted on
other pairs than those that the threshold is measured on. With a base rate, the share of positive pairs in use, its
log-odds move by the difference of the log-odds of both shares, and costs weigh the rates of mistakes by the base rate.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ..metrics import threshold_metrics
from ..models import CostThreshold, CostThresholds
from ..wording import cost_threshold as wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from ..models import Calibration, Costs, ThresholdMetrics

Counts = TypeVar("Counts", float, "NDArray[np.float64]")

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
    intercept = calibration.intercept + _shift(calibration, costs)
    return min(HIGHEST, max(LOWEST, (log_odds - intercept) / calibration.slope))


def _shift(calibration: Calibration, costs: Costs) -> float:
    """Log-odds of a positive pair in use, minus those among the pairs that were fitted."""
    if costs.base_rate is None:
        return 0.0
    fitted = calibration.n_compatible / calibration.n
    return math.log(costs.base_rate / (1 - costs.base_rate)) - math.log(fitted / (1 - fitted))


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
    positives = int(np.count_nonzero(labels))
    negatives = np.size(labels) - positives
    return CostThresholds(
        costs=costs,
        accept_all=cost_of(0, negatives, positives, negatives, costs),
        reject_all=cost_of(positives, 0, positives, negatives, costs),
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
    positives = point.true_positives + point.false_negatives
    negatives = point.false_positives + point.true_negatives
    return cost_of(point.false_negatives, point.false_positives, positives, negatives, costs)


def cost_of(missed: Counts, alarms: Counts, positives: int, negatives: int, costs: Costs) -> Counts:
    """Mean cost a pair, at one threshold or at each of T.

    Args:
        missed: Positive pairs that are called negative, a number or (T,).
        alarms: Negative pairs that are called positive, the same.
        positives: All positive pairs.
        negatives: All negative pairs.
        costs: Of a wrong call.
    """
    if costs.base_rate is None:
        return (costs.false_positive * alarms + costs.false_negative * missed) / (positives + negatives)
    # a label that no pair has is never called wrong
    of_missed = costs.false_negative * missed / max(positives, 1)
    of_alarms = costs.false_positive * alarms / max(negatives, 1)
    return costs.base_rate * of_missed + (1 - costs.base_rate) * of_alarms
