"""95 % intervals of metrics and of their paired differences, by resampling the pairs.

Percentile bootstrap (Efron & Tibshirani 1993, chapter 13), stratified by label: 2,000 resamples up to 20,000 pairs.
Beyond that the number falls as N grows, to 200 from 200,000 pairs on, where the ends of an interval still lie within
about a tenth of its width. The metrics come from `metric_registry`, in its order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .. import metrics
from ..models import Estimate, PairedDifference
from ..wording import intervals as methods
from ..wording import reasons
from .intervals import MIN_PER_LABEL, ROUNDING, outcome, perfect_separation_bound
from .metric_registry import METRICS, measured, resampled
from .resamples import Resamples, at, enough_of_each, method_text, ranked_scores, resample_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from .metric_registry import Metric
    from .resamples import RankedScores

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

_RESAMPLED = tuple(metric for metric in METRICS if metric.resample)


def bootstrap_estimates(
    scores: ArrayLike, labels: ArrayLike, threshold: float | None, seed: int
) -> tuple[Estimate, ...]:
    """Metrics with their 95 % intervals.

    With perfect separation every resample has an AUC of 1, so the intervals of AUC and Spearman come from an exact
    bound. No other interval of these two is narrower towards 0 or 1 than that bound.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.
        threshold: Threshold of the F1, not fitted again on a resample; None leaves the F1 undefined.
        seed: Of the resamples; the same seed and labels give the same resamples.

    Returns:
        One estimate for each metric that is resampled. It has a reason and no interval if the metric is undefined, a
        label has fewer than 5 pairs, every resample gives the same number, or the value lies outside its interval.

    Raises:
        ValueError: See `metrics.validated`.
    """
    values, compatible = metrics.validated(scores, labels)
    found = measured(values, compatible, threshold)
    if not enough_of_each(compatible):
        return tuple(_without_interval(metric, found[metric.name]) for metric in _RESAMPLED)
    (columns,) = _on_resamples([ranked_scores(values, compatible, threshold)], compatible, seed)
    method = method_text(values.size, seed)
    n_positive = int(np.count_nonzero(compatible))
    bound = perfect_separation_bound(min(n_positive, values.size - n_positive))
    estimates = (_estimate(metric, found[metric.name], columns[metric.name], method) for metric in _RESAMPLED)
    return tuple(_no_narrower_than_perfect(estimate, found["auc_roc"], bound) for estimate in estimates)


def bootstrap_differences(
    scores: ArrayLike,
    base_scores: ArrayLike,
    labels: ArrayLike,
    *,
    threshold: float | None,
    base_threshold: float | None,
    seed: int,
    model: str,
) -> tuple[PairedDifference, ...]:
    """A model's metrics minus the baseline's, with the 95 % intervals of the paired differences.

    Both models are measured on the same resamples, so that what is hard or easy for both cancels out.

    Args:
        scores: (N,) cosines of the model.
        base_scores: (N,) cosines of the baseline on the same pairs.
        labels: (N,) 0 or 1.
        threshold: The model's threshold of the F1, not fitted again on a resample, or None.
        base_threshold: The baseline's.
        seed: Of the resamples.
        model: Name of the model.

    Returns:
        One difference for each metric that is resampled.

    Raises:
        ValueError: See `metrics.validated`.
    """
    values, compatible = metrics.validated(scores, labels)
    base_values, _ = metrics.validated(base_scores, labels)
    found = measured(values, compatible, threshold)
    base = measured(base_values, compatible, base_threshold)
    columns: dict[str, Floats] = {}
    if enough_of_each(compatible):
        both = [ranked_scores(values, compatible, threshold), ranked_scores(base_values, compatible, base_threshold)]
        ours, theirs = _on_resamples(both, compatible, seed)
        columns = {name: ours[name] - theirs[name] for name in ours}
    method = method_text(values.size, seed)
    return tuple(
        _difference(model, metric, _minus(found[metric.name], base[metric.name]), columns.get(metric.name), method)
        for metric in _RESAMPLED
    )


def _on_resamples(models: Sequence[RankedScores], compatible: Booleans, seed: int) -> list[dict[str, Floats]]:
    """Metrics of each model on the same B resamples: for each model its metrics by name, each (B,)."""
    blocks: list[list[dict[str, Floats]]] = [[] for _ in models]
    for positive, negative in resample_weights(compatible, seed):
        for model, done in zip(models, blocks, strict=True):
            block = Resamples(at(positive, model.positive_order), at(negative, model.negative_order), model)
            done.append(resampled(block))
    return [{name: np.concatenate([block[name] for block in done]) for name in done[0]} for done in blocks]


# --- results --------------------------------------------------------------------------------------------


def _without_interval(metric: Metric, value: float | None) -> Estimate:
    reason = reasons.UNDEFINED if value is None else reasons.too_few_of_a_label(MIN_PER_LABEL)
    return Estimate(name=metric.name, value=value, reason=reason)


def _estimate(metric: Metric, value: float | None, column: Floats, method: str) -> Estimate:
    ends = None if value is None else _interval(column)
    if value is None or ends is None:
        return Estimate(name=metric.name, value=value, reason=reasons.UNDEFINED)
    low, high = ends
    if high - low <= ROUNDING:
        return Estimate(name=metric.name, value=value, reason=reasons.NO_SPREAD)
    if not _holds(low, value, high):
        return Estimate(name=metric.name, value=value, reason=reasons.SHIFTED)
    return Estimate(name=metric.name, value=value, low=low, high=high, method=method)


def _no_narrower_than_perfect(estimate: Estimate, auc: float | None, bound: float) -> Estimate:
    """AUC and Spearman with ends no nearer to 0 and 1 than those of perfect separation.

    Args:
        estimate: Any estimate; those of other metrics are returned unchanged.
        auc: The AUC itself.
        bound: `perfect_separation_bound` of the file.
    """
    if estimate.value is None or auc is None or estimate.name not in {"auc_roc", "spearman_correlation"}:
        return estimate
    if auc in {0, 1}:
        low, high = (bound, 1.0) if auc else (0.0, 1 - bound)
        low, high = (_as_metric(estimate, end, auc) for end in (low, high))
        return estimate.model_copy(update={"low": low, "high": high, "method": methods.PERFECT, "reason": ""})
    if estimate.low is None or estimate.high is None:
        return estimate
    low = min(estimate.low, _as_metric(estimate, bound, auc))
    high = max(estimate.high, _as_metric(estimate, 1 - bound, auc))
    if (low, high) == (estimate.low, estimate.high):
        return estimate
    return estimate.model_copy(update={"low": low, "high": high, "method": methods.near_perfect(estimate.method)})


def _as_metric(estimate: Estimate, end: float, auc: float) -> float:
    """An AUC converted to the metric of an estimate: Spearman is 2 AUC - 1 times a factor that depends on the ties."""
    if estimate.name == "auc_roc" or estimate.value is None:
        return end
    return (2 * end - 1) * (estimate.value / (2 * auc - 1) if auc != 0.5 else 1.0)  # noqa: PLR2004 - chance


def _minus(value: float | None, base: float | None) -> float | None:
    return None if value is None or base is None else value - base


def _difference(
    model: str, metric: Metric, value: float | None, column: Floats | None, method: str
) -> PairedDifference:
    ends = None if value is None or column is None else _interval(column)
    if value is None or ends is None or ends[1] - ends[0] <= ROUNDING or not _holds(ends[0], value, ends[1]):
        return PairedDifference(model=model, metric=metric.name, value=value, outcome="not estimable")
    low, high = ends
    return PairedDifference(
        model=model,
        metric=metric.name,
        value=value,
        low=low,
        high=high,
        outcome=outcome(low, high) if metric.higher_is_better else outcome(-high, -low),
        method=method,
    )


def _holds(low: float, value: float, high: float) -> bool:
    """Whether an interval holds a value, up to rounding: the two are computed in different ways."""
    return low - ROUNDING <= value <= high + ROUNDING


def _interval(column: Floats) -> tuple[float, float] | None:
    """2.5th and 97.5th percentile; resamples where the metric is undefined are left out."""
    defined = column[np.isfinite(column)]
    if not defined.size:
        return None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)
