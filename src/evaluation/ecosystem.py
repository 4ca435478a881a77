"""Metrics under the names of sentence-transformers, so that they can be compared with other projects' numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..metrics import average_precision, has_both_labels, validated
from ..models import EcosystemMetrics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..models import PairSet


def ecosystem_metrics(cosines: NDArray[np.float64], pairs: PairSet) -> EcosystemMetrics:
    """What `BinaryClassificationEvaluator` and `EmbeddingSimilarityEvaluator` say of the same cosines.

    Args:
        cosines: (N,) of the pairs.
        pairs: The N pairs; correlations are with their grades, where they have any, else with their labels.
    """
    values, positive = validated(cosines, pairs.labels)
    if pairs.scale is not None and not pairs.scale.has_cut:
        positive = positive[:0]  # nobody said which pairs are positive
    gold = pairs.labels.astype(np.float64) if pairs.grades is None else pairs.grades
    return EcosystemMetrics(
        cosine_ap=average_precision(values, pairs.labels) if positive.size else None,
        **_best(values, positive),
        **_correlations(values, gold),
    )


def _best(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> dict[str, float | None]:
    names = ("cosine_f1", "cosine_f1_threshold", "cosine_accuracy", "cosine_accuracy_threshold")
    if not has_both_labels(positive):
        return dict.fromkeys(names)
    from sentence_transformers.sentence_transformer.evaluation import (  # noqa: PLC0415 - imports torch
        BinaryClassificationEvaluator as Theirs,
    )

    labels = positive.astype(int)
    f1, _, _, at_f1 = Theirs.find_best_f1_and_threshold(scores, labels, high_score_more_similar=True)
    accuracy, at_accuracy = Theirs.find_best_acc_and_threshold(scores, labels, high_score_more_similar=True)
    return dict(zip(names, map(float, (f1, at_f1, accuracy, at_accuracy)), strict=True))


def _correlations(scores: NDArray[np.float64], gold: NDArray[np.float64]) -> dict[str, Any]:
    from scipy.stats import pearsonr, spearmanr  # noqa: PLC0415 - keeps `--help` fast

    if len(scores) < 2 or np.ptp(scores) == 0 or np.ptp(gold) == 0:  # noqa: PLR2004 - a line needs two points
        return {"spearman_cosine": None, "pearson_cosine": None}
    rank, linear = float(spearmanr(gold, scores).statistic), float(pearsonr(gold, scores).statistic)
    return {"spearman_cosine": rank, "pearson_cosine": linear}
