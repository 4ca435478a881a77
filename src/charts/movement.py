"""Where each pair stands among all pairs, before a training and after it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..tables.movement import movement_line, movement_table
from ..tables.selection import model_name
from .chart import Chart
from .palette import MUTED, NEUTRAL
from .plotly_parts import grid_places, panels, rounded, sized
from .print_parts import SMALL, legend_entry, print_legend, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..tables.shown_pairs import ShownPairs
    from ..tables.table import Table
    from ..views.movement import Movement

MOST_POINTS = 600  # a model
_COLUMNS = 2


@dataclass(frozen=True)
class _Way:
    """How pairs that moved one way are drawn."""

    way: int
    name: str
    colour: str
    symbol: str  # plotly
    marker: str  # matplotlib


# Good and bad are no labels, so they have colours of their own; the shape says the same.
_WAYS = (
    _Way(1, "the right way", "#009E73", "triangle-up", "^"),
    _Way(-1, "the wrong way", "#AA4499", "x-thin-open", "x"),
    _Way(0, "not moved", NEUTRAL, "circle-open", "o"),
)


@dataclass(frozen=True, eq=False)
class PairMovement(Chart):
    """Percentile of each pair's cosine before and after, a panel a trained model."""

    movements: Sequence[Movement]
    shown: ShownPairs

    name = "movement"
    title = "How the training moved each pair"
    reading = (
        "A point is a pair: the percentile of its cosine among all test pairs, before and after. Above the diagonal it "
        "rose. Up is right for {positive} pairs and down for {negative} ones, whatever the threshold."
    )
    group = "Movement"
    shape = "tall"

    def figure(self) -> go.Figure:
        """Points; a click on one shows its row in the list."""
        rows = len(self.movements)
        figure = panels(
            rows, 1, [_heading(one) for one in self.movements], shared_xaxes=True, vertical_spacing=0.16 / rows
        )
        for number, place in enumerate(grid_places(rows, 1)):
            _add_panel(figure, number + 1, self.movements[number], self.shown, place)
        figure.update_xaxes(range=[-3, 103], zeroline=False)
        figure.update_xaxes(title_text="percentile before", row=rows)
        figure.update_yaxes(title_text="percentile after", range=[-3, 103], zeroline=False)
        return sized(figure, 130 + 300 * rows, titled=True)

    def print_figure(self) -> Figure:
        """The same points."""
        rows = -(-len(self.movements) // _COLUMNS)
        figure, axes = print_panels(rows, _COLUMNS, 0.9 + 2.4 * rows)
        for panel, one in zip(axes, self.movements, strict=False):
            _print_panel(panel, one, self.shown)
        for empty in axes[len(self.movements) :]:
            empty.set_axis_off()
        entries = [legend_entry(way.name, color=way.colour, marker=way.marker, linestyle="") for way in _WAYS]
        print_legend(figure, entries)
        return figure

    def tables(self) -> tuple[Table, ...]:
        """Counts of all pairs."""
        pairs = self.shown.pairs
        return (movement_table(self.movements, None if pairs.grades is not None else pairs.labels, pairs.words),)


def _heading(one: Movement) -> str:
    return f"{model_name(one.model)}: {movement_line(one)}"


def _places(shown: ShownPairs) -> NDArray[np.int64]:
    """Which of the shown pairs are drawn, evenly spaced where there are many."""
    return np.unique(np.linspace(0, len(shown) - 1, min(len(shown), MOST_POINTS)).astype(np.int64))


def _add_panel(figure: go.Figure, model: int, one: Movement, shown: ShownPairs, place: dict[str, int]) -> None:
    """One model's points; the page writes what their hover says, from the model's place among all models."""
    figure.add_shape(
        type="line", x0=0, y0=0, x1=100, y1=100, line={"color": NEUTRAL, "dash": "dot", "width": 1}, **place
    )
    places = _places(shown)
    for way in _WAYS:
        chosen = places[one.way[shown.rows[places]] == way.way]
        rows = shown.rows[chosen]
        figure.add_scatter(
            x=rounded(one.before[rows], 1),
            y=rounded(one.after[rows], 1),
            customdata=chosen.tolist(),
            mode="markers",
            name=way.name,
            legendgroup=way.name,
            showlegend=place == {"row": 1, "col": 1},
            marker={"color": way.colour, "symbol": way.symbol, "size": 6, "line": {"width": 1.5, "color": way.colour}},
            hoverinfo="text",
            meta={"moved": model},
            **place,
        )


def _print_panel(axes: Axes, one: Movement, shown: ShownPairs) -> None:
    axes.plot([0, 100], [0, 100], color=MUTED, linewidth=0.8, linestyle=":")
    places = _places(shown)
    for way in _WAYS:
        rows = shown.rows[places[one.way[shown.rows[places]] == way.way]]
        axes.plot(one.before[rows], one.after[rows], way.marker, color=way.colour, markersize=3, alpha=0.8)
    axes.set(xlim=(-2, 102), ylim=(-2, 102), box_aspect=1)
    axes.set_xlabel("percentile before", fontsize=SMALL)
    axes.set_ylabel("percentile after", fontsize=SMALL)
    axes.set_title(f"{model_name(one.model)}\n{movement_line(one)}", fontsize=SMALL)
