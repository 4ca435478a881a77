"""Cosines by grade, metrics of slices of graded pairs, and how well each two classes are told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.metric_registry import metric_label
from ..wording.intervals import IN_BRACKETS
from .scores import estimate_cell
from .selection import model_label, model_name
from .table import Cell, Table, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Evaluation, GradeBin, GradeScale, GroupMetrics

_NAME = 60


def bin_label(found: GradeBin, scale: GradeScale | None) -> str:
    """The grades of a bin, or the classes of its grade."""
    names = [name for name, grade in scale.classes.items() if grade == found.low] if scale else []
    if names and found.low == found.high:
        return formats.short_name(", ".join(names))
    return f"{found.low:g}" if found.low == found.high else f"{found.low:g} to {found.high:g}"


def grade_table(evaluations: Sequence[Evaluation]) -> Table:
    """Mean cosine of each range of grades under each model."""
    first = evaluations[0]
    rows: list[Sequence[Cell | str]] = [
        [
            bin_label(found, first.eval_data.scale),
            formats.count(found.n),
            *(estimate_cell(one.mean, one.mean_low, one.mean_high, "") for one in (e.by_grade[i] for e in evaluations)),
        ]
        for i, found in enumerate(first.by_grade)
    ]
    return table("Mean cosine by grade", ("Grade", "N", *map(model_label, evaluations)), rows, IN_BRACKETS)


def graded_groups(caption: str, groups: Sequence[GroupMetrics]) -> Table:
    """Metrics of parts of the graded pairs."""
    metrics = list(dict.fromkeys(found.name for group in groups for found in group.estimates))
    rows: list[Sequence[Cell | str]] = [
        [
            formats.short_name(group.name, _NAME),
            formats.count(group.n),
            *(estimate_cell(one.value, one.low, one.high, one.reason) for one in group.estimates),
        ]
        for group in groups
    ]
    return table(caption, ("Group", "N", *map(metric_label, metrics)), rows, IN_BRACKETS)


def class_table(evaluations: Sequence[Evaluation]) -> Table:
    """AUC of each two classes under each model."""
    rows: list[Sequence[Cell | str]] = []
    for place, pair in enumerate(evaluations[0].class_pairs):
        found = [evaluation.class_pairs[place] for evaluation in evaluations]
        cells = [estimate_cell(one.auc_roc, one.auc_low, one.auc_high, one.reason) for one in found]
        numbers = f"{formats.count(pair.n_upper)}, {formats.count(pair.n_lower)}"
        names = (formats.short_name(pair.upper, _NAME), formats.short_name(pair.lower, _NAME))
        rows.append([*names, numbers, *cells])
    columns = ("Class", "Against", "N of each", *(model_name(one.model) for one in evaluations))
    return table("AUC-ROC of each two classes", columns, rows, IN_BRACKETS)
