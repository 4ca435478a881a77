"""The map with its clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..tables.scores import purity_span
from ..tables.selection import model_label
from ..tables.table import Cell, Table, cell, table
from .chart import Chart
from .map_parts import (
    NOISE,
    bare,
    label_points,
    map_points,
    map_table,
    model_map,
    outlines,
    pair_trace,
    print_bare,
    print_label_points,
    shown_map,
)
from .palette import HULL, INK, MUTED, NEUTRAL, PAPER, PRINT_HULL
from .plotly_parts import not_available, panels, rounded, sized
from .print_parts import SMALL, label_handles, legend_entry, print_legend, print_not_available, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import Evaluation
    from ..tables.shown_pairs import ShownPairs
    from .map_parts import ModelMap, Outline


@dataclass(frozen=True, eq=False)
class ClusterMap(Chart):
    """The map of one model with its clusters."""

    evaluation: Evaluation
    shown: ShownPairs
    position: int = 0

    name = "clusters"
    title = "Clusters on the map"
    reading = (
        "HDBSCAN finds dense groups without knowing the labels. A cluster of one colour is pure; crosses are noise "
        "that belongs to no cluster."
    )
    group = "Maps"

    def figure(self) -> go.Figure:
        """The pairs that the page shows."""
        return cluster_figure(self.evaluation, shown_map(self.evaluation, self.shown), self.shown, self.position)

    def print_figure(self) -> Figure:
        """All pairs of the map."""
        return _print_clusters(self.evaluation, model_map(self.evaluation, self.shown.pairs))

    def tables(self) -> tuple[Table, ...]:
        """Purity beside chance; count and centre of each cluster."""
        points = map_points(self.evaluation, self.shown.pairs)
        return cluster_table([self.evaluation]), map_table([points], "cluster")


def cluster_heading(evaluation: Evaluation) -> str:
    """What the clusters of a model's map are made of, beside what it is by chance."""
    found = evaluation.clusters
    return (
        f"{formats.count(found.n_clusters)} clusters, noise {formats.percent(found.noise_ratio)}, "
        f"purity {formats.number(found.cluster_purity)} (shuffled {formats.number(found.shuffled_purity)})"
    )


def _print_clusters(evaluation: Evaluation, shown: ModelMap) -> Figure:
    points = shown.points
    if points is None or not points.clusters.size:
        return print_not_available(shown.reason)
    figure, [axes] = print_panels(1, 1, 4.4)
    for outline in outlines(points):
        _print_outline(axes, outline)
    noise = points.clusters == NOISE
    print_label_points(axes, points, ~noise)
    axes.scatter(points.x[noise], points.y[noise], s=12, c=MUTED, marker="x", lw=0.8)
    axes.set_title(cluster_heading(evaluation).replace(", purity", ",\npurity"), fontsize=SMALL)
    print_bare(axes)
    noise_entry = legend_entry("noise", color=MUTED, marker="x", linestyle="")
    print_legend(figure, [*label_handles(points.words), noise_entry])
    return figure


def _print_outline(axes: Axes, outline: Outline) -> None:
    axes.fill(outline.x, outline.y, facecolor=PRINT_HULL, edgecolor=MUTED, linewidth=0.8, zorder=0.5)
    box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    axes.text(
        outline.group.centre_x,
        outline.group.centre_y,
        str(outline.cluster),
        bbox=box,
        ha="center",
        va="center",
        fontsize=SMALL,
    )


def cluster_table(evaluations: Sequence[Evaluation]) -> Table:
    """Purity beside what it is by chance."""
    rows = [
        (
            model_label(one),
            formats.count(one.clusters.n_clusters),
            cell(formats.number(one.clusters.cluster_purity), one.clusters.reason),
            _over_seeds(one),
            cell(formats.number(one.clusters.shuffled_purity), one.clusters.reason),
            cell(formats.percent(one.clusters.noise_ratio), one.clusters.reason),
            formats.count(one.clusters.n),
        )
        for one in evaluations
    ]
    columns = (
        "Model",
        "Clusters",
        "Purity",
        "Over 10 seeds of the map",
        "Purity under shuffled labels",
        "Noise",
        "Points",
    )
    return table("Clusters", columns, rows)


def _over_seeds(evaluation: Evaluation) -> Cell:
    found = evaluation.clusters.over_seeds
    return cell(purity_span(evaluation) or formats.NOT_AVAILABLE, found.reason if found else evaluation.clusters.reason)


def cluster_figure(evaluation: Evaluation, shown: ModelMap, drawn: ShownPairs, position: int) -> go.Figure:
    """The clusters with their outlines and numbers; above them how pure they are."""
    points = shown.points
    if points is None or not points.clusters.size:
        return not_available(shown.reason)
    figure = panels(1, 1, [cluster_heading(evaluation)])
    for outline in outlines(points):
        _outline(figure, outline)
    noise = points.clusters == NOISE
    label_points(figure, points.at(~noise), drawn, position, row=1, col=1)
    cross = {"color": NEUTRAL, "symbol": "x-thin", "size": 6, "line": {"color": NEUTRAL, "width": 1}}
    if noise.any():
        figure.add_scatter(**pair_trace(points.at(noise), drawn, position), name="noise", marker=cross, row=1, col=1)
    bare(figure)
    return sized(figure, 540, titled=True)


def _outline(figure: go.Figure, outline: Outline) -> None:
    figure.add_scatter(
        x=rounded(outline.x),
        y=rounded(outline.y),
        mode="lines",
        fill="toself",
        fillcolor=HULL,
        line={"color": NEUTRAL, "width": 1},
        hoverinfo="skip",
        showlegend=False,
        row=1,
        col=1,
    )
    figure.add_annotation(
        x=outline.group.centre_x,
        y=outline.group.centre_y,
        text=str(outline.cluster),
        showarrow=False,
        bgcolor=PAPER,
        font={"color": INK, "size": 14, "weight": 700},
    )
