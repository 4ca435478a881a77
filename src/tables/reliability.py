"""How far the probabilities of each model can be taken at their word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from .selection import model_name
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..views.reliability import Reliability

_NONE = "the calibration has no finite slope, or there are fewer than 20 pairs"
_NOTE = (
    "Bins hold equally many pairs. The Brier score is the mean squared error of the probabilities: 0 is perfect, and "
    "at or above that of the constant share they tell nothing. Intervals take pairs as independent."
)


def reliability_tables(found: Sequence[tuple[str, str, Reliability]]) -> tuple[Table, ...]:
    """Brier scores, and the bins of each model.

    Args:
        found: Artifact name, on which pairs its calibration was fitted, and what was found.
    """
    return _brier_table(found), _bin_table(found)


def _brier_table(found: Sequence[tuple[str, str, Reliability]]) -> Table:
    rows: list[list[Cell | str]] = [
        [
            model_name(name),
            Cell(fitted_on, kind="wrapped"),
            cell(formats.number(one.brier), _NONE),
            cell(formats.number(one.constant), _NONE),
        ]
        for name, fitted_on, one in found
    ]
    return table("Brier score", ("Model", "Fitted on", "Brier score", "Of the constant share"), rows, _NOTE)


def _bin_table(found: Sequence[tuple[str, str, Reliability]]) -> Table:
    columns = ("Model", "Probability", "Observed share", "95 % interval", "n")
    return table("Probability and observed share", columns, [row for name, _, one in found for row in _rows(name, one)])


def _rows(name: str, one: Reliability) -> Iterator[list[str]]:
    for part in one.bins:
        numbers = (formats.number(part.predicted), formats.number(part.observed))
        yield [model_name(name), *numbers, formats.interval(part.low, part.high), formats.count(part.n)]
