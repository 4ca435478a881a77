"""Rows of Markdown tables on stdout, to be pasted into `docs/benchmarks.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def print_row(console: Console, *cells: str) -> None:
    """Print one row, however long."""
    console.print(f"| {' | '.join(cells)} |", soft_wrap=True, markup=False, highlight=False)
