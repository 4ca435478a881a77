"""The models of a page on the pairs of each split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..data_loader import data_file
from ..evaluation.estimates import estimates, scored
from ..evaluation.grades import of_grades
from ..evaluation.roc_band import roc_band
from ..evaluation.variance import Sample
from ..metrics import best_threshold, histogram, roc_points, separation, threshold_metrics
from ..models import Split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from ..evaluation.metric_registry import Scored
    from ..models import Evaluation, PairSet

    Scores = Mapping[str, NDArray[np.float64]]

ORDER = (Split.TRAIN, Split.VALIDATION, Split.TEST, Split.CHALLENGE)
ROC_POINTS = 200
PAIRS_OF_OTHER_SPLITS = 400


@dataclass(frozen=True, eq=False)
class SplitView:
    """The models on the N pairs of one split.

    Attributes:
        split: Which one.
        pairs: Its pairs.
        evaluations: One a model, the baseline first. Their fields on scores, thresholds, histogram and curve are about
            these pairs; all others stay those of the test pairs.
        scores: Artifact name to the cosines of the pairs, (N,).
    """

    split: Split
    pairs: PairSet
    evaluations: tuple[Evaluation, ...]
    scores: Scores


def split_views(
    evaluations: Sequence[Evaluation], sets: Mapping[Split, PairSet], scores: Mapping[Split, Scores]
) -> tuple[SplitView, ...]:
    """The models on each split that has scores, from train to challenge.

    Args:
        evaluations: On the test pairs, the baseline first.
        sets: The pairs of each split.
        scores: By split, artifact name to the cosines of its pairs, (N,).

    Raises:
        ValueError: A split has not as many cosines as pairs.
    """
    return tuple(_view(split, sets[split], evaluations, scores[split]) for split in ORDER if split in scores)


def _view(split: Split, pairs: PairSet, evaluations: Sequence[Evaluation], scores: Scores) -> SplitView:
    if split is Split.TEST:
        return SplitView(split, pairs, tuple(evaluations), scores)
    sample = Sample.of(pairs)
    return SplitView(
        split, pairs, tuple(_seen_on(pairs, sample, one, scores[one.model]) for one in evaluations), scores
    )


def _seen_on(pairs: PairSet, sample: Sample, evaluation: Evaluation, scores: NDArray[np.float64]) -> Evaluation:
    """An evaluation with what its pictures show measured on other pairs, at its own operating threshold."""
    point = evaluation.operating_point
    of = scored(scores, sample, point.threshold if point else None)
    measured = {"estimates": estimates(of), "histogram": histogram(scores, pairs.labels), "eval_data": data_file(pairs)}
    return evaluation.model_copy(update=measured | _of_labels(of) | of_grades(of, pairs.scale))


def _of_labels(of: Scored) -> dict[str, Any]:
    labels = of.sample.labels
    if not of.sample.has_labels:
        return {}
    best = best_threshold(of.scores, labels)
    return {
        **dict(separation(of.scores, labels)),
        "roc": roc_points(of.scores, labels, ROC_POINTS),
        "roc_band": roc_band(of),
        "operating_point": None if of.threshold is None else threshold_metrics(of.scores, labels, of.threshold),
        "optimistic_point": None if best is None else threshold_metrics(of.scores, labels, best),
    }


def drawn_rows(n: int, seed: int, most: int = PAIRS_OF_OTHER_SPLITS) -> NDArray[np.int64]:
    """Rows of the pairs that a page lists of a split beside the test pairs, ascending: all, or a random sample.

    Args:
        n: Pairs of the split.
        seed: Of the sample.
        most: How many are listed at most.
    """
    if n <= most:
        return np.arange(n)
    return np.sort(np.random.default_rng(seed).choice(n, most, replace=False))
