"""Margin and accuracy by category or pair type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from ..core import formatting as formats
from ..tables.exploratory import looked_at_note
from ..tables.groups import metrics_of_groups
from ..tables.selection import group_label, largest, largest_note
from .chart import Chart
from .palette import INK, LABEL_STYLES, MUTED, NEUTRAL
from .plotly_parts import error_bars, not_available, panels, rounded, rows_axis
from .print_parts import PRINT_NAME, SMALL, print_beside, print_not_available, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..models import Evaluation, GroupMetrics
    from ..tables.selection import GroupField
    from ..tables.shown_pairs import ShownPairs
    from ..tables.table import Table


@dataclass(frozen=True, eq=False)
class CategoryMargins(Chart):
    """Margin and accuracy of one model by category."""

    evaluation: Evaluation
    shown: ShownPairs

    name = "margins_by_category"
    title = "Margin and accuracy by {category}"
    reading = (
        "Margin: mean cosine of {positive} minus {negative} pairs with its 95 % interval, undefined with fewer "
        "than 5 pairs or one label. Accuracy is at the operating threshold."
    )
    group = "Slices"
    shape = "wide"
    field: ClassVar[GroupField] = "by_category"
    caption: ClassVar[str] = "By {category}"

    def figure(self) -> go.Figure:
        """Bars with intervals."""
        return _group_margins(getattr(self.evaluation, self.field), self.evaluation.eval_data.words.positive)

    def print_figure(self) -> Figure:
        """Bars with intervals."""
        return _print_group_margins(getattr(self.evaluation, self.field))

    def tables(self) -> tuple[Table, ...]:
        """All metrics of each group."""
        return (group_table(self.caption, self.evaluation, self.field, self.shown),)


class PairTypeMargins(CategoryMargins):
    """Margin and accuracy of one model by pair type."""

    name = "margins_by_pair_type"
    title = "Margin and accuracy by {pair_type}"
    reading = (
        "A {pair_type} of one label only has no margin; its accuracy at the operating threshold says how it fares."
    )
    shape = ""
    field = "by_pair_type"
    caption = "By {pair_type}"


def margin_span(groups: Sequence[GroupMetrics]) -> tuple[float, float]:
    """Limits of an axis of margins: 0, the margins with their intervals, and on the right a column for the numbers.

    They have as many digits as the numbers' places: plotly hides what lies outside of an axis, however little.
    """
    known = [
        end
        for group in groups
        for end in (group.compatibility_margin, group.margin_low, group.margin_high)
        if end is not None
    ]
    low, high = min([0.0, *known]), max([0.0, *known])
    width = max(high - low, 0.1)
    return round(low - 0.06 * width, 4), round(high + 0.65 * width, 4)


_ROW = 34  # pixels of one group on an axis
_NUMBER = 45  # pixels of a number beside a bar that fills its axis


def _group_margins(groups: Sequence[GroupMetrics], positive: str) -> go.Figure:
    """Two panels that share the groups: margin, and accuracy, which one-label groups have as well."""
    if not groups:
        return not_available("n/a: there are no groups")
    groups = largest(groups)
    figure = panels(1, 2, shared_yaxes=True, horizontal_spacing=0.04)
    _group_bars(figure, groups, "compatibility_margin", positive, {"row": 1, "col": 1})
    _group_bars(figure, groups, "accuracy", positive, {"row": 1, "col": 2})
    rows_axis(figure, [group_label(group) for group in groups])
    figure.update_xaxes(title_text="margin", range=margin_span(groups), nticks=4, row=1, col=1)
    figure.update_xaxes(title_text="accuracy", range=[0, 1], tickvals=[0, 0.5, 1], row=1, col=2)
    return figure.update_layout(height=110 + _ROW * len(groups), margin_r=_NUMBER, showlegend=False)


def _group_bars(
    figure: go.Figure, groups: Sequence[GroupMetrics], metric: str, positive: str, place: dict[str, int]
) -> None:
    values = [getattr(group, metric) for group in groups]
    signed = metric == "compatibility_margin"
    shown = [0.0 if value is None else value for value in values]
    below = [signed and value is not None and value < 0 for value in values]
    colours = [LABEL_STYLES[0 if low else 1].colour if signed else NEUTRAL for low in below]
    figure.add_bar(
        x=rounded(shown, 4),
        y=list(range(len(groups))),
        orientation="h",
        error_x=error_bars(shown, [(group.margin_low, group.margin_high) for group in groups]) if signed else None,
        marker={"color": colours, "pattern": {"shape": ["/" if low else "" for low in below], "size": 6}},
        hovertext=[_group_hover(group, value, positive) for group, value in zip(groups, values, strict=True)],
        hoverinfo="text",
        **place,
    )
    _group_texts(figure, groups, metric, place)


def _group_texts(figure: go.Figure, groups: Sequence[GroupMetrics], metric: str, place: dict[str, int]) -> None:
    """The numbers as points of their own: margins in a column, where no interval covers them."""
    signed = metric == "compatibility_margin"
    values = [getattr(group, metric) for group in groups]
    column = margin_span(groups)[1]
    figure.add_scatter(
        x=rounded([column if signed else value or 0.0 for value in values], 4),
        y=list(range(len(groups))),
        mode="text",
        text=[_apart(formats.signed(value, 2) if signed else formats.number(value, 2)) for value in values],
        textposition="middle left" if signed else "middle right",
        cliponaxis=False,
        hoverinfo="skip",
        **place,
    )


def _apart(text: str) -> str:
    """Text that does not touch what it stands beside."""
    return f"\N{NO-BREAK SPACE}{text}\N{NO-BREAK SPACE}"


def _group_hover(group: GroupMetrics, value: float | None, positive: str) -> str:
    why = f"<br>{formats.plotly_text(group.reason)}" if value is None and group.reason else ""
    label = formats.plotly_text(group_label(group))
    return f"{label}, {group.n_compatible} {positive}<br>{formats.number(value)}{why}"


def _print_group_margins(groups: Sequence[GroupMetrics]) -> Figure:
    """Two panels that share the groups: margin, and accuracy, which one-label groups have as well."""
    if not groups:
        return print_not_available("n/a: there are no groups")
    shown = largest(groups)
    figure, [left, right] = print_panels(1, 2, 1.5 + 0.36 * len(shown), sharey=True, width_ratios=(3, 2))
    _print_margins(left, shown)
    _print_accuracies(right, shown)
    left.set_yticks(range(len(shown)), [group_label(group, PRINT_NAME, "\n") for group in shown], fontsize=SMALL)
    left.invert_yaxis()
    left.set_xlim(margin_span(shown))
    left.set_xlabel("margin, 95 % interval", fontsize=SMALL)
    left.set_title(largest_note(groups), fontsize=SMALL)
    right.set(xlim=(0, 1.5), xticks=[0, 0.5, 1])
    right.set_xlabel("accuracy", fontsize=SMALL)
    for axes in (left, right):
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.grid(visible=False, axis="y")
    return figure


def _print_margins(axes: Axes, groups: Sequence[GroupMetrics]) -> None:
    column = margin_span(groups)[1]
    for row, group in enumerate(groups):
        value = group.compatibility_margin
        print_beside(axes, formats.signed(value, 2), (column, row), -3, "right")
        if value is None:
            continue
        below = value < 0
        style = LABEL_STYLES[0 if below else 1]
        axes.barh(row, value, height=0.65, color=style.colour, hatch="///" if below else None, ec="white")
        if group.margin_low is not None and group.margin_high is not None:
            axes.plot([group.margin_low, group.margin_high], [row, row], color=INK, linewidth=1)


def _print_accuracies(axes: Axes, groups: Sequence[GroupMetrics]) -> None:
    for row, group in enumerate(groups):
        axes.barh(row, group.accuracy or 0, height=0.65, color=MUTED, ec="white")
        axes.text(group.accuracy or 0, row, f" {formats.number(group.accuracy, 2)}", va="center", fontsize=SMALL)


_FILTERS = {"by_category": "category", "by_pair_type": "pair_type"}


def group_table(caption: str, evaluation: Evaluation, field: GroupField, drawn: ShownPairs) -> Table:
    """Metrics of categories or pair types; a row leads to its pairs."""
    groups: tuple[GroupMetrics, ...] = getattr(evaluation, field)
    links = [drawn.link(**{_FILTERS[field]: group.name}, model=evaluation.model) for group in groups]
    words = evaluation.eval_data.words
    return metrics_of_groups(words.fill(caption), groups, links, words, looked_at_note(evaluation))
