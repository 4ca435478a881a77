"""What a table is made of: cells of text. `report` draws a `Table` for the terminal, for Markdown and for HTML."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..core import formatting as formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NUMBER = re.compile(rf"(?:{formats.NOT_AVAILABLE}|[<+-]? ?\d[\d.,]*+(?:e-?\d++)?(?: %)?)?")


@dataclass(frozen=True)
class Cell:
    """One cell of a table.

    Attributes:
        text: What the cell says.
        note: What stands beside or below the text, such as an interval.
        title: Why there is no number. HTML shows it as a tooltip, the other forms in parentheses.
        kind: CSS classes. `mark` asks for the text to stand before the name of the row where rows are not drawn as a
            grid.
        href: Where HTML links to.
    """

    text: str
    note: str = ""
    title: str = ""
    kind: str = ""
    href: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """Text, note and reason, as they stand in a form without tooltips."""
        reason = f"({self.title})" if self.title and self.title not in self.note else ""
        return tuple(part for part in (self.text, self.note, reason) if part)


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows.

    Attributes:
        caption: Its heading.
        columns: Headings of the columns.
        rows: As many cells a row as there are columns.
        note: A few sentences that explain it.
        words: Whether most cells are words. Words are aligned to the left and wrapped.
        folded: What to click on to see the table in HTML. A table without it is always open.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    words: bool = False
    folded: str = ""

    def transposed(self) -> Table:
        """The same table with rows and columns exchanged."""
        columns = (self.columns[0], *(" ".join(row[0].parts) for row in self.rows))
        rows = tuple(
            (Cell(name), *(row[position] for row in self.rows))
            for position, name in enumerate(self.columns)
            if position > 0
        )
        return replace(self, columns=columns, rows=rows)

    def aligned_right(self, position: int) -> bool:
        """Whether a column holds numbers."""
        if position == 0:
            return False
        return not self.words or all(_NUMBER.fullmatch(row[position].text) for row in self.rows)


def cell(text: str, reason: str = "", note: str = "") -> Cell:
    """A cell of text. If the text is "n/a", the cell is marked as missing and keeps the reason."""
    missing = text == formats.NOT_AVAILABLE
    return Cell(text, note=note, title=reason if missing else "", kind="missing" if missing else "")


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell | str]], note: str = "") -> Table:
    """A table of numbers."""
    cells = (tuple(cell(value) if isinstance(value, str) else value for value in row) for row in rows)
    return Table(caption, tuple(columns), tuple(cells), note)


def word_table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell | str]], note: str = "") -> Table:
    """A table of words."""
    return replace(table(caption, columns, rows, note), words=True)
