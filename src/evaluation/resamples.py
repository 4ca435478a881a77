"""Resamples of the pairs, stratified by label, and the metrics on each of them.

Each resample draws as many positive (compatible) and as many negative pairs as there are, with replacement. It is a
vector of weights, how often each pair was drawn, on scores that are sorted only once. So all resamples of a block are
computed together, and ties stay exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from .. import metrics
from ..wording import intervals as methods
from .intervals import MIN_PER_LABEL, ROUNDING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Booleans = NDArray[np.bool_]
    Positions = NDArray[np.intp]

RESAMPLES = 2_000
FEWEST_RESAMPLES = 200
FULL_UP_TO = 20_000
# So many weights at once stay in the processor's cache; above that many pairs a block is one resample.
_BLOCK_CELLS = 250_000


# --- drawing --------------------------------------------------------------------------------------------


def resample_count(n: int) -> int:
    """How many resamples are drawn of N pairs: 2,000 up to 20,000 pairs, then fewer, never below 200."""
    return RESAMPLES if n <= FULL_UP_TO else max(FEWEST_RESAMPLES, RESAMPLES * FULL_UP_TO // n)


def method_text(n: int, seed: int) -> str:
    """How an interval of N pairs was made."""
    return methods.bootstrap(resample_count(n), seed, usual=RESAMPLES, usual_up_to=FULL_UP_TO)


def enough_of_each(compatible: Booleans) -> bool:
    """Whether each label has enough pairs to resample; (N,) booleans."""
    n_positive = int(np.count_nonzero(compatible))
    return min(n_positive, compatible.size - n_positive) >= MIN_PER_LABEL


def resample_weights(compatible: Booleans, seed: int) -> Iterator[tuple[Floats, Floats]]:
    """How often each resample drew each positive (b, n1) and negative pair (b, n0), in blocks of bounded memory."""
    rng = np.random.default_rng(seed)
    n, left = compatible.size, resample_count(compatible.size)
    n_positive = int(np.count_nonzero(compatible))
    rows = max(1, _BLOCK_CELLS // n)
    while left > 0:
        rows = min(rows, left)
        yield _weights(rng, rows, n_positive), _weights(rng, rows, n - n_positive)
        left -= rows


def _weights(rng: np.random.Generator, rows: int, n: int) -> Floats:
    """Counts (rows, n): how often each of n pairs was drawn in n draws with replacement, once per row."""
    picks = rng.integers(n, size=(rows, n))
    picks += n * np.arange(rows)[:, None]
    return np.bincount(picks.ravel(), minlength=rows * n).reshape(rows, n).astype(np.float64)


def at(block: Floats, columns: Positions) -> Floats:
    """Columns of a block; several times faster than `block[:, columns]`."""
    return np.take(block, columns, axis=1)


def totals(weights: Floats) -> Floats:
    """Draws among the first 0, 1, ... n positions: (b, n) to (b, n + 1)."""
    totals = np.zeros((len(weights), weights.shape[1] + 1))
    np.cumsum(weights, axis=1, out=totals[:, 1:])
    return totals


# --- scores ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class RankedScores:
    """Scores of one model, sorted once; each label from its highest score to its lowest.

    Of n1 positive and n0 negative pairs. A run is a set of equal scores; G1 runs hold a positive pair.
    """

    positive_order: Positions  # (n1,) which positive pair is at each position
    negative_order: Positions  # (n0,)
    positive_terms: Floats  # (3, n1) by position: score, its square, whether called compatible
    negative_terms: Floats  # (3, n0)
    true_positives: Positions  # (G1,) positive pairs at or above the run
    false_positives: Positions  # (G1,) negative pairs at or above the run
    false_positives_above: Positions  # (G1,) negative pairs above the run
    all_runs: tuple[Positions, Positions] | None  # positive and negative pairs at or above each run; None without ties
    variance: float  # of all scores


def ranked_scores(values: Floats, compatible: Booleans, threshold: float | None) -> RankedScores:
    """Sort scores (N,) by label; the threshold is that of the F1, if there is one."""
    positive, negative = values[compatible], values[~compatible]
    positive_order, negative_order = np.argsort(-positive), np.argsort(-negative)
    positive, negative = positive[positive_order], negative[negative_order]
    ends = metrics.run_ends(positive)
    return RankedScores(
        positive_order=positive_order,
        negative_order=negative_order,
        positive_terms=_terms(positive, values.mean(), threshold),
        negative_terms=_terms(negative, values.mean(), threshold),
        true_positives=ends + 1,
        false_positives=np.searchsorted(-negative, -positive[ends], side="right"),
        false_positives_above=np.searchsorted(-negative, -positive[ends], side="left"),
        all_runs=_all_runs(values, positive, negative),
        variance=float(values.var()),
    )


def _terms(ranked: Floats, mean: float, threshold: float | None) -> Floats:
    # Subtracting the mean keeps rounding small: margin and d do not depend on it.
    called = np.zeros_like(ranked) if threshold is None else (ranked >= threshold).astype(np.float64)
    return np.stack([ranked - mean, np.square(ranked - mean), called])


def _all_runs(values: Floats, positive: Floats, negative: Floats) -> tuple[Positions, Positions] | None:
    distinct = np.unique(values)[::-1]
    if distinct.size == values.size:
        return None
    return (
        np.searchsorted(-positive, -distinct, side="right"),
        np.searchsorted(-negative, -distinct, side="right"),
    )


# --- metrics --------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Resamples:
    """A block of b resamples of one model's scores. A metric has shape (b,), NaN on a resample where it is undefined.

    What several metrics need is computed once.
    """

    positive: Floats  # (b, n1) how often each positive pair was drawn, by its position in `ranked`
    negative: Floats  # (b, n0)
    ranked: RankedScores

    @property
    def n_positive(self) -> int:
        """Positive draws of each resample."""
        return int(self.positive.shape[1])

    @property
    def n_negative(self) -> int:
        """Negative draws of each resample."""
        return int(self.negative.shape[1])

    @property
    def true_positives(self) -> Floats:
        """Positive draws at or above the threshold (b,)."""
        return self._positive_sums[:, 2]

    @property
    def false_positives(self) -> Floats:
        """Negative draws at or above the threshold (b,)."""
        return self._negative_sums[:, 2]

    @property
    def margin(self) -> Floats:
        """Difference of the mean scores (b,)."""
        positive, negative = self._means
        return positive[:, 0] - negative[:, 0]

    @property
    def cohens_d(self) -> Floats:
        """Margin over the pooled standard deviation (b,)."""
        positive, negative = self._means
        squares = self.n_positive * (positive[:, 1] - positive[:, 0] ** 2) + self.n_negative * (
            negative[:, 1] - negative[:, 0] ** 2
        )
        pooled = squares / (self.n_positive + self.n_negative - 2)
        # rounding leaves a tiny number where there is no spread
        has_spread = pooled > self.ranked.variance * ROUNDING
        spread = np.sqrt(pooled, out=np.ones_like(pooled), where=has_spread)
        return np.where(has_spread, self.margin / spread, np.nan)

    @cached_property
    def auc_roc(self) -> Floats:
        """Area under the ROC curve (b,); a tie counts half."""
        steps, _, false_positives = self._curve
        if self.ranked.all_runs is not None:
            false_positives = (false_positives + at(self._negative_totals, self.ranked.false_positives_above)) / 2
        auc: Floats = 1 - np.einsum("bg,bg->b", steps, false_positives) / (self.n_positive * self.n_negative)
        return auc

    @property
    def average_precision(self) -> Floats:
        """Mean precision over the recall steps (b,)."""
        steps, true_positives, false_positives = self._curve
        called = np.maximum(true_positives + false_positives, 1)
        precision: Floats = np.einsum("bg,bg->b", steps, true_positives / called) / self.n_positive
        return precision

    @property
    def spearman(self) -> Floats:
        """Spearman's correlation (b,) from the AUC and the sum of the cubed draws at each score.

        The mean ranks of the two labels lie N (AUC - 1/2) apart, and t equal scores take (t^3 - t) / 12N off the
        variance of the ranks (Kendall 1945).
        """
        n = self.n_positive + self.n_negative
        variance = (n**2 - 1) / 12 - (self._cubes - n) / (12 * n)
        apart = np.sqrt(self.n_positive * self.n_negative) * (self.auc_roc - 0.5)
        found: Floats = np.full_like(apart, np.nan)
        np.divide(apart, np.sqrt(variance), out=found, where=variance > 0)
        return found

    @cached_property
    def _positive_sums(self) -> Floats:
        return _sums(self.positive, self.ranked.positive_terms)

    @cached_property
    def _negative_sums(self) -> Floats:
        return _sums(self.negative, self.ranked.negative_terms)

    @property
    def _means(self) -> tuple[Floats, Floats]:
        return self._positive_sums / self.n_positive, self._negative_sums / self.n_negative

    @cached_property
    def _positive_totals(self) -> Floats:
        return totals(self.positive)

    @cached_property
    def _negative_totals(self) -> Floats:
        return totals(self.negative)

    @cached_property
    def _curve(self) -> tuple[Floats, Floats, Floats]:
        """At each run with a positive pair: its positive draws, and the true and false positives down to it."""
        false_positives = at(self._negative_totals, self.ranked.false_positives)
        if self.ranked.all_runs is None:
            return self.positive, self._positive_totals[:, 1:], false_positives
        # equal scores are called together
        true_positives = at(self._positive_totals, self.ranked.true_positives)
        return np.diff(true_positives, prepend=0), true_positives, false_positives

    @property
    def _cubes(self) -> Floats:
        """Sum over all scores of the cubed number of draws (b,)."""
        if self.ranked.all_runs is None:
            return _sum_of_cubes(self.positive) + _sum_of_cubes(self.negative)
        positive, negative = self.ranked.all_runs
        through = at(self._positive_totals, positive) + at(self._negative_totals, negative)
        return _sum_of_cubes(np.diff(through, prepend=0))


def _sums(weights: Floats, terms: Floats) -> Floats:
    """Weighted sums of terms (k, n): (b, n) to (b, k)."""
    # Not a matrix product: on a busy machine the threads of the linear algebra make that several times slower.
    sums: Floats = np.einsum("bn,kn->bk", weights, terms)
    return sums


def _sum_of_cubes(weights: Floats) -> Floats:
    cubes: Floats = np.einsum("bg,bg->b", weights**2, weights)
    return cubes
