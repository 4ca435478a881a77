"""What models are compared by, from train over test to the challenge set: a line a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.metric_registry import metric_label
from ..tables.selection import model_label
from ..tables.splits import split_name, split_table
from .chart import Chart
from .palette import MUTED, NEUTRAL, model_style
from .plotly_parts import error_bars, panels, plotly_lines, rounded, sized
from .print_parts import SMALL, legend_entry, print_legend, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import Estimate
    from ..tables.table import Table
    from ..views.on_splits import SplitView

_APART = 0.06  # of two models on one split, so that their intervals can be told apart


@dataclass(frozen=True, eq=False)
class SplitSlopes(Chart):
    """The AUC of each model on each split, or Spearman where labels are grades."""

    views: Sequence[SplitView]

    name = "slopes"
    title = "{ranking} from train to the challenge set"
    reading = (
        "A line that falls from train to test shows how much a model learned by heart; one that falls to the challenge "
        "set, how little carries over to pairs that were made in another way. The dotted line is guessing. Bars are "
        "95 % intervals."
    )
    group = "Scores"

    def figure(self) -> go.Figure:
        """Lines with intervals; a click on a legend entry hides a model."""
        figure = panels(1, 1)
        for line in _lines(self.views):
            _add_line(figure, line)
        figure.add_hline(y=_guessing(self.views), line={"color": NEUTRAL, "dash": "dot", "width": 1.5})
        names = [plotly_lines(split_name(view)).replace(" (", "<br>(") for view in self.views]
        last = len(names) - 1
        span = [-0.35, last + 0.35]
        figure.update_xaxes(tickvals=list(range(last + 1)), ticktext=names, range=span, showgrid=False, zeroline=False)
        figure.update_yaxes(title_text=metric_label(_metric(self.views)), zeroline=False)
        return sized(figure, 400)

    def print_figure(self) -> Figure:
        """The same lines."""
        figure, [axes] = print_panels(1, 1, 3.6)
        lines = _lines(self.views)
        for line in lines:
            _print_line(axes, line)
        axes.axhline(_guessing(self.views), color=MUTED, linewidth=1, linestyle=":")
        axes.set_xticks(range(len(self.views)), [split_name(view) for view in self.views], fontsize=SMALL)
        axes.set_xlim(-0.35, len(self.views) - 0.65)
        axes.set_ylabel(metric_label(_metric(self.views)), fontsize=SMALL)
        styles = [(line.name, model_style(line.position)) for line in lines]
        entries = [
            legend_entry(name, color=style.colour, marker=style.marker, linestyle=style.dash) for name, style in styles
        ]
        print_legend(figure, [*entries, legend_entry("guessing", color=MUTED, linestyle=":")])
        return figure

    def tables(self) -> tuple[Table, ...]:
        """The numbers."""
        return (split_table(self.views),)


@dataclass(frozen=True)
class _Line:
    """One model; `found` is one entry a split, at `x`."""

    name: str  # inert
    position: int
    x: tuple[float, ...]
    found: tuple[Estimate, ...]


def _metric(views: Sequence[SplitView]) -> str:
    return views[0].evaluations[0].ranking.name


def _guessing(views: Sequence[SplitView]) -> float:
    return 0.5 if _metric(views) == "auc_roc" else 0.0


def _lines(views: Sequence[SplitView]) -> list[_Line]:
    models = views[0].evaluations
    middle = (len(models) - 1) / 2
    return [
        _Line(
            name=model_label(model),
            position=position,
            x=tuple(place + _APART * (position - middle) for place in range(len(views))),
            found=tuple(view.evaluations[position].ranking for view in views),
        )
        for position, model in enumerate(models)
    ]


def _known(line: _Line) -> list[tuple[float, float, Estimate]]:
    """Place, value and interval on each split that has a value."""
    return [(x, one.value, one) for x, one in zip(line.x, line.found, strict=True) if one.value is not None]


def _add_line(figure: go.Figure, line: _Line) -> None:
    style, known = model_style(line.position), _known(line)
    values = [value for _, value, _ in known]
    name = formats.plotly_text(line.name)
    figure.add_scatter(
        x=rounded([x for x, *_ in known]),
        y=rounded(values, 4),
        mode="lines+markers",
        name=name,
        line={"color": style.colour, "dash": style.plotly_dash, "width": 2.5},
        marker={"color": style.colour, "symbol": style.symbol, "size": 9},
        error_y=error_bars(values, [(one.low, one.high) for *_, one in known]) | {"color": style.colour},
        hovertext=[
            f"{name}: {formats.number(y)} {formats.interval(one.low, one.high)}".rstrip() for _, y, one in known
        ],
        hoverinfo="text",
    )


def _print_line(axes: Axes, line: _Line) -> None:
    style, known = model_style(line.position), _known(line)
    places, values = [x for x, *_ in known], [y for _, y, _ in known]
    axes.plot(places, values, color=style.colour, linestyle=style.dash, marker=style.marker, linewidth=2)
    for x, _, one in known:
        if one.low is not None and one.high is not None:
            axes.plot([x, x], [one.low, one.high], color=style.colour, linewidth=1.2)
