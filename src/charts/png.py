"""Print figures to PNG files, atomically."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ..models import DATING_WORDS
from ..storage.files import write_bytes
from .palette import matplotlib_theme

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from matplotlib.figure import Figure

    from ..models import Words
    from .chart import Chart

_DPI = 220


def save_charts(folder: Path, charts: Iterable[Chart], population: str, words: Words = DATING_WORDS) -> list[Path]:
    """Write each chart as `<name>.png`.

    Args:
        folder: Where to.
        charts: The charts.
        population: Which pairs they are about, for the second line of the title.
        words: What the labels and the columns of the data are called.

    Returns:
        The files written.
    """
    written = []
    for chart in charts:
        with matplotlib_theme():
            figure = titled_print_figure(chart, population, words)
        buffer = io.BytesIO()
        # no software version inside, so that equal pictures are equal files
        figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
        path = folder / f"{chart.name}.png"
        write_bytes(path, buffer.getvalue())
        written.append(path)
    return written


def titled_print_figure(chart: Chart, population: str, words: Words = DATING_WORDS) -> Figure:
    """A chart's print figure with its title, and below it which pairs it is about."""
    figure = chart.print_figure()
    figure.suptitle(f"{words.fill(chart.title)}\n{population}", x=0.01, ha="left", fontsize=10)
    return figure
