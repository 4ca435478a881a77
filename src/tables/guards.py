"""What the models forgot: their change on pairs of another kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..models import GENERAL_ENGLISH
from .scores import difference_cell
from .selection import model_name, reference_label, reference_of
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..models import GuardDifference, ModelSummary

_NOTE = (
    "Pairs of another kind, which no model is trained on: Spearman where labels are grades, else the AUC-ROC. The "
    "first number is the score, the second one the change, with its 95 % interval."
)
_SHIPPED = f"The graded pairs of {GENERAL_ENGLISH} ship with the project (docs/data-card.md)."


def guard_table(models: Sequence[ModelSummary]) -> Table:
    """Guards x models: the score of the reference, and of each other model the score and its change.

    Args:
        models: Those of a comparison; at least one has guards.
    """
    others = [model for model in models if model.guards]
    guards = {found.slice: found for model in others for found in model.guards}
    rows: list[Sequence[Cell | str]] = [
        [
            Cell(name, note=f"({formats.count(first.n)} pairs)"),
            cell(formats.number(_score(first, of_reference=True)), first.difference.outcome),
            *(_change(model, name) for model in others),
        ]
        for name, first in guards.items()
    ]
    columns = ("Guard", model_name(reference_of(models)), *(model_name(model.name) for model in others))
    note = f"{_NOTE} {_SHIPPED}" if any(found.shipped for found in guards.values()) else _NOTE
    return table(f"Forgetting, compared with {reference_label(models, 'the ')}", columns, rows, note)


def _change(model: ModelSummary, name: str) -> Cell:
    found = next(found for found in model.guards if found.slice == name)
    change = difference_cell(found.difference)
    return Cell(
        formats.number(_score(found, of_reference=False)), note=f"{change.text} {change.note}", kind=change.kind
    )


def _score(found: GuardDifference, *, of_reference: bool) -> float | None:
    graded, labelled = (found.other_spearman, found.other_auc_roc) if of_reference else (found.spearman, found.auc_roc)
    return labelled if graded is None else graded
