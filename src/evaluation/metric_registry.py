"""The metrics of a model: the range of each, and how it is computed on all pairs and on resamples.

A new metric with an interval is one entry here; estimates, paired differences and tables follow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .. import metrics
from ..core import formatting as formats
from ..wording import metrics as wording

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from ..wording.metrics import MetricText
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
        text: Its label and its definition for readers.
        range: Its lowest and highest possible value.
        compute: Its value from scores (N,), labels (N,) and the operating threshold; None if scores do not suffice.
        resample: Its values on a block of b resamples, (b,); None if it is not resampled and so has no interval.
        higher_is_better: Whether an increase is an improvement.
        headline: Whether it has a column in the score table even without an interval.
    """

    name: str
    text: MetricText
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
        text=wording.MARGIN,
        range=(-2.0, 2.0),
        compute=lambda scores, labels, _: metrics.margin_and_d(scores, labels)[0],
        resample=lambda block: block.margin,
    ),
    Metric(
        name="cohens_d",
        text=wording.COHENS_D,
        range=(-math.inf, math.inf),
        compute=lambda scores, labels, _: metrics.margin_and_d(scores, labels)[1],
        resample=lambda block: block.cohens_d,
    ),
    Metric(
        name="auc_roc",
        text=wording.AUC_ROC,
        range=(0.0, 1.0),
        compute=lambda scores, labels, _: metrics.auc_roc(scores, labels),
        resample=lambda block: block.auc_roc,
    ),
    Metric(
        name="average_precision",
        text=wording.AVERAGE_PRECISION,
        range=(0.0, 1.0),
        compute=lambda scores, labels, _: metrics.average_precision(scores, labels),
        resample=lambda block: block.average_precision,
    ),
    Metric(
        name="spearman_correlation",
        text=wording.SPEARMAN,
        range=(-1.0, 1.0),
        compute=lambda scores, labels, _: metrics.spearman(scores, labels),
        resample=lambda block: block.spearman,
    ),
    Metric(
        name="cluster_purity",
        text=wording.CLUSTER_PURITY,
        range=(0.5, 1.0),
    ),
    Metric(
        name="false_positive_rate_at_95_recall",
        text=wording.FALSE_POSITIVE_RATE,
        range=(0.0, 1.0),
        compute=lambda scores, labels, _: metrics.false_positive_rate_at_recall(scores, labels, 0.95),
        higher_is_better=False,
    ),
    Metric(
        name="f1",
        text=wording.F1,
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
    return next((metric.text.label for metric in METRICS if metric.name == name), formats.plain_name(name))
