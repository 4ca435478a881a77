"""Metrics of slices, categories and pair types."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics import has_both_labels, spearman, threshold_metrics
from ..models import Estimate, GroupMetrics
from ..wording import reasons
from .confidence import wilson_interval
from .estimates import MIN_TEXTS, estimate, scored
from .metric_registry import AUC, COHENS_D, CONCORDANCE, GRADE_SLOPE, MARGIN, SPEARMAN_OF_GRADES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from ..metrics import Floats
    from ..models import ThresholdMetrics
    from .confidence import Interval
    from .metric_registry import Scored
    from .variance import Sample


MIN_GROUP = 5


def group_metrics(name: str, scores: ArrayLike, sample: Sample, threshold: float | None) -> GroupMetrics:
    """Metrics of one slice, category or pair type.

    Counts and rates at the threshold exist for any group; margin, d, AUC and Spearman need both labels and at least 5
    pairs. The intervals are those of `estimates`; that of the false positive rate is Wilson's.

    Args:
        name: Of the group.
        scores: (N,) cosines of the group, N may be 0.
        sample: Its N pairs.
        threshold: The operating threshold; None when there is none.

    Returns:
        Undefined metrics are None, with a reason.

    Raises:
        ValueError: See `metrics.validated`.
    """
    of = scored(scores, sample, threshold)
    point = threshold_metrics(of.scores, sample.labels, threshold) if threshold is not None and of.scores.size else None
    limits = _false_positive_limits(of, point) if point else None
    graded = () if sample.grades is None else _of_grades(of)
    undecidable = _why_undecidable(sample)
    wanted = (MARGIN, COHENS_D, AUC)
    margin, effect, auc = (
        Estimate(name=metric.name, value=None) if undecidable else estimate(metric, of) for metric in wanted
    )
    no_threshold = reasons.NO_THRESHOLD if threshold is None and sample.has_labels else ""
    rank = graded[0].value if graded else None if undecidable else spearman(of.scores, sample.labels)
    return GroupMetrics(
        name=name,
        n=of.scores.size,
        n_compatible=sample.n_positive,
        compatibility_margin=margin.value,
        margin_low=margin.low,
        margin_high=margin.high,
        cohens_d=effect.value,
        auc_roc=auc.value,
        auc_low=auc.low,
        auc_high=auc.high,
        spearman_correlation=rank,
        estimates=graded,
        accuracy=point.accuracy if point else None,
        false_positives=point.false_positives if point else None,
        false_positive_rate=point.false_positive_rate if point else None,
        false_positive_low=limits.low if limits else None,
        false_positive_high=limits.high if limits else None,
        reason=reasons.joined(undecidable or auc.reason or margin.reason, no_threshold),
    )


def _of_grades(of: Scored) -> tuple[Estimate, ...]:
    """The metrics of graded labels that a group has, Spearman first."""
    wanted = (SPEARMAN_OF_GRADES, CONCORDANCE, GRADE_SLOPE)
    if of.scores.size < MIN_GROUP:
        return tuple(Estimate(name=one.name, value=None, reason=reasons.too_few(MIN_GROUP)) for one in wanted)
    return tuple(estimate(one, of) for one in wanted)


def _why_undecidable(sample: Sample) -> str:
    compatible = sample.labels
    if not sample.has_labels:
        return reasons.NO_CUT
    if compatible.size < MIN_GROUP:
        return reasons.too_few(MIN_GROUP)
    return "" if has_both_labels(compatible) else reasons.ONE_LABEL


def _false_positive_limits(of: Scored, point: ThresholdMetrics) -> Interval | None:
    negative, rate = ~of.sample.labels, point.false_positive_rate
    n_negative = of.sample.n_negative
    if rate is None or of.sample.effective_texts < MIN_TEXTS:
        return None
    influence: Floats = np.where(negative, (of.scores >= point.threshold) - rate, 0.0) / n_negative
    return wilson_interval(rate, n_negative / of.sample.spread(influence).design_effect)


def metrics_by_group(
    groups: Sequence[str], scores: ArrayLike, sample: Sample, threshold: float | None
) -> tuple[GroupMetrics, ...]:
    """Metrics of each group, sorted by name; linear in N for any number of groups.

    Args:
        groups: N names, one for each pair.
        scores: (N,) cosines.
        sample: The N pairs.
        threshold: The operating threshold; None when there is none.

    Raises:
        ValueError: See `metrics.validated`; or another number of names.
    """
    values = scored(scores, sample).scores
    if len(groups) != values.size:
        raise ValueError(f"groups: {len(groups)} names for {values.size} pairs")
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    return tuple(
        group_metrics(name, values[members], sample[members], threshold)
        for name, members in ((name, np.array(rows[name], dtype=np.intp)) for name in sorted(rows))
    )
