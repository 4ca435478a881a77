"""The metrics of a model: what each is called, its range, and how it is computed on all pairs and on resamples.

A new metric with an interval is one entry here; estimates, paired differences and tables follow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import metrics
from ..core import formatting as formats

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from .resamples import Resamples

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]
    OfPairs = Callable[[Floats, Booleans, float | None], float | None]
    OfResamples = Callable[[Resamples], Floats]


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: As in the JSON.
        label: As in tables.
        definition: For readers, one or two sentences after the label.
        range: Its lowest and highest possible value.
        compute: Its value from scores (N,), labels (N,) and the operating threshold; None if scores do not suffice.
        resample: Its values on a block of b resamples, (b,); None if it is not resampled and so has no interval.
        higher_is_better: Whether an increase is an improvement.
        headline: Whether it has a column in the score table even without an interval.
    """

    name: str
    label: str
    definition: str
    range: tuple[float, float]
    compute: OfPairs | None = None
    resample: OfResamples | None = None
    higher_is_better: bool = True
    headline: bool = True


def _f1(scores: Floats, labels: Booleans, threshold: float | None) -> float | None:
    if threshold is None or not scores.size:
        return None
    return metrics.threshold_metrics(scores, labels, threshold).f1


# In the order of the columns of all tables, and of the estimates and differences in the JSON.
METRICS = (
    Metric(
        name="compatibility_margin",
        label="Margin",
        definition="mean cosine of compatible pairs minus mean cosine of incompatible pairs.",
        range=(-2.0, 2.0),
        compute=lambda scores, labels, _: metrics.margin_and_d(scores, labels)[0],
        resample=lambda block: block.margin,
    ),
    Metric(
        name="cohens_d",
        label="Cohen's d",
        definition="the margin divided by the pooled standard deviation. Its t and p are Welch's.",
        range=(-math.inf, math.inf),
        compute=lambda scores, labels, _: metrics.margin_and_d(scores, labels)[1],
        resample=lambda block: block.cohens_d,
    ),
    Metric(
        name="auc_roc",
        label="AUC-ROC",
        definition="the chance that a compatible pair has a higher cosine than an incompatible one; 0.5 is guessing.",
        range=(0.0, 1.0),
        compute=lambda scores, labels, _: metrics.auc_roc(scores, labels),
        resample=lambda block: block.auc_roc,
    ),
    Metric(
        name="average_precision",
        label="Average precision",
        definition=(
            "mean precision over all thresholds, weighted by the gain in recall; the share of compatible pairs is"
            " guessing."
        ),
        range=(0.0, 1.0),
        compute=lambda scores, labels, _: metrics.average_precision(scores, labels),
        resample=lambda block: block.average_precision,
    ),
    Metric(
        name="spearman_correlation",
        label="Spearman",
        definition=(
            "rank correlation of cosine and label. With 0/1 labels even a perfect ranking stays below 1; the ceiling"
            " says how far."
        ),
        range=(-1.0, 1.0),
        compute=lambda scores, labels, _: metrics.spearman(scores, labels),
        resample=lambda block: block.spearman,
    ),
    Metric(
        name="cluster_purity",
        label="Cluster purity",
        definition=(
            "share of clustered points that carry their cluster's majority label; clusters are HDBSCAN's on the map."
            " Shuffled purity is the mean over 200 shuffles of the labels."
        ),
        range=(0.5, 1.0),
    ),
    Metric(
        name="false_positive_rate_at_95_recall",
        label="FP rate at 95 % recall",
        definition=(
            "share of incompatible pairs at or above the highest threshold that finds 95 % of the compatible ones; it"
            " compares models whose cosines live on different scales. Lower is better."
        ),
        range=(0.0, 1.0),
        compute=lambda scores, labels, _: metrics.false_positive_rate_at_recall(scores, labels, 0.95),
        higher_is_better=False,
    ),
    Metric(
        name="f1",
        label="F1",
        definition="harmonic mean of precision and recall at the operating threshold.",
        range=(0.0, 1.0),
        compute=_f1,
        resample=lambda block: (
            2 * block.true_positives / (block.true_positives + block.false_positives + block.n_positive)
        ),
        headline=False,
    ),
)


HEADLINES = tuple(metric.name for metric in METRICS if metric.headline)


def measured(scores: Floats, labels: Booleans, threshold: float | None) -> dict[str, float | None]:
    """Each metric that scores suffice for, by name.

    Args:
        scores: (N,) finite.
        labels: (N,) 0 or 1.
        threshold: The operating threshold; without one, the F1 is None.
    """
    return {metric.name: metric.compute(scores, labels, threshold) for metric in METRICS if metric.compute}


def resampled(block: Resamples) -> dict[str, Floats]:
    """Each metric that is resampled, by name: its values on a block of b resamples, (b,)."""
    return {metric.name: metric.resample(block) for metric in METRICS if metric.resample}


def metric_label(name: str) -> str:
    """What tables call a metric; for an unknown one its name in words."""
    return next((metric.label for metric in METRICS if metric.name == name), formats.plain_name(name))
