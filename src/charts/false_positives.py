"""False positive rates by pair type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..tables.groups import NAME, _names, false_positive_limits, no_rate
from ..tables.selection import group_names, group_of, largest_note, model_label, n_incompatible
from ..tables.table import Cell, Table, cell, table
from .chart import Chart
from .palette import MUTED, model_style
from .plotly_parts import error_bars, model_name, not_available, panels, rounded, rows_axis, sized
from .print_parts import PRINT_NAME, SMALL, legend_entry, print_legend, print_not_available, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

    from ..models import Evaluation, GroupMetrics
    from ..tables.shown_pairs import ShownPairs
    from .palette import ModelStyle


@dataclass(frozen=True, eq=False)
class FalsePositives(Chart):
    """False positive rates by pair type, a marker a model."""

    evaluations: Sequence[Evaluation]
    shown: ShownPairs
    position: int = 0  # of the first model, which gives it its colour

    name = "false_positives_by_pair_type"
    title = "False positives by {pair_type}"
    reading = (
        "The share of the {negative} pairs of each {pair_type} that are called {positive} at the operating threshold, "
        "which was fitted on other pairs, with its 95 % interval. Without {negative} pairs it is n/a."
    )
    group = "Slices"

    def figure(self) -> go.Figure:
        """Rates with intervals and counts."""
        return _false_positives(self.evaluations, self.position)

    def print_figure(self) -> Figure:
        """Rates with intervals and counts."""
        return _print_false_positives(self.evaluations)

    def tables(self) -> tuple[Table, ...]:
        """Counts and rates; a count leads to its pairs."""
        return (false_positive_table(self.evaluations, self.shown),)


def false_positive_label(group: GroupMetrics, limit: int = formats.NAME_CHARACTERS, apart: str = " ") -> str:
    """A pair type's name and how many of its pairs can be false positives."""
    return f"{formats.short_name(group.name, limit)}{apart}(n={formats.count(n_incompatible(group))})"


def false_positive_groups(evaluations: Sequence[Evaluation]) -> list[GroupMetrics]:
    """The pair types of a false-positive chart, from the first model that has each."""
    return [
        next(group for evaluation in evaluations if (group := group_of(evaluation, "by_pair_type", name)))
        for name in group_names(evaluations, "by_pair_type")
    ]


def _false_positives(evaluations: Sequence[Evaluation], first: int = 0) -> go.Figure:
    groups = false_positive_groups(evaluations)
    if not groups:
        return not_available("n/a: there are no pair types")
    figure = panels(1, 1)
    for order, evaluation in enumerate(evaluations):
        shift = 0.7 * ((order + 0.5) / len(evaluations) - 0.5)
        _false_positive_dots(figure, evaluation, model_style(first + order), [group.name for group in groups], shift)
    for row, group in enumerate(groups):
        if not n_incompatible(group):
            text = f"{formats.NOT_AVAILABLE}: no {evaluations[0].eval_data.words.negative} pairs"
            figure.add_annotation(x=0, y=row, text=text, showarrow=False, xanchor="left")
    rows_axis(figure, [false_positive_label(group) for group in groups])
    figure.update_xaxes(title_text="false positive rate", range=[-0.04, 1.25], tickvals=[0, 0.5, 1])
    return sized(figure, 120 + len(groups) * (24 + 13 * len(evaluations)))


def _false_positive_dots(
    figure: go.Figure, evaluation: Evaluation, style: ModelStyle, names: Sequence[str], shift: float
) -> None:
    found = [(row, group_of(evaluation, "by_pair_type", name)) for row, name in enumerate(names)]
    shown = [(row, group) for row, group in found if group is not None and group.false_positive_rate is not None]
    rates = rounded([group.false_positive_rate or 0.0 for _, group in shown], 4)
    figure.add_scatter(
        x=rates,
        y=[round(row + shift, 3) for row, _ in shown],
        mode="markers",
        name=model_name(evaluation),
        legendgroup=model_name(evaluation),
        cliponaxis=False,
        marker={"color": style.colour, "symbol": style.symbol, "size": 9},
        error_x=error_bars(rates, [(group.false_positive_low, group.false_positive_high) for _, group in shown]),
        hovertext=[
            f"{model_name(evaluation)}, {formats.plotly_text(formats.short_name(group.name))}: "
            f"{formats.percent(group.false_positive_rate)} "
            f"{formats.interval(group.false_positive_low, group.false_positive_high)}"
            for _, group in shown
        ],
        hoverinfo="text",
    )
    figure.add_scatter(
        x=[1.05] * len(shown),
        y=[round(row + shift, 3) for row, _ in shown],
        mode="text",
        text=[f"{formats.count(group.false_positives)}/{formats.count(n_incompatible(group))}" for _, group in shown],
        textposition="middle right",
        textfont={"size": 10},
        cliponaxis=False,
        hoverinfo="skip",
        legendgroup=model_name(evaluation),
        showlegend=False,
    )


def _print_false_positives(evaluations: Sequence[Evaluation]) -> Figure:
    groups = false_positive_groups(evaluations)
    if not groups:
        return print_not_available("n/a: there are no pair types")
    figure, [axes] = print_panels(1, 1, 1.5 + len(groups) * (0.26 + 0.15 * len(evaluations)))
    for position, evaluation in enumerate(evaluations):
        _print_dots(axes, evaluation, position, [group.name for group in groups], len(evaluations))
    for row, group in enumerate(groups):
        if not n_incompatible(group):
            text = f"  {formats.NOT_AVAILABLE}: no {evaluations[0].eval_data.words.negative} pairs"
            axes.text(0, row, text, va="center", color=MUTED, fontsize=SMALL)
    labels = [false_positive_label(group, PRINT_NAME, "\n") for group in groups]
    axes.set_yticks(range(len(groups)), labels, fontsize=SMALL)
    axes.set(xlim=(-0.03, 1.3), xticks=[0, 0.5, 1])
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("false positive rate, 95 % interval", fontsize=SMALL)
    axes.set_title(largest_note(evaluations[0].by_pair_type), fontsize=SMALL)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    print_legend(figure, _print_handles_of_models(evaluations))
    return figure


def _print_dots(axes: Axes, evaluation: Evaluation, position: int, names: Sequence[str], models: int) -> None:
    style = model_style(position)
    shift = 0.7 * ((position + 0.5) / models - 0.5)
    for row, name in enumerate(names):
        group = group_of(evaluation, "by_pair_type", name)
        if group is None or group.false_positive_rate is None:
            continue
        rate = group.false_positive_rate
        if group.false_positive_low is not None and group.false_positive_high is not None:
            limits = [group.false_positive_low, group.false_positive_high]
            axes.plot(limits, [row + shift] * 2, color=style.colour, linewidth=1.5)
        axes.plot(rate, row + shift, marker=style.marker, markersize=5, color=style.colour, linestyle="", clip_on=False)
        text = f"{formats.count(group.false_positives)}/{formats.count(n_incompatible(group))}"
        axes.text(1.05, row + shift, text, va="center", fontsize=SMALL)


def _print_handles_of_models(evaluations: Sequence[Evaluation]) -> list[Line2D]:
    styles = [(model_style(position), evaluation) for position, evaluation in enumerate(evaluations)]
    return [
        legend_entry(model_label(evaluation), color=style.colour, marker=style.marker) for style, evaluation in styles
    ]


def false_positive_table(evaluations: Sequence[Evaluation], drawn: ShownPairs) -> Table:
    """False positives of pair type x model; a count leads to its pairs."""
    groups = false_positive_groups(evaluations)
    rows = [_false_positive_row(evaluations, group, drawn) for group in groups]
    note = largest_note(evaluations[0].by_pair_type)
    words = evaluations[0].eval_data.words
    name = words.fill("{pair_type}")
    columns = (formats.capitalised(name), f"{formats.capitalised(words.negative)} pairs", *_names(evaluations))
    return table(f"False positives by {name}", columns, rows, note)


def _false_positive_row(evaluations: Sequence[Evaluation], group: GroupMetrics, drawn: ShownPairs) -> list[Cell | str]:
    cells = (_false_positive_cell(evaluation, group.name, drawn) for evaluation in evaluations)
    return [formats.short_name(group.name, NAME), formats.count(n_incompatible(group)), *cells]


def _false_positive_cell(evaluation: Evaluation, name: str, drawn: ShownPairs) -> Cell:
    group = group_of(evaluation, "by_pair_type", name)
    if group is None or group.false_positive_rate is None:
        return cell(formats.NOT_AVAILABLE, no_rate(group, evaluation.eval_data.words))
    note = f"{formats.percent(group.false_positive_rate)} {false_positive_limits(group)}".rstrip()
    # the list of pairs shows one trained model beside the baseline, or the baseline alone
    listed = evaluation.model in drawn.models or not drawn.models
    state = {"pair_type": name, "label": "0", "outcome": "wrong", "model": evaluation.model}
    return Cell(formats.count(group.false_positives), note=note, href=drawn.link(**state) if listed else "")
