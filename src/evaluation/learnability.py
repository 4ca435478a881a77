"""Learnability: whether a simple model predicts the labels of pairs whose texts it has not seen.

A linear discriminant looks at the product and the absolute difference of the two sides, in the directions in which the
texts differ most. It is cross-validated by components of shared texts. Shuffled labels tell how far its AUC strays by
chance, because the scores of one cross-validation depend on one another (Bengio & Grandvalet 2004, JMLR 5): with random
labels the AUC strays 1.2 to 1.4 times as far as DeLong's standard error says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..data.components import component_folds
from ..data.text_table import text_table
from ..metrics import concordant_counts
from ..models import Learnability
from ..wording import learnability as wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ..models import PairSet

    Floats = NDArray[np.float64]
    Folds = NDArray[np.int8]
    Vectors = Callable[[NDArray[np.intp]], NDArray[np.floating]]

MAX_PAIRS = 10_000
MIN_PER_LABEL = 10
DIRECTIONS = 32
SHUFFLES = 100
# of the ridge, relative to the spread of one feature; anything from 10 on gives the same ranking
PENALTY = 10.0
_Z_95 = 1.959963984540054
_CHANCE = 0.5


def learnability(pairs: PairSet, seen: str, vectors: Vectors) -> Learnability:
    """Cross-validated AUC of the labels with its 95 % interval.

    Args:
        pairs: N pairs; at most 10,000 drawn ones are looked at.
        seen: What the vectors are made of, for the result.
        vectors: Gives both sides of the pairs at these places, shape (n, 2, D).

    Returns:
        No AUC, with a reason, with fewer than 10 pairs of a label or where no component can be held out.
    """
    rows = np.arange(len(pairs))
    if len(rows) > MAX_PAIRS:
        rows = np.sort(np.random.default_rng(0).permutation(rows)[:MAX_PAIRS])
        pairs = pairs.take(rows)
    labels, n = pairs.labels, len(pairs)
    if min(np.count_nonzero(labels), n - np.count_nonzero(labels)) < MIN_PER_LABEL:
        return Learnability(seen=seen, auc_roc=None, n=n, reason=wording.too_few_of_a_label(MIN_PER_LABEL))
    fold = component_folds(text_table(pairs), labels)
    if not can_hold_out(fold, labels):
        return Learnability(seen=seen, auc_roc=None, n=n, reason=wording.NO_FOLDS)
    targets = labels if pairs.grades is None else pairs.targets
    columns = np.column_stack([targets, _shuffled(targets, fold)]).astype(np.float64)
    scores = _held_out_scores(_features(vectors(rows)), columns, fold)
    auc, *by_chance = within_folds_auc(scores, columns, fold).tolist()
    half = _Z_95 * float(np.sqrt(np.mean((np.array(by_chance) - _CHANCE) ** 2)))
    return Learnability(
        seen=seen,
        auc_roc=auc,
        auc_low=max(0.0, auc - half),
        auc_high=min(1.0, auc + half),
        shuffled_low=min(by_chance),
        shuffled_high=max(by_chance),
        n=n,
    )


def can_hold_out(fold: Folds, labels: NDArray[np.int8]) -> bool:
    """Whether both labels are left to fit on, whichever fold is held out, and a fold has both; shapes (N,)."""
    folds = np.unique(fold)
    left = all(_has_both(labels[fold != held_out]) for held_out in folds)
    return left and any(_has_both(labels[fold == held_out]) for held_out in folds)


def _has_both(labels: NDArray[np.int8]) -> bool:
    return len(labels) > 0 and bool(labels.min() < labels.max())


def within_folds_auc(scores: Floats, labels: Floats, fold: Folds) -> Floats:
    """AUC over all couples of a pair of label 1 and one of label 0 in the same fold; the concordance of grades.

    Scores of two folds are from two fits and not comparable (LeDell, Petersen & van der Laan 2015).

    Args:
        scores: A column for each experiment, shape (N, B).
        labels: 0 or 1, or grades, shape (N, B).
        fold: Fold of each pair, shape (N,).

    Returns:
        Shape (B,). At least one fold must have both labels.
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - slow to import; not for --help

    above, couples = np.zeros(scores.shape[1]), np.zeros(scores.shape[1])
    if not np.isin(labels[:, 0], (0, 1)).all():
        return _within_folds_concordance(scores, labels, fold)
    for held_out in np.unique(fold):
        own = labels[fold == held_out]
        ones = own.sum(axis=0)
        above += (rankdata(scores[fold == held_out], axis=0) * own).sum(axis=0) - ones * (ones + 1) / 2
        couples += ones * (len(own) - ones)
    return above / couples


def _within_folds_concordance(scores: Floats, grades: Floats, fold: Folds) -> Floats:
    found = []
    for column in range(scores.shape[1]):
        counts = [
            concordant_counts(scores[rows, column], grades[rows, column])
            for rows in (np.flatnonzero(fold == held_out) for held_out in np.unique(fold))
        ]
        found.append(sum(float(one.sum()) for one, _ in counts) / sum(float(other.sum()) for _, other in counts))
    return np.array(found)


def _shuffled(labels: NDArray[np.generic], fold: Folds) -> NDArray[np.generic]:
    """The labels 100 times, each time shuffled within the folds, shape (N, 100)."""
    generator = np.random.default_rng(0)
    shuffled = np.empty((len(labels), SHUFFLES), dtype=labels.dtype)
    for held_out in np.unique(fold):
        rows = np.flatnonzero(fold == held_out)
        for column in range(SHUFFLES):
            shuffled[rows, column] = generator.permutation(labels[rows])
    return shuffled


def _features(vectors: NDArray[np.floating]) -> Floats:
    """Product and absolute difference of both sides in up to 32 principal directions, shape (N, 64)."""
    from sklearn.decomposition import PCA  # noqa: PLC0415 - slow to import; not for --help

    sides = np.asarray(vectors, dtype=np.float64)
    texts = sides.reshape(-1, sides.shape[2])
    reduced = PCA(min(DIRECTIONS, *texts.shape), svd_solver="full").fit_transform(texts)
    one, two = reduced.reshape(len(sides), 2, -1).swapaxes(0, 1)
    return np.hstack([one * two, np.abs(one - two)])


def _held_out_scores(features: Floats, labels: Floats, fold: Folds) -> Floats:
    """Scores of every pair by a ridge regression on the other folds, one for each column of labels, shape (N, B)."""
    scores = np.empty_like(labels)
    for held_out in np.unique(fold):
        outside = fold == held_out
        fitted = features[~outside]
        mean, spread = fitted.mean(axis=0), fitted.std(axis=0)
        spread[spread == 0] = 1.0
        known, asked = (fitted - mean) / spread, (features[outside] - mean) / spread
        penalty = PENALTY * len(known) * np.eye(known.shape[1])
        wanted = labels[~outside] - labels[~outside].mean(axis=0)
        scores[outside] = asked @ np.linalg.solve(known.T @ known + penalty, known.T @ wanted)
    return scores
