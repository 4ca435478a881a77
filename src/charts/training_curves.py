"""Spearman and loss along the trainings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..core import formatting as formats
from ..tables.notes import measured_on
from ..tables.selection import model_label, trainings
from ..tables.training import history_table
from .chart import Chart
from .palette import INK, MUTED, NEUTRAL, model_style
from .plotly_parts import not_available, panels, rounded, sized
from .print_parts import SMALL, legend_entry, print_legend, print_not_available, print_panels

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models import ComparisonResult, ModelSummary, TrainingInfo
    from ..tables.table import Table
    from .palette import ModelStyle


@dataclass(frozen=True, eq=False)
class TrainingCurves(Chart):
    """Spearman and loss along every training."""

    result: ComparisonResult

    name = "training_curves"
    title = "Training curves"
    reading = (
        "Spearman on the pairs that choose the step, and the mean training loss since the point before. A star marks "
        "the step whose weights were kept; the dotted line is the highest Spearman that the labels allow."
    )
    group = "Training"
    shape = "wide"

    def figure(self) -> go.Figure:
        """Lines with markers at the evaluations."""
        return _training_curves(self.result)

    def print_figure(self) -> Figure:
        """The same lines."""
        return _print_curves(self.result)

    def tables(self) -> tuple[Table, ...]:
        """Every evaluation."""
        return (history_table([(model_label(model.evaluation), info) for _, model, info in trainings(self.result)]),)


@dataclass(frozen=True)
class TrainingCurve:
    """One quantity over the steps of one training; steps where it was not measured are left out."""

    steps: tuple[int, ...]
    values: tuple[float, ...]


def training_curve(training: TrainingInfo, quantity: Literal["spearman", "train_loss"]) -> TrainingCurve:
    """Spearman or loss of a training, in the order of its steps."""
    measured = [(point.step, getattr(point, quantity)) for point in training.history]
    kept = [(step, value) for step, value in measured if value is not None]
    return TrainingCurve(tuple(step for step, _ in kept), tuple(value for _, value in kept))


def training_label(model: ModelSummary, training: TrainingInfo) -> str:
    """A training's legend entry: name and learning rate."""
    return f"{model_label(model.evaluation)} (lr {formats.scientific(training.config.learning_rate)})"


def _training_curves(result: ComparisonResult) -> go.Figure:
    trained = trainings(result)
    if not trained:
        return not_available("n/a: no model of this comparison was trained here")
    figure = panels(2, 1, shared_xaxes=True, vertical_spacing=0.06)
    for position, model, training in trained:
        style, name = model_style(position), formats.plotly_text(training_label(model, training))
        _training_line(figure, training_curve(training, "spearman"), style, name, 1)
        _training_line(figure, training_curve(training, "train_loss"), style, name, 2)
        _kept_step(figure, training.best_step, training.best_spearman, style, name)
    ceiling = result.models[0].evaluation.spearman_ceiling
    if ceiling is not None:
        words = {"annotation_text": f"ceiling {formats.number(ceiling)}", "annotation_position": "top left"}
        figure.update_yaxes(autorangeoptions={"include": ceiling + 0.12}, row=1)
        figure.add_hline(y=ceiling, line={"color": NEUTRAL, "dash": "dot", "width": 1}, row=1, col=1, **words)
    figure.update_yaxes(title_text=_spearman_title(result), row=1)
    figure.update_yaxes(title_text="training loss", rangemode="tozero", row=2)
    figure.update_xaxes(zeroline=False).update_xaxes(title_text="step", row=2)
    return sized(figure, 520)


def _spearman_title(result: ComparisonResult) -> str:
    return f"Spearman, {measured_on(info for _, _, info in trainings(result))}"


def _training_line(figure: go.Figure, curve: TrainingCurve, style: ModelStyle, name: str, row: int) -> None:
    figure.add_scatter(
        x=list(curve.steps),
        y=rounded(curve.values, 5),
        mode="lines+markers",
        name=name,
        legendgroup=name,
        showlegend=row == 1,
        line={"color": style.colour, "dash": style.plotly_dash, "width": 2},
        marker={"symbol": style.symbol, "size": 7},
        hovertemplate="step %{x}: %{y:.4f}<extra></extra>",
        row=row,
        col=1,
    )


def _kept_step(figure: go.Figure, step: int, spearman: float, style: ModelStyle, name: str) -> None:
    figure.add_scatter(
        x=[step],
        y=[spearman],
        mode="markers",
        legendgroup=name,
        showlegend=False,
        marker={"symbol": "star", "size": 15, "color": style.colour, "line": {"color": NEUTRAL, "width": 1}},
        hovertext=[f"{name}: step {step} was kept, Spearman {formats.number(spearman)}"],
        hoverinfo="text",
        row=1,
        col=1,
    )


def _print_curves(result: ComparisonResult) -> Figure:
    trained = trainings(result)
    if not trained:
        return print_not_available("n/a: no model of this comparison was trained here")
    figure, [upper, lower] = print_panels(2, 1, 4.6, sharex=True)
    for position, _, training in trained:
        style = model_style(position)
        _print_line(upper, training_curve(training, "spearman"), style)
        _print_line(lower, training_curve(training, "train_loss"), style)
        upper.plot(training.best_step, training.best_spearman, "*", color=style.colour, markersize=14, mec=INK)
    _print_ceiling(upper, result.models[0].evaluation.spearman_ceiling)
    upper.set_ylabel(_spearman_title(result), fontsize=SMALL)
    lower.set_ylabel("training loss", fontsize=SMALL)
    lower.set(xlabel="step", ylim=(0, None))
    print_legend(figure, _print_line_handles(result))
    return figure


def _print_line(axes: Axes, curve: TrainingCurve, style: ModelStyle) -> None:
    axes.plot(curve.steps, curve.values, color=style.colour, ls=style.dash, lw=2, marker=style.marker, markersize=5)


def _print_ceiling(axes: Axes, ceiling: float | None) -> None:
    if ceiling is None:
        return
    axes.margins(y=0.15)
    axes.axhline(ceiling, color=MUTED, linestyle=":", linewidth=1)
    place = axes.get_yaxis_transform()
    text = f"ceiling {formats.number(ceiling)}"
    axes.text(0.99, ceiling, text, transform=place, ha="right", va="bottom", fontsize=SMALL, color=MUTED)


def _print_line_handles(result: ComparisonResult) -> list[Line2D]:
    lines = []
    for position, model, training in trainings(result):
        style = model_style(position)
        label = training_label(model, training)
        lines.append(legend_entry(label, color=style.colour, ls=style.dash, lw=2, marker=style.marker))
    return [*lines, legend_entry("kept step", color=MUTED, marker="*", mec=INK, ls="", markersize=12)]
