"""Maps of the pairs by label. A point carries its place among the shown pairs, by which the page finds its texts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .chart import Chart
from .map_parts import bare, label_points, map_points, map_table, model_map, print_bare, print_label_points, shown_map
from .plotly_parts import grid_places, note, panels, sized
from .print_parts import SMALL, label_handles, print_legend, print_note, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import Evaluation, Words
    from ..tables.shown_pairs import ShownPairs
    from ..tables.table import Table
    from .map_parts import ModelMap


@dataclass(frozen=True, eq=False)
class LabelMap(Chart):
    """Maps of the pairs by label, a panel a model."""

    evaluations: Sequence[Evaluation]
    shown: ShownPairs
    position: int = 0  # of the first model, by which the page finds the map's points

    name = "umap_by_label"
    title = "Map of the pairs by label"
    reading = (
        "Each point is a pair; neighbours on the map are neighbours in the space. Distances between clusters and "
        "the directions of the axes mean nothing."
    )
    group = "Maps"

    def figure(self) -> go.Figure:
        """The pairs that the page shows."""
        return label_maps([shown_map(one, self.shown) for one in self.evaluations], self.shown, self.position)

    def print_figure(self) -> Figure:
        """All pairs of the map."""
        return _print_maps([model_map(one, self.shown.pairs) for one in self.evaluations], self.shown.pairs.words)

    def tables(self) -> tuple[Table, ...]:
        """Count and centre of each label."""
        return (map_table([map_points(one, self.shown.pairs) for one in self.evaluations]),)


class LabelMaps(LabelMap):
    """The maps of all models side by side."""

    name = "umap"
    title = "Maps of the pairs, side by side"
    reading = (
        "Each trained model's map starts from the baseline's, so a pair can be followed from panel to panel. "
        "Distances between clusters mean nothing."
    )
    shape = "wide"


def label_maps(shown_maps: Sequence[ModelMap], drawn: ShownPairs, first: int = 0) -> go.Figure:
    """A panel a model, its pairs by label; `first` is the position of the first model."""
    columns = min(len(shown_maps), 2)
    rows = math.ceil(len(shown_maps) / columns)
    headings = [shown.heading for shown in shown_maps]
    figure = panels(rows, columns, headings, horizontal_spacing=0.03, vertical_spacing=0.2 / (rows + 1))
    for position, (shown, place) in enumerate(zip(shown_maps, grid_places(len(shown_maps), columns), strict=True)):
        if shown.points is None:
            note(figure, shown.reason, **place)
        else:
            label_points(figure, shown.points, drawn, first + position, **place)
    bare(figure)
    return sized(figure, 80 + rows * (430 if columns == 1 else 320), titled=True)


def _print_maps(maps: Sequence[ModelMap], words: Words) -> Figure:
    columns = min(len(maps), 2)
    rows = math.ceil(len(maps) / columns)
    figure, panels = print_panels(rows, columns, 1 + rows * (3.4 if columns == 1 else 2.3))
    for axes, shown in zip(panels, maps, strict=False):
        _print_map(axes, shown)
    for axes in panels[len(maps) :]:
        axes.set_axis_off()
    print_legend(figure, label_handles(words))
    return figure


def _print_map(axes: Axes, shown: ModelMap) -> None:
    axes.set_title(shown.heading, fontsize=SMALL)
    if shown.points is None:
        print_note(axes, shown.reason)
        return
    print_label_points(axes, shown.points)
    print_bare(axes)
