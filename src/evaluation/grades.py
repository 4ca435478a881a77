"""Cosines by grade, and how well they tell classes apart."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..models import ClassPair, GradeBin
from .confidence import Scale
from .estimates import MIN_TEXTS, auc_estimate
from .variance import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..models import GradeScale
    from .metric_registry import Scored

    Floats = NDArray[np.float64]

MOST_VALUES = 10
_BINS = 10
_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_LEAST = 2  # pairs, for an interval


def of_grades(of: Scored, scale: GradeScale | None) -> dict[str, Any]:
    """The fields of an evaluation that belong to graded labels; none without grades.

    Args:
        of: The scored pairs.
        scale: Of their grades; None where they have none.
    """
    if scale is None:
        return {}
    return {
        "by_grade": grade_bins(of.scores, of.sample, scale),
        "class_pairs": class_pairs(of.scores, of.sample, scale),
    }


def grade_bins(scores: Floats, sample: Sample, scale: GradeScale) -> tuple[GradeBin, ...]:
    """Cosines of each grade, or in ten equal ranges where there are more than ten grades; empty ranges are left out.

    Args:
        scores: (N,) cosines.
        sample: The N pairs, with grades.
        scale: Of the grades.
    """
    grades = sample.grades if sample.grades is not None else sample.labels.astype(np.float64)
    values = np.unique(grades)
    if values.size <= MOST_VALUES:
        return tuple(_bin(float(value), float(value), grades == value, scores, sample) for value in values)
    edges = np.linspace(scale.low, scale.high, _BINS + 1)
    place = np.clip(np.searchsorted(edges, grades, side="left") - 1, 0, _BINS - 1)
    return tuple(
        _bin(float(low), float(high), place == number, scores, sample)
        for number, (low, high) in enumerate(pairwise(edges))
        if (place == number).any()
    )


def _bin(low: float, high: float, inside: NDArray[np.bool_], scores: Floats, sample: Sample) -> GradeBin:
    own = scores[inside]
    mean = float(own.mean())
    influence = np.where(inside, scores - mean, 0.0) / own.size
    few = own.size < _LEAST or sample.effective_texts < MIN_TEXTS
    small = np.sqrt(own.size / max(1, own.size - 1))
    limits = None if few else Scale.IDENTITY.interval(mean, sample.spread(influence * small, by_label=False))
    return GradeBin(
        low=low,
        high=high,
        n=own.size,
        mean=mean,
        mean_low=limits.low if limits else None,
        mean_high=limits.high if limits else None,
        quantiles=tuple(np.quantile(own, _QUANTILES).tolist()),
    )


def class_pairs(scores: Floats, sample: Sample, scale: GradeScale) -> tuple[ClassPair, ...]:
    """AUC of each two classes of different grades, with its interval.

    Args:
        scores: (N,) cosines.
        sample: The N pairs, with grades.
        scale: Of the grades; without classes there is nothing to tell apart.
    """
    return tuple(_class_pairs(scores, sample, scale))


def _class_pairs(scores: Floats, sample: Sample, scale: GradeScale) -> Iterator[ClassPair]:
    names: dict[float, str] = {}
    for name, grade in scale.classes.items():
        names[grade] = f"{names[grade]}, {name}" if grade in names else name
    grades = sample.grades if sample.grades is not None else sample.labels.astype(np.float64)
    for lower, upper in combinations(sorted(names), 2):
        rows = np.flatnonzero((grades == lower) | (grades == upper))
        is_upper = grades[rows] == upper
        found = auc_estimate(scores[rows], Sample(is_upper, None if sample.texts is None else sample.texts[rows]))
        yield ClassPair(
            upper=names[upper],
            lower=names[lower],
            n_upper=int(np.count_nonzero(is_upper)),
            n_lower=int(np.count_nonzero(~is_upper)),
            auc_roc=found.value,
            auc_low=found.low,
            auc_high=found.high,
            reason=found.reason,
        )
