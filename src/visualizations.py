"""The charts as interactive plotly figures: data in, `Figure` out, nothing read or written.

They show what `static_charts` shows, from the same `chart_data`. A figure has no title of its own: the page
around it says the title as text. Every string from the data is escaped, because plotly reads strings as HTML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .charts import chart as chart_data
from .charts import maps as map_figures
from .charts.palette import DIVERGING, INK, LABEL_STYLES, NEUTRAL, ink_on_margin, model_style, plotly_theme
from .charts.plotly_parts import grid_places, model_name, not_available, panels, plotly_lines, rounded, rows_axis, sized
from .core import formatting as formats
from .tables.selection import group_label, group_of, largest, n_incompatible, target_of, trainings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go

    from .charts.chart import Distribution, Heatmap, TrainingCurve
    from .charts.palette import ModelStyle
    from .models import ComparisonResult, Evaluation, GroupMetrics
    from .tables.shown_pairs import DrawnPairs

MOST_UPRIGHT_NAMES = 5
_ROW = 34  # pixels of one group on an axis


def baseline_figures(evaluation: Evaluation, drawn: DrawnPairs, position: int = 0) -> dict[str, go.Figure]:
    """The eight charts of one model, by the same names as its static charts.

    Args:
        evaluation: Result of the model; any model's will do.
        drawn: The pairs that the maps show.
        position: Place of the model in a comparison, which gives it its colour.

    Raises:
        ArtifactError: The evaluation was made from other pairs.
    """
    shown = map_figures.drawn_map(evaluation, drawn)
    figures = {
        "cosine_distributions": _cosine_distributions([evaluation]),
        "umap_by_label": map_figures.maps([shown], drawn, position),
        "umap_by_category": map_figures.category_maps(shown, drawn, position),
        "clusters": map_figures.clusters(evaluation, shown, drawn, position),
        "roc": _roc([evaluation], position),
        "margins_by_category": _group_margins(evaluation.by_category),
        "margins_by_pair_type": _group_margins(evaluation.by_pair_type),
        "false_positives_by_pair_type": _false_positives([evaluation], position),
    }
    return _themed(figures)


def comparison_figures(result: ComparisonResult, drawn: DrawnPairs) -> dict[str, go.Figure]:
    """The eight charts of all models together, by the same names as the static ones.

    Args:
        result: The comparison, with any number of models.
        drawn: The pairs that the maps show.

    Raises:
        ArtifactError: A model was evaluated on other pairs.
    """
    evaluations = [model.evaluation for model in result.models]
    maps = [map_figures.drawn_map(one, drawn) for one in evaluations]
    figures = {
        "cosine_distributions": _cosine_distributions(evaluations),
        "umap": map_figures.maps(maps, drawn),
        "purity": _purity(evaluations),
        "roc": _roc(evaluations),
        "margin_heatmap": _margin_heatmap(chart_data.margin_heatmap(evaluations)),
        "cohens_d": _cohens_d(evaluations, target_of(result, "cohens_d")),
        "training_curves": _training_curves(result),
        "false_positives_by_pair_type": _false_positives(evaluations),
    }
    return _themed(figures)


def _themed(figures: dict[str, go.Figure]) -> dict[str, go.Figure]:
    for figure in figures.values():
        figure.layout.template = plotly_theme()
    return figures


# --- distributions and ROC ------------------------------------------------------------------------------


def _cosine_distributions(evaluations: Sequence[Evaluation]) -> go.Figure:
    distributions = [chart_data.distribution(evaluation) for evaluation in evaluations]
    count = len(distributions)
    figure = panels(
        count, 1, [shown.heading for shown in distributions], shared_xaxes=True, vertical_spacing=min(0.12, 0.3 / count)
    )
    for shown, place in zip(distributions, grid_places(count, 1), strict=True):
        _distribution(figure, shown, place)
    figure.update_xaxes(range=list(chart_data.common_span(distributions)))
    figure.update_xaxes(title_text="cosine of the two texts", row=count)
    figure.update_yaxes(title_text="share of label", rangemode="tozero")
    figure.update_layout(barmode="overlay", bargap=0)
    return sized(figure, 150 + max(150 * count, 230), titled=True)


def _distribution(figure: go.Figure, shown: Distribution, place: dict[str, int]) -> None:
    edges = np.asarray(shown.edges)
    for label, style in LABEL_STYLES.items():
        used = np.flatnonzero(shown.counts[label])
        figure.add_bar(
            x=rounded((edges[:-1] + edges[1:])[used] / 2, 4),
            y=rounded(np.asarray(shown.shares[label])[used], 4),
            width=float(edges[1] - edges[0]),
            name=style.name,
            legendgroup=style.name,
            showlegend=place["row"] == 1,
            marker={"color": style.colour, "opacity": 0.7, "pattern": {"shape": style.pattern, "size": 6}},
            hovertext=[
                f"cosine {edges[i]:.2f} to {edges[i + 1]:.2f}<br>{shown.counts[label][i]} {style.name}" for i in used
            ],
            hoverinfo="text",
            **place,
        )
        _vertical(figure, shown.means[label], style.colour, "solid" if label else "dash", place)
    _vertical(figure, shown.threshold, NEUTRAL, "dot", place)


def _vertical(figure: go.Figure, x: float | None, colour: str, dash: str, place: dict[str, int]) -> None:
    if x is not None:
        figure.add_vline(x=x, line={"color": colour, "dash": dash, "width": 1.5}, **place)


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
            name=formats.plotly_text(chart_data.roc_label(evaluation)),
            legendgroup=model_name(evaluation),
            line={"color": style.colour, "dash": style.plotly_dash, "width": 2.5},
            hovertemplate="false positive rate %{x:.3f}<br>true positive rate %{y:.3f}<extra></extra>",
        )
        _roc_points(figure, evaluation, style, named=len(evaluations) == 1)
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


def _roc_points(figure: go.Figure, evaluation: Evaluation, style: ModelStyle, *, named: bool) -> None:
    """Where the thresholds lie: filled the operating one, hollow the optimistic one."""
    for name, point in chart_data.thresholds(evaluation).items():
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
        )


# --- groups ---------------------------------------------------------------------------------------------


def _group_margins(groups: Sequence[GroupMetrics]) -> go.Figure:
    """Two panels that share the groups: margin, and accuracy, which one-label groups have as well."""
    if not groups:
        return not_available("n/a: there are no groups")
    groups = largest(groups)
    figure = panels(1, 2, shared_yaxes=True, horizontal_spacing=0.04)
    _group_bars(figure, groups, "compatibility_margin", {"row": 1, "col": 1})
    _group_bars(figure, groups, "accuracy", {"row": 1, "col": 2})
    rows_axis(figure, [group_label(group) for group in groups])
    figure.update_xaxes(title_text="margin", range=chart_data.margin_span(groups), nticks=4, row=1, col=1)
    figure.update_xaxes(title_text="accuracy", range=[0, 1.3], tickvals=[0, 0.5, 1], row=1, col=2)
    return figure.update_layout(height=110 + _ROW * len(groups), showlegend=False)


def _group_bars(figure: go.Figure, groups: Sequence[GroupMetrics], metric: str, place: dict[str, int]) -> None:
    values = [getattr(group, metric) for group in groups]
    signed = metric == "compatibility_margin"
    shown = [0.0 if value is None else value for value in values]
    below = [signed and value is not None and value < 0 for value in values]
    colours = [LABEL_STYLES[0 if low else 1].colour if signed else NEUTRAL for low in below]
    figure.add_bar(
        x=rounded(shown, 4),
        y=list(range(len(groups))),
        orientation="h",
        error_x=_errors(shown, [(group.margin_low, group.margin_high) for group in groups]) if signed else None,
        marker={"color": colours, "pattern": {"shape": ["/" if low else "" for low in below], "size": 6}},
        hovertext=[_group_hover(group, value) for group, value in zip(groups, values, strict=True)],
        hoverinfo="text",
        **place,
    )
    _group_texts(figure, groups, metric, place)


def _group_texts(figure: go.Figure, groups: Sequence[GroupMetrics], metric: str, place: dict[str, int]) -> None:
    """The numbers as points of their own: margins in a column, where no interval covers them."""
    signed = metric == "compatibility_margin"
    values = [getattr(group, metric) for group in groups]
    column = chart_data.margin_span(groups)[1]
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


def _group_hover(group: GroupMetrics, value: float | None) -> str:
    why = f"<br>{formats.plotly_text(group.reason)}" if value is None and group.reason else ""
    label = formats.plotly_text(group_label(group))
    return f"{label}, {group.n_compatible} compatible<br>{formats.number(value)}{why}"


def _false_positives(evaluations: Sequence[Evaluation], first: int = 0) -> go.Figure:
    groups = chart_data.false_positive_groups(evaluations)
    if not groups:
        return not_available("n/a: there are no pair types")
    figure = panels(1, 1)
    for order, evaluation in enumerate(evaluations):
        shift = 0.7 * ((order + 0.5) / len(evaluations) - 0.5)
        _false_positive_dots(figure, evaluation, model_style(first + order), [group.name for group in groups], shift)
    for row, group in enumerate(groups):
        if not n_incompatible(group):
            text = f"{formats.NOT_AVAILABLE}: no incompatible pairs"
            figure.add_annotation(x=0, y=row, text=text, showarrow=False, xanchor="left")
    rows_axis(figure, [chart_data.false_positive_label(group) for group in groups])
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
        error_x=_errors(rates, [(group.false_positive_low, group.false_positive_high) for _, group in shown]),
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


def _errors(values: Sequence[float], ends: Sequence[tuple[float | None, float | None]]) -> dict[str, object]:
    """Whiskers from low to high; none where there is no interval."""
    above = [0.0 if high is None else high - value for value, (_, high) in zip(values, ends, strict=True)]
    below = [0.0 if low is None else value - low for value, (low, _) in zip(values, ends, strict=True)]
    array, arrayminus = rounded(above, 4), rounded(below, 4)
    return {"type": "data", "symmetric": False, "array": array, "arrayminus": arrayminus, "thickness": 1.5, "width": 3}


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
        marker={"color": "rgba(0,0,0,0)", "pattern": {"shape": "/", "fgcolor": "#999999", "size": 7}},
        hoverinfo="skip",
        showlegend=False,
    )
    for row, column in missing:
        text = plotly_lines(shown.texts[row][column])
        figure.add_annotation(
            x=column, y=row, text=text, showarrow=False, bgcolor="rgba(255,255,255,0.85)", font={"color": INK}
        )


# --- one value a model ----------------------------------------------------------------------------------


def _purity(evaluations: Sequence[Evaluation]) -> go.Figure:
    figure = panels(1, 1)
    for row, evaluation in enumerate(evaluations):
        _purity_row(figure, row, evaluation)
    rows_axis(figure, [chart_data.purity_label(evaluation) for evaluation in evaluations])
    figure.update_xaxes(title_text="purity", range=[0.38, 1.22], tickvals=[0.4, 0.6, 0.8, 1])
    return figure.update_layout(height=100 + 60 * len(evaluations), showlegend=False)


def _purity_row(figure: go.Figure, row: int, evaluation: Evaluation) -> None:
    style, found = model_style(row), evaluation.clusters
    if found.cluster_purity is None:
        text = formats.plotly_text(f"{formats.NOT_AVAILABLE}: {found.reason or 'no clusters'}")
        figure.add_annotation(x=0.41, y=row, text=text, showarrow=False, xanchor="left")
        return
    values = {"under shuffled labels": found.shuffled_purity, "purity": found.cluster_purity}
    shown = {name: value for name, value in values.items() if value is not None}
    figure.add_scatter(
        x=rounded(list(shown.values()), 4),
        y=[row] * len(shown),
        mode="lines+markers+text",
        name=model_name(evaluation),
        line={"color": style.colour, "width": 2},
        marker={
            "color": style.colour,
            "size": 11,
            "symbol": [style.symbol if name == "purity" else f"{style.symbol}-open" for name in shown],
        },
        text=[formats.number(value) for value in shown.values()],
        textposition=_outward(list(shown.values())),
        hovertext=[f"{model_name(evaluation)}, {name}: {formats.number(value)}" for name, value in shown.items()],
        hoverinfo="text",
    )


def _outward(values: Sequence[float]) -> list[str]:
    """Where the numbers of a row stand so that none covers another: the lowest left, the highest right."""
    return ["middle left" if value == min(values) < max(values) else "middle right" for value in values]


def _cohens_d(evaluations: Sequence[Evaluation], target: float | None) -> go.Figure:
    figure = panels(1, 1)
    for row, evaluation in enumerate(evaluations):
        _effect_row(figure, row, evaluation)
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    if target is not None:
        words = {"annotation_text": f"target {formats.number(target, 1)}", "annotation_position": "top"}
        figure.add_vline(x=target, line={"color": NEUTRAL, "dash": "dot", "width": 1.5}, **words)
    rows_axis(figure, [chart_data.effect_label(evaluation) for evaluation in evaluations])
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
        hovertext=[plotly_lines(chart_data.effect_label(evaluation))],
        hoverinfo="text",
    )


# --- training -------------------------------------------------------------------------------------------


def _training_curves(result: ComparisonResult) -> go.Figure:
    trained = trainings(result)
    if not trained:
        return not_available("n/a: no model of this comparison was trained here")
    figure = panels(2, 1, shared_xaxes=True, vertical_spacing=0.06)
    for position, model, training in trained:
        style, name = model_style(position), formats.plotly_text(chart_data.training_label(model, training))
        _training_line(figure, chart_data.training_curve(training, "spearman"), style, name, 1)
        _training_line(figure, chart_data.training_curve(training, "train_loss"), style, name, 2)
        _kept_step(figure, training.best_step, training.best_spearman, style, name)
    ceiling = result.models[0].evaluation.spearman_ceiling
    if ceiling is not None:
        words = {"annotation_text": f"ceiling {formats.number(ceiling)}", "annotation_position": "top left"}
        figure.update_yaxes(autorangeoptions={"include": ceiling + 0.12}, row=1)
        figure.add_hline(y=ceiling, line={"color": NEUTRAL, "dash": "dot", "width": 1}, row=1, col=1, **words)
    figure.update_yaxes(title_text="Spearman (eval)", row=1)
    figure.update_yaxes(title_text="training loss", rangemode="tozero", row=2)
    figure.update_xaxes(zeroline=False).update_xaxes(title_text="step", row=2)
    return sized(figure, 520)


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
