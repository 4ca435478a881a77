"""The tables of slices, categories and pair types, whose rows lead to the pairs they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..core.formatting import capitalised
from ..evaluation.metric_registry import metric_label
from ..models import DATING_WORDS
from ..wording.intervals import IN_BRACKETS
from .grades import graded_groups
from .scores import group_cell
from .selection import group_names, group_of, largest, largest_note, model_label, model_name, n_incompatible
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Evaluation, GroupMetrics, Words

NAME = 60
_NO_COLUMN = "Without --slice-by there are no tables and charts by the values of a column."


def left_out(words: Words) -> str:
    """What is not shown because no column groups the pairs; empty where one does."""
    return "" if words.category else _NO_COLUMN


def slice_table(caption: str, groups: Sequence[GroupMetrics], words: Words = DATING_WORDS) -> Table:
    """Metrics of parts of the eval pairs or of the challenge set."""
    if any(group.estimates for group in groups):
        return graded_groups(caption, groups)
    return metrics_of_groups(caption, groups, [""] * len(groups), words)


def metrics_of_groups(
    caption: str, groups: Sequence[GroupMetrics], links: Sequence[str], words: Words, told: str = ""
) -> Table:
    """All metrics of some groups; `links` lead to their pairs, and `told` ends the note."""
    columns = (
        "Group", "N", capitalised(words.positive), "AUC-ROC", "Margin", "Cohen's d", "Spearman", "Accuracy",
        "False positives", "FP rate",
    )  # fmt: skip
    link_of = dict(zip((group.name for group in groups), links, strict=True))
    rows = [_group_row(group, link_of[group.name], words) for group in largest(groups)]
    note = " ".join(filter(None, ["n/a: too few pairs, or one label only.", largest_note(groups), told]))
    return table(caption, columns, rows, note)


def _group_row(group: GroupMetrics, link: str, words: Words) -> list[Cell | str]:
    return [
        Cell(formats.short_name(group.name, NAME), href=link),
        formats.count(group.n),
        formats.count(group.n_compatible),
        cell(formats.number(group.auc_roc), group.reason, formats.interval(group.auc_low, group.auc_high)),
        _margin_cell(group),
        cell(formats.signed(group.cohens_d), group.reason),
        cell(formats.number(group.spearman_correlation), group.reason),
        cell(formats.number(group.accuracy), group.reason),
        cell(formats.count(group.false_positives), group.reason),
        cell(formats.percent(group.false_positive_rate), no_rate(group, words), false_positive_limits(group)),
    ]


def _margin_cell(group: GroupMetrics) -> Cell:
    limits = formats.interval(group.margin_low, group.margin_high)
    return cell(formats.signed(group.compatibility_margin), group.reason, limits)


def no_rate(group: GroupMetrics | None, words: Words) -> str:
    """Why a group has no rate of false positives, where it has none."""
    if group is None:
        return "this model was not evaluated on it"
    return group.reason if n_incompatible(group) else f"there are no {words.negative} pairs"


def false_positive_limits(group: GroupMetrics) -> str:
    """The interval of a false positive rate in percent, empty where there is none."""
    low, high = group.false_positive_low, group.false_positive_high
    return "" if low is None or high is None else f"[{100 * low:.0f}, {100 * high:.0f}] %"


def slices_by_model(evaluations: Sequence[Evaluation]) -> Table:
    """AUC of each slice under each model, or Spearman where labels are grades."""
    rows = [_slice_row(evaluations, name) for name in group_names(evaluations, "slices")]
    note = f"n/a: too few pairs, or one label only. {IN_BRACKETS}"
    names = (model_name(evaluation.model) for evaluation in evaluations)
    return table(f"{metric_label(evaluations[0].ranking.name)} by slice", ("Slice", "N", *names), rows, note)


def _slice_row(evaluations: Sequence[Evaluation], name: str) -> list[Cell | str]:
    groups = [group_of(evaluation, "slices", name) for evaluation in evaluations]
    n = next(formats.count(group.n) for group in groups if group is not None)
    return [formats.short_name(name, NAME), n, *map(_auc, groups)]


def _auc(group: GroupMetrics | None) -> Cell:
    if group is None:
        return cell(formats.NOT_AVAILABLE, "this model was not evaluated on it")
    if group.estimates:
        return group_cell(group, "spearman_correlation")
    return cell(formats.number(group.auc_roc), group.reason, formats.interval(group.auc_low, group.auc_high))


def _names(evaluations: Sequence[Evaluation]) -> list[str]:
    return [model_label(evaluation) for evaluation in evaluations]
