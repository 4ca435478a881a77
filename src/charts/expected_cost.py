"""What the calls of each model cost at each threshold, beside the two rules that need no model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..tables.selection import model_name
from ..tables.thresholds import cost_decimals, cost_table
from .chart import Chart
from .palette import MUTED, NEUTRAL, model_style
from .plotly_parts import panels, rounded, sized
from .print_parts import SMALL, legend_entry, print_legend, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import CostThresholds
    from ..tables.table import Table
    from ..views.expected_cost import CostCurve


@dataclass(frozen=True, eq=False)
class ExpectedCost(Chart):
    """Expected cost a pair over the threshold, a line a model."""

    found: CostThresholds
    curves: Sequence[CostCurve]
    judged: frozenset[str] = frozenset()  # artifact names of the models that were trained elsewhere

    name = "expected_cost"
    title = "Expected cost of each threshold"
    reading = (
        "The mean cost a pair on the test pairs, lower is better. A mark is the threshold that the costs ask for, "
        "fitted on other pairs. A model whose mark lies above a dotted line costs more than calling all pairs the same."
    )
    group = "Threshold"

    def figure(self) -> go.Figure:
        """Curves, marks and rules; the page computes their heights anew for other costs."""
        figure = panels(1, 1)
        digits = cost_decimals(self.found) + 1
        for curve in self.curves:
            _add_curve(figure, curve, digits)
        span = [float(self.curves[0].thresholds[0]), float(self.curves[0].thresholds[-1])]
        for rule, cost in self._rules.items():
            figure.add_scatter(
                x=span,
                y=rounded([cost, cost], digits),
                mode="lines",
                name=rule,
                line={"color": NEUTRAL, "dash": "dot" if rule == "accept all" else "dashdot", "width": 1.5},
                hovertemplate=f"{rule}: %{{y:.4~r}}<extra></extra>",
                meta={"rule": rule},
            )
        figure.update_xaxes(title_text="threshold", zeroline=False)
        figure.update_yaxes(title_text="expected cost a pair", rangemode="tozero")
        return sized(figure, 420)

    @property
    def _rules(self) -> dict[str, float]:
        return {"accept all": self.found.accept_all, "reject all": self.found.reject_all}

    def print_figure(self) -> Figure:
        """The same curves."""
        figure, [axes] = print_panels(1, 1, 3.6)
        for curve in self.curves:
            _print_curve(axes, curve)
        looks = dict(zip(self._rules, (":", "-."), strict=True))
        for rule, cost in self._rules.items():
            axes.axhline(cost, color=MUTED, linewidth=1, linestyle=looks[rule])
        axes.set_xlabel("threshold", fontsize=SMALL)
        axes.set_ylabel("expected cost a pair", fontsize=SMALL)
        axes.set_ylim(bottom=0)
        styles = [(model_name(curve.chosen.model), model_style(curve.position)) for curve in self.curves]
        entries = [legend_entry(name, color=s.colour, marker=s.marker, linestyle=s.dash) for name, s in styles]
        rules = [legend_entry(rule, color=MUTED, linestyle=look) for rule, look in looks.items()]
        print_legend(figure, [*entries, *rules])
        return figure

    def tables(self) -> tuple[Table, ...]:
        """The thresholds and what they cost."""
        return (cost_table(self.found, self.judged),)


def _add_curve(figure: go.Figure, curve: CostCurve, digits: int) -> None:
    style, name = model_style(curve.position), formats.plotly_text(model_name(curve.chosen.model))
    known = curve.chosen.threshold is not None and curve.chosen.cost is not None
    figure.add_scatter(
        x=rounded(curve.thresholds, 2),
        y=rounded(curve.cost, digits),
        mode="lines",
        name=name,
        legendgroup=name,
        line={"color": style.colour, "dash": style.plotly_dash, "width": 2.5},
        hovertemplate="threshold %{x:.2f}: %{y:.4~r}<extra></extra>",
        meta={"cost": curve.position},
    )
    figure.add_scatter(
        x=[curve.chosen.threshold] if known else [],
        y=[curve.chosen.cost] if known else [],
        mode="markers",
        name=name,
        legendgroup=name,
        showlegend=False,
        cliponaxis=False,
        marker={"color": style.colour, "symbol": style.symbol, "size": 12},
        hovertemplate="chosen threshold %{x:.3f}: %{y:.4~r}<extra></extra>",
        meta={"chosen": curve.position},
    )


def _print_curve(axes: Axes, curve: CostCurve) -> None:
    style = model_style(curve.position)
    axes.plot(curve.thresholds, curve.cost, color=style.colour, linestyle=style.dash, linewidth=2)
    if curve.chosen.threshold is not None and curve.chosen.cost is not None:
        axes.plot(curve.chosen.threshold, curve.chosen.cost, marker=style.marker, markersize=8, color=style.colour)
