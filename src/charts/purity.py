"""Cluster purity beside chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core import formatting as formats
from ..tables.selection import model_label
from .chart import Chart
from .clusters import cluster_table
from .palette import MUTED, model_style
from .plotly_parts import model_name, panels, rounded, rows_axis
from .print_parts import SMALL, legend_entry, print_beside, print_legend, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import ClusterSummary, Evaluation
    from ..tables.table import Table


@dataclass(frozen=True, eq=False)
class ClusterPurity(Chart):
    """Cluster purity of every model, beside the purity under shuffled labels."""

    evaluations: Sequence[Evaluation]

    name = "purity"
    title = "Cluster purity beside chance"
    reading = (
        "Purity alone misleads: small clusters look pure by chance. The hollow marker is the purity under shuffled "
        "labels, mean of 200 shuffles; only the distance to it counts. The bar goes from the lowest to the highest "
        "purity over 10 seeds of the map, where there are at most 500 points. The axis does not start at 0."
    )
    group = "Across models"

    def figure(self) -> go.Figure:
        """Two markers a model, joined by a line."""
        return _purity(self.evaluations)

    def print_figure(self) -> Figure:
        """Two markers a model, joined by a line."""
        return _print_purity(self.evaluations)

    def tables(self) -> tuple[Table, ...]:
        """The numbers."""
        return (cluster_table(self.evaluations),)


def purity_label(evaluation: Evaluation) -> str:
    """A model's name and what its clusters are made of."""
    found = evaluation.clusters
    noise = formats.percent(found.noise_ratio, 0)
    return f"{model_label(evaluation)}\n{formats.count(found.n_clusters)} clusters, {noise} noise"


def _purity(evaluations: Sequence[Evaluation]) -> go.Figure:
    figure = panels(1, 1)
    for row, evaluation in enumerate(evaluations):
        _purity_row(figure, row, evaluation)
    rows_axis(figure, [purity_label(evaluation) for evaluation in evaluations])
    figure.update_xaxes(title_text="purity", range=[0.3, 1.22], tickvals=[0.4, 0.6, 0.8, 1])
    return figure.update_layout(height=100 + 60 * len(evaluations), showlegend=False)


def _purity_row(figure: go.Figure, row: int, evaluation: Evaluation) -> None:
    style, found = model_style(row), evaluation.clusters
    if found.cluster_purity is None:
        text = formats.plotly_text(f"{formats.NOT_AVAILABLE}: {found.reason or 'no clusters'}")
        figure.add_annotation(x=0.41, y=row, text=text, showarrow=False, xanchor="left")
        return
    values = {"under shuffled labels": found.shuffled_purity, "purity": found.cluster_purity}
    shown = {name: value for name, value in values.items() if value is not None}
    figure.add_scatter(
        x=rounded(list(shown.values()), 4),
        y=[row] * len(shown),
        mode="lines+markers+text",
        name=model_name(evaluation),
        line={"color": style.colour, "width": 2},
        marker={
            "color": style.colour,
            "size": 11,
            "symbol": [style.symbol if name == "purity" else f"{style.symbol}-open" for name in shown],
        },
        error_x=_bar(found, list(shown)),
        text=[formats.number(value) for value in shown.values()],
        textposition=_outward(list(shown.values())),
        hovertext=[f"{model_name(evaluation)}, {name}: {formats.number(value)}" for name, value in shown.items()],
        hoverinfo="text",
    )


def _bar(found: ClusterSummary, names: Sequence[str]) -> dict[str, Any]:
    """The range of the purity over the seeds of the map, as the error bar of its marker."""
    span, purity = found.over_seeds, found.cluster_purity
    if span is None or span.low is None or span.high is None or purity is None:
        return {"visible": False}
    below, above = (
        [end if name == "purity" else 0 for name in names] for end in (purity - span.low, span.high - purity)
    )
    return {"type": "data", "symmetric": False, "array": rounded(above, 4), "arrayminus": rounded(below, 4), "width": 5}


def _outward(values: Sequence[float]) -> list[str]:
    """Where the numbers of a row stand so that none covers another: the lowest left, the highest right."""
    return ["middle left" if value == min(values) < max(values) else "middle right" for value in values]


def _print_purity(evaluations: Sequence[Evaluation]) -> Figure:
    figure, [axes] = print_panels(1, 1, 1.6 + 0.5 * len(evaluations))
    for row, evaluation in enumerate(evaluations):
        _print_purity_row(axes, row, evaluation)
    labels = [purity_label(evaluation) for evaluation in evaluations]
    axes.set_yticks(range(len(evaluations)), labels, fontsize=SMALL)
    axes.set(xlim=(0.35, 1.15), xticks=[0.5, 0.75, 1])
    axes.set_xlabel("purity (share with the majority label)", fontsize=SMALL)
    axes.set_ylim(len(evaluations) - 0.5, -0.5)
    handles = [
        legend_entry("purity", color=MUTED, marker="o", linestyle=""),
        legend_entry("under shuffled labels", color=MUTED, marker="o", mfc="white", linestyle=""),
    ]
    print_legend(figure, handles)
    return figure


def _print_purity_row(axes: Axes, row: int, evaluation: Evaluation) -> None:
    style, found = model_style(row), evaluation.clusters
    if found.cluster_purity is None:
        reason = found.reason or "no clusters"
        axes.text(0.41, row, f"{formats.NOT_AVAILABLE}: {reason}", va="center", color=MUTED, fontsize=SMALL)
        return
    if found.shuffled_purity is not None:
        axes.plot([found.shuffled_purity, found.cluster_purity], [row, row], color=style.colour, linewidth=2)
        axes.plot(found.shuffled_purity, row, marker=style.marker, color=style.colour, mfc="white", markersize=8)
    span = found.over_seeds
    if span is not None and span.low is not None and span.high is not None:
        axes.plot([span.low, span.high], [row, row], marker="|", color=style.colour, linewidth=1, markersize=9)
    axes.plot(found.cluster_purity, row, marker=style.marker, color=style.colour, markersize=8, clip_on=False)
    values = [value for value in (found.shuffled_purity, found.cluster_purity) if value is not None]
    for value in values:
        left = value == min(values) < max(values)
        place, align = (-7, "right") if left else (7, "left")
        print_beside(axes, formats.number(value), (value, row), place, align)
