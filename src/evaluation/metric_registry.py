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
from . import graded_influence, influence
from .confidence import Interval, Scale, newcombe_interval, wilson_interval
from .variance import Sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from .variance import Spread

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]
    OfPairs = Callable[["Scored"], float | None]


MOST_KURTOSIS = 4.0  # of a normal distribution it is 3
# below so many texts on a side, each in so many pairs, intervals of a deviation and of an F1 are too narrow
FEWEST_SHARED_TEXTS, MANY_PAIRS_A_TEXT = 60, 8


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

    @property
    def grades(self) -> Floats:
        """(N,) the graded labels; two labels are the grades 0 and 1."""
        return self.sample.labels.astype(np.float64) if self.sample.grades is None else self.sample.grades

    @cached_property
    def concordant(self) -> tuple[Floats, Floats]:
        """What `metrics.concordant_counts` finds."""
        return metrics.concordant_counts(self.scores, self.grades)


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes:
        name: As in the JSON.
        label: What tables call it.
        range: Its lowest and highest possible value.
        compute: Its value; None if scores do not suffice.
        influence: Its influence values (N,); None if it has no interval. May give None where it is not defined.
        scale: On which it gets its interval.
        near_end: From its value, the scores and its spread: a second interval that is right near the ends of its range.
        varies_like: Influence values behind `near_end`, if they are others; the lower correlation of both counts in a
            difference.
        why_none: Why it has no interval on these scores although others have one; empty if it has.
        method: How the interval is made, for readers.
        higher_is_better: Whether an increase is an improvement.
        headline: Whether it has a column in the score table even without an interval.
        of_grades: Whether it is about graded labels, not about two labels.
    """

    name: str
    label: str
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
    of_grades: bool = False


def _f1(of: Scored) -> float | None:
    if of.threshold is None or not of.scores.size:
        return None
    return metrics.threshold_metrics(of.scores, of.sample.labels, of.threshold).f1


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


def _few_shared_texts(of: Scored) -> str:
    """Why the texts of one side are too few for how many pairs hold each."""
    texts = of.sample.effective_texts_of_a_side
    pairs = of.scores.size / texts if texts else 0.0
    too_few = texts < FEWEST_SHARED_TEXTS and pairs >= MANY_PAIRS_A_TEXT
    return reasons.few_shared_texts(FEWEST_SHARED_TEXTS, texts, pairs) if too_few else ""


MARGIN = Metric(
    name="compatibility_margin",
    label=wording.MARGIN,
    range=(-2.0, 2.0),
    compute=lambda of: metrics.margin_and_d(of.scores, of.sample.labels)[0],
    influence=lambda of: influence.margin(of.scores, of.sample.labels),
    method=methods.MARGIN,
)
COHENS_D = Metric(
    name="cohens_d",
    label=wording.COHENS_D,
    range=(-math.inf, math.inf),
    compute=lambda of: metrics.margin_and_d(of.scores, of.sample.labels)[1],
    influence=lambda of: influence.cohens_d(of.scores, of.sample.labels),
    why_none=lambda of: _few_shared_texts(of) or _heavy_tails(of),
    method=methods.COHENS_D,
)


def _wilson_average_precision(average: float, of: Scored, spread: Spread) -> Interval:
    """Wilson's interval, as if the average were a share of the positive pairs; in simulations it covers near 1."""
    return wilson_interval(average, of.sample.n_positive / spread.design_effect)


AUC = Metric(
    name="auc_roc",
    label=wording.AUC_ROC,
    range=(0.0, 1.0),
    compute=lambda of: metrics.auc_roc(of.scores, of.sample.labels),
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
        label=wording.AVERAGE_PRECISION,
        range=(0.0, 1.0),
        compute=lambda of: metrics.average_precision(of.scores, of.sample.labels),
        influence=lambda of: influence.average_precision(of.scores, of.sample.labels),
        scale=Scale.LOGIT,
        near_end=_wilson_average_precision,
        method=methods.AVERAGE_PRECISION,
    ),
    Metric(
        name="spearman_correlation",
        label=wording.SPEARMAN,
        range=(-1.0, 1.0),
        compute=lambda of: metrics.spearman(of.scores, of.sample.labels),
        influence=lambda of: influence.spearman(of.scores, of.sample.labels, of.auc_influence),
        scale=Scale.FISHER,
        near_end=_as_auc,
        varies_like=lambda of: of.auc_influence,
        method=methods.SPEARMAN,
    ),
    Metric(
        name="cluster_purity",
        label=wording.CLUSTER_PURITY,
        range=(0.5, 1.0),
    ),
    Metric(
        name="false_positive_rate_at_95_recall",
        label=wording.FALSE_POSITIVE_RATE,
        range=(0.0, 1.0),
        compute=lambda of: metrics.false_positive_rate_at_recall(of.scores, of.sample.labels, 0.95),
        higher_is_better=False,
    ),
    Metric(
        name="f1",
        label=wording.F1,
        range=(0.0, 1.0),
        compute=_f1,
        influence=_f1_influence,
        scale=Scale.LOGIT,
        near_end=_wilson_f1,
        why_none=_few_shared_texts,
        method=methods.F1,
        headline=False,
    ),
)


def _concordance(of: Scored) -> float | None:
    alike, other = of.concordant
    return float(alike.sum() / other.sum()) if other.any() else None


SPEARMAN_OF_GRADES = Metric(
    name="spearman_correlation",
    label=wording.SPEARMAN,
    range=(-1.0, 1.0),
    compute=lambda of: metrics.grade_spearman(of.scores, of.grades),
    influence=lambda of: graded_influence.spearman(of.scores, of.grades),
    scale=Scale.FISHER,
    method=methods.CORRELATION,
    of_grades=True,
)
CONCORDANCE = Metric(
    name="concordance",
    label=wording.CONCORDANCE,
    range=(0.0, 1.0),
    compute=_concordance,
    influence=lambda of: graded_influence.concordance(*of.concordant),
    scale=Scale.LOGIT,
    method=methods.CONCORDANCE,
    of_grades=True,
)
GRADE_SLOPE = Metric(
    name="grade_slope",
    label=wording.GRADE_SLOPE,
    range=(-math.inf, math.inf),
    compute=lambda of: metrics.grade_slope(of.scores, of.grades),
    influence=lambda of: graded_influence.slope(of.scores, of.grades),
    method=methods.INFLUENCE,
    of_grades=True,
)

# of graded labels, in the order of the columns; those of two labels follow where the grades have a cut
OF_GRADES = (
    SPEARMAN_OF_GRADES,
    Metric(
        name="pearson_correlation",
        label=wording.PEARSON,
        range=(-1.0, 1.0),
        compute=lambda of: metrics.pearson(of.scores, of.grades),
        influence=lambda of: graded_influence.pearson(of.scores, of.grades),
        scale=Scale.FISHER,
        method=methods.CORRELATION,
        of_grades=True,
    ),
    CONCORDANCE,
    GRADE_SLOPE,
    Metric(
        name="thirds_margin",
        label=wording.THIRDS_MARGIN,
        range=(-2.0, 2.0),
        compute=lambda of: metrics.thirds_margin(of.scores, of.grades),
        influence=lambda of: graded_influence.thirds_margin(of.scores, of.grades),
        method=methods.INFLUENCE,
        of_grades=True,
    ),
    Metric(
        name="eta_squared",
        label=wording.ETA_SQUARED,
        range=(0.0, 1.0),
        of_grades=True,
    ),
)


def metrics_of(*, graded: bool, labelled: bool = True) -> tuple[Metric, ...]:
    """The metrics that apply, in the order of the columns.

    Args:
        graded: Whether the labels are grades.
        labelled: Whether there are two labels, given or cut from grades.
    """
    if not graded:
        return METRICS
    own = {metric.name for metric in OF_GRADES}
    return (*OF_GRADES, *(metric for metric in METRICS if labelled and metric.name not in own))


def headlines(*, graded: bool = False, labelled: bool = True) -> tuple[str, ...]:
    """Names of the metrics that have a column even without an interval; the arguments are those of `metrics_of`."""
    return tuple(metric.name for metric in metrics_of(graded=graded, labelled=labelled) if metric.headline)


HEADLINES = headlines()


def measured(scores: Floats, labels: Booleans, threshold: float | None) -> dict[str, float | None]:
    """Each metric of two labels that scores suffice for, by name.

    Args:
        scores: (N,) finite.
        labels: (N,) 0 or 1.
        threshold: The operating threshold; without one, the F1 is None.
    """
    of = Scored(scores, Sample(labels), threshold)
    return {metric.name: metric.compute(of) for metric in METRICS if metric.compute}


def metric_label(name: str) -> str:
    """What tables call a metric; for an unknown one its name in words."""
    return next((one.label for one in metrics_of(graded=True) if one.name == name), formats.plain_name(name))
