"""The maps as plotly figures. A point carries its place among the drawn pairs, by which the page finds all else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ..core import formatting as formats
from . import chart as chart_data
from .palette import INK, LABEL_STYLES, NEUTRAL
from .plotly_parts import grid_places, not_available, note, panels, rounded, sized

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from ..models import Evaluation
    from ..tables.shown_pairs import DrawnPairs
    from .chart import MapPoints, ModelMap, Outline

BACKGROUND_POINTS = 150


def drawn_map(evaluation: Evaluation, drawn: DrawnPairs) -> ModelMap:
    """A model's map of the pairs that the page draws, or why there is none.

    Raises:
        ArtifactError: The evaluation was made from another file than the drawn pairs.
    """
    shown = chart_data.model_map(evaluation, drawn.pairs)
    return shown if shown.points is None else shown.at(drawn.places(shown.points.rows) >= 0)


def maps(shown_maps: Sequence[ModelMap], drawn: DrawnPairs, first: int = 0) -> go.Figure:
    """A panel a model, its pairs by label; `first` is the position of the first model."""
    columns = min(len(shown_maps), 2)
    rows = math.ceil(len(shown_maps) / columns)
    headings = [shown.heading for shown in shown_maps]
    figure = panels(rows, columns, headings, horizontal_spacing=0.03, vertical_spacing=0.2 / (rows + 1))
    for position, (shown, place) in enumerate(zip(shown_maps, grid_places(len(shown_maps), columns), strict=True)):
        if shown.points is None:
            note(figure, shown.reason, **place)
        else:
            _label_points(figure, shown.points, drawn, first + position, **place)
    _bare(figure)
    return sized(figure, 80 + rows * (430 if columns == 1 else 320), titled=True)


def category_maps(shown: ModelMap, drawn: DrawnPairs, position: int) -> go.Figure:
    """A panel a category, the other pairs in grey."""
    points = shown.points
    if points is None:
        return not_available(shown.reason)
    members = chart_data.category_members(points)
    columns = min(len(members), 3)
    rows = math.ceil(len(members) / columns)
    titles = [f"{formats.short_name(name, 24)}\nn={within.sum()}" for name, within in members.items()]
    spacing = {"horizontal_spacing": 0.02, "vertical_spacing": 0.2 / (rows + 1)}
    figure = panels(rows, columns, titles, shared_xaxes="all", shared_yaxes="all", **spacing)
    for within, place in zip(members.values(), grid_places(len(members), columns), strict=True):
        _background(figure, points, place)
        _label_points(figure, points.at(within), drawn, position, **place)
    _bare(figure)
    figure.update_annotations(font_size=11)
    return sized(figure, 100 + 210 * rows, titled=True)


def clusters(evaluation: Evaluation, shown: ModelMap, drawn: DrawnPairs, position: int) -> go.Figure:
    """The clusters with their outlines and numbers; above them how pure they are."""
    points = shown.points
    if points is None or not points.clusters.size:
        return not_available(shown.reason)
    figure = panels(1, 1, [chart_data.cluster_heading(evaluation)])
    for outline in chart_data.outlines(points):
        _outline(figure, outline)
    noise = points.clusters == chart_data.NOISE
    _label_points(figure, points.at(~noise), drawn, position, row=1, col=1)
    cross = {"color": NEUTRAL, "symbol": "x-thin", "size": 6, "line": {"color": NEUTRAL, "width": 1}}
    if noise.any():
        figure.add_scatter(**_pairs(points.at(noise), drawn, position), name="noise", marker=cross, row=1, col=1)
    _bare(figure)
    return sized(figure, 540, titled=True)


def _label_points(figure: go.Figure, points: MapPoints, drawn: DrawnPairs, position: int, **place: int) -> None:
    for label, members in chart_data.label_members(points).items():
        style = LABEL_STYLES[label]
        figure.add_scatter(
            **_pairs(points.at(members), drawn, position),
            name=style.name,
            legendgroup=style.name,
            showlegend=not any(trace.name == style.name for trace in figure.data),
            marker={"color": style.colour, "symbol": style.symbol, "size": 7, "opacity": 0.85},
            **place,
        )


def _pairs(points: MapPoints, drawn: DrawnPairs, position: int) -> dict[str, Any]:
    """What every trace of pairs has; the page puts in the hover text."""
    return {
        "x": rounded(points.x),
        "y": rounded(points.y),
        "customdata": drawn.places(points.rows).tolist(),
        "meta": {"map": position},
        "mode": "markers",
        "hoverinfo": "text",
    }


def _background(figure: go.Figure, points: MapPoints, place: dict[str, int]) -> None:
    """Every point in grey, or evenly spaced ones of many: they only show where the map is."""
    step = math.ceil(len(points) / BACKGROUND_POINTS)
    figure.add_scatter(
        x=rounded(points.x[::step], 1),
        y=rounded(points.y[::step], 1),
        mode="markers",
        marker={"color": NEUTRAL, "size": 3, "opacity": 0.35},
        hoverinfo="skip",
        showlegend=False,
        **place,
    )


def _bare(figure: go.Figure) -> None:
    """A map's coordinates have no meaning, so they get no numbers."""
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False, showline=True, mirror=True)
    figure.update_yaxes(showticklabels=False, showgrid=False, zeroline=False, showline=True, mirror=True)


def _outline(figure: go.Figure, outline: Outline) -> None:
    figure.add_scatter(
        x=rounded(outline.x),
        y=rounded(outline.y),
        mode="lines",
        fill="toself",
        fillcolor="rgba(128,128,128,0.12)",
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
        bgcolor="rgba(255,255,255,0.85)",
        font={"color": INK, "size": 14, "weight": 700},
    )
