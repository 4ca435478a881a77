"""95 % intervals of the AUC, of shares and of means: the range of a number over other samples of pairs."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ..metrics import placements
from ..models import PairedDifference
from ..wording import intervals as methods

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MIN_PER_LABEL = 5
ROUNDING = 1e-12
_Z_95 = 1.959963984540054
_TAIL = 0.025


class AucInterval(NamedTuple):
    """An area under the ROC curve with its 95 % interval, all in [0, 1]."""

    auc: float
    low: float
    high: float


_CHANCE = AucInterval(0.5, 0.5, 0.5)


def delong_interval(scores: ArrayLike, labels: ArrayLike) -> AucInterval | None:
    """AUC with the 95 % interval of DeLong, DeLong & Clarke-Pearson (1988), in O(N log N).

    Placements come from midranks as in Sun & Xu (2014, IEEE Signal Processing Letters 21). The interval is the normal
    one, clipped to [0, 1]. The normal one is far too narrow near an AUC of 0 or 1, and has no width at 0 or 1. So no
    interval is narrower than that of perfect separation: the lower end is at most `perfect_separation_bound`, the
    upper end at least 1 minus that bound.

    Args:
        scores: Finite numbers, shape (N,); higher means label 1.
        labels: 0 or 1, shape (N,).

    Returns:
        AUC, low and high. None with fewer than 5 pairs of a label, because chance alone often separates so few; None
        if all scores are equal.
    """
    positive, negative = _by_label(scores, labels)
    if min(len(positive), len(negative)) < MIN_PER_LABEL:
        return None
    above = placements(positive, negative)
    below = 1 - placements(negative, positive)
    auc = float(above.mean())
    half = _half_width(above, below)
    if half <= ROUNDING and auc not in {0, 1}:
        return None
    bound = perfect_separation_bound(min(len(positive), len(negative)))
    return AucInterval(auc, max(0.0, min(auc - half, bound)), min(1.0, max(auc + half, 1 - bound)))


def perfect_separation_bound(n_pairs: int) -> float:
    """Lower end of the 95 % interval of an AUC that was measured as 1 (Clopper & Pearson 1934).

    Match each pair of the rarer label with another one of the other label. These m comparisons are independent, each
    is right with probability AUC, and all m were right: the bound is 0.025^(1/m). It is conservative, because it
    leaves out all other comparisons.

    Args:
        n_pairs: m, the pairs of the rarer label, at least 1.
    """
    return float(_TAIL ** (1 / n_pairs))


def delong_difference(
    scores: ArrayLike, others: ArrayLike, labels: ArrayLike, model: str, against: str
) -> PairedDifference:
    """A model's AUC minus that of other scores of the same pairs, with DeLong's paired 95 % interval, in O(N log N).

    Args:
        scores: Finite numbers of the model, shape (N,); higher means label 1.
        others: Scores of the same pairs to compare with, on any scale.
        labels: 0 or 1, shape (N,).
        model: Name of the model.
        against: Name of the other scores.

    Returns:
        The difference, -1 to 1. It is not estimable with fewer than 5 pairs of a label, or if every pair contributes
        the same difference. If both AUCs are 0 or 1, the interval comes from the two of `delong_interval`.
    """
    ours, theirs = _by_label(scores, labels), _by_label(others, labels)
    if min(len(side) for side in ours) < MIN_PER_LABEL:
        return PairedDifference(model=model, against=against, metric="auc_roc", value=None, outcome="not estimable")
    own = placements(*ours)
    above = own - placements(*theirs)
    below = placements(*theirs[::-1]) - placements(*ours[::-1])
    value = float(above.mean())
    half = _half_width(above, below)
    low, high, method = max(-1.0, value - half), min(1.0, value + half), methods.DELONG_PAIRED
    if half <= ROUNDING < abs(value) and np.ptp(own):
        return PairedDifference(model=model, against=against, metric="auc_roc", value=value, outcome="not estimable")
    if not half and not np.ptp(own):
        one, other = delong_interval(scores, labels), delong_interval(others, labels)
        if one is None and other is None:
            return PairedDifference(
                model=model, against=against, metric="auc_roc", value=value, outcome="not estimable"
            )
        # scores that are all equal have an AUC of 0.5 on any sample of pairs
        one, other = one or _CHANCE, other or _CHANCE
        low, high, method = one.low - other.high, one.high - other.low, methods.PERFECT_BOTH
    return PairedDifference(
        model=model,
        against=against,
        metric="auc_roc",
        value=value,
        low=low,
        high=high,
        outcome=outcome(low, high),
        method=method,
    )


def wilson_interval(successes: int, n: int) -> tuple[float, float] | None:
    """95 % interval of a share of independent trials (Wilson 1927), which stays in [0, 1].

    Args:
        successes: How many of the trials.
        n: Number of trials.

    Returns:
        Low and high; None without a trial.
    """
    if not n:
        return None
    from scipy.stats import binomtest  # noqa: PLC0415 - slow to import; not for --help

    interval = binomtest(successes, n).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def welch_interval(positive: ArrayLike, negative: ArrayLike) -> tuple[float, float] | None:
    """95 % interval of the difference of two means whose variances may differ (Welch 1947).

    Args:
        positive: (n1,) numbers.
        negative: (n0,) numbers, whose mean is subtracted.

    Returns:
        Low and high; None with fewer than two numbers on a side, or if the numbers of each side are all equal.
    """
    sides = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    if min(side.size for side in sides) < 2 or not any(np.ptp(side) for side in sides):  # noqa: PLR2004 - a variance
        return None
    from scipy.stats import ttest_ind  # noqa: PLC0415 - slow to import; not for --help

    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        # scipy warns if one side has no spread; the interval is still right, the other side has one
        interval = ttest_ind(*sides, equal_var=False).confidence_interval()
    return float(interval.low), float(interval.high)


def outcome(low: float, high: float) -> Literal["better", "worse", "not distinguishable"]:
    """What the 95 % interval of a difference says about a metric where higher is better."""
    if low > 0:
        return "better"
    return "worse" if high < 0 else "not distinguishable"


def _by_label(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    values, classes = np.asarray(scores, dtype=np.float64), np.asarray(labels)
    if values.ndim != 1 or values.shape != classes.shape:
        raise ValueError(f"scores {values.shape} and labels {classes.shape} must be of one shape (N,)")
    if not np.isfinite(values).all():
        raise ValueError("scores hold NaN or infinity")
    if not np.isin(classes, (0, 1)).all():
        raise ValueError("labels must be 0 or 1")
    return values[classes == 1], values[classes == 0]


def _half_width(above: NDArray[np.float64], below: NDArray[np.float64]) -> float:
    """Half the width of DeLong's interval, from the placements of each label; 0 if these are all equal."""
    return _Z_95 * float(np.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below)))
