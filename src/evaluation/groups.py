"""Metrics of slices, categories and pair types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..metrics import auc_roc, has_both_labels, margin_and_d, spearman, threshold_metrics, validated
from ..models import GroupMetrics
from ..wording import reasons
from . import intervals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from ..metrics import Booleans, Floats


MIN_GROUP = 5


def group_metrics(name: str, scores: ArrayLike, labels: ArrayLike, threshold: float | None) -> GroupMetrics:
    """Metrics of one slice, category or pair type.

    Counts and rates at the threshold exist for any group; margin, d, AUC and Spearman need both labels and at least 5
    pairs. The intervals are DeLong's of the AUC, Welch's of the margin and Wilson's of the false positive rate
    (`evaluation.intervals`).

    Args:
        name: Of the group.
        scores: (N,) cosines of the group, N may be 0.
        labels: (N,) 0 or 1.
        threshold: The operating threshold; None when there is none.

    Returns:
        Undefined metrics are None, with a reason.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    point = threshold_metrics(values, compatible, threshold) if values.size and threshold is not None else None
    limits = intervals.wilson_interval(point.false_positives, int(np.sum(~compatible))) if point else None
    undecidable = _why_undecidable(compatible)
    ranking = _Ranking() if undecidable else _ranking(values, compatible)
    no_threshold = reasons.NO_THRESHOLD if threshold is None else ""
    return GroupMetrics(
        name=name,
        n=values.size,
        n_compatible=int(np.count_nonzero(compatible)),
        compatibility_margin=ranking.margin,
        margin_low=ranking.margin_low,
        margin_high=ranking.margin_high,
        cohens_d=ranking.cohens_d,
        auc_roc=ranking.auc,
        auc_low=ranking.auc_low,
        auc_high=ranking.auc_high,
        spearman_correlation=ranking.spearman,
        accuracy=point.accuracy if point else None,
        false_positives=point.false_positives if point else None,
        false_positive_rate=point.false_positive_rate if point else None,
        false_positive_low=limits[0] if limits else None,
        false_positive_high=limits[1] if limits else None,
        reason=reasons.joined(undecidable or ranking.reason, no_threshold),
    )


@dataclass(frozen=True)
class _Ranking:
    """The metrics that need both labels and enough pairs."""

    margin: float | None = None
    margin_low: float | None = None
    margin_high: float | None = None
    cohens_d: float | None = None
    auc: float | None = None
    auc_low: float | None = None
    auc_high: float | None = None
    spearman: float | None = None
    reason: str = ""


def _why_undecidable(compatible: Booleans) -> str:
    if compatible.size < MIN_GROUP:
        return reasons.too_few(MIN_GROUP)
    return "" if has_both_labels(compatible) else reasons.ONE_LABEL


def _ranking(values: Floats, compatible: Booleans) -> _Ranking:
    margin, effect = margin_and_d(values, compatible)
    interval = intervals.delong_interval(values, compatible)
    limits = intervals.welch_interval(values[compatible], values[~compatible]) if effect is not None else None
    return _Ranking(
        margin=margin,
        margin_low=limits[0] if limits else None,
        margin_high=limits[1] if limits else None,
        cohens_d=effect,
        auc=auc_roc(values, compatible),
        auc_low=interval.low if interval else None,
        auc_high=interval.high if interval else None,
        spearman=spearman(values, compatible),
        reason="" if effect is not None and interval else reasons.NO_RANKING,
    )


def metrics_by_group(
    groups: Sequence[str], scores: ArrayLike, labels: ArrayLike, threshold: float | None
) -> tuple[GroupMetrics, ...]:
    """Metrics of each group, sorted by name; linear in N for any number of groups.

    Args:
        groups: N names, one for each pair.
        scores: (N,) cosines.
        labels: (N,) 0 or 1.
        threshold: The operating threshold; None when there is none.

    Raises:
        ValueError: See `validated`; or another number of names.
    """
    values, compatible = validated(scores, labels)
    if len(groups) != values.size:
        raise ValueError(f"groups: {len(groups)} names for {values.size} pairs")
    rows: dict[str, list[int]] = {}
    for row, group in enumerate(groups):
        rows.setdefault(group, []).append(row)
    return tuple(group_metrics(name, values[rows[name]], compatible[rows[name]], threshold) for name in sorted(rows))
