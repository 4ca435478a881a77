"""What models are compared by, a dot a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.metric_registry import metric_label
from ..tables.seeds import seeds_table
from ..tables.selection import model_name
from .chart import Chart
from .palette import MUTED, NEUTRAL, model_style
from .plotly_parts import error_bars, panels, plotly_lines, rows_axis
from .print_parts import SMALL, print_panels

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import ComparisonResult, OverSeeds
    from ..tables.table import Table


@dataclass(frozen=True, eq=False)
class SeedDots(Chart):
    """The seeds of every recipe, with their mean and its interval; the base model's value is a line."""

    result: ComparisonResult

    name = "seeds"
    title = "Seeds"
    reading = (
        "A small dot is one trained file, the large mark their mean with its 95 % interval over seeds and pairs. A "
        "dotted line is the base model on the same pairs. Dots far apart say that a single training shows little."
    )
    group = "Scores"

    def figure(self) -> go.Figure:
        """Dots, means and intervals."""
        figure = panels(1, 1)
        rows = _rows(self.result)
        for place, row in enumerate(rows):
            _add_row(figure, place, row.position, row.found)
            _add_base(figure, place, row.base)
        rows_axis(figure, [row.label for row in rows])
        figure.update_xaxes(title_text=metric_label(_metric(self.result)))
        return figure.update_layout(height=110 + 56 * len(rows), showlegend=False)

    def print_figure(self) -> Figure:
        """Dots, means and intervals."""
        rows = _rows(self.result)
        figure, [axes] = print_panels(1, 1, 1.5 + 0.5 * len(rows))
        for place, row in enumerate(rows):
            _print_row(axes, place, row.position, row.found)
            if row.base is not None:
                axes.plot([row.base, row.base], [place - 0.4, place + 0.4], color=MUTED, linewidth=1, linestyle=":")
        axes.set_yticks(range(len(rows)), [row.label for row in rows], fontsize=SMALL)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel(f"{metric_label(_metric(self.result))}, 95 % interval", fontsize=SMALL)
        axes.margins(x=0.08)
        return figure

    def tables(self) -> tuple[Table, ...]:
        """The numbers."""
        return (seeds_table(self.result),)


def _metric(result: ComparisonResult) -> str:
    return result.models[0].evaluation.ranking.name


@dataclass(frozen=True)
class _Row:
    """One recipe on the test pairs, or on the challenge set."""

    position: int  # of the model, which sets its colour
    label: str
    found: OverSeeds
    base: float | None  # of the base model on the same pairs


def _rows(result: ComparisonResult) -> list[_Row]:
    positions = {model.name: position for position, model in enumerate(result.models)}
    base = result.models[0].evaluation
    hard = None if base.challenge is None else base.challenge.ranking.value
    rows = []
    for recipe in result.seeds.recipes:
        on = ((recipe.estimate(_metric(result)), "test", base.ranking.value), (recipe.challenge, "challenge", hard))
        rows += [
            _Row(positions[recipe.model], _label(recipe.model, split, found), found, value)
            for found, split, value in on
            if found is not None
        ]
    return rows


def _label(name: str, split: str, found: OverSeeds) -> str:
    limits = formats.interval(found.low, found.high)
    return f"{model_name(name)}, {split}\n{formats.number(found.mean)} {limits}".rstrip()


def _known(found: OverSeeds) -> list[float]:
    return [value for value in found.values if value is not None]


def _add_row(figure: go.Figure, row: int, position: int, found: OverSeeds) -> None:
    style, dots = model_style(position), _known(found)
    marks = {"color": style.colour, "symbol": style.symbol}
    figure.add_scatter(
        x=dots,
        y=[row] * len(dots),
        mode="markers",
        marker={**marks, "size": 6},
        hovertext=[formats.number(dot) for dot in dots],
        hoverinfo="text",
    )
    if found.mean is None:
        return
    figure.add_scatter(
        x=[found.mean],
        y=[row],
        mode="markers",
        marker={**marks, "size": 12},
        hovertext=[plotly_lines(f"mean {formats.number(found.mean)} {formats.interval(found.low, found.high)}")],
        error_x=error_bars([found.mean], [(found.low, found.high)]),
        hoverinfo="text",
    )


def _add_base(figure: go.Figure, row: int, base: float | None) -> None:
    if base is not None:
        ends = {"x0": base, "x1": base, "y0": row - 0.4, "y1": row + 0.4}
        figure.add_shape(type="line", line={"color": NEUTRAL, "dash": "dot", "width": 1.5}, **ends)


def _print_row(axes: Axes, row: int, position: int, found: OverSeeds) -> None:
    style, dots = model_style(position), _known(found)
    axes.plot(dots, [row] * len(dots), marker=style.marker, markersize=4, alpha=0.6, color=style.colour, linestyle="")
    if found.low is not None and found.high is not None:
        axes.plot([found.low, found.high], [row, row], color=style.colour, linewidth=2.5, solid_capstyle="butt")
    if found.mean is not None:
        axes.plot(found.mean, row, marker=style.marker, markersize=9, color=style.colour, linestyle="")
