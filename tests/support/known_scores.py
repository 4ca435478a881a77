"""Scores of known spread, and what libraries compute from them."""

from __future__ import annotations

import numpy as np
from scipy import stats
from sklearn import metrics as sk

# as in the JSON, in its order
METRIC_NAMES = (
    "compatibility_margin",
    "cohens_d",
    "auc_roc",
    "average_precision",
    "spearman_correlation",
    "f1",
)


def draw_scores(n: int = 100, shift: float = 0.8, seed: int = 0, decimals: int = 6) -> tuple[np.ndarray, np.ndarray]:
    """Normal scores of spread 0.2, `shift` standard deviations apart."""
    labels = np.repeat([0, 1], [n - n // 2, n // 2])
    return np.random.default_rng(seed).normal(0.2 * shift * labels, 0.2).round(decimals), labels


def by_library(scores: np.ndarray, labels: np.ndarray, threshold: float) -> list[float]:
    """The metrics of `METRIC_NAMES`, computed by scikit-learn and scipy."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    squares = (len(positive) - 1) * positive.var(ddof=1) + (len(negative) - 1) * negative.var(ddof=1)
    margin = positive.mean() - negative.mean()
    return [
        margin,
        margin / np.sqrt(squares / (len(labels) - 2)),
        sk.roc_auc_score(labels, scores),
        sk.average_precision_score(labels, scores),
        stats.spearmanr(scores, labels).statistic,
        sk.f1_score(labels, scores >= threshold),
    ]
