"""What models are compared by against the number of train pairs, with the curves that the points do not reject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.metric_registry import metric_label
from ..tables.learning_curve import curve_tables, split_name
from .chart import Chart
from .palette import MUTED, NEUTRAL, model_style
from .plotly_parts import error_bars, panels, plotly_lines, rounded, sized
from .print_parts import SMALL, print_panels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import LearningCurve, SplitCurve
    from ..tables.table import Table

_STYLE = 1  # place of the first trained model, which sets the colour
_BAND = 0.15  # opacity


@dataclass(frozen=True, eq=False)
class CurveChart(Chart):
    """The points with their intervals, the base model as a line, and the fitted curve with its band."""

    result: LearningCurve

    name = "learning_curve"
    title = "Learning curve"
    reading = (
        "Large marks are means over the seeds with 95 % intervals, small ones single trainings. The dotted line is the "
        "base model. The curve and its band go on to four times the pairs; right of the dashed line nothing was "
        "measured."
    )
    group = "Learning curve"
    shape = "wide"

    def figure(self) -> go.Figure:
        """A panel a split."""
        curves = self.result.curves
        figure = panels(1, len(curves), [split_name(curve) for curve in curves], shared_yaxes=True)
        for column, curve in enumerate(curves, 1):
            _add_curve(figure, curve, self.result.train_pairs, {"row": 1, "col": column})
        figure.update_xaxes(type="log", title_text="Train pairs").update_layout(showlegend=False)
        figure.update_yaxes(title_text=metric_label(self.result.metric), col=1)
        return sized(figure, 420, titled=True)

    def print_figure(self) -> Figure:
        """The same panels."""
        curves = self.result.curves
        figure, axes = print_panels(1, len(curves), 3.4, sharey=True)
        for place, curve in zip(axes, curves, strict=True):
            _print_curve(place, curve, self.result.train_pairs)
        axes[0].set_ylabel(f"{metric_label(self.result.metric)}, 95 % interval", fontsize=SMALL)
        return figure

    def tables(self) -> tuple[Table, ...]:
        """The numbers."""
        return curve_tables(self.result)


def _means(curve: SplitCurve) -> Iterator[tuple[float, float, float | None, float | None]]:
    """Of each share: its mean number of pairs, the mean of the metric, and its interval."""
    for point in curve.points:
        found = point.over_seeds
        if found.mean is not None:
            yield sum(point.pairs) / len(point.pairs), found.mean, found.low, found.high


def _single(curve: SplitCurve) -> list[tuple[int, float]]:
    """Each training: its pairs and its value."""
    return [
        (pairs, value)
        for point in curve.points
        for pairs, value in zip(point.pairs, point.over_seeds.values, strict=True)
        if value is not None
    ]


def _add_curve(figure: go.Figure, curve: SplitCurve, whole: int, place: dict[str, int]) -> None:
    colour = model_style(_STYLE).colour
    if curve.fit is not None:
        line = curve.fit.line
        pairs = [one.pairs for one in line]
        figure.add_scatter(
            x=[*pairs, *reversed(pairs)],
            y=rounded([*(one.high for one in line), *(one.low for one in reversed(line))]),
            mode="lines",
            fill="toself",
            line={"width": 0, "color": colour},
            opacity=_BAND,
            hoverinfo="skip",
            **place,
        )
        figure.add_scatter(
            x=pairs,
            y=rounded([one.value for one in line]),
            mode="lines",
            line={"color": colour, "width": 2},
            hovertext=[_hover(one.pairs, one.value, one.low, one.high) for one in line],
            hoverinfo="text",
            **place,
        )
    figure.add_vline(x=whole, line={"color": MUTED, "dash": "dash", "width": 1}, **place)
    if curve.base.value is not None:
        figure.add_hline(y=curve.base.value, line={"color": NEUTRAL, "dash": "dot", "width": 1.5}, **place)
    single, means = _single(curve), list(_means(curve))
    figure.add_scatter(
        x=[pairs for pairs, _ in single],
        y=rounded([value for _, value in single]),
        mode="markers",
        marker={"color": colour, "size": 5},
        hoverinfo="skip",
        **place,
    )
    figure.add_scatter(
        x=[pairs for pairs, *_ in means],
        y=rounded([value for _, value, *_ in means]),
        mode="markers",
        marker={"color": colour, "size": 11},
        error_y=error_bars([value for _, value, *_ in means], [(low, high) for *_, low, high in means]),
        hovertext=[_hover(round(pairs), value, low, high) for pairs, value, low, high in means],
        hoverinfo="text",
        **place,
    )


def _hover(pairs: int, value: float, low: float | None, high: float | None) -> str:
    return plotly_lines(f"{formats.count(pairs)} pairs\n{formats.number(value)} {formats.interval(low, high)}".rstrip())


def _print_curve(axes: Axes, curve: SplitCurve, whole: int) -> None:
    colour = model_style(_STYLE).colour
    single, means = _single(curve), list(_means(curve))
    if curve.fit is not None:
        line = curve.fit.line
        pairs = [one.pairs for one in line]
        axes.fill_between(pairs, [one.low for one in line], [one.high for one in line], color=colour, alpha=_BAND, lw=0)
        axes.plot(pairs, [one.value for one in line], color=colour, linewidth=1.5)
    axes.axvline(whole, color=MUTED, linewidth=1, linestyle="--")
    if curve.base.value is not None:
        axes.axhline(curve.base.value, color=NEUTRAL, linewidth=1, linestyle=":")
    axes.plot(*_columns(single), marker="o", markersize=3, alpha=0.6, color=colour, linestyle="")
    for pairs_mean, value, low, high in means:
        if low is not None and high is not None:
            axes.plot([pairs_mean, pairs_mean], [low, high], color=colour, linewidth=1.5, solid_capstyle="butt")
        axes.plot(pairs_mean, value, marker="o", markersize=7, color=colour, linestyle="")
    axes.set_xscale("log")
    ticks = [round(pairs_mean) for pairs_mean, *_ in means]
    if curve.fit is not None:
        ticks.append(curve.fit.line[-1].pairs)
    axes.set_xticks(ticks, [formats.count(tick) for tick in ticks], fontsize=SMALL, rotation=45)
    axes.minorticks_off()
    axes.set_title(split_name(curve), fontsize=SMALL)
    axes.set_xlabel("Train pairs", fontsize=SMALL)


def _columns(rows: Sequence[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [pairs for pairs, _ in rows], [value for _, value in rows]
