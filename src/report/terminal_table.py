"""A table in the terminal: a grid, a transposed grid or a list of rows, whichever is readable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rich.box import HEAVY_HEAD
from rich.cells import cell_len
from rich.console import Group
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from ..core.errors import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

    from ..tables.table import Cell, Table

_MOST_WORD_COLUMNS = 4
_AROUND_A_COLUMN = 3  # a space at both sides and a line
_BETWEEN_COLUMNS = 2  # spaces, where there are no lines
_LINE = re.compile(r"[^\n]+")
_WORD = re.compile(r"\S+")
_INTERVAL_OR_WORD = re.compile(r"\[[^\[\]]*\]|\S+")


def show_table(console: Console, table: Table) -> None:
    """Print a table; where the output is no terminal, in plain columns and with an empty line below.

    Args:
        console: Where to print; its width is that of the table.
        table: To be printed.
    """
    console.print(render(table, console.width, plain=not console.is_terminal))
    if not console.is_terminal:
        console.print()


def render(table: Table, width: int, *, plain: bool = False) -> RenderableType:
    """A table in the first of these forms that is readable: grid, transposed grid, list of rows.

    A grid is readable if no word is broken, and if possible no interval. Words need columns of some width, so a grid
    of words has at most four.

    Args:
        table: To be drawn.
        width: Columns of the terminal.
        plain: Whether spaces alone stand between the columns.
    """
    body = _body(table, width, plain=plain) if table.rows else Text(printable(table.caption))
    return Group(body, Text(printable(table.note))) if table.note else body


def hanging(rows: Sequence[tuple[str, str]]) -> Grid:
    """Names and what is said of them; what has no room on a line goes on below its beginning."""
    grid = Grid.grid(padding=(0, 2, 0, 0))
    for name, told in rows:
        grid.add_row(Text(name, overflow="fold"), Text(told, overflow="fold"))
    return grid


def _body(table: Table, width: int, *, plain: bool) -> RenderableType:
    forms = (table,) if table.words else (table, table.transposed())
    for form in forms:
        widths = [max(map(cell_len, texts)) for texts in _columns(form, " ")]
        if sum(widths) + _around(len(widths), plain=plain) <= width:
            return _grid(form, " ", plain=plain)
    wrapped = [form for form in forms if not (form.words and len(form.columns) > _MOST_WORD_COLUMNS)]
    for unit in (_INTERVAL_OR_WORD, _WORD):
        for form in wrapped:
            least = _widths(form, unit)
            room = width - _around(len(least), plain=plain)
            if sum(least) <= room:
                return _grid(form, "\n", _narrowed(_widths(form, _LINE), least, room), plain=plain)
    return _list(table)


def _widths(table: Table, unit: re.Pattern[str]) -> list[int]:
    """How wide the columns of a grid are where none of these units is broken."""
    return [max(map(cell_len, unit.findall("\n".join(texts))), default=0) for texts in _columns(table, "\n")]


def _columns(table: Table, apart: str) -> list[tuple[str, ...]]:
    """The texts of each column, its heading first."""
    rows = ([_line(cell, apart) for cell in row] for row in table.rows)
    return list(zip(map(printable, table.columns), *rows, strict=True))


def _around(columns: int, *, plain: bool) -> int:
    """What stands around so many columns, and between them."""
    return _BETWEEN_COLUMNS * (columns - 1) if plain else _AROUND_A_COLUMN * columns + 1


def _narrowed(wanted: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Widths that fit into the room: the widest columns give way, none below the least that it needs."""
    found = [min(width, room) for width in wanted]
    while sum(found) > room:
        spare = [width if width > floor else 0 for width, floor in zip(found, least, strict=True)]
        found[spare.index(max(spare))] -= 1
    return found


def _line(cell: Cell, apart: str = " ") -> str:
    # data may hold control characters, which a terminal would obey
    return apart.join(printable(part) for part in cell.parts)


def _grid(table: Table, apart: str, widths: Sequence[int] = (), *, plain: bool) -> Grid:
    # Text, because Rich would read data in square brackets as markup
    grid = Grid(
        title=Text(printable(table.caption)),
        title_justify="left",
        header_style="bold",
        box=None if plain else HEAVY_HEAD,
        padding=(0, _BETWEEN_COLUMNS, 0, 0) if plain else (0, 1),
        pad_edge=not plain,
    )
    for position, column in enumerate(table.columns):
        grid.add_column(
            Text(printable(column)),
            overflow="fold",
            justify="right" if table.aligned_right(position) else "left",
            width=widths[position] if widths else None,
        )
    for row in table.rows:
        grid.add_row(*(Text(_line(cell, apart)) for cell in row))
    return grid


def _list(table: Table) -> Group:
    """The name of each row, and below it the other cells: one a line, or if the table is folded, in one sentence."""
    below = _sentence if table.folded else _fields
    parts: list[RenderableType] = [Text(printable(table.caption), style="table.title")]
    for row in table.rows:
        marks = [cell for cell in row if "mark" in cell.kind.split()]
        parts.append(Text("  ".join([*(_line(mark).upper() for mark in marks), _line(row[0])]), style="bold"))
        others = zip(table.columns[1:], row[1:], strict=True)
        told = [(name, cell) for name, cell in others if cell.parts and cell not in marks]
        parts.append(Padding(below(told), (0, 0, 0, 2)))
    return Group(*parts)


def _fields(cells: Sequence[tuple[str, Cell]]) -> Grid:
    return hanging([(printable(name), _line(cell)) for name, cell in cells])


def _sentence(cells: Sequence[tuple[str, Cell]]) -> Text:
    return Text("; ".join(f"{printable(name)}: {_line(cell)}" for name, cell in cells), overflow="fold")
