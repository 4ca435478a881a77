"""Pure functions from cosines and labels to small frozen results.

Symbols: N pairs, D dimensions; scores (N,) are cosines in [-1, 1]; labels (N,) are 1 compatible or 0 incompatible;
a pair is called compatible when its score is at least the threshold.
What the data cannot decide is None, never 0.0. Bad input raises ValueError, in every function the same way.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .models import Histogram, RocCurve, Separation, ThresholdMetrics

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

BLOCK_ROWS = 4096
MAX_ROC_POINTS = 501
HISTOGRAM_BINS = 40
# Cosines are rounded near 1e-16; a smaller standard deviation than this is no spread but rounding.
NO_SPREAD = 1e-12


# --- arrays ---------------------------------------------------------------------------------------------


def validated(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, Booleans]:
    """Check scores and labels, for all functions here.

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
    """The same array; for a memory map of a whole file a new map of it.

    The pages that are read through a map count as this process's memory as long as the map lives, so a short-lived
    map for each read keeps the memory constant.
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
    """Refuse what is not (N, 2, D).

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


def _margin(high: _Side, low: _Side) -> float | None:
    return None if high.mean is None or low.mean is None else high.mean - low.mean


def _cohens_d(high: _Side, low: _Side) -> float | None:
    margin = _margin(high, low)
    if margin is None or high.deviation is None or low.deviation is None:
        return None
    squares = (high.n - 1) * high.deviation**2 + (low.n - 1) * low.deviation**2
    pooled = float(np.sqrt(squares / (high.n + low.n - 2)))
    return margin / pooled if pooled > NO_SPREAD else None


def margin_and_d(scores: ArrayLike, labels: ArrayLike) -> tuple[float | None, float | None]:
    """Margin and Cohen's d as `separation` has them, for scores of any scale, cosines or not.

    Args:
        scores: (N,), finite.
        labels: (N,) 0 or 1.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    high, low = _side(values[compatible]), _side(values[~compatible])
    return _margin(high, low), _cohens_d(high, low)


def separation(scores: ArrayLike, labels: ArrayLike) -> Separation:
    """How far the cosines of the two labels lie apart.

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
    high, low = _side(values[compatible]), _side(values[~compatible])
    effect = _cohens_d(high, low)
    t, p = (None, None) if effect is None else _welch(high, low)
    return Separation(
        compatible_mean_cosine=high.mean,
        incompatible_mean_cosine=low.mean,
        compatibility_margin=_margin(high, low),
        cohens_d=effect,
        t_statistic=t,
        p_value=p,
    )


def _welch(high: _Side, low: _Side) -> tuple[float, float]:
    from scipy.stats import ttest_ind_from_stats  # noqa: PLC0415 - slow to import; not for --help

    t, p = ttest_ind_from_stats(high.mean, high.deviation, high.n, low.mean, low.deviation, low.n, equal_var=False)
    return float(t), float(p)


# --- ranking --------------------------------------------------------------------------------------------


def auc_roc(scores: ArrayLike, labels: ArrayLike) -> float | None:
    """Chance that a compatible pair scores above an incompatible one, a tie counted half; in O(N log N).

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
    """Spearman's rank correlation of scores with labels, equal values sharing their mean rank.

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
    """Spearman of a perfect ranking: no two scores equal, every compatible pair above every incompatible one.

    Two label values against N different ranks cannot correlate perfectly: with n1 and n0 pairs the best is
    sqrt(3 n1 n0 / (N^2 - 1)), which is 0.866 for equal halves and less for any other.

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
    n, n_high = compatible.size, int(np.count_nonzero(compatible))
    return min(1.0, float(np.sqrt(3 * n_high * (n - n_high) / (n**2 - 1))))


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
    """Threshold of the best F1 over all thresholds there are, exactly, in O(N log N).

    Equal scores are called the same. Among thresholds of equal F1 the highest wins: it calls the fewest pairs
    compatible. The result lies half-way between the lowest score called compatible and the next one below, so that
    rounding in the embeddings moves no pair of these across; it is the lowest score itself when all are called.

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
    ranked, hits = values[order], np.cumsum(compatible[order])
    lasts = run_ends(ranked)
    f1 = 2 * hits[lasts] / (lasts + 1 + hits[-1])
    last = int(lasts[np.argmax(f1)])
    return _between(ranked, last)


def run_ends(ranked: Floats) -> NDArray[np.intp]:
    """Last position of each run of equal scores among sorted ones (N,)."""
    return np.flatnonzero(np.diff(ranked, append=-np.inf))


def _between(ranked: Floats, last: int) -> float:
    """Half-way from the descending score at `last` to the next; that score itself where floats leave no room."""
    upper = float(ranked[last])
    lower = float(ranked[min(last + 1, ranked.size - 1)])
    middle = (upper + lower) / 2
    return middle if middle > lower else upper


def threshold_metrics(scores: ArrayLike, labels: ArrayLike, threshold: float) -> ThresholdMetrics:
    """Confusion and its rates when pairs scoring at least `threshold` are called compatible.

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
    n_high, n_called = int(np.count_nonzero(compatible)), int(np.count_nonzero(called))
    hits = int(np.count_nonzero(called & compatible))
    n_low, false_alarms = values.size - n_high, n_called - hits
    return ThresholdMetrics(
        threshold=threshold,
        true_positives=hits,
        false_positives=false_alarms,
        false_negatives=n_high - hits,
        true_negatives=n_low - false_alarms,
        accuracy=(hits + n_low - false_alarms) / values.size,
        precision=_ratio(hits, n_called),
        recall=_ratio(hits, n_high),
        f1=_ratio(2 * hits, n_high + n_called) if n_high else None,
        false_positive_rate=_ratio(false_alarms, n_low),
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
    high = values[compatible]
    # 0.95 * 20 is 19.000000000000004 in some orders of rounding; it must not become 20.
    needed = int(np.ceil(recall * high.size - 1e-9))
    threshold = np.partition(high, high.size - needed)[high.size - needed]
    return float(np.mean(values[~compatible] >= threshold))


def histogram(scores: ArrayLike, labels: ArrayLike, bins: int = HISTOGRAM_BINS) -> Histogram:
    """Count cosines by label in equal bins over [-1, 1]; a bin has its lower edge, the last one both.

    Args:
        scores: (N,) cosines; one beyond the range, by rounding, counts at its end.
        labels: (N,) 0 or 1.
        bins: How many.

    Raises:
        ValueError: See `validated`.
    """
    values, compatible = validated(scores, labels)
    edges = np.linspace(-1.0, 1.0, bins + 1)
    inside = np.clip(values, -1.0, 1.0)
    high, low = (np.histogram(inside[side], bins=edges)[0] for side in (compatible, ~compatible))
    return Histogram(edges=tuple(edges.tolist()), compatible=tuple(high.tolist()), incompatible=tuple(low.tolist()))


# --- groups ---------------------------------------------------------------------------------------------


def placements(own: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of `other` that each of `own` lies above, ties counted half, shape (len(own),), in O(N log N)."""
    ranked = np.sort(other)
    below = np.searchsorted(ranked, own, side="left")
    through = np.searchsorted(ranked, own, side="right")
    return (below + through) / (2 * len(other))
