"""What several print figures share. They use matplotlib's object interface, so no state outlives a call.

A page has no print figure, so matplotlib is imported only where one is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .palette import MUTED, label_styles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models import Words


WIDTH = 4.6  # inches; half a page shows it at 3.2, and its smallest type, of 9 points, at more than 6
SMALL = 9  # points
PRINT_NAME = 22  # letters of a group's name
LETTERS = 12.5  # of a legend, an inch


def print_panels(
    rows: int,
    columns: int,
    height: float,
    *,
    sharex: bool = False,
    sharey: bool = False,
    width_ratios: tuple[float, ...] | None = None,
) -> tuple[Figure, list[Axes]]:
    """A figure of equal panels, row by row."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey, width_ratios=width_ratios)
    return figure, list(axes.flat)


def print_note(axes: Axes, text: str) -> None:
    """Say in an empty panel why it is empty."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", wrap=True, color=MUTED)
    axes.set(xticks=[], yticks=[])


def print_not_available(reason: str) -> Figure:
    """A figure that says why there is none."""
    figure, [axes] = print_panels(1, 1, 3)
    print_note(axes, reason)
    return figure


def print_beside(axes: Axes, text: str, point: tuple[float, float], points: float, align: str) -> None:
    """Write beside a point of the data, so many typographic points away from it."""
    axes.annotate(text, point, (points, 0), textcoords="offset points", va="center", ha=align, fontsize=SMALL)


def print_legend(figure: Figure, handles: Sequence[Artist]) -> None:
    """A legend below the panels, in one line where it fits."""
    letters = sum(len(str(handle.get_label())) for handle in handles)
    columns = len(handles) if letters + 5 * len(handles) < WIDTH * LETTERS else 2
    figure.legend(handles=list(handles), loc="outside lower center", ncols=columns, frameon=False)


def legend_entry(label: str, **style: Any) -> Line2D:  # noqa: ANN401 - matplotlib's
    """A legend entry that shows a line, a marker or both."""
    from matplotlib.lines import Line2D  # noqa: PLC0415

    return Line2D([], [], label=label, **style)


def label_handles(words: Words) -> list[Line2D]:
    """Legend entries of the labels."""
    styles = label_styles(words).values()
    return [legend_entry(style.name, color=style.colour, marker=style.marker, linestyle="") for style in styles]
