"""Cosines by grade: a box for each range of grades, and the line of their means."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..tables.grades import bin_label, grade_table
from ..tables.selection import model_label
from .chart import Chart
from .palette import LABEL_STYLES, MUTED, NEUTRAL
from .plotly_parts import error_bars, grid_places, panels, rounded, sized
from .print_parts import SMALL, legend_entry, print_legend, print_panels

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import Evaluation, Split
    from ..tables.table import Table

_MEANS = "mean, with its 95 % interval"
_BOXES = "half of the pairs; the line holds 90 %"


@dataclass(frozen=True, eq=False)
class CosineByGrade(Chart):
    """Cosines of each range of grades, a panel a model."""

    evaluations: Sequence[Evaluation]
    elsewhere: Mapping[Split, Sequence[Evaluation]] = field(default_factory=dict)  # on other splits

    name = "cosine_by_grade"
    title = "Cosine by grade"
    reading = (
        "Where the cosine follows the grade, the line of the means rises from left to right. Boxes that overlap hold "
        "pairs that the cosine does not tell apart. A box holds half of the pairs, its whiskers 90 %."
    )
    group = "Distributions"

    def figure(self) -> go.Figure:
        """Boxes, and the line of their means."""
        count = len(self.evaluations)
        figure = panels(
            count, 1, [grade_heading(one) for one in self.evaluations], shared_xaxes=True,
            vertical_spacing=min(0.12, 0.3 / count),
        )  # fmt: skip
        for evaluation, place in zip(self.evaluations, grid_places(count, 1), strict=True):
            _panel(figure, evaluation, place)
        ticks = [formats.plotly_text(name) for name in _names(self.evaluations[0])]
        figure.update_xaxes(tickvals=list(range(len(ticks))), ticktext=ticks)
        figure.update_xaxes(title_text="grade", row=count)
        figure.update_yaxes(title_text="cosine")
        return sized(figure, 150 + max(190 * count, 260), titled=True)

    def print_figure(self) -> Figure:
        """The same boxes and lines."""
        figure, axes = print_panels(len(self.evaluations), 1, 1.3 + max(1.5 * len(self.evaluations), 2.4), sharex=True)
        for one, evaluation in zip(axes, self.evaluations, strict=True):
            _print_panel(one, evaluation)
        axes[-1].set_xlabel("grade", fontsize=SMALL)
        print_legend(figure, [legend_entry(_MEANS, color=LABEL_STYLES[0].colour, marker="o")])
        return figure

    def tables(self) -> tuple[Table, ...]:
        """The means with their intervals."""
        return (grade_table(self.evaluations),)

    def on_splits(self) -> dict[Split, Chart]:
        """Cosines of the pairs of other splits."""
        return {split: replace(self, evaluations=found, elsewhere={}) for split, found in self.elsewhere.items()}


def _names(evaluation: Evaluation) -> list[str]:
    return [bin_label(one, evaluation.eval_data.scale) for one in evaluation.by_grade]


def grade_heading(evaluation: Evaluation) -> str:
    """A model's name, and its Spearman with the interval."""
    rank = evaluation.estimate("spearman_correlation")
    limits = formats.interval(rank.low, rank.high)
    return f"{model_label(evaluation)}: Spearman {formats.number(rank.value)} {limits}".rstrip()


def _panel(figure: go.Figure, evaluation: Evaluation, place: dict[str, int]) -> None:
    bins, first = evaluation.by_grade, place["row"] == 1
    places = list(range(len(bins)))
    low, quarter, middle, upper, high = (rounded([one.quantiles[i] for one in bins], 4) for i in range(5))
    figure.add_box(
        x=places, lowerfence=low, q1=quarter, median=middle, q3=upper, upperfence=high, name=_BOXES,
        showlegend=first, line={"color": NEUTRAL, "width": 1.2}, fillcolor="rgba(128,128,128,0.2)", **place,
    )  # fmt: skip
    means = [one.mean for one in bins]
    figure.add_scatter(
        x=places, y=rounded(means, 4), mode="lines+markers", name=_MEANS, showlegend=first,
        line={"color": LABEL_STYLES[0].colour, "width": 2},
        error_y=error_bars(means, [(one.mean_low, one.mean_high) for one in bins]),
        hovertext=[
            f"grade {formats.plotly_text(name)}<br>mean cosine {formats.number(one.mean)} "
            f"{formats.interval(one.mean_low, one.mean_high)}<br>{formats.count(one.n)} pairs"
            for name, one in zip(_names(evaluation), bins, strict=True)
        ],
        hoverinfo="text", **place,
    )  # fmt: skip


def _print_panel(axes: Axes, evaluation: Evaluation) -> None:
    bins, colour = evaluation.by_grade, LABEL_STYLES[0].colour
    stats = [
        dict(zip(("whislo", "q1", "med", "q3", "whishi"), one.quantiles, strict=True), label=name)
        for name, one in zip(_names(evaluation), bins, strict=True)
    ]
    line = {"color": MUTED}
    axes.bxp(
        stats, positions=range(len(bins)), showfliers=False, boxprops=line, whiskerprops=line, capprops=line,
        medianprops=line,
    )  # fmt: skip
    axes.plot(range(len(bins)), [one.mean for one in bins], color=colour, marker="o", markersize=4)
    for position, one in enumerate(bins):
        if one.mean_low is not None and one.mean_high is not None:
            axes.plot([position, position], [one.mean_low, one.mean_high], color=colour, linewidth=2)
    axes.tick_params(axis="x", labelrotation=30, labelsize=SMALL)
    axes.set_title(grade_heading(evaluation), fontsize=SMALL)
    axes.set_ylabel("cosine", fontsize=SMALL)
