"""The targets that were set before the first training, and what was observed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.metric_registry import metric_label
from .selection import model_name
from .table import Cell, Table, cell, word_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import TargetResult


def target_table(targets: Sequence[TargetResult]) -> Table:
    """Each target of each model with its outcome."""
    columns = ("Model", "Metric", "Target", "Observed", "Outcome", "Note")
    return word_table("Targets set before the first training", columns, [_row(target) for target in targets])


def _row(target: TargetResult) -> list[Cell | str]:
    observed = cell(formats.number(target.observed), target.note, formats.interval(target.low, target.high))
    return [
        model_name(target.model),
        metric_label(target.metric),
        formats.number(target.target, 2),
        observed,
        Cell(target.outcome, kind=target.outcome.replace(" ", "-")),
        Cell(target.note, kind="wide"),
    ]
