"""Differences on slices that nobody named beforehand, and how many of them survive that so many were looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.metric_registry import metric_label
from ..wording import exploratory as wording
from .groups import NAME
from .scores import difference_cell
from .selection import model_name, reference_label
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from ..models import Evaluation, ExploratorySlice, ModelSummary

MAX_SLICES = 40


def exploratory_tables(model: ModelSummary) -> tuple[Table, ...]:
    """One row a slice, the smallest false discovery rate first, at most 40; no table where there is no slice."""
    found = model.exploratory
    if found is None or not found.looked_at:
        return ()
    slices = sorted(found.slices, key=lambda one: one.q_value)[:MAX_SLICES]
    caption = f"{model_name(model.evaluation.model)}: change on exploratory slices"
    change = f"Change of {metric_label(model.evaluation.ranking.name)}"
    columns = ("Slice", "N", change, "Drawn to the mean", "p", "FDR", "At 5 %")
    return (table(caption, columns, map(_row, slices), exploratory_note(model)),)


def exploratory_note(model: ModelSummary) -> str:
    """How many slices were looked at, and how many differences survive."""
    found = model.exploratory
    if found is None:
        return ""
    survive = sum(one.survives for one in found.slices)
    name, reference = model_name(model.evaluation.model), reference_label([model], "the ")
    return wording.tested(name, reference, found.looked_at, len(found.slices), survive)


def looked_at_note(evaluation: Evaluation) -> str:
    """How many slices of one model the tables show."""
    return wording.looked_at(
        len(evaluation.by_category), len(evaluation.by_pair_type), len(evaluation.challenge_groups)
    )


def _row(found: ExploratorySlice) -> list[Cell | str]:
    return [
        formats.short_name(found.slice, NAME),
        formats.count(found.n),
        difference_cell(found.difference),
        cell(formats.signed(found.shrunk), wording.TOO_FEW_SLICES),
        formats.p_value(found.p_value),
        formats.p_value(found.q_value),
        "survives" if found.survives else "does not",
    ]
