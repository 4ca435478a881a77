"""Margins by category and model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core import formatting as formats
from ..tables.groups import NAME, _names
from ..tables.selection import group_names, group_of, largest_note, model_label
from ..tables.table import Cell, Table, cell, table
from .chart import Chart
from .palette import CLEAR, DIVERGING, HATCH, INK, MUTED, PAPER, PRINT_HATCH, ink_on_margin
from .plotly_parts import not_available, panels, plotly_lines, rows_axis
from .print_parts import PRINT_NAME, SMALL, print_not_available, print_panels

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..models import Evaluation, GroupMetrics
    from ..tables.shown_pairs import ShownPairs


@dataclass(frozen=True, eq=False)
class MarginHeatmap(Chart):
    """Margins of every category under every model."""

    evaluations: Sequence[Evaluation]
    shown: ShownPairs

    name = "margin_heatmap"
    title = "Margin by {category} and model"
    reading = (
        "Mean cosine of {positive} minus {negative} pairs, N below it. Hatched cells have no margin: one label "
        "only, or fewer than 5 pairs."
    )
    group = "Across models"
    shape = "wide"

    def figure(self) -> go.Figure:
        """A heatmap whose colours are symmetric around 0."""
        return _margin_heatmap(margin_heatmap(self.evaluations))

    def print_figure(self) -> Figure:
        """The same heatmap."""
        return _print_heatmap(margin_heatmap(self.evaluations))

    def tables(self) -> tuple[Table, ...]:
        """Margins with intervals and N."""
        return (margin_table(self.evaluations, self.shown),)


@dataclass(frozen=True, eq=False)
class Heatmap:
    """Margins of C categories and M models."""

    categories: list[str]
    models: list[str]
    margins: NDArray[np.float64]  # (C, M), NaN where there is none
    texts: list[list[str]]  # margin and N, or n/a and N

    @property
    def limit(self) -> float:
        """End of the colour scale, the same on both sides of 0."""
        finite = np.abs(self.margins[np.isfinite(self.margins)])
        return max(float(finite.max()), 0.1) if finite.size else 1.0


def margin_heatmap(evaluations: Sequence[Evaluation]) -> Heatmap:
    """The margin of every category under every model."""
    names = group_names(evaluations, "by_category")
    cells = [[group_of(evaluation, "by_category", name) for evaluation in evaluations] for name in names]
    margins = [[_or_nan(cell.compatibility_margin) if cell else np.nan for cell in row] for row in cells]
    return Heatmap(
        categories=[formats.short_name(name) for name in names],
        models=[model_label(evaluation) for evaluation in evaluations],
        margins=np.asarray(margins, dtype=np.float64).reshape(len(names), len(evaluations)),
        texts=[[_cell_text(cell) for cell in row] for row in cells],
    )


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _cell_text(group: GroupMetrics | None) -> str:
    if group is None:
        return formats.NOT_AVAILABLE
    return f"{formats.signed(group.compatibility_margin, 2)}\nn={formats.count(group.n)}"


MOST_UPRIGHT_NAMES = 5


def _margin_heatmap(shown: Heatmap) -> go.Figure:
    if not shown.categories:
        return not_available("n/a: there are no categories")
    low, middle, high = DIVERGING
    figure = panels(1, 1)
    figure.add_heatmap(
        z=[[None if np.isnan(value) else round(value, 4) for value in row] for row in shown.margins.tolist()],
        hoverinfo="skip",
        colorscale=[[0, low], [0.5, middle], [1, high]],
        zmin=-shown.limit,
        zmax=shown.limit,
        xgap=2,
        ygap=2,
        showscale=False,
    )
    _cell_texts(figure, shown)
    _missing_cells(figure, shown)
    rows_axis(figure, shown.categories)
    names = [formats.plotly_text(name) for name in shown.models]
    span = [-0.5, len(names) - 0.5]
    figure.update_xaxes(tickvals=list(range(len(names))), ticktext=names, range=span, showgrid=False, zeroline=False)
    # an angle that plotly chooses and a margin that it fits to the names can chase one another
    figure.update_xaxes(tickangle=-30 if len(names) > MOST_UPRIGHT_NAMES else 0)
    return figure.update_layout(height=90 + 46 * len(shown.categories))


def _cell_texts(figure: go.Figure, shown: Heatmap) -> None:
    """Write the numbers as points of their own: a heatmap's text has one colour, and strong cells need white."""
    known = [(int(row), int(column)) for row, column in np.argwhere(~np.isnan(shown.margins))]
    figure.add_scatter(
        x=[column for _, column in known],
        y=[row for row, _ in known],
        mode="text",
        text=[plotly_lines(shown.texts[row][column]) for row, column in known],
        textfont={"color": [ink_on_margin(shown.margins[cell] / shown.limit) for cell in known]},
        hoverinfo="skip",
        showlegend=False,
    )


def _missing_cells(figure: go.Figure, shown: Heatmap) -> None:
    """Hatch the cells without a margin, as bars, because a heatmap cannot hatch."""
    missing = [(int(row), int(column)) for row, column in np.argwhere(np.isnan(shown.margins))]
    if not missing:
        return
    figure.add_bar(
        x=[column for _, column in missing],
        y=[0.96] * len(missing),
        base=[row - 0.48 for row, _ in missing],
        width=0.96,
        marker={"color": CLEAR, "pattern": {"shape": "/", "fgcolor": HATCH, "size": 7}},
        hoverinfo="skip",
        showlegend=False,
    )
    look = {"showarrow": False, "bgcolor": PAPER, "font": {"color": INK}}
    texts = [{"x": column, "y": row, "text": plotly_lines(shown.texts[row][column])} for row, column in missing]
    # all at once: plotly copies all annotations for each one that is added
    figure.update_layout(annotations=[text | look for text in texts])


def _print_heatmap(shown: Heatmap) -> Figure:
    if not shown.categories:
        return print_not_available("n/a: there are no categories")
    import seaborn as sns  # noqa: PLC0415 - a page needs no matplotlib
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415

    figure, [axes] = print_panels(1, 1, 1.6 + 0.5 * len(shown.categories))
    colours = LinearSegmentedColormap.from_list("margin", DIVERGING)
    sns.heatmap(
        shown.margins,
        ax=axes,
        annot=np.asarray(shown.texts, dtype=np.str_).reshape(shown.margins.shape),
        fmt="",
        mask=np.isnan(shown.margins),
        cmap=colours,
        vmin=-shown.limit,
        vmax=shown.limit,
        linewidths=1,
        annot_kws={"fontsize": SMALL},
        cbar=False,
        xticklabels=shown.models,
        yticklabels=[formats.short_name(name, PRINT_NAME) for name in shown.categories],
    )
    axes.tick_params(axis="y", rotation=0, labelsize=SMALL)
    turned = len(shown.models) > 4  # noqa: PLR2004 - four names still fit
    axes.tick_params(axis="x", rotation=20 if turned else 0, labelsize=SMALL)
    for text in axes.texts:
        column, row = (int(place) for place in text.get_position())
        text.set_color(ink_on_margin(shown.margins[row, column] / shown.limit))
    for row, column in np.argwhere(np.isnan(shown.margins)):
        _print_missing_cell(axes, row, column, shown.texts[row][column])
    return figure


def _print_missing_cell(axes: Axes, row: int, column: int, text: str) -> None:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - a page needs no matplotlib

    axes.add_patch(Rectangle((column, row), 1, 1, facecolor="white", edgecolor=PRINT_HATCH, hatch="////", linewidth=0))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=SMALL, color=MUTED, bbox=box)


def margin_table(evaluations: Sequence[Evaluation], drawn: ShownPairs) -> Table:
    """Margins of category x model."""
    names = group_names(evaluations, "by_category")
    rows = [_margin_row(evaluations, name, drawn.link(category=name)) for name in names]
    note = largest_note(evaluations[0].by_category)
    name = evaluations[0].eval_data.words.fill("{category}")
    return table(f"Margin by {name}", (formats.capitalised(name), *_names(evaluations)), rows, note)


def _margin_row(evaluations: Sequence[Evaluation], name: str, link: str) -> list[Cell | str]:
    cells = (_margin_of(evaluation, name) for evaluation in evaluations)
    return [Cell(formats.short_name(name, NAME), href=link), *cells]


def _margin_of(evaluation: Evaluation, name: str) -> Cell:
    group = group_of(evaluation, "by_category", name)
    if group is None:
        return cell(formats.NOT_AVAILABLE, "this model was not evaluated on it")
    note = f"{formats.interval(group.margin_low, group.margin_high)} n={formats.count(group.n)}".lstrip()
    return cell(formats.signed(group.compatibility_margin), group.reason, note)
