"""The trials of a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..wording import search as wording
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from ..models import Search, Trial


def search_table(found: Search) -> Table:
    """One trial a row: its parameters, what it reached on the validation pairs, and what it cost."""
    parameters = [formats.capitalised(name.replace("_", " ")) for name in found.space]
    columns = ("Trial", *parameters, "Spearman", "AUC-ROC", "Epoch", "State", "Steps", "Duration")
    rows = [_row(found, trial) for trial in found.trials]
    return table("Trials, on validation pairs", columns, rows, wording.of_trials(found))


def _row(found: Search, trial: Trial) -> list[Cell | str]:
    return [
        Cell(formats.count(trial.number + 1), note="(chosen)" if trial.number == found.best else ""),
        *(_parameter(trial.parameters[name]) for name in found.space),
        cell(formats.number(trial.spearman), trial.reason if trial.spearman is None else ""),
        formats.number(trial.auc_roc),
        formats.number(trial.epoch, 2),
        trial.state.value,
        formats.count(trial.steps),
        formats.duration(trial.seconds),
    ]


def _parameter(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
