"""Pure functions from cosines and labels to small frozen results.

Symbols: N pairs, D dimensions; scores (N,) are cosines in [-1, 1]; labels (N,) are 1 compatible or 0 incompatible;
a pair is called compatible when its score is at least the threshold.
A metric that the data do not define is None, never 0.0. Invalid input raises the same ValueError in every function.
"""

from __future__ import annotations

import math
import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .models import Calibration, Histogram, RocCurve, Separation, ThresholdMetrics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from .models import FittedOn

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

BLOCK_ROWS = 4096
MAX_ROC_POINTS = 501
HISTOGRAM_BINS = 40
# more pairs say nothing new about two numbers
MAX_CALIBRATION_PAIRS = 100_000
# 95 % of the chi-squared distribution with one degree of freedom
_CHI_SQUARED_95 = 3.841458820694124
# slope of scores of deviation 1; beyond, nothing but rounding changes
_STEEPEST = 1e12
# Cosines are rounded near 1e-16; a standard deviation below this is rounding, not spread.
NO_SPREAD = 1e-12


# --- arrays ---------------------------------------------------------------------------------------------


def validated(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, Booleans]:
    """Check scores and labels; every function here does so first.

    Args:
        scores: (N,), finite.
        labels: (N,), 0 or 1.

    Returns:
        Scores (N,) float64, and where the label is 1 (N,).

    Raises:
        ValueError: Not two arrays of one length, a score that is not finite, or a label that is neither 0 nor 1.
    """
    values, given = np.asarray(scores, dtype=np.float64), np.asarray(labels)
    if values.ndim != 1 or values.shape != given.shape:
        raise ValueError(f"scores of shape {values.shape}, labels of shape {given.shape}: two of (N,) are expected")
    if not np.isfinite(values).all():
        raise ValueError("scores: not all are finite")
    compatible: Booleans = given == 1
    if not (compatible | (given == 0)).all():
        raise ValueError("labels: 0 or 1 is expected")
    return values, compatible


def has_both_labels(compatible: Booleans) -> bool:
    """Whether there is at least one pair of each label; (N,) booleans."""
    return bool(0 < np.count_nonzero(compatible) < compatible.size)


def unit_length(vectors: ArrayLike) -> Floats:
    """Scale vectors (..., D) to length 1, as float64.

    Raises:
        ValueError: A vector is zero or not finite: it has no direction.
    """
    values = np.asarray(vectors, dtype=np.float64)
    length = np.sqrt(np.einsum("...d,...d->...", values, values))[..., None]
    if not np.isfinite(length).all():
        raise ValueError("embeddings: not all are finite")
    if not length.all():
        raise ValueError("embeddings: a zero vector has no cosine")
    unit: Floats = values / length
    return unit


def reopened(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """The same array, or a new memory map if it is a map of a whole file.

    Pages read through a map count as memory of this process as long as the map lives. A short-lived map for each read
    keeps the memory constant.
    """
    if not isinstance(embeddings, np.memmap) or not isinstance(embeddings.base, mmap.mmap):
        return embeddings
    if embeddings.filename is None or not embeddings.flags.c_contiguous:
        return embeddings
    again: NDArray[np.float32] = np.memmap(
        embeddings.filename, dtype=embeddings.dtype, mode="r", offset=embeddings.offset, shape=embeddings.shape
    )
    return again


def unit_blocks(embeddings: NDArray[np.float32], rows: int = BLOCK_ROWS) -> Iterator[Floats]:
    """Walk over embeddings in constant memory.

    Args:
        embeddings: (N, 2, D), in memory or mapped.
        rows: Pairs a block.

    Yields:
        Blocks (up to `rows`, 2, D) of unit-length vectors, float64, in order.

    Raises:
        ValueError: Another shape, or a vector that is zero or not finite.
    """
    check_pairs(embeddings)
    for start in range(0, len(embeddings), rows):
        yield unit_length(reopened(embeddings)[start : start + rows])


def check_pairs(embeddings: NDArray[np.float32]) -> None:
    """Refuse arrays that are not (N, 2, D).

    Raises:
        ValueError: Another shape.
    """
    if embeddings.ndim != 3 or embeddings.shape[1] != 2:  # noqa: PLR2004 - a pair has two sides
        raise ValueError(f"embeddings of shape {embeddings.shape}: (N, 2, D) is expected")


def cosine_similarities(embeddings: NDArray[np.float32]) -> Floats:
    """Cosine of the two sides of each pair, in constant memory beside the result.

    Args:
        embeddings: (N, 2, D), in memory or mapped; any length but zero.

    Returns:
        (N,), float64, in [-1, 1].

    Raises:
        ValueError: Another shape, or a vector that is zero or not finite.
    """
    check_pairs(embeddings)
    result = np.empty(len(embeddings), dtype=np.float64)
    done = 0
    for block in unit_blocks(embeddings):
        result[done : done + len(block)] = np.einsum("nd,nd->n", block[:, 0], block[:, 1])
        done += len(block)
    return np.clip(result, -1.0, 1.0)


# --- separation -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Side:
    """Cosines of one label: mean and standard deviation (n - 1), None where there are too few."""

    n: int
    mean: float | None
    deviation: float | None


def _side(values: Floats) -> _Side:
    mean = float(values.mean()) if values.size else None
    return _Side(n=values.size, mean=mean, deviation=float(values.std(ddof=1)) if values.size > 1 else None)


def _margin(positive: _Side, negative: _Side) -> float | None:
    return None if positive.mean is None or negative.mean is None else positive.mean - negative.mean


def _cohens_d(positive: _Side, negative: _Side) -> float | None:
    margin = _margin(positive, negative)
    if margin is None or positive.deviation is None or negative.deviation is None:
        return None
    squares = (positive.n - 1) * positive.deviation**2 + (negative.n - 1) * negative.deviation**2
    pooled = float(np.sqrt(squares / (positive.n + negative.n - 2)))
    return margin / pooled if pooled > NO_SPREAD else None


def margin_and_d(scores: ArrayLike, labels: ArrayLike) -> tuple[float | None, float | None]:
    """Margin and Cohen's d as in `separation`, for scores of any scale.

    Args:
        scores: (N,), finite.
        labels: (N,) 0 or 1.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    positive, negative = _side(values[compatible]), _side(values[~compatible])
    return _margin(positive, negative), _cohens_d(positive, negative)


def separation(scores: ArrayLike, labels: ArrayLike) -> Separation:
    """Difference between the cosines of the two labels: means, effect size and test.

    Cohen's d is the margin over the pooled standard deviation (Cohen 1988, 2.5.2); t and p are Welch's (1947),
    two-sided. Margin and d are above 0 when compatible pairs are closer.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.

    Returns:
        A mean is None without pairs of that label, the margin without pairs of both; d, t and p are None with fewer
        than two pairs of a label or without any spread.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    positive, negative = _side(values[compatible]), _side(values[~compatible])
    effect = _cohens_d(positive, negative)
    t, p = (None, None) if effect is None else _welch(positive, negative)
    return Separation(
        compatible_mean_cosine=positive.mean,
        incompatible_mean_cosine=negative.mean,
        compatibility_margin=_margin(positive, negative),
        cohens_d=effect,
        t_statistic=t,
        p_value=p,
    )


def _welch(positive: _Side, negative: _Side) -> tuple[float, float]:
    from scipy.stats import ttest_ind_from_stats  # noqa: PLC0415 - slow to import; not for --help

    sides = [number for side in (positive, negative) for number in (side.mean, side.deviation, side.n)]
    t, p = ttest_ind_from_stats(*sides, equal_var=False)
    return float(t), float(p)


# --- ranking --------------------------------------------------------------------------------------------


def auc_roc(scores: ArrayLike, labels: ArrayLike) -> float | None:
    """Probability that a compatible pair scores above an incompatible one, a tie counting half; in O(N log N).

    Args:
        scores: (N,) cosines, or any other numbers that are higher for label 1.
        labels: (N,) 0 or 1.

    Returns:
        0 to 1, 0.5 is chance, 1 is perfect; None with one label only.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    if not has_both_labels(compatible):
        return None
    return float(placements(values[compatible], values[~compatible]).mean())


def spearman(scores: ArrayLike, labels: ArrayLike) -> float | None:
    """Spearman's rank correlation of scores with labels; equal values share their mean rank.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.

    Returns:
        -1 to `spearman_ceiling` for scores without ties; None with one label only or with constant scores.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    if not has_both_labels(compatible) or values.min() == values.max():
        return None
    from scipy.stats import rankdata  # noqa: PLC0415 - slow to import; not for --help

    # Pearson's correlation of the ranks; 0/1 labels may stand for their ranks, which lie on a line with them.
    found = float(np.corrcoef(rankdata(values), compatible)[0, 1])
    return min(1.0, max(-1.0, found))


def spearman_ceiling(labels: ArrayLike) -> float | None:
    """Spearman of perfect separation: no ties, and every compatible pair above every incompatible one.

    Two label values cannot correlate perfectly with N different ranks. With n1 and n0 pairs the maximum is
    sqrt(3 n1 n0 / (N^2 - 1)), which is 0.866 for equal halves and less otherwise.

    Args:
        labels: (N,) 0 or 1.

    Returns:
        0 to 1; None with one label only.

    Raises:
        ValueError: See `validated`.
    """
    _, compatible = validated(np.zeros(np.shape(labels)), labels)
    if not has_both_labels(compatible):
        return None
    n, n_positive = compatible.size, int(np.count_nonzero(compatible))
    return min(1.0, float(np.sqrt(3 * n_positive * (n - n_positive) / (n**2 - 1))))


def average_precision(scores: ArrayLike, labels: ArrayLike) -> float | None:
    """Mean precision over the recall steps, without interpolation (scikit-learn's definition).

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.

    Returns:
        0 to 1; chance is the share of compatible pairs; None with one label only.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    if not has_both_labels(compatible):
        return None
    from sklearn.metrics import average_precision_score  # noqa: PLC0415 - slow to import; not for --help

    return min(1.0, float(average_precision_score(compatible, values)))


def roc_points(scores: ArrayLike, labels: ArrayLike, limit: int = MAX_ROC_POINTS) -> RocCurve | None:
    """Points of the ROC curve from (0, 0) to (1, 1), evenly spread along it where there are more than `limit`.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.
        limit: Most points kept, at least 2.

    Returns:
        Every point is one of the exact curve; None with one label only.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    if not has_both_labels(compatible):
        return None
    from sklearn.metrics import roc_curve  # noqa: PLC0415 - slow to import; not for --help

    x, y, _ = roc_curve(compatible, values)
    if x.size > limit:
        kept = np.unique(np.searchsorted(x + y, np.linspace(0.0, 2.0, limit)))
        x, y = x[kept], y[kept]
    return RocCurve(false_positive_rate=tuple(x.tolist()), true_positive_rate=tuple(y.tolist()))


# --- thresholds -----------------------------------------------------------------------------------------


def best_threshold(scores: ArrayLike, labels: ArrayLike) -> float | None:
    """Threshold with the highest F1 of all thresholds, exactly, in O(N log N).

    Among thresholds of equal F1 the highest wins, which calls the fewest pairs compatible. The result lies half-way
    between the lowest score called compatible and the next lower score, so that rounding in the embeddings changes no
    decision on these pairs. If all pairs are called compatible, it is the lowest score itself.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.

    Returns:
        A threshold in the range of the scores; None with one label only.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    if not has_both_labels(compatible):
        return None
    order = np.argsort(-values)
    ranked, true_positives = values[order], np.cumsum(compatible[order])
    lasts = run_ends(ranked)
    f1 = 2 * true_positives[lasts] / (lasts + 1 + true_positives[-1])
    last = int(lasts[np.argmax(f1)])
    return _between(ranked, last)


def run_ends(ranked: Floats) -> NDArray[np.intp]:
    """Last position of each run of equal scores in sorted scores (N,)."""
    return np.flatnonzero(np.diff(ranked, append=-np.inf))


def _between(ranked: Floats, last: int) -> float:
    """Half-way from the descending score at `last` to the next one; that score itself if no float lies between."""
    upper = float(ranked[last])
    lower = float(ranked[min(last + 1, ranked.size - 1)])
    middle = (upper + lower) / 2
    return middle if middle > lower else upper


def threshold_metrics(scores: ArrayLike, labels: ArrayLike, threshold: float) -> ThresholdMetrics:
    """Confusion matrix and its rates if pairs that score at least `threshold` are called compatible.

    Args:
        scores: (N,) cosines, at least one.
        labels: (N,) 0 or 1.
        threshold: In [-1, 1].

    Returns:
        Precision is None when nothing is called compatible; recall and F1 are None without compatible pairs, the
        false-positive rate without incompatible ones.

    Raises:
        ValueError: See `validated`; or there is no pair.
    """
    values, compatible = validated(scores, labels)
    if not values.size:
        raise ValueError("scores: at least one is needed for a confusion")
    called = values >= threshold
    n_positive, n_called = int(np.count_nonzero(compatible)), int(np.count_nonzero(called))
    true_positives = int(np.count_nonzero(called & compatible))
    n_negative, false_positives = values.size - n_positive, n_called - true_positives
    return ThresholdMetrics(
        threshold=threshold,
        true_positives=true_positives,
        false_positives=false_positives,
        false_negatives=n_positive - true_positives,
        true_negatives=n_negative - false_positives,
        accuracy=(true_positives + n_negative - false_positives) / values.size,
        precision=_ratio(true_positives, n_called),
        recall=_ratio(true_positives, n_positive),
        f1=_ratio(2 * true_positives, n_positive + n_called) if n_positive else None,
        false_positive_rate=_ratio(false_positives, n_negative),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def false_positive_rate_at_recall(scores: ArrayLike, labels: ArrayLike, recall: float = 0.95) -> float | None:
    """Share of incompatible pairs called compatible at the highest threshold that reaches a recall.

    It compares models whose cosines live on different scales.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.
        recall: Share of compatible pairs to be found, above 0, at most 1.

    Returns:
        0 to 1, lower is better; None with one label only.

    Raises:
        ValueError: See `validated`; or a recall out of its range.
    """
    if not 0 < recall <= 1:
        raise ValueError(f"recall {recall}: above 0, at most 1 is expected")
    values, compatible = validated(scores, labels)
    if not has_both_labels(compatible):
        return None
    positive = values[compatible]
    # 0.95 * 20 is 19.000000000000004 in some orders of rounding; it must not become 20.
    needed = int(np.ceil(recall * positive.size - 1e-9))
    threshold = np.partition(positive, positive.size - needed)[positive.size - needed]
    return float(np.mean(values[~compatible] >= threshold))


def histogram(scores: ArrayLike, labels: ArrayLike, bins: int = HISTOGRAM_BINS) -> Histogram:
    """Count cosines by label in equal bins over [-1, 1]; a bin includes its lower edge, the last one both.

    Args:
        scores: (N,) cosines; one that rounding puts outside of the range counts in the first or last bin.
        labels: (N,) 0 or 1.
        bins: How many.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    edges = np.linspace(-1.0, 1.0, bins + 1)
    inside = np.clip(values, -1.0, 1.0)
    counts = [np.histogram(inside[side], bins=edges)[0] for side in (compatible, ~compatible)]
    return Histogram(
        edges=tuple(edges.tolist()), compatible=tuple(counts[0].tolist()), incompatible=tuple(counts[1].tolist())
    )


# --- grades ---------------------------------------------------------------------------------------------


def grade_spearman(scores: Floats, grades: Floats) -> float | None:
    """Spearman's rank correlation of scores with grades; equal values share their mean rank.

    Args:
        scores: (N,), finite.
        grades: (N,), finite.

    Returns:
        -1 to `grade_ceiling` for scores without ties; None if all scores or all grades are equal.
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - slow to import; not for --help

    return pearson(rankdata(scores), rankdata(grades)) if scores.size else None


def pearson(scores: Floats, grades: Floats) -> float | None:
    """Pearson's correlation of scores with grades, both (N,); None if all scores or all grades are equal."""
    if scores.size < 2 or not np.ptp(scores) or not np.ptp(grades):  # noqa: PLR2004 - a line needs two points
        return None
    return min(1.0, max(-1.0, float(np.corrcoef(scores, grades)[0, 1])))


def grade_ceiling(grades: Floats) -> float | None:
    """Spearman of a perfect ranking without ties, which grades that several pairs share keep below 1.

    It is sqrt(1 - sum(t^3 - t) / (n^3 - n)) with t pairs of each grade; `spearman_ceiling` is the same for 0/1.

    Returns:
        0 to 1; None if all grades are equal.
    """
    n, ties = grades.size, np.unique(grades, return_counts=True)[1].astype(np.float64)
    if ties.size < 2:  # noqa: PLR2004 - two grades can be ranked
        return None
    return float(np.sqrt(1 - np.sum(ties**3 - ties) / (float(n) ** 3 - n)))


def grade_slope(scores: Floats, grades: Floats) -> float | None:
    """Slope of the least-squares line of scores over grades, both (N,), a unit of grade; None if grades are equal."""
    centred = grades - grades.mean() if grades.size else grades
    squares = float(centred @ centred)
    return float(centred @ scores) / squares if squares > NO_SPREAD**2 else None


def third_weights(grades: Floats) -> tuple[Floats, Floats]:
    """Weights of each pair in the third with the highest and in that with the lowest grades, both (N,), 0 to 1.

    Pairs of one grade share the room that is left at the border.
    """
    n, (_, code, counts) = grades.size, np.unique(grades, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    below = np.clip((n / 3 - (ends - counts)) / counts, 0.0, 1.0)
    above = np.clip((ends - 2 * n / 3) / counts, 0.0, 1.0)
    return above[code], below[code]


def thirds_margin(scores: Floats, grades: Floats) -> float | None:
    """Mean score of the third of the pairs with the highest grades minus that of the third with the lowest.

    Args:
        scores: (N,), finite.
        grades: (N,), finite.

    Returns:
        None if all grades are equal.
    """
    if not grades.size or not np.ptp(grades):
        return None
    above, below = third_weights(grades)
    return float(np.average(scores, weights=above) - np.average(scores, weights=below))


def concordant_counts(scores: Floats, grades: Floats) -> tuple[Floats, Floats]:
    """For each pair how many of another grade it is ordered with as the grades are, and how many there are.

    Equal scores count half. The numbers of the grades are compared bit by bit: two grades differ first in one bit, so
    each level counts the pairs that part there. Time is O(N log N) a level, with log2 of the number of grades levels.

    Args:
        scores: (N,), finite.
        grades: (N,), finite.

    Returns:
        Ordered alike, and of another grade, both (N,).
    """
    distinct, code, counts = np.unique(grades, return_inverse=True, return_counts=True)
    by_score = np.argsort(scores, kind="stable")
    small: type[np.integer] = (
        np.uint16 if distinct.size <= np.iinfo(np.uint16).max else np.int64
    )  # sorts several times faster
    number: NDArray[np.integer] = code[by_score].astype(small)
    ranked = scores[by_score]
    run = np.cumsum(np.diff(ranked, prepend=ranked[:1]) != 0)  # of equal scores
    alike = np.zeros(scores.size)
    for bit in range(max(distinct.size - 1, 0).bit_length()):
        order = np.argsort(number >> (bit + 1), kind="stable")
        here = number[order]
        alike[order] += _alike_in_groups(here >> (bit + 1), (here >> bit & 1).astype(np.bool_), run[order])
    result = np.empty_like(alike)
    result[by_score] = alike
    return result, (scores.size - counts[code]).astype(np.float64)


def _alike_in_groups(group: NDArray[np.integer], upper: Booleans, run: NDArray[np.intp]) -> Floats:
    """For each upper place the lower ones of its group before it, for each lower one the upper ones behind it.

    Args:
        group: (N,) ascending.
        upper: (N,) whether a place is an upper one.
        run: (N,) ascending in each group; places of one run are half before and half behind one another.
    """
    ends = np.flatnonzero(np.append((np.diff(group) != 0) | (np.diff(run) != 0), True))
    lengths = np.diff(ends, prepend=-1)
    group_ends = np.flatnonzero(np.append(np.diff(group) != 0, True))
    runs_in_group = np.diff(np.searchsorted(ends, group_ends), prepend=-1)
    uppers = np.concatenate([[0], np.cumsum(upper)])
    places = np.arange(uppers.size)

    def before(counted: NDArray[np.intp]) -> Floats:
        """Those counted before the middle of each run, from the start of its group."""
        from_start = np.repeat(counted[np.append(0, group_ends[:-1] + 1)], runs_in_group)
        found: Floats = (counted[ends + 1 - lengths] + counted[ends + 1]) / 2 - from_start
        return found

    in_group = np.repeat(np.diff(uppers[np.append(0, group_ends + 1)]), runs_in_group)
    of_upper, of_lower = before(places - uppers), in_group - before(uppers)
    return np.where(upper, np.repeat(of_upper, lengths), np.repeat(of_lower, lengths))


# --- groups ---------------------------------------------------------------------------------------------


def placements(own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of `other` below each value of `own`, ties counting half, shape (len(own),), in O(N log N)."""
    ranked, order = np.sort(other), np.argsort(own)
    wanted = own[order]  # sorted, because to look up neighbours one after the other is several times faster
    shares = np.empty(len(own))
    shares[order] = np.searchsorted(ranked, wanted, side="left") + np.searchsorted(ranked, wanted, side="right")
    return shares / (2 * len(other))


# --- calibration ----------------------------------------------------------------------------------------


def calibration(scores: ArrayLike, labels: ArrayLike, fitted_on: FittedOn) -> Calibration:
    """Logistic regression of the label on the cosine; of more than 100,000 pairs, drawn ones are looked at.

    The interval of the slope is that of the profile likelihood (Venzon & Moolgavkar 1988): Wald's is far too wide where
    few pairs of the two labels overlap, and has no end where none do.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.
        fitted_on: Which pairs these are, for the result.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    if values.size > MAX_CALIBRATION_PAIRS:
        rows = np.random.default_rng(0).permutation(values.size)[:MAX_CALIBRATION_PAIRS]
        values, compatible = values[rows], compatible[rows]
    size = {"fitted_on": fitted_on, "n": values.size, "n_compatible": int(np.count_nonzero(compatible))}
    if not has_both_labels(compatible) or np.ptp(values) < NO_SPREAD:
        return Calibration(**size)
    ones, zeros = values[compatible], values[~compatible]
    centre, scale = float(values.mean()), float(values.std())
    line = _LogisticLine((values - centre) / scale, compatible)
    if ones.min() >= zeros.max():
        middle = float(ones.min() + zeros.max()) / 2
        return Calibration(**size, slope_low=line.limit(math.inf, -1) / scale, separated_at=middle)
    if zeros.min() >= ones.max():
        return Calibration(**size, slope_high=line.limit(-math.inf, 1) / scale)
    best = line.best()
    return Calibration(
        **size,
        intercept=line.at(best).intercept - best * centre / scale,
        slope=best / scale,
        slope_low=line.limit(best, -1) / scale,
        slope_high=line.limit(best, 1) / scale,
    )


@dataclass(frozen=True)
class _AtSlope:
    """The best line of one slope: its intercept, the log-likelihood, and the derivative of that by the slope."""

    intercept: float
    likelihood: float
    derivative: float


class _LogisticLine:
    """Likelihood of log-odds = intercept + slope x score, as a function of the slope alone: it has one maximum."""

    def __init__(self, scores: Floats, compatible: Booleans) -> None:
        """Take scores (N,) of mean 0 and deviation 1, and where the label is 1 (N,), of both labels."""
        self.scores = scores
        self.compatible = compatible
        self.start = float(np.log(np.count_nonzero(compatible) / np.count_nonzero(~compatible)))

    def at(self, slope: float) -> _AtSlope:
        """The best line of a slope, by bisection between the intercepts that are surely too low and too high."""
        from scipy.optimize import brentq  # noqa: PLC0415 - slow to import; not for --help
        from scipy.special import expit  # noqa: PLC0415 - the same

        wanted, leaning = np.count_nonzero(self.compatible), slope * self.scores
        far = float(np.abs(leaning).max())

        def excess(intercept: float) -> float:
            return float(expit(intercept + leaning).sum()) - wanted

        intercept = float(brentq(excess, self.start - far - 1e-6, self.start + far + 1e-6, xtol=1e-10))
        odds = intercept + leaning
        # log(1 + exp(x)) without overflow
        likelihood = float(odds[self.compatible].sum() - np.logaddexp(0.0, odds).sum())
        return _AtSlope(intercept, likelihood, float(self.scores @ (self.compatible - expit(odds))))

    def best(self) -> float:
        """The slope of the highest likelihood; the scores of the two labels must overlap."""
        from scipy.optimize import brentq  # noqa: PLC0415 - slow to import; not for --help

        end = way = 1.0 if self.at(0.0).derivative > 0 else -1.0
        while self.at(end).derivative * way > 0:
            if abs(end) > _STEEPEST:
                return end
            end *= 2
        return float(brentq(lambda slope: self.at(slope).derivative, *sorted((0.0, end)), xtol=1e-9))

    def limit(self, best: float, way: int) -> float:
        """The end of the slope's 95 % interval, below (way -1) or above (1) the best slope, which may be infinite."""
        from scipy.optimize import brentq  # noqa: PLC0415 - slow to import; not for --help

        highest = self.at(best).likelihood if math.isfinite(best) else self._supremum()

        def excess(slope: float) -> float:
            return 2 * (highest - self.at(slope).likelihood) - _CHI_SQUARED_95

        near = best if math.isfinite(best) else math.copysign(1.0, best)
        while excess(near) > 0:
            if abs(near) > _STEEPEST:
                return near
            near *= 2
        far, step = near, 1.0
        while excess(far) < 0:
            far, step = far + way * step, step * 2
        return float(brentq(excess, *sorted((near, far)), xtol=1e-9))

    def _supremum(self) -> float:
        """What the likelihood comes close to where the labels do not overlap: only pairs of one score are in doubt."""
        ones, zeros = self.scores[self.compatible], self.scores[~self.compatible]
        shared = ones.min() if ones.min() == zeros.max() else ones.max()
        doubtful = (np.count_nonzero(ones == shared), np.count_nonzero(zeros == shared))
        return sum(n * math.log(n / sum(doubtful)) for n in doubtful if n)
