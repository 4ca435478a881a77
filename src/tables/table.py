"""What a table of a report is made of: cells of text, nothing computed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..core import formatting as formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Change:
    """A difference below a number, and whether it is one for the better or the worse."""

    lines: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Cell:
    """One cell: what it says, what stands small below it, what a pointer tells, how it is marked, where it leads."""

    text: str
    note: str = ""
    changes: tuple[Change, ...] = ()
    title: str = ""
    kind: str = ""
    span: int = 1
    href: str = ""


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    words: bool = False  # aligned as words, not as numbers
    folded: str = ""  # what to click to see it; empty for a table that is seen at once


def cell(text: str, reason: str = "", note: str = "") -> Cell:
    """A cell of text; what is not available is marked and says why."""
    missing = text == formats.NOT_AVAILABLE
    return Cell(text, note=note, title=reason if missing else "", kind="missing" if missing else "")


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell | str]], note: str = "") -> Table:
    """A table of numbers."""
    cells = (tuple(cell(value) if isinstance(value, str) else value for value in row) for row in rows)
    return Table(caption, tuple(columns), tuple(cells), note)


def word_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell | str]], note: str = "") -> Table:
    """A table of words."""
    return replace(table(caption, columns, rows, note), words=True)
