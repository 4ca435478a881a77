"""Metrics with their 95 % intervals and differences of two models, in the same way for every number and slice.

Each interval starts from influence values (`influence.py`) and their variance (`variance.py`), which allows for texts
that several pairs share. `metric_registry.py` says on which scale a metric gets its interval, and which second one is
right near the ends of its range; the wider of the two counts, end by end.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from weakref import WeakKeyDictionary

import numpy as np

from ..metrics import validated
from ..models import Estimate, PairedDifference
from ..wording import intervals as methods
from ..wording import reasons
from .confidence import Interval, Scale, mover_interval
from .metric_registry import AUC, SPEARMAN_OF_GRADES, Scored, metrics_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from .metric_registry import Metric
    from .variance import Sample, Spread

MIN_PER_LABEL = 5
MIN_GRADED = 20
MIN_TEXTS = 30
MIN_CLUSTERS = 10
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class _Measured:
    """A metric of one set of scores, and what its interval is made of."""

    value: float
    influence: NDArray[np.float64]  # (N,)
    spread: Spread
    interval: Interval | None


def scored(scores: ArrayLike, sample: Sample, threshold: float | None = None) -> Scored:
    """Scores of the pairs of a sample.

    Args:
        scores: (N,), finite; higher means label 1.
        sample: The N pairs.
        threshold: The operating threshold, which was fixed before; without it there is no F1.

    Raises:
        ValueError: See `metrics.validated`.
    """
    values, _ = validated(scores, sample.labels)
    return Scored(values, sample, threshold)


def estimates(of: Scored) -> tuple[Estimate, ...]:
    """Each metric that has an interval, with it or with the reason why there is none."""
    return tuple(estimate(metric, of) for metric in _with_interval(of.sample))


def _with_interval(sample: Sample) -> list[Metric]:
    found = metrics_of(graded=sample.grades is not None, labelled=sample.has_labels)
    return [metric for metric in found if metric.influence]


def ranking_metric(sample: Sample) -> Metric:
    """What models are compared by: the AUC, or Spearman's correlation with graded labels."""
    return AUC if sample.grades is None else SPEARMAN_OF_GRADES


def estimate(metric: Metric, of: Scored) -> Estimate:
    """One metric with its interval."""
    value = metric.compute(of) if metric.compute else None
    if value is None:
        return Estimate(name=metric.name, value=None, reason=reasons.UNDEFINED)
    reason = why_no_interval(of.sample, of_grades=metric.of_grades) or (metric.why_none(of) if metric.why_none else "")
    found = None if reason else _measured(metric, of)
    if found is None:
        return Estimate(name=metric.name, value=value, reason=reason or reasons.NO_SPREAD)
    if found.interval is None or found.interval.high - found.interval.low <= ROUNDING:
        return Estimate(name=metric.name, value=value, reason=reasons.NO_SPREAD)
    low, high = found.interval
    return Estimate(
        name=metric.name, value=value, low=low, high=high, method=methods.of(metric.method, of.sample.related_by)
    )


def auc_estimate(scores: ArrayLike, sample: Sample) -> Estimate:
    """The AUC with its interval.

    Args:
        scores: (N,), finite; higher means label 1.
        sample: The N pairs.

    Raises:
        ValueError: See `metrics.validated`.
    """
    return estimate(AUC, scored(scores, sample))


def why_no_interval(sample: Sample, *, of_grades: bool = False) -> str:
    """Why no interval of these pairs would hold; empty if one would.

    Args:
        sample: The pairs.
        of_grades: Whether it is about graded labels, not about two labels.
    """
    if of_grades and sample.labels.size < MIN_GRADED:
        return reasons.too_few_graded(MIN_GRADED)
    if not of_grades and min(sample.n_positive, sample.n_negative) < MIN_PER_LABEL:
        return reasons.too_few_of_a_label(MIN_PER_LABEL)
    if sample.effective_texts < MIN_TEXTS:
        return reasons.too_few_texts(MIN_TEXTS, sample.n_texts, sample.effective_texts)
    if sample.clusters is not None and sample.effective_clusters < MIN_CLUSTERS:
        return reasons.too_few_clusters(MIN_CLUSTERS, sample.n_clusters, sample.effective_clusters)
    return ""


def differences(ours: Scored, theirs: Scored, model: str, against: str) -> tuple[PairedDifference, ...]:
    """Each metric of a model minus that of other scores of the same pairs, with the interval of the difference.

    Args:
        ours: Scores of the model.
        theirs: What is subtracted.
        model: Name of the model.
        against: Name of the other.
    """
    return tuple(difference(metric, ours, theirs, model, against) for metric in _with_interval(ours.sample))


def difference(metric: Metric, ours: Scored, theirs: Scored, model: str, against: str) -> PairedDifference:
    """One metric of a model minus that of other scores of the same pairs."""
    reason = why_no_interval(ours.sample, of_grades=metric.of_grades)
    found = None if reason else _difference(metric, ours, theirs)
    if found is None:
        sides = (metric.compute(of) for of in (ours, theirs) if metric.compute)
        value, other = (*sides, None, None)[:2]
        return PairedDifference(
            model=model,
            against=against,
            metric=metric.name,
            value=None if value is None or other is None else value - other,
            outcome="not estimable",
        )
    # equal rankings may differ in the last bit
    value, low, high = (0.0 if abs(number) <= ROUNDING else number for number in (found[0], *found[1]))
    return PairedDifference(
        model=model,
        against=against,
        metric=metric.name,
        value=value,
        low=low,
        high=high,
        outcome=outcome(low, high) if metric.higher_is_better else outcome(-high, -low),
        method=methods.of(
            methods.difference(metric.method, plain=metric.scale is Scale.IDENTITY), ours.sample.related_by
        ),
    )


def ranking_difference(
    scores: ArrayLike, others: ArrayLike, sample: Sample, model: str, against: str
) -> PairedDifference:
    """What `auc_difference` gives, of the metric that models are compared by."""
    return difference(ranking_metric(sample), scored(scores, sample), scored(others, sample), model, against)


def auc_difference(scores: ArrayLike, others: ArrayLike, sample: Sample, model: str, against: str) -> PairedDifference:
    """A model's AUC minus that of other scores of the same pairs, on any scale.

    Args:
        scores: (N,) of the model.
        others: (N,) to compare with.
        sample: The N pairs.
        model: Name of the model.
        against: Name of the other scores.
    """
    return difference(AUC, scored(scores, sample), scored(others, sample), model, against)


def outcome(low: float, high: float) -> Literal["better", "worse", "not distinguishable"]:
    """What the 95 % interval of a difference says about a metric where higher is better."""
    if low > 0:
        return "better"
    return "worse" if high < 0 else "not distinguishable"


# Scores that are measured and then compared keep what was found as long as they live.
_FOUND: WeakKeyDictionary[Scored, dict[str, _Measured | None]] = WeakKeyDictionary()


def influence_of(metric: Metric, of: Scored) -> NDArray[np.float64] | None:
    """(N,) influence values of a metric; None where it is not defined."""
    found = _measured(metric, of)
    return None if found is None else found.influence


def _measured(metric: Metric, of: Scored) -> _Measured | None:
    """A metric with its interval; None where it is not defined."""
    found = _FOUND.setdefault(of, {})
    if metric.name not in found:
        found[metric.name] = _measure(metric, of)
    return found[metric.name]


def _measure(metric: Metric, of: Scored) -> _Measured | None:
    known = _FOUND.get(of.same, {}).get(metric.name) if of.same else None
    value, influence = (known.value, known.influence) if known else _value_and_influence(metric, of)
    if value is None or influence is None:
        return None
    spread = of.sample.spread(influence, by_label=not metric.of_grades)
    interval = metric.scale.interval(value, spread)
    second = metric.near_end(value, of, spread) if metric.near_end else None
    if second is not None:
        interval = second if interval is None else interval.wider(second)
    return _Measured(value, influence, spread, interval)


def _value_and_influence(metric: Metric, of: Scored) -> tuple[float | None, NDArray[np.float64] | None]:
    value = metric.compute(of) if metric.compute else None
    return value, metric.influence(of) if metric.influence else None


def _difference(metric: Metric, ours: Scored, theirs: Scored) -> tuple[float, Interval] | None:
    one, other = _measured(metric, ours), _measured(metric, theirs)
    if one is None or other is None or one.interval is None or other.interval is None:
        return None
    if metric.why_none and any(metric.why_none(of) for of in (ours, theirs)):
        return None
    value = one.value - other.value
    spread = ours.sample.spread(one.influence - other.influence, by_label=not metric.of_grades)
    if metric.scale is Scale.IDENTITY:
        interval = Scale.IDENTITY.interval(value, spread)
        return None if interval is None else (value, interval)
    rho = _correlation(one.spread.variance, other.spread.variance, spread.variance)
    if metric.varies_like:
        rho = min(rho, _correlation_of(ours.sample, metric.varies_like(ours), metric.varies_like(theirs)))
    return value, mover_interval(one.value, one.interval, other.value, other.interval, rho)


def _correlation_of(sample: Sample, one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return _correlation(*(sample.spread(influence).variance for influence in (one, other, one - other)))


def _correlation(one: float, other: float, of_difference: float) -> float:
    """Correlation of two errors from their variances and that of their difference; 0 where one does not vary."""
    product = math.sqrt(one * other)
    return float(np.clip((one + other - of_difference) / (2 * product), -1.0, 1.0)) if product else 0.0
