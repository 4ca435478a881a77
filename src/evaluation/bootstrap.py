"""95 % intervals of the headline metrics and of their paired differences, by resampling the pairs.

Percentile bootstrap (Efron & Tibshirani 1993, chapter 13), stratified: each resample draws as many compatible and as
many incompatible pairs as there are, with replacement. 2,000 resamples up to 20,000 pairs; beyond that the number falls
as N grows, to 200 from 200,000 pairs on, where the ends of an interval still lie within about a tenth of its width.
A resample is a vector of weights (how often each pair was drawn) on scores that were sorted once, so that all
resamples of a block are worked out together and ties stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .. import metrics
from ..models import Estimate, PairedDifference
from .intervals import MIN_PER_LABEL, ROUNDING, outcome, perfect_ranking_bound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]

METRICS = (
    "compatibility_margin",
    "cohens_d",
    "auc_roc",
    "average_precision",
    "spearman_correlation",
    "f1",
)
RESAMPLES = 2_000
FEWEST_RESAMPLES = 200
FULL_UP_TO = 20_000
# So many weights at once stay in the processor's cache; above that many pairs a block is one resample.
_BLOCK_CELLS = 250_000
_AUC = METRICS.index("auc_roc")
_TOO_FEW = f"fewer than {MIN_PER_LABEL} pairs of a label: no interval"
_NO_SPREAD = "every resample gives the same number: no interval"
_SHIFTED = "resampling makes ties that shift this metric: no interval"
PERFECT_METHOD = "exact bound of a ranking without a fault (Clopper-Pearson on disjoint pairs)"
NEAR_PERFECT = "one end from the exact bound of a ranking without a fault"
_UNDEFINED = "not defined on this data"


def resample_count(n: int) -> int:
    """How many resamples are drawn of N pairs: 2,000 up to 20,000 pairs, then fewer, never below 200."""
    return RESAMPLES if n <= FULL_UP_TO else max(FEWEST_RESAMPLES, RESAMPLES * FULL_UP_TO // n)


def bootstrap_estimates(
    scores: ArrayLike, labels: ArrayLike, threshold: float | None, seed: int
) -> tuple[Estimate, ...]:
    """Headline metrics with their 95 % intervals.

    Args:
        scores: (N,) cosines.
        labels: (N,) 0 or 1.
        threshold: Fixed threshold of the F1, not fitted again on a resample; None leaves the F1 undefined.
        seed: Of the resamples; the same seed and labels give the same resamples.

    Returns:
        One estimate for each of `METRICS`, in that order; without an interval, and with a reason, where the metric
        is not defined, a label has fewer than 5 pairs, every resample gives the same number, or the resamples lie
        beside the value. A ranking without a fault would be one on every resample; the intervals of its AUC and
        Spearman come from an exact bound, and no other ranking's intervals are surer than that.

    Raises:
        ValueError: See `metrics.validated`.
    """
    values, compatible = metrics.validated(scores, labels)
    points = _points(values, compatible, threshold)
    if not enough_of_each(compatible):
        return tuple(_bare(name, value) for name, value in zip(METRICS, points, strict=True))
    (resampled,) = _resampled([_ranked(values, compatible, threshold)], compatible, seed)
    method = method_text(values.size, seed)
    found = [
        _estimate(name, value, column, method) for name, value, column in zip(METRICS, points, resampled.T, strict=True)
    ]
    n_high = int(np.count_nonzero(compatible))
    bound = perfect_ranking_bound(min(n_high, values.size - n_high))
    return tuple(_no_surer_than_perfect(estimate, points[_AUC], bound) for estimate in found)


def bootstrap_differences(
    scores: ArrayLike,
    base_scores: ArrayLike,
    labels: ArrayLike,
    *,
    threshold: float | None,
    base_threshold: float | None,
    seed: int,
    model: str,
) -> tuple[PairedDifference, ...]:
    """A model's headline metrics minus the baseline's, with the 95 % intervals of the paired differences.

    Both models are measured on the same resamples, so what is hard or easy for both cancels. All of `METRICS` are
    better when higher: an interval above 0 is better, below 0 worse, and one that holds 0 is not distinguishable.

    Args:
        scores: (N,) cosines of the model.
        base_scores: (N,) cosines of the baseline on the same pairs.
        labels: (N,) 0 or 1.
        threshold: The model's fixed threshold of the F1, or None.
        base_threshold: The baseline's.
        seed: Of the resamples.
        model: Name of the model.

    Returns:
        One difference for each of `METRICS`, in that order.

    Raises:
        ValueError: See `metrics.validated`.
    """
    values, compatible = metrics.validated(scores, labels)
    base_values, _ = metrics.validated(base_scores, labels)
    points = _points(values, compatible, threshold)
    base_points = _points(base_values, compatible, base_threshold)
    differences = [None if a is None or b is None else a - b for a, b in zip(points, base_points, strict=True)]
    columns: Sequence[Floats | None] = [None] * len(METRICS)
    if enough_of_each(compatible):
        both = [_ranked(values, compatible, threshold), _ranked(base_values, compatible, base_threshold)]
        ours, theirs = _resampled(both, compatible, seed)
        columns = list((ours - theirs).T)
    method = method_text(values.size, seed)
    return tuple(
        _difference(model, name, value, column, method)
        for name, value, column in zip(METRICS, differences, columns, strict=True)
    )


# --- results --------------------------------------------------------------------------------------------


def _points(values: Floats, compatible: Booleans, threshold: float | None) -> list[float | None]:
    """The metrics themselves, in the order of `METRICS`."""
    margin, effect = metrics.margin_and_d(values, compatible)
    f1 = None
    if threshold is not None and values.size:
        f1 = metrics.threshold_metrics(values, compatible, threshold).f1
    return [
        margin,
        effect,
        metrics.auc_roc(values, compatible),
        metrics.average_precision(values, compatible),
        metrics.spearman(values, compatible),
        f1,
    ]


def enough_of_each(compatible: Booleans) -> bool:
    """Whether there are pairs enough of each label to resample; (N,) booleans."""
    n_high = int(np.count_nonzero(compatible))
    return min(n_high, compatible.size - n_high) >= MIN_PER_LABEL


def method_text(n: int, seed: int) -> str:
    """How an interval of N pairs was made."""
    fewer = "" if n <= FULL_UP_TO else f" (fewer than {RESAMPLES:,}: above {FULL_UP_TO:,} pairs)"
    return f"percentile bootstrap, stratified by label, {resample_count(n):,} resamples{fewer}, seed {seed}"


def _bare(name: str, value: float | None) -> Estimate:
    return Estimate(name=name, value=value, reason=_UNDEFINED if value is None else _TOO_FEW)


def _estimate(name: str, value: float | None, column: Floats, method: str) -> Estimate:
    ends = None if value is None else _interval(column)
    if value is None or ends is None:
        return Estimate(name=name, value=value, reason=_UNDEFINED)
    low, high = ends
    if high - low <= ROUNDING:
        return Estimate(name=name, value=value, reason=_NO_SPREAD)
    if not _holds(low, value, high):
        return Estimate(name=name, value=value, reason=_SHIFTED)
    return Estimate(name=name, value=value, low=low, high=high, method=method)


def _no_surer_than_perfect(estimate: Estimate, auc: float | None, bound: float) -> Estimate:
    """AUC and Spearman with ends no nearer to 0 and 1 than those of a ranking without a fault.

    Args:
        estimate: Any estimate; others than of these two come back as they are.
        auc: The AUC itself.
        bound: `perfect_ranking_bound` of the file.
    """
    if estimate.value is None or auc is None or estimate.name not in {"auc_roc", "spearman_correlation"}:
        return estimate
    if auc in {0, 1}:
        low, high = (bound, 1.0) if auc else (0.0, 1 - bound)
        low, high = (_as_metric(estimate, end, auc) for end in (low, high))
        return estimate.model_copy(update={"low": low, "high": high, "method": PERFECT_METHOD, "reason": ""})
    if estimate.low is None or estimate.high is None:
        return estimate
    low = min(estimate.low, _as_metric(estimate, bound, auc))
    high = max(estimate.high, _as_metric(estimate, 1 - bound, auc))
    if (low, high) == (estimate.low, estimate.high):
        return estimate
    return estimate.model_copy(update={"low": low, "high": high, "method": f"{estimate.method}; {NEAR_PERFECT}"})


def _as_metric(estimate: Estimate, end: float, auc: float) -> float:
    """What an AUC is in the metric of an estimate: Spearman grows with 2 AUC - 1, as steeply as its ties let it."""
    if estimate.name == "auc_roc" or estimate.value is None:
        return end
    return (2 * end - 1) * (estimate.value / (2 * auc - 1) if auc != 0.5 else 1.0)  # noqa: PLR2004 - chance


def _difference(model: str, name: str, value: float | None, column: Floats | None, method: str) -> PairedDifference:
    ends = None if value is None or column is None else _interval(column)
    if value is None or ends is None or ends[1] - ends[0] <= ROUNDING or not _holds(ends[0], value, ends[1]):
        return PairedDifference(model=model, metric=name, value=value, outcome="not estimable")
    low, high = ends
    return PairedDifference(
        model=model, metric=name, value=value, low=low, high=high, outcome=outcome(low, high), method=method
    )


def _holds(low: float, value: float, high: float) -> bool:
    """Whether an interval holds the number it is about, which was worked out another way and so rounds another way."""
    return low - ROUNDING <= value <= high + ROUNDING


def _interval(column: Floats) -> tuple[float, float] | None:
    """2.5th and 97.5th percentile; a resample where the metric is not defined is left out."""
    defined = column[np.isfinite(column)]
    if not defined.size:
        return None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


# --- resamples ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Scores of one model, sorted once, each label from its highest score to its lowest.

    Of n1 compatible and n0 incompatible pairs. A run is a set of equal scores; G1 runs hold a compatible pair.
    """

    high_order: NDArray[np.intp]  # (n1,) which compatible pair is at each position
    low_order: NDArray[np.intp]  # (n0,)
    high_terms: Floats  # (3, n1) by position: score, its square, whether called compatible
    low_terms: Floats  # (3, n0)
    found: NDArray[np.intp]  # (G1,) compatible pairs at or above the run
    passed: NDArray[np.intp]  # (G1,) incompatible pairs at or above it
    passed_above: NDArray[np.intp]  # (G1,) incompatible pairs above it
    all_runs: tuple[NDArray[np.intp], NDArray[np.intp]] | None  # found and passed of every run; None without ties
    variance: float  # of all scores


def _ranked(values: Floats, compatible: Booleans, threshold: float | None) -> _Ranked:
    high, low = values[compatible], values[~compatible]
    high_order, low_order = np.argsort(-high), np.argsort(-low)
    high, low = high[high_order], low[low_order]
    ends = metrics.run_ends(high)
    return _Ranked(
        high_order=high_order,
        low_order=low_order,
        high_terms=_terms(high, values.mean(), threshold),
        low_terms=_terms(low, values.mean(), threshold),
        found=ends + 1,
        passed=np.searchsorted(-low, -high[ends], side="right"),
        passed_above=np.searchsorted(-low, -high[ends], side="left"),
        all_runs=_all_runs(values, high, low),
        variance=float(values.var()),
    )


def _terms(ranked: Floats, mean: float, threshold: float | None) -> Floats:
    # The mean is taken off for the sake of rounding: margin and d do not depend on it.
    called = np.zeros_like(ranked) if threshold is None else (ranked >= threshold).astype(np.float64)
    return np.stack([ranked - mean, np.square(ranked - mean), called])


def _all_runs(values: Floats, high: Floats, low: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    distinct = np.unique(values)[::-1]
    if distinct.size == values.size:
        return None
    return np.searchsorted(-high, -distinct, side="right"), np.searchsorted(-low, -distinct, side="right")


def _resampled(models: Sequence[_Ranked], compatible: Booleans, seed: int) -> list[Floats]:
    """Metrics of each model on the same resamples: for each model (B, 6)."""
    blocks: list[list[Floats]] = [[] for _ in models]
    for high, low in resample_weights(compatible, seed):
        for model, done in zip(models, blocks, strict=True):
            done.append(_statistics(at(high, model.high_order), at(low, model.low_order), model))
    return [np.concatenate(done) for done in blocks]


def resample_weights(compatible: Booleans, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """How often a resample drew each compatible (b, n1) and incompatible pair (b, n0), in blocks of bounded memory."""
    rng = np.random.default_rng(seed)
    n, left = compatible.size, resample_count(compatible.size)
    n_high = int(np.count_nonzero(compatible))
    rows = max(1, _BLOCK_CELLS // n)
    while left > 0:
        rows = min(rows, left)
        yield _draws(rng, rows, n_high), _draws(rng, rows, n - n_high)
        left -= rows


def _draws(rng: np.random.Generator, rows: int, n: int) -> Floats:
    """Counts (rows, n) of n draws with replacement from n things, for each row anew."""
    drawn = rng.integers(n, size=(rows, n))
    drawn += n * np.arange(rows)[:, None]
    return np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def at(block: Floats, columns: NDArray[np.intp]) -> Floats:
    """Columns of a block; several times faster than `block[:, columns]`."""
    return np.take(block, columns, axis=1)


def _statistics(high: Floats, low: Floats, model: _Ranked) -> Floats:
    """All metrics of a block of resamples.

    Args:
        high: (b, n1) how often the compatible pair at each position was drawn.
        low: (b, n0) how often the incompatible one was.
        model: The sorted scores.

    Returns:
        (b, 6), in the order of `METRICS`; NaN where a resample has no spread.
    """
    high_sums, low_sums = _sums(high, model.high_terms), _sums(low, model.low_terms)
    found, passed = totals(high), totals(low)
    n_high, n_low = high.shape[1], low.shape[1]
    auc, precision = _auc_and_precision(high, found, passed, model)
    f1 = 2 * high_sums[:, 2] / (high_sums[:, 2] + low_sums[:, 2] + n_high)
    margin, effect = _margin_and_d(high_sums / n_high, low_sums / n_low, n_high, n_low, model.variance)
    if model.all_runs is None:
        cubes = _sum_of_cubes(high) + _sum_of_cubes(low)
    else:
        found_at, passed_at = model.all_runs
        cubes = _sum_of_cubes(np.diff(at(found, found_at) + at(passed, passed_at), prepend=0))
    return np.stack([margin, effect, auc, precision, _spearman(auc, cubes, n_high, n_low), f1], axis=1)


def _sums(weights: Floats, terms: Floats) -> Floats:
    """Weighted sums of terms (k, n): (b, n) to (b, k)."""
    # Not a matrix product: on a busy machine the threads of the linear algebra make that several times slower.
    sums: Floats = np.einsum("bn,kn->bk", weights, terms)
    return sums


def totals(weights: Floats) -> Floats:
    """Draws among the first 0, 1, ... n positions: (b, n) to (b, n + 1)."""
    totals = np.zeros((len(weights), weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=totals[:, 1:])
    return totals


def _sum_of_cubes(weights: Floats) -> Floats:
    cubes: Floats = np.einsum("bg,bg->b", weights**2, weights)
    return cubes


def _auc_and_precision(high: Floats, found: Floats, passed: Floats, model: _Ranked) -> tuple[Floats, Floats]:
    """AUC, a tie counting half, and average precision (b,).

    Args:
        high: (b, n1) how often the compatible pair at each position was drawn.
        found: (b, n1 + 1) compatible draws among the first positions of their label.
        passed: (b, n0 + 1) incompatible ones.
        model: The sorted scores.
    """
    n_high, n_low = high.shape[1], passed.shape[1] - 1
    hits, hits_to_here, passed_to_here = high, found[:, 1:], at(passed, model.passed)
    wrong = passed_to_here
    if model.all_runs is not None:  # equal scores are called together
        hits_to_here = at(found, model.found)
        hits = np.diff(hits_to_here, prepend=0)
        wrong = (passed_to_here + at(passed, model.passed_above)) / 2
    auc = 1 - np.einsum("bg,bg->b", hits, wrong) / (n_high * n_low)
    called = np.maximum(hits_to_here + passed_to_here, 1)
    return auc, np.einsum("bg,bg->b", hits, hits_to_here / called) / n_high


def _spearman(auc: Floats, cubes: Floats, n_high: int, n_low: int) -> Floats:
    """Spearman's correlation (b,) from the AUC and the sum of the cubed draws at each score.

    The mean ranks of the two labels lie N (AUC - 1/2) apart, and t equal scores take (t^3 - t) / 12N off the variance
    of the ranks (Kendall 1945).
    """
    n = n_high + n_low
    variance = (n**2 - 1) / 12 - (cubes - n) / (12 * n)
    apart = np.sqrt(n_high * n_low) * (auc - 0.5)
    found: Floats = np.full_like(auc, np.nan)
    np.divide(apart, np.sqrt(variance), out=found, where=variance > 0)
    return found


def _margin_and_d(high: Floats, low: Floats, n_high: int, n_low: int, variance: float) -> tuple[Floats, Floats]:
    """Margin and Cohen's d (b,).

    Args:
        high: (b, 3) means of `_terms` over the compatible draws.
        low: (b, 3) over the incompatible draws.
        n_high: Compatible draws of a resample.
        n_low: Incompatible ones.
        variance: Of all scores; beside it, what rounding leaves of no spread is told from a spread.
    """
    margin = high[:, 0] - low[:, 0]
    squares = n_high * (high[:, 1] - high[:, 0] ** 2) + n_low * (low[:, 1] - low[:, 0] ** 2)
    pooled = squares / (n_high + n_low - 2)
    has_spread = pooled > variance * ROUNDING
    spread = np.sqrt(pooled, out=np.ones_like(pooled), where=has_spread)
    return margin, np.where(has_spread, margin / spread, np.nan)
