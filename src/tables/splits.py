"""What models are compared by, on each split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.metric_registry import metric_label
from ..models import Split
from .scores import estimate_cell
from .selection import model_name
from .table import Cell, Table, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..views.on_splits import SplitView

SPLIT_NAMES = {
    Split.TRAIN: "Train",
    Split.VALIDATION: "Validation",
    Split.TEST: "Test",
    Split.CHALLENGE: "Challenge",
}
_NOTE = (
    "A model that is much better on train than on test has learned its pairs by heart; one that is much better on "
    "test than on the challenge set has learned what only these files have in common."
)


def split_name(view: SplitView) -> str:
    """A split and its number of pairs."""
    return f"{SPLIT_NAMES[view.split]} (n={formats.count(len(view.pairs))})"


def split_table(views: Sequence[SplitView]) -> Table:
    """Models x splits: the AUC with its interval, or Spearman where labels are grades.

    Args:
        views: At least one, all of the same models.
    """
    rows: list[list[Cell | str]] = [
        [model_name(one.model), *(_cell(view, position) for view in views)]
        for position, one in enumerate(views[0].evaluations)
    ]
    metric = metric_label(views[0].evaluations[0].ranking.name)
    return table(f"{metric} on each split", ("Model", *map(split_name, views)), rows, _NOTE)


def _cell(view: SplitView, position: int) -> Cell:
    found = view.evaluations[position].ranking
    return estimate_cell(found.value, found.low, found.high, found.reason)
