"""The charts as matplotlib figures for print: data in, `Figure` out, nothing read or written.

They use the object interface, so no state outlives a call and no window system is asked for.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import seaborn as sns
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from ..core import formatting as formats
from ..tables.selection import (
    group_label,
    group_of,
    largest,
    largest_note,
    model_label,
    n_incompatible,
    population,
    target_of,
    trainings,
)
from . import chart as chart_data
from .palette import (
    BACKGROUND_POINT,
    DIVERGING,
    INK,
    LABEL_STYLES,
    MUTED,
    ink_on_margin,
    matplotlib_theme,
    model_style,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from ..models import ComparisonResult, Evaluation, GroupMetrics, PairSet
    from .chart import Distribution, Heatmap, MapPoints, ModelMap, Outline, TrainingCurve
    from .palette import ModelStyle

WIDTH = 4.6  # inches; half a page shows it at 3.2, and its smallest type, of 9 points, at more than 6
SMALL = 9  # points
NAME = 22  # letters of a group's name
LETTERS = 12.5  # of a legend, an inch


def baseline_charts(evaluation: Evaluation, pairs: PairSet) -> dict[str, Figure]:
    """The eight charts of one model, by file stem.

    Args:
        evaluation: Result of the model; any model's will do.
        pairs: The eval pairs that it was made from.

    Raises:
        ArtifactError: The evaluation was made from other pairs.
    """
    one, shown = [evaluation], chart_data.model_map(evaluation, pairs)
    makers: dict[str, Callable[[], Figure]] = {
        "cosine_distributions": lambda: _cosine_distributions(one),
        "umap_by_label": lambda: _maps([shown]),
        "umap_by_category": lambda: _category_maps(shown),
        "clusters": lambda: _clusters(evaluation, shown),
        "roc": lambda: _roc(one),
        "margins_by_category": lambda: _group_margins(evaluation.by_category),
        "margins_by_pair_type": lambda: _group_margins(evaluation.by_pair_type),
        "false_positives_by_pair_type": lambda: _false_positives(one),
    }
    return _drawn(makers, chart_data.BASELINE_TEXTS, population(evaluation))


def comparison_charts(result: ComparisonResult, pairs: PairSet) -> dict[str, Figure]:
    """The eight charts of all models together, by file stem.

    Args:
        result: The comparison, with any number of models.
        pairs: The eval pairs that it was made from.

    Raises:
        ArtifactError: A model was evaluated on other pairs.
    """
    evaluations = [model.evaluation for model in result.models]
    maps = [chart_data.model_map(one, pairs) for one in evaluations]
    makers: dict[str, Callable[[], Figure]] = {
        "cosine_distributions": lambda: _cosine_distributions(evaluations),
        "umap": lambda: _maps(maps),
        "purity": lambda: _purity(evaluations),
        "roc": lambda: _roc(evaluations),
        "margin_heatmap": lambda: _margin_heatmap(chart_data.margin_heatmap(evaluations)),
        "cohens_d": lambda: _cohens_d(evaluations, target_of(result, "cohens_d")),
        "training_curves": lambda: _training_curves(result),
        "false_positives_by_pair_type": lambda: _false_positives(evaluations),
    }
    return _drawn(makers, chart_data.COMPARISON_TEXTS, population(evaluations[0]))


def _drawn(
    makers: Mapping[str, Callable[[], Figure]], texts: Mapping[str, chart_data.ChartText], population: str
) -> dict[str, Figure]:
    figures = {}
    with matplotlib_theme():
        for stem, make in makers.items():
            figures[stem] = make()
            figures[stem].suptitle(f"{texts[stem].title}\n{population}", x=0.01, ha="left", fontsize=10)
    return figures


# --- helpers --------------------------------------------------------------------------------------------


def _panels(
    rows: int,
    columns: int,
    height: float,
    *,
    sharex: bool = False,
    sharey: bool = False,
    width_ratios: tuple[float, ...] | None = None,
) -> tuple[Figure, list[Axes]]:
    """A figure of equal panels, row by row."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=sharex, sharey=sharey, width_ratios=width_ratios)
    return figure, list(axes.flat)


def _note(axes: Axes, text: str) -> None:
    """Say in an empty panel why it is empty."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", wrap=True, color=MUTED)
    axes.set(xticks=[], yticks=[])


def _not_available(reason: str) -> Figure:
    figure, [axes] = _panels(1, 1, 3)
    _note(axes, reason)
    return figure


def _beside(axes: Axes, text: str, point: tuple[float, float], points: float, align: str) -> None:
    """Write beside a point of the data, so many typographic points away from it."""
    axes.annotate(text, point, (points, 0), textcoords="offset points", va="center", ha=align, fontsize=SMALL)


def _legend(figure: Figure, handles: Sequence[Artist]) -> None:
    letters = sum(len(str(handle.get_label())) for handle in handles)
    columns = len(handles) if letters + 5 * len(handles) < WIDTH * LETTERS else 2
    figure.legend(handles=list(handles), loc="outside lower center", ncols=columns, frameon=False)


def _label_handles(labels: Sequence[int]) -> list[Line2D]:
    return [
        Line2D([], [], color=style.colour, marker=style.marker, linestyle="", label=style.name)
        for style in (LABEL_STYLES[label] for label in labels)
    ]


# --- distributions and ROC ------------------------------------------------------------------------------


def _cosine_distributions(evaluations: Sequence[Evaluation]) -> Figure:
    distributions = [chart_data.distribution(evaluation) for evaluation in evaluations]
    height = 1.3 + max(1.35 * len(distributions), 2.2)
    figure, panels = _panels(len(distributions), 1, height, sharex=True)
    for axes, shown in zip(panels, distributions, strict=True):
        _distribution(axes, shown)
    panels[-1].set(xlabel="cosine of the two texts", xlim=chart_data.common_span(distributions))
    _legend(figure, _distribution_handles())
    return figure


def _distribution(axes: Axes, shown: Distribution) -> None:
    for label, style in LABEL_STYLES.items():
        axes.stairs(shown.shares[label], shown.edges, fill=True, color=style.colour, alpha=0.25)
        axes.stairs(shown.shares[label], shown.edges, color=style.colour, linestyle=style.dash, linewidth=1.5)
        mean = shown.means[label]
        if mean is not None:
            axes.axvline(mean, color=style.colour, linestyle=style.dash, linewidth=1.2)
    if shown.threshold is not None:
        axes.axvline(shown.threshold, color=INK, linestyle=":", linewidth=1.5)
    axes.set_title(shown.heading, fontsize=SMALL)
    axes.set_ylabel("share", fontsize=SMALL)


def _distribution_handles() -> list[Artist]:
    labels = [
        Patch(facecolor=f"{style.colour}40", edgecolor=style.colour, linestyle=style.dash, label=style.name)
        for style in LABEL_STYLES.values()
    ]
    return [*labels, Line2D([], [], color=INK, linestyle=":", label="threshold")]


def _roc(evaluations: Sequence[Evaluation]) -> Figure:
    figure, [axes] = _panels(1, 1, 4.9 + 0.24 * len(evaluations))
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    for position, evaluation in enumerate(evaluations):
        _band(axes, evaluation, model_style(position))
    for position, evaluation in enumerate(evaluations):
        style = model_style(position)
        curve = evaluation.roc
        x, y = ([], []) if curve is None else (curve.false_positive_rate, curve.true_positive_rate)
        axes.plot(x, y, label=chart_data.roc_label(evaluation), color=style.colour, ls=style.dash, lw=2)
        _roc_points(axes, evaluation, style, named=len(evaluations) == 1)
    axes.set(xlabel="false positive rate", ylabel="true positive rate (recall)", box_aspect=1)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    axes.xaxis.labelpad = 2
    figure.legend(loc="outside lower center", frameon=False, borderaxespad=0.2, borderpad=1)
    return figure


def _band(axes: Axes, evaluation: Evaluation, style: ModelStyle) -> None:
    band = evaluation.roc_band
    if band is not None:
        axes.fill_between(band.false_positive_rate, band.low, band.high, color=style.colour, alpha=0.13, lw=0)


def _roc_points(axes: Axes, evaluation: Evaluation, style: ModelStyle, *, named: bool) -> None:
    """Where the thresholds lie: filled the operating one, hollow the optimistic one."""
    for name, point in chart_data.thresholds(evaluation).items():
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


# --- maps -----------------------------------------------------------------------------------------------


def _maps(maps: Sequence[ModelMap]) -> Figure:
    columns = min(len(maps), 2)
    rows = math.ceil(len(maps) / columns)
    figure, panels = _panels(rows, columns, 1 + rows * (3.4 if columns == 1 else 2.3))
    for axes, shown in zip(panels, maps, strict=False):
        _map(axes, shown)
    for axes in panels[len(maps) :]:
        axes.set_axis_off()
    _legend(figure, _label_handles(list(LABEL_STYLES)))
    return figure


def _map(axes: Axes, shown: ModelMap) -> None:
    axes.set_title(shown.heading, fontsize=SMALL)
    if shown.points is None:
        _note(axes, shown.reason)
        return
    _scatter_labels(axes, shown.points)
    _bare(axes)


def _bare(axes: Axes) -> None:
    """A map's coordinates have no meaning, so they get no numbers."""
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel("UMAP 1", fontsize=SMALL)
    axes.set_ylabel("UMAP 2", fontsize=SMALL)


def _scatter_labels(axes: Axes, points: MapPoints, within: np.ndarray | None = None, size: float = 12) -> None:
    for label, members in chart_data.label_members(points).items():
        style = LABEL_STYLES[label]
        shown = members if within is None else members & within
        axes.scatter(points.x[shown], points.y[shown], s=size, c=style.colour, marker=style.marker, alpha=0.7, lw=0)


def _category_maps(shown: ModelMap) -> Figure:
    points = shown.points
    if points is None:
        return _not_available(shown.reason)
    members = chart_data.category_members(points)
    columns = min(len(members), 3)
    rows = math.ceil(len(members) / columns)
    figure, panels = _panels(rows, columns, 1.1 + 1.6 * rows, sharex=True, sharey=True)
    for axes, (name, within) in zip(panels, members.items(), strict=False):
        axes.scatter(points.x, points.y, s=3, c=BACKGROUND_POINT, lw=0)
        _scatter_labels(axes, points, within, size=9)
        axes.set_title(f"{formats.short_name(name, 17)}\nn={within.sum()}", fontsize=SMALL)
        axes.set(xticks=[], yticks=[])
    for axes in panels[len(members) :]:
        axes.set_axis_off()
    _legend(figure, _label_handles(list(LABEL_STYLES)))
    return figure


def _clusters(evaluation: Evaluation, shown: ModelMap) -> Figure:
    points = shown.points
    if points is None or not points.clusters.size:
        return _not_available(shown.reason)
    figure, [axes] = _panels(1, 1, 4.4)
    for outline in chart_data.outlines(points):
        _outline(axes, outline)
    noise = points.clusters == chart_data.NOISE
    _scatter_labels(axes, points, ~noise)
    axes.scatter(points.x[noise], points.y[noise], s=12, c=MUTED, marker="x", lw=0.8)
    axes.set_title(chart_data.cluster_heading(evaluation).replace(", purity", ",\npurity"), fontsize=SMALL)
    _bare(axes)
    noise_handle = Line2D([], [], color=MUTED, marker="x", linestyle="", label="noise")
    _legend(figure, [*_label_handles(list(LABEL_STYLES)), noise_handle])
    return figure


def _outline(axes: Axes, outline: Outline) -> None:
    axes.fill(outline.x, outline.y, facecolor="#F0F0F0", edgecolor=MUTED, linewidth=0.8, zorder=0.5)
    box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
    axes.text(
        outline.group.centre_x,
        outline.group.centre_y,
        str(outline.cluster),
        bbox=box,
        ha="center",
        va="center",
        fontsize=SMALL,
    )


# --- groups ---------------------------------------------------------------------------------------------


def _group_margins(groups: Sequence[GroupMetrics]) -> Figure:
    """Two panels that share the groups: margin, and accuracy, which one-label groups have as well."""
    if not groups:
        return _not_available("n/a: there are no groups")
    shown = largest(groups)
    figure, [left, right] = _panels(1, 2, 1.5 + 0.36 * len(shown), sharey=True, width_ratios=(3, 2))
    _margin_bars(left, shown)
    _accuracy_bars(right, shown)
    left.set_yticks(range(len(shown)), [group_label(group, NAME, "\n") for group in shown], fontsize=SMALL)
    left.invert_yaxis()
    left.set_xlim(chart_data.margin_span(shown))
    left.set_xlabel("margin, 95 % interval", fontsize=SMALL)
    left.set_title(largest_note(groups), fontsize=SMALL)
    right.set(xlim=(0, 1.5), xticks=[0, 0.5, 1])
    right.set_xlabel("accuracy", fontsize=SMALL)
    for axes in (left, right):
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.grid(visible=False, axis="y")
    return figure


def _margin_bars(axes: Axes, groups: Sequence[GroupMetrics]) -> None:
    column = chart_data.margin_span(groups)[1]
    for row, group in enumerate(groups):
        value = group.compatibility_margin
        _beside(axes, formats.signed(value, 2), (column, row), -3, "right")
        if value is None:
            continue
        below = value < 0
        style = LABEL_STYLES[0 if below else 1]
        axes.barh(row, value, height=0.65, color=style.colour, hatch="///" if below else None, ec="white")
        if group.margin_low is not None and group.margin_high is not None:
            axes.plot([group.margin_low, group.margin_high], [row, row], color=INK, linewidth=1)


def _accuracy_bars(axes: Axes, groups: Sequence[GroupMetrics]) -> None:
    for row, group in enumerate(groups):
        axes.barh(row, group.accuracy or 0, height=0.65, color=MUTED, ec="white")
        axes.text(group.accuracy or 0, row, f" {formats.number(group.accuracy, 2)}", va="center", fontsize=SMALL)


def _false_positives(evaluations: Sequence[Evaluation]) -> Figure:
    groups = chart_data.false_positive_groups(evaluations)
    if not groups:
        return _not_available("n/a: there are no pair types")
    figure, [axes] = _panels(1, 1, 1.5 + len(groups) * (0.26 + 0.15 * len(evaluations)))
    for position, evaluation in enumerate(evaluations):
        _false_positive_dots(axes, evaluation, position, [group.name for group in groups], len(evaluations))
    for row, group in enumerate(groups):
        if not n_incompatible(group):
            axes.text(
                0, row, f"  {formats.NOT_AVAILABLE}: no incompatible pairs", va="center", color=MUTED, fontsize=SMALL
            )
    labels = [chart_data.false_positive_label(group, NAME, "\n") for group in groups]
    axes.set_yticks(range(len(groups)), labels, fontsize=SMALL)
    axes.set(xlim=(-0.03, 1.3), xticks=[0, 0.5, 1])
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("false positive rate, 95 % interval", fontsize=SMALL)
    axes.set_title(largest_note(evaluations[0].by_pair_type), fontsize=SMALL)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    _legend(figure, _model_handles(evaluations))
    return figure


def _false_positive_dots(axes: Axes, evaluation: Evaluation, position: int, names: Sequence[str], models: int) -> None:
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


def _model_handles(evaluations: Sequence[Evaluation]) -> list[Line2D]:
    styles = [(model_style(position), evaluation) for position, evaluation in enumerate(evaluations)]
    return [
        Line2D([], [], color=style.colour, marker=style.marker, label=model_label(evaluation))
        for style, evaluation in styles
    ]


def _margin_heatmap(shown: Heatmap) -> Figure:
    if not shown.categories:
        return _not_available("n/a: there are no categories")
    figure, [axes] = _panels(1, 1, 1.6 + 0.5 * len(shown.categories))
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
        yticklabels=[formats.short_name(name, NAME) for name in shown.categories],
    )
    axes.tick_params(axis="y", rotation=0, labelsize=SMALL)
    turned = len(shown.models) > 4  # noqa: PLR2004 - four names still fit
    axes.tick_params(axis="x", rotation=20 if turned else 0, labelsize=SMALL)
    for text in axes.texts:
        column, row = (int(place) for place in text.get_position())
        text.set_color(ink_on_margin(shown.margins[row, column] / shown.limit))
    for row, column in np.argwhere(np.isnan(shown.margins)):
        _missing_cell(axes, row, column, shown.texts[row][column])
    return figure


def _missing_cell(axes: Axes, row: int, column: int, text: str) -> None:
    axes.add_patch(Rectangle((column, row), 1, 1, facecolor="white", edgecolor="#BBBBBB", hatch="////", linewidth=0))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.text(column + 0.5, row + 0.5, text, ha="center", va="center", fontsize=SMALL, color=MUTED, bbox=box)


# --- one value a model ----------------------------------------------------------------------------------


def _purity(evaluations: Sequence[Evaluation]) -> Figure:
    figure, [axes] = _panels(1, 1, 1.6 + 0.5 * len(evaluations))
    for row, evaluation in enumerate(evaluations):
        _purity_row(axes, row, evaluation)
    labels = [chart_data.purity_label(evaluation) for evaluation in evaluations]
    axes.set_yticks(range(len(evaluations)), labels, fontsize=SMALL)
    axes.set(xlim=(0.35, 1.15), xticks=[0.5, 0.75, 1])
    axes.set_xlabel("purity (share with the majority label)", fontsize=SMALL)
    axes.set_ylim(len(evaluations) - 0.5, -0.5)
    handles = [
        Line2D([], [], color=MUTED, marker="o", linestyle="", label="purity"),
        Line2D([], [], color=MUTED, marker="o", mfc="white", linestyle="", label="under shuffled labels"),
    ]
    _legend(figure, handles)
    return figure


def _purity_row(axes: Axes, row: int, evaluation: Evaluation) -> None:
    style, found = model_style(row), evaluation.clusters
    if found.cluster_purity is None:
        reason = found.reason or "no clusters"
        axes.text(0.41, row, f"{formats.NOT_AVAILABLE}: {reason}", va="center", color=MUTED, fontsize=SMALL)
        return
    if found.shuffled_purity is not None:
        axes.plot([found.shuffled_purity, found.cluster_purity], [row, row], color=style.colour, linewidth=2)
        axes.plot(found.shuffled_purity, row, marker=style.marker, color=style.colour, mfc="white", markersize=8)
    axes.plot(found.cluster_purity, row, marker=style.marker, color=style.colour, markersize=8, clip_on=False)
    values = [value for value in (found.shuffled_purity, found.cluster_purity) if value is not None]
    for value in values:
        left = value == min(values) < max(values)
        place, align = (-7, "right") if left else (7, "left")
        _beside(axes, formats.number(value), (value, row), place, align)


def _cohens_d(evaluations: Sequence[Evaluation], target: float | None) -> Figure:
    figure, [axes] = _panels(1, 1, 1.5 + 0.5 * len(evaluations))
    for row, evaluation in enumerate(evaluations):
        _effect_row(axes, row, evaluation)
    axes.axvline(0, color=INK, linewidth=0.8)
    labels = [chart_data.effect_label(evaluation) for evaluation in evaluations]
    axes.set_yticks(range(len(evaluations)), labels, fontsize=SMALL)
    axes.set_ylim(len(evaluations) - 0.5, -0.5)
    axes.set_xlabel("Cohen's d, 95 % interval", fontsize=SMALL)
    axes.margins(x=0.08)
    if target is not None:
        axes.axvline(target, color=MUTED, linewidth=1, linestyle=":")
        _legend(figure, [Line2D([], [], color=MUTED, ls=":", label=f"target {formats.number(target, 1)}")])
    return figure


def _effect_row(axes: Axes, row: int, evaluation: Evaluation) -> None:
    style, effect = model_style(row), evaluation.estimate("cohens_d")
    if effect.value is None:
        axes.text(0, row, f" {formats.NOT_AVAILABLE} {effect.reason}", va="center", color=MUTED, fontsize=SMALL)
        return
    if effect.low is not None and effect.high is not None:
        axes.plot([effect.low, effect.high], [row, row], color=style.colour, linewidth=2.5, solid_capstyle="butt")
    axes.plot(effect.value, row, marker=style.marker, markersize=9, color=style.colour, linestyle="")


# --- training -------------------------------------------------------------------------------------------


def _training_curves(result: ComparisonResult) -> Figure:
    trained = trainings(result)
    if not trained:
        return _not_available("n/a: no model of this comparison was trained here")
    figure, [upper, lower] = _panels(2, 1, 4.6, sharex=True)
    for position, _, training in trained:
        style = model_style(position)
        _training_line(upper, chart_data.training_curve(training, "spearman"), style)
        _training_line(lower, chart_data.training_curve(training, "train_loss"), style)
        upper.plot(training.best_step, training.best_spearman, "*", color=style.colour, markersize=14, mec=INK)
    _ceiling(upper, result.models[0].evaluation.spearman_ceiling)
    upper.set_ylabel("Spearman (eval)", fontsize=SMALL)
    lower.set_ylabel("training loss", fontsize=SMALL)
    lower.set(xlabel="step", ylim=(0, None))
    _legend(figure, _training_handles(result))
    return figure


def _training_line(axes: Axes, curve: TrainingCurve, style: ModelStyle) -> None:
    axes.plot(curve.steps, curve.values, color=style.colour, ls=style.dash, lw=2, marker=style.marker, markersize=5)


def _ceiling(axes: Axes, ceiling: float | None) -> None:
    if ceiling is None:
        return
    axes.margins(y=0.15)
    axes.axhline(ceiling, color=MUTED, linestyle=":", linewidth=1)
    place = axes.get_yaxis_transform()
    text = f"ceiling {formats.number(ceiling)}"
    axes.text(0.99, ceiling, text, transform=place, ha="right", va="bottom", fontsize=SMALL, color=MUTED)


def _training_handles(result: ComparisonResult) -> list[Line2D]:
    lines = []
    for position, model, training in trainings(result):
        style = model_style(position)
        label = chart_data.training_label(model, training)
        lines.append(Line2D([], [], color=style.colour, ls=style.dash, lw=2, marker=style.marker, label=label))
    return [*lines, Line2D([], [], color=MUTED, marker="*", mec=INK, ls="", markersize=12, label="kept step")]
