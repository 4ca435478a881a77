"""ROC curves with their bands and thresholds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ..core import formatting as formats
from ..tables.selection import model_label
from ..tables.table import Table, table
from .chart import Chart
from .palette import MUTED, NEUTRAL, model_style
from .plotly_parts import model_name, panels, rounded, sized
from .print_parts import print_panels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import Evaluation, Split, ThresholdMetrics
    from .palette import ModelStyle


@dataclass(frozen=True, eq=False)
class RocCurve(Chart):
    """The ROC curve of one model, or the curves of several, with bands and thresholds."""

    evaluations: Sequence[Evaluation]
    position: int = 0  # of the first model, which gives it its colour
    elsewhere: Mapping[Split, Sequence[Evaluation]] = field(default_factory=dict)  # on other splits

    name = "roc"
    title = "ROC curve"
    reading = (
        "The diagonal is guessing, below it is worse; the band is the 95 % interval of the true positive rate. The "
        "operating threshold was fitted on other pairs, the oracle threshold on these pairs themselves."
    )
    group = "Distributions"

    def figure(self) -> go.Figure:
        """Curves with bands; a click on a legend entry hides a curve and its band."""
        return _roc(self.evaluations, self.position)

    def print_figure(self) -> Figure:
        """The same curves."""
        return _print_roc(self.evaluations)

    def tables(self) -> tuple[Table, ...]:
        """Points of each curve."""
        return (roc_table(self.evaluations),)

    def on_splits(self) -> dict[Split, Chart]:
        """Curves of the pairs of other splits."""
        return {split: replace(self, evaluations=found, elsewhere={}) for split, found in self.elsewhere.items()}


class RocCurves(RocCurve):
    """The ROC curves of all models."""

    title = "ROC curves of all models"
    reading = (
        "The diagonal is guessing, below it is worse than guessing. In brackets the 95 % interval of the area; the "
        "bands are those of the true positive rate."
    )
    shape = "tall"


def roc_label(evaluation: Evaluation) -> str:
    """A model's legend entry on a ROC chart: name, area, interval."""
    area = evaluation.estimate("auc_roc")
    text = f"{model_label(evaluation)}: AUC {formats.number(area.value)}"
    return f"{text} {formats.interval(area.low, area.high)}".rstrip()


def thresholds(evaluation: Evaluation) -> dict[str, ThresholdMetrics]:
    """The two thresholds that are defined, by what they are called on a chart."""
    named = {"operating threshold": evaluation.operating_point, "oracle threshold": evaluation.optimistic_point}
    return {name: point for name, point in named.items() if point is not None}


def _roc(evaluations: Sequence[Evaluation], first: int = 0) -> go.Figure:
    figure = panels(1, 1)
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    for position, evaluation in enumerate(evaluations, first):
        _band(figure, evaluation, model_style(position))
    for position, evaluation in enumerate(evaluations, first):
        style = model_style(position)
        curve = evaluation.roc
        figure.add_scatter(
            x=[] if curve is None else rounded(curve.false_positive_rate, 4),
            y=[] if curve is None else rounded(curve.true_positive_rate, 4),
            mode="lines",
            name=formats.plotly_text(roc_label(evaluation)),
            legendgroup=model_name(evaluation),
            line={"color": style.colour, "dash": style.plotly_dash, "width": 2.5},
            hovertemplate="false positive rate %{x:.3f}<br>true positive rate %{y:.3f}<extra></extra>",
        )
        _roc_points(figure, evaluation, position, named=len(evaluations) == 1)
    figure.update_xaxes(title_text="false positive rate", range=[-0.02, 1.02], constrain="domain")
    figure.update_yaxes(title_text="true positive rate (recall)", range=[-0.02, 1.02], constrain="domain")
    figure.update_yaxes(scaleanchor="x")
    # one entry a line: a legend whose lines depend on the width can chase the square that is fitted to it
    figure.update_layout(legend_orientation="v")
    return sized(figure, 500 if len(evaluations) == 1 else 640)


def _band(figure: go.Figure, evaluation: Evaluation, style: ModelStyle) -> None:
    """The 95 % band of a curve, as one closed outline; a click on the curve's legend entry takes it away too."""
    band = evaluation.roc_band
    if band is None:
        return
    figure.add_scatter(
        x=rounded([*band.false_positive_rate, *reversed(band.false_positive_rate)], 2),
        y=rounded([*band.low, *reversed(band.high)]),
        mode="lines",
        line={"width": 0},
        fill="toself",
        fillcolor=style.band,
        legendgroup=model_name(evaluation),
        showlegend=False,
        hoverinfo="skip",
    )


def _roc_points(figure: go.Figure, evaluation: Evaluation, position: int, *, named: bool) -> None:
    """Where the thresholds lie: filled the operating one, which the slider moves, hollow the oracle threshold."""
    style = model_style(position)
    for name, point in thresholds(evaluation).items():
        if point.false_positive_rate is None or point.recall is None or (name != "operating threshold" and not named):
            continue
        words = f"{name} {formats.number(point.threshold)}"
        figure.add_scatter(
            x=[point.false_positive_rate],
            y=[point.recall],
            mode="markers",
            name=words,
            showlegend=named,
            marker={
                "color": style.colour,
                "size": 10 if name == "operating threshold" else 17,
                "symbol": style.symbol if name == "operating threshold" else f"{style.symbol}-open",
            },
            hovertext=[f"{model_name(evaluation)}: {words}"],
            hoverinfo="text",
            meta={"decides": position} if name == "operating threshold" else None,
        )


def _print_roc(evaluations: Sequence[Evaluation]) -> Figure:
    figure, [axes] = print_panels(1, 1, 4.9 + 0.24 * len(evaluations))
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    for position, evaluation in enumerate(evaluations):
        _print_band(axes, evaluation, model_style(position))
    for position, evaluation in enumerate(evaluations):
        style = model_style(position)
        curve = evaluation.roc
        x, y = ([], []) if curve is None else (curve.false_positive_rate, curve.true_positive_rate)
        axes.plot(x, y, label=roc_label(evaluation), color=style.colour, ls=style.dash, lw=2)
        _print_points(axes, evaluation, style, named=len(evaluations) == 1)
    axes.set(xlabel="false positive rate", ylabel="true positive rate (recall)", box_aspect=1)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.xaxis.labelpad = 2
    figure.legend(loc="outside lower center", frameon=False, borderaxespad=0.2, borderpad=1)
    return figure


def _print_band(axes: Axes, evaluation: Evaluation, style: ModelStyle) -> None:
    band = evaluation.roc_band
    if band is not None:
        axes.fill_between(band.false_positive_rate, band.low, band.high, color=style.colour, alpha=0.13, lw=0)


def _print_points(axes: Axes, evaluation: Evaluation, style: ModelStyle, *, named: bool) -> None:
    """Where the thresholds lie: filled the operating one, hollow the oracle threshold."""
    for name, point in thresholds(evaluation).items():
        if point.false_positive_rate is None or point.recall is None or (name != "operating threshold" and not named):
            continue
        axes.plot(
            point.false_positive_rate,
            point.recall,
            linestyle="",
            marker=style.marker,
            markersize=9 if name == "operating threshold" else 14,
            color=style.colour,
            markerfacecolor=style.colour if name == "operating threshold" else "none",
            label=f"{name} {formats.number(point.threshold)}" if named else None,
        )


ROC_ROWS = 21


def roc_table(evaluations: Sequence[Evaluation]) -> Table:
    """Some points of each ROC curve, evenly spaced along it, with the band there."""
    rows = [row for evaluation in evaluations for row in _roc_rows(evaluation)]
    methods = dict.fromkeys(one.roc_band.method for one in evaluations if one.roc_band is not None)
    note = f"At most {ROC_ROWS} points of each curve. " + "".join(f"Band: {method}." for method in methods)
    if any(one.roc_band is None for one in evaluations):
        note += " n/a: too few pairs of a label, or all scores are equal."
    columns = ("Model", "False positive rate", "True positive rate", "95 % band of the true positive rate")
    return table("Points of the ROC curve", columns, rows, note.rstrip())


def _roc_rows(evaluation: Evaluation) -> list[list[str]]:
    name, curve = model_label(evaluation), evaluation.roc
    if curve is None:
        return [[name, *[formats.NOT_AVAILABLE] * 3]]
    kept = np.unique(np.linspace(0, len(curve.true_positive_rate) - 1, ROC_ROWS).astype(int))
    false, true = curve.false_positive_rate, curve.true_positive_rate
    return [[name, formats.number(false[i]), formats.number(true[i]), _band_cell(evaluation, false[i])] for i in kept]


def _band_cell(evaluation: Evaluation, false_positive_rate: float) -> str:
    band = evaluation.roc_band
    if band is None:
        return formats.NOT_AVAILABLE
    place = int(np.searchsorted(band.false_positive_rate, false_positive_rate + 1e-9, side="right")) - 1
    return formats.interval(band.low[place], band.high[place])
