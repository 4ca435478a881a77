"""Whether pairs are positive as often as the calibrated cosine says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..tables.reliability import reliability_tables
from ..tables.selection import model_name
from .chart import Chart
from .palette import MUTED, NEUTRAL, model_style
from .plotly_parts import error_bars, grid_places, note, panels, rounded, sized
from .print_parts import SMALL, print_note, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..tables.table import Table
    from ..views.reliability import Reliability

_NO_CURVE = "n/a: the cosine gives no probability"
_COLUMNS = 2


@dataclass(frozen=True, eq=False)
class ReliabilityCurves(Chart):
    """Probability and observed share, a panel a model."""

    found: Sequence[tuple[str, str, Reliability]]  # artifact name, on which pairs it was fitted, and what was found
    positions: Sequence[int]  # place of each model among all models of the page

    name = "reliability"
    title = "Reliability of the probability"
    reading = (
        "A logistic regression of the label on the cosine (Platt's scaling) turns each cosine into the probability "
        "that a pair is {positive}. On the diagonal, pairs are {positive} as often as it says; bars are 95 % "
        "intervals. Off the diagonal, a threshold by cost rests on probabilities that do not hold here."
    )
    group = "Threshold"

    def figure(self) -> go.Figure:
        """Dots with intervals, and the diagonal."""
        rows = len(self.found)
        headings = [_heading(*one) for one in self.found]
        figure = panels(rows, 1, headings, shared_xaxes=True, vertical_spacing=0.16 / rows)
        for position, one, place in zip(self.positions, self.found, grid_places(rows, 1), strict=True):
            _add_panel(figure, position, one[2], place)
        figure.update_xaxes(range=[-0.03, 1.03], zeroline=False)
        figure.update_xaxes(title_text="probability", row=rows)
        figure.update_yaxes(title_text="observed share", range=[-0.03, 1.03], zeroline=False)
        return sized(figure, 110 + 170 * rows, titled=True)

    def print_figure(self) -> Figure:
        """The same dots."""
        rows = -(-len(self.found) // _COLUMNS)
        figure, axes = print_panels(rows, _COLUMNS, 0.6 + 2.3 * rows)
        for panel, position, one in zip(axes, self.positions, self.found, strict=False):
            _print_panel(panel, position, *one)
        for empty in axes[len(self.found) :]:
            empty.set_axis_off()
        return figure

    def tables(self) -> tuple[Table, ...]:
        """Brier scores, and the numbers of the dots."""
        return reliability_tables(self.found)


def _heading(name: str, fitted_on: str, found: Reliability) -> str:
    brier = f"Brier {formats.number(found.brier)} (constant {formats.number(found.constant)})"
    return f"{model_name(name)}, fitted on {fitted_on}: {brier}"


def _add_panel(figure: go.Figure, position: int, found: Reliability, place: dict[str, int]) -> None:
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"color": NEUTRAL, "dash": "dot", "width": 1}, **place)
    if not found.bins:
        note(figure, _NO_CURVE, **place)
    style, observed = model_style(position), [one.observed for one in found.bins]
    figure.add_scatter(
        x=rounded([one.predicted for one in found.bins]),
        y=rounded(observed),
        mode="lines+markers",
        showlegend=False,
        line={"color": style.colour, "dash": style.plotly_dash, "width": 2},
        marker={"color": style.colour, "symbol": style.symbol, "size": 8},
        error_y=error_bars(observed, [(one.low, one.high) for one in found.bins]) | {"color": style.colour},
        hovertext=[
            f"probability {formats.number(one.predicted)}<br>{formats.count(one.n)} pairs, "
            f"observed {formats.number(one.observed)} {formats.interval(one.low, one.high)}"
            for one in found.bins
        ],
        hoverinfo="text",
        **place,
    )


def _print_panel(axes: Axes, position: int, name: str, fitted_on: str, found: Reliability) -> None:
    axes.set_title(f"{model_name(name)}\nfitted on {fitted_on}", fontsize=SMALL)
    if not found.bins:
        print_note(axes, _NO_CURVE)
        return
    style = model_style(position)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    x = [one.predicted for one in found.bins]
    axes.plot(x, [one.observed for one in found.bins], color=style.colour, linestyle=style.dash, marker=style.marker)
    axes.vlines(x, [one.low for one in found.bins], [one.high for one in found.bins], color=style.colour, linewidth=1)
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), box_aspect=1)
    axes.set_xlabel("probability", fontsize=SMALL)
    axes.set_ylabel("observed share", fontsize=SMALL)
