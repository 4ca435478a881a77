"""The tables of slices, categories and pair types, whose rows lead to the pairs they stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..charts import chart as chart_data
from ..core import formatting as formats
from ..evaluation.intervals import DELONG
from .selection import group_names, group_of, largest, largest_note, model_label, model_name, n_incompatible
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import Evaluation, GroupMetrics
    from .selection import GroupField
    from .shown_pairs import DrawnPairs

NAME = 60
_FILTERS = {"by_category": "category", "by_pair_type": "pair_type"}


def slice_table(caption: str, groups: Sequence[GroupMetrics]) -> Table:
    """Metrics of parts of the eval pairs or of the challenge set."""
    return _group_table(caption, groups, [""] * len(groups))


def group_table(caption: str, evaluation: Evaluation, field: GroupField, drawn: DrawnPairs) -> Table:
    """Metrics of categories or pair types; a row leads to its pairs."""
    groups: tuple[GroupMetrics, ...] = getattr(evaluation, field)
    links = [drawn.link(**{_FILTERS[field]: group.name}, model=evaluation.model) for group in groups]
    return _group_table(caption, groups, links)


def _group_table(caption: str, groups: Sequence[GroupMetrics], links: Sequence[str]) -> Table:
    columns = (
        "Group", "N", "Compatible", "AUC-ROC", "Margin", "Cohen's d", "Spearman", "Accuracy",
        "False positives", "FP rate",
    )  # fmt: skip
    link_of = dict(zip((group.name for group in groups), links, strict=True))
    rows = [_group_row(group, link_of[group.name]) for group in largest(groups)]
    note = f"n/a: too few pairs, or one label only. {largest_note(groups)}".rstrip()
    return table(caption, columns, rows, note)


def _group_row(group: GroupMetrics, link: str) -> list[Cell | str]:
    return [
        Cell(formats.short_name(group.name, NAME), href=link),
        formats.count(group.n),
        formats.count(group.n_compatible),
        cell(formats.number(group.auc_roc), group.reason, formats.interval(group.auc_low, group.auc_high)),
        _margin(group),
        cell(formats.signed(group.cohens_d), group.reason),
        cell(formats.number(group.spearman_correlation), group.reason),
        cell(formats.number(group.accuracy), group.reason),
        cell(formats.count(group.false_positives), group.reason),
        cell(formats.percent(group.false_positive_rate), _no_rate(group), _false_positive_limits(group)),
    ]


def _margin(group: GroupMetrics) -> Cell:
    limits = formats.interval(group.margin_low, group.margin_high)
    return cell(formats.signed(group.compatibility_margin), group.reason, limits)


def _no_rate(group: GroupMetrics | None) -> str:
    """Why a group has no rate of false positives, where it has none."""
    if group is None:
        return "this model was not evaluated on it"
    return group.reason if n_incompatible(group) else "there are no incompatible pairs"


def _false_positive_limits(group: GroupMetrics) -> str:
    low, high = group.false_positive_low, group.false_positive_high
    return "" if low is None or high is None else f"[{100 * low:.0f}, {100 * high:.0f}] %"


def slices_by_model(evaluations: Sequence[Evaluation]) -> Table:
    """AUC of each slice under each model."""
    rows = [_slice_row(evaluations, name) for name in group_names(evaluations, "slices")]
    note = f"n/a: too few pairs, or one label only. In brackets 95 % intervals, {DELONG}."
    names = (model_name(evaluation.model) for evaluation in evaluations)
    return table("AUC-ROC by slice", ("Slice", "N", *names), rows, note)


def _slice_row(evaluations: Sequence[Evaluation], name: str) -> list[Cell | str]:
    groups = [group_of(evaluation, "slices", name) for evaluation in evaluations]
    n = next(formats.count(group.n) for group in groups if group is not None)
    return [formats.short_name(name, NAME), n, *map(_auc, groups)]


def _auc(group: GroupMetrics | None) -> Cell:
    if group is None:
        return cell(formats.NOT_AVAILABLE, "this model was not evaluated on it")
    return cell(formats.number(group.auc_roc), group.reason, formats.interval(group.auc_low, group.auc_high))


def margin_table(evaluations: Sequence[Evaluation], drawn: DrawnPairs) -> Table:
    """Margins of category x model."""
    names = group_names(evaluations, "by_category")
    rows = [_margin_row(evaluations, name, drawn.link(category=name)) for name in names]
    note = largest_note(evaluations[0].by_category)
    return table("Margin by category", ("Category", *_names(evaluations)), rows, note)


def _margin_row(evaluations: Sequence[Evaluation], name: str, link: str) -> list[Cell | str]:
    cells = (_margin_of(evaluation, name) for evaluation in evaluations)
    return [Cell(formats.short_name(name, NAME), href=link), *cells]


def _margin_of(evaluation: Evaluation, name: str) -> Cell:
    group = group_of(evaluation, "by_category", name)
    if group is None:
        return cell(formats.NOT_AVAILABLE, "this model was not evaluated on it")
    note = f"{formats.interval(group.margin_low, group.margin_high)} n={formats.count(group.n)}".lstrip()
    return cell(formats.signed(group.compatibility_margin), group.reason, note)


def false_positive_table(evaluations: Sequence[Evaluation], drawn: DrawnPairs) -> Table:
    """False positives of pair type x model; a count leads to its pairs."""
    groups = chart_data.false_positive_groups(evaluations)
    rows = [_false_positive_row(evaluations, group, drawn) for group in groups]
    note = largest_note(evaluations[0].by_pair_type)
    columns = ("Pair type", "Incompatible pairs", *_names(evaluations))
    return table("False positives by pair type", columns, rows, note)


def _false_positive_row(evaluations: Sequence[Evaluation], group: GroupMetrics, drawn: DrawnPairs) -> list[Cell | str]:
    cells = (_false_positive_cell(evaluation, group.name, drawn) for evaluation in evaluations)
    return [formats.short_name(group.name, NAME), formats.count(n_incompatible(group)), *cells]


def _false_positive_cell(evaluation: Evaluation, name: str, drawn: DrawnPairs) -> Cell:
    group = group_of(evaluation, "by_pair_type", name)
    if group is None or group.false_positive_rate is None:
        return cell(formats.NOT_AVAILABLE, _no_rate(group))
    note = f"{formats.percent(group.false_positive_rate)} {_false_positive_limits(group)}".rstrip()
    # the list of pairs shows one trained model beside the baseline, or the baseline alone
    listed = evaluation.model in drawn.models or not drawn.models
    state = {"pair_type": name, "label": "0", "outcome": "wrong", "model": evaluation.model}
    return Cell(formats.count(group.false_positives), note=note, href=drawn.link(**state) if listed else "")


def _names(evaluations: Sequence[Evaluation]) -> list[str]:
    return [model_label(evaluation) for evaluation in evaluations]
