"""The map with one panel a category."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core import formatting as formats
from .chart import Chart
from .map_parts import (
    bare,
    category_members,
    label_points,
    map_points,
    map_table,
    model_map,
    print_label_points,
    shown_map,
)
from .palette import BACKGROUND_POINT, NEUTRAL
from .plotly_parts import grid_places, not_available, panels, rounded, sized
from .print_parts import SMALL, label_handles, print_legend, print_not_available, print_panels

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from matplotlib.figure import Figure

    from ..models import Evaluation
    from ..tables.shown_pairs import ShownPairs
    from ..tables.table import Table
    from .map_parts import MapPoints, ModelMap


@dataclass(frozen=True, eq=False)
class CategoryMaps(Chart):
    """The map of one model with one panel a category."""

    evaluation: Evaluation
    shown: ShownPairs
    position: int = 0

    name = "umap_by_category"
    title = "Map of the pairs by {category}"
    reading = (
        "The same map, one panel a {category}: grey are the other pairs. A {category} in one place shows that the "
        "space is ordered by topic."
    )
    group = "Maps"
    shape = "wide"

    def figure(self) -> go.Figure:
        """The pairs that the page shows."""
        return category_figure(shown_map(self.evaluation, self.shown), self.shown, self.position)

    def print_figure(self) -> Figure:
        """All pairs of the map."""
        return _print_category_maps(model_map(self.evaluation, self.shown.pairs))

    def tables(self) -> tuple[Table, ...]:
        """Count and centre of each category."""
        return (map_table([map_points(self.evaluation, self.shown.pairs)], "category"),)


def _print_category_maps(shown: ModelMap) -> Figure:
    points = shown.points
    if points is None:
        return print_not_available(shown.reason)
    members = category_members(points)
    columns = min(len(members), 3)
    rows = math.ceil(len(members) / columns)
    figure, panels = print_panels(rows, columns, 1.1 + 1.6 * rows, sharex=True, sharey=True)
    for axes, (name, within) in zip(panels, members.items(), strict=False):
        axes.scatter(points.x, points.y, s=3, c=BACKGROUND_POINT, lw=0)
        print_label_points(axes, points, within, size=9)
        axes.set_title(f"{formats.short_name(name, 17)}\nn={within.sum()}", fontsize=SMALL)
        axes.set(xticks=[], yticks=[])
    for axes in panels[len(members) :]:
        axes.set_axis_off()
    print_legend(figure, label_handles(points.words))
    return figure


BACKGROUND_POINTS = 150


def category_figure(shown: ModelMap, drawn: ShownPairs, position: int) -> go.Figure:
    """A panel a category, the other pairs in grey."""
    points = shown.points
    if points is None:
        return not_available(shown.reason)
    members = category_members(points)
    columns = min(len(members), 3)
    rows = math.ceil(len(members) / columns)
    titles = [f"{formats.short_name(name, 24)}\nn={within.sum()}" for name, within in members.items()]
    spacing = {"horizontal_spacing": 0.02, "vertical_spacing": 0.2 / (rows + 1)}
    figure = panels(rows, columns, titles, shared_xaxes="all", shared_yaxes="all", **spacing)
    for within, place in zip(members.values(), grid_places(len(members), columns), strict=True):
        _background(figure, points, place)
        label_points(figure, points.at(within), drawn, position, **place)
    bare(figure)
    figure.update_annotations(font_size=11)
    return sized(figure, 100 + 210 * rows, titled=True)


def _background(figure: go.Figure, points: MapPoints, place: dict[str, int]) -> None:
    """Every point in grey, or evenly spaced ones of many: they only show where the map is."""
    step = math.ceil(len(points) / BACKGROUND_POINTS)
    figure.add_scatter(
        x=rounded(points.x[::step], 1),
        y=rounded(points.y[::step], 1),
        mode="markers",
        marker={"color": NEUTRAL, "size": 2},
        hoverinfo="skip",
        showlegend=False,
        **place,
    )
