"""The tests of the decision, and how each came out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..wording import decision as wording
from .table import Cell, Table, cell, word_table

if TYPE_CHECKING:
    from ..models import Decision, DecisionTest


def decision_table(decision: Decision) -> Table:
    """One row a test, the primary one first."""
    rows = [_row(test) for test in decision.tests]
    return word_table(wording.heading(decision), ("Test", "Found", "Needed", "State"), rows, wording.rule(decision))


def _row(test: DecisionTest) -> list[Cell | str]:
    return [
        Cell(wording.name_of_test(test), note=f"({formats.count(test.n)} pairs)"),
        cell(wording.estimate(test), test.reason, wording.limits(test)),
        wording.needed(test),
        Cell(test.state, note=wording.beside_the_state(test), kind=test.state),
    ]
