"""Rows and columns of a report's table, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from src.tables.table import Cell, Table


def row(table: Table, name: str) -> tuple[Cell, ...]:
    """The row that a table's first column names."""
    return next(cells for cells in table.rows if cells[0].text == name)


def column(table: Table, name: str) -> list[Cell]:
    """The cells below a heading."""
    return [cells[table.columns.index(name)] for cells in table.rows]


def width(cells: tuple[Cell, ...]) -> int:
    """How many columns a row fills."""
    return len(cells)
