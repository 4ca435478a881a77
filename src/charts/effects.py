"""Effect sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..tables.selection import model_label
from ..tables.table import Table, cell, table
from .chart import Chart
from .palette import INK, MUTED, NEUTRAL, model_style
from .plotly_parts import model_name, panels, plotly_lines, rows_axis
from .print_parts import SMALL, legend_entry, print_legend, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import Evaluation


@dataclass(frozen=True, eq=False)
class EffectSizes(Chart):
    """Cohen's d of every model, with the target."""

    evaluations: Sequence[Evaluation]
    target: float | None

    name = "cohens_d"
    title = "Effect size (Cohen's d)"
    reading = (
        "The margin in pooled standard deviations, with its 95 % interval. An interval that spans 0 shows no effect."
    )
    group = "Across models"

    def figure(self) -> go.Figure:
        """Markers with intervals."""
        return _cohens_d(self.evaluations, self.target)

    def print_figure(self) -> Figure:
        """Markers with intervals."""
        return _print_effects(self.evaluations, self.target)

    def tables(self) -> tuple[Table, ...]:
        """The numbers."""
        return (effect_table(self.evaluations),)


def effect_label(evaluation: Evaluation) -> str:
    """A model's name and its effect size with interval."""
    effect = evaluation.estimate("cohens_d")
    numbers = f"{formats.signed(effect.value, 2)} {formats.interval(effect.low, effect.high, 2)}".rstrip()
    return f"{model_label(evaluation)}\n{numbers}"


def _cohens_d(evaluations: Sequence[Evaluation], target: float | None) -> go.Figure:
    figure = panels(1, 1)
    for row, evaluation in enumerate(evaluations):
        _effect_row(figure, row, evaluation)
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    if target is not None:
        words = {"annotation_text": f"target {formats.number(target, 1)}", "annotation_position": "top"}
        figure.add_vline(x=target, line={"color": NEUTRAL, "dash": "dot", "width": 1.5}, **words)
    rows_axis(figure, [effect_label(evaluation) for evaluation in evaluations])
    figure.update_xaxes(title_text="Cohen's d")
    return figure.update_layout(height=110 + 56 * len(evaluations), showlegend=False)


def _effect_row(figure: go.Figure, row: int, evaluation: Evaluation) -> None:
    style, effect = model_style(row), evaluation.estimate("cohens_d")
    if effect.value is None:
        text = formats.plotly_text(f"{formats.NOT_AVAILABLE} {effect.reason}".rstrip())
        figure.add_annotation(x=0, y=row, text=text, showarrow=False, xanchor="left")
        return
    above = [0.0] if effect.high is None else [effect.high - effect.value]
    below = [0.0] if effect.low is None else [effect.value - effect.low]
    figure.add_scatter(
        x=[effect.value],
        y=[row],
        mode="markers",
        name=model_name(evaluation),
        marker={"color": style.colour, "symbol": style.symbol, "size": 12},
        error_x={"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 2.5},
        hovertext=[plotly_lines(effect_label(evaluation))],
        hoverinfo="text",
    )


def _print_effects(evaluations: Sequence[Evaluation], target: float | None) -> Figure:
    figure, [axes] = print_panels(1, 1, 1.5 + 0.5 * len(evaluations))
    for row, evaluation in enumerate(evaluations):
        _print_effect_row(axes, row, evaluation)
    axes.axvline(0, color=INK, linewidth=0.8)
    labels = [effect_label(evaluation) for evaluation in evaluations]
    axes.set_yticks(range(len(evaluations)), labels, fontsize=SMALL)
    axes.set_ylim(len(evaluations) - 0.5, -0.5)
    axes.set_xlabel("Cohen's d, 95 % interval", fontsize=SMALL)
    axes.margins(x=0.08)
    if target is not None:
        axes.axvline(target, color=MUTED, linewidth=1, linestyle=":")
        print_legend(figure, [legend_entry(f"target {formats.number(target, 1)}", color=MUTED, ls=":")])
    return figure


def _print_effect_row(axes: Axes, row: int, evaluation: Evaluation) -> None:
    style, effect = model_style(row), evaluation.estimate("cohens_d")
    if effect.value is None:
        axes.text(0, row, f" {formats.NOT_AVAILABLE} {effect.reason}", va="center", color=MUTED, fontsize=SMALL)
        return
    if effect.low is not None and effect.high is not None:
        axes.plot([effect.low, effect.high], [row, row], color=style.colour, linewidth=2.5, solid_capstyle="butt")
    axes.plot(effect.value, row, marker=style.marker, markersize=9, color=style.colour, linestyle="")


def effect_table(evaluations: Sequence[Evaluation]) -> Table:
    """Cohen's d of each model."""
    found = [(model_label(one), one.estimate("cohens_d")) for one in evaluations]
    rows = [
        (name, cell(formats.signed(effect.value), effect.reason), formats.interval(effect.low, effect.high))
        for name, effect in found
    ]
    return table("Cohen's d", ("Model", "Cohen's d", "95 % interval"), rows)
