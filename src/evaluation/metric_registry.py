"""The metrics of a model: the range of each, how it is computed, and what its interval is made of.

A new metric with an interval is one entry here; estimates, paired differences and tables follow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .. import metrics
from ..core import formatting as formats
from ..wording import intervals as methods
from ..wording import metrics as wording
from ..wording import reasons
from . import influence
from .confidence import Interval, Scale, newcombe_interval, wilson_interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ..wording.metrics import MetricText
    from .variance import Sample, Spread

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]
    OfPairs = Callable[[Floats, Booleans, float | None], float | None]


MOST_KURTOSIS = 4.0  # of a normal distribution it is 3


@dataclass(frozen=True, eq=False)
class Scored:
    """The scores of N pairs.

    Attributes:
        scores: (N,), finite.
        sample: The pairs.
        threshold: The operating threshold; None without one.
        same: The same scores of the same pairs where other pairs are related; what was found there serves here too.
    """

    scores: Floats
    sample: Sample
    threshold: float | None = None
    same: Scored | None = None

    @cached_property
    def auc_influence(self) -> Floats:
        """Influence on the AUC, which the intervals of two metrics need."""
        return self.same.auc_influence if self.same else influence.auc_roc(self.scores, self.sample.labels)

    def related_in(self, sample: Sample) -> Scored:
        """The same scores where other pairs are related.

        Args:
            sample: The same N pairs.
        """
        return Scored(self.scores, sample, self.threshold, self)

    @cached_property
    def auc_spread(self) -> Spread:
        """Variance of the AUC."""
        return self.sample.spread(self.auc_influence)


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: As in the JSON.
        text: Its label and its definition for readers.
        range: Its lowest and highest possible value.
        compute: Its value from scores (N,), labels (N,) and the operating threshold; None if scores do not suffice.
        influence: Its influence values (N,); None if it has no interval. May give None where it is not defined.
        scale: On which it gets its interval.
        near_end: From its value, the scores and its spread: a second interval that is right near the ends of its range.
        varies_like: Influence values behind `near_end`, if they are others; the lower correlation of both counts in a
            difference.
        why_none: Why it has no interval on these scores although others have one; empty if it has.
        method: How the interval is made, for readers.
        higher_is_better: Whether an increase is an improvement.
        headline: Whether it has a column in the score table even without an interval.
    """

    name: str
    text: MetricText
    range: tuple[float, float]
    compute: OfPairs | None = None
    influence: Callable[[Scored], Floats | None] | None = None
    scale: Scale = Scale.IDENTITY
    near_end: Callable[[float, Scored, Spread], Interval | None] | None = None
    varies_like: Callable[[Scored], Floats] | None = None
    why_none: Callable[[Scored], str] | None = None
    method: str = ""
    higher_is_better: bool = True
    headline: bool = True


def _f1(scores: Floats, labels: Booleans, threshold: float | None) -> float | None:
    if threshold is None or not scores.size:
        return None
    return metrics.threshold_metrics(scores, labels, threshold).f1


def _f1_influence(of: Scored) -> Floats | None:
    return None if of.threshold is None else influence.f1(of.scores, of.sample.labels, of.threshold)


def _newcombe(auc: float, of: Scored, spread: Spread) -> Interval:
    """Newcombe's interval for as many pairs as would say as much if they were independent."""
    if not np.ptp(of.scores):
        return Interval(auc, auc)  # scores that are all equal have an AUC of 0.5 on any sample of pairs
    return newcombe_interval(
        auc, of.sample.n_positive / spread.design_effect, of.sample.n_negative / spread.design_effect
    )


def _as_auc(spearman: float, of: Scored, _: Spread) -> Interval | None:
    """The interval of the AUC, converted: with 0/1 labels Spearman is 2 AUC - 1 times a factor that the ties fix."""
    auc = metrics.auc_roc(of.scores, of.sample.labels)
    if auc is None or abs(auc - 0.5) < metrics.NO_SPREAD:
        return None
    near, on_scale = _newcombe(auc, of, of.auc_spread), Scale.LOGIT.interval(auc, of.auc_spread)
    low, high = near if on_scale is None else on_scale.wider(near)
    factor = spearman / (2 * auc - 1)
    return Interval((2 * low - 1) * factor, (2 * high - 1) * factor)


def _wilson_f1(_: float, of: Scored, spread: Spread) -> Interval | None:
    """Wilson's interval of the share of right ones among pairs that are positive or called so, converted to the F1."""
    if of.threshold is None:
        return None
    called = of.scores >= of.threshold
    right, either = np.count_nonzero(called & of.sample.labels), np.count_nonzero(called | of.sample.labels)
    low, high = wilson_interval(right / either, either / spread.design_effect)
    return Interval(2 * low / (1 + low), 2 * high / (1 + high))


def _heavy_tails(of: Scored) -> str:
    """Why the pooled standard deviation is too uncertain: a few pairs far from the others make it up."""
    from scipy.stats import kurtosis  # noqa: PLC0415 - slow to import; not for --help

    labels = of.sample.labels
    centred = of.scores - np.where(labels, of.scores[labels].mean(), of.scores[~labels].mean())
    found = float(kurtosis(centred, fisher=False)) if centred.any() else 0.0
    return reasons.heavy_tails(found, MOST_KURTOSIS) if found > MOST_KURTOSIS else ""


MARGIN = Metric(
    name="compatibility_margin",
    text=wording.MARGIN,
    range=(-2.0, 2.0),
    compute=lambda scores, labels, _: metrics.margin_and_d(scores, labels)[0],
    influence=lambda of: influence.margin(of.scores, of.sample.labels),
    method=methods.MARGIN,
)
COHENS_D = Metric(
    name="cohens_d",
    text=wording.COHENS_D,
    range=(-math.inf, math.inf),
    compute=lambda scores, labels, _: metrics.margin_and_d(scores, labels)[1],
    influence=lambda of: influence.cohens_d(of.scores, of.sample.labels),
    why_none=_heavy_tails,
    method=methods.COHENS_D,
)


def _wilson_average_precision(average: float, of: Scored, spread: Spread) -> Interval:
    """Wilson's interval, as if the average were a share of the positive pairs; in simulations it covers near 1."""
    return wilson_interval(average, of.sample.n_positive / spread.design_effect)


AUC = Metric(
    name="auc_roc",
    text=wording.AUC_ROC,
    range=(0.0, 1.0),
    compute=lambda scores, labels, _: metrics.auc_roc(scores, labels),
    influence=lambda of: of.auc_influence,
    scale=Scale.LOGIT,
    near_end=_newcombe,
    method=methods.AUC,
)

# In the order of the columns of all tables, and of the estimates and differences in the JSON.
METRICS = (
    MARGIN,
    COHENS_D,
    AUC,
    Metric(
        name="average_precision",
        text=wording.AVERAGE_PRECISION,
        range=(0.0, 1.0),
        compute=lambda scores, labels, _: metrics.average_precision(scores, labels),
        influence=lambda of: influence.average_precision(of.scores, of.sample.labels),
        scale=Scale.LOGIT,
        near_end=_wilson_average_precision,
        method=methods.AVERAGE_PRECISION,
    ),
    Metric(
        name="spearman_correlation",
        text=wording.SPEARMAN,
        range=(-1.0, 1.0),
        compute=lambda scores, labels, _: metrics.spearman(scores, labels),
        influence=lambda of: influence.spearman(of.scores, of.sample.labels, of.auc_influence),
        scale=Scale.FISHER,
        near_end=_as_auc,
        varies_like=lambda of: of.auc_influence,
        method=methods.SPEARMAN,
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
        influence=_f1_influence,
        scale=Scale.LOGIT,
        near_end=_wilson_f1,
        method=methods.F1,
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


def metric_label(name: str) -> str:
    """What tables call a metric; for an unknown one its name in words."""
    return next((metric.text.label for metric in METRICS if metric.name == name), formats.plain_name(name))
