"""The charts as interactive plotly figures: data in, `Figure` out, nothing read or written.

They show what `static_charts` shows, from the same `chart_data`. A figure has no title of its own: the page
around it says the title as text. Every string from the data is escaped, because plotly reads strings as HTML.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from plotly.subplots import make_subplots

from src import chart_data, formats
from src.palette import BACKGROUND_POINT, DIVERGING, INK, LABEL_STYLES, NEUTRAL, model_style, plotly_theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    import plotly.graph_objects as go
    from numpy.typing import NDArray

    from src.chart_data import Distribution, Heatmap, MapPoints, ModelMap, TrainingCurve
    from src.models import ComparisonResult, Evaluation, GroupMetrics, PairSet
    from src.palette import ModelStyle

BACKGROUND_POINTS = 150
STRONG = 0.55  # share of the colour scale from which white can be read better than black
_ROW = 34  # pixels of one group on an axis


def baseline_figures(evaluation: Evaluation, pairs: PairSet, position: int = 0) -> dict[str, go.Figure]:
    """The eight charts of one model, by the same names as its static charts.

    Args:
        evaluation: Result of the model; any model's will do.
        pairs: The eval pairs that it was made from; their texts are the hover text of the maps.
        position: Place of the model in a comparison, which gives it its colour.

    Raises:
        ArtifactError: The evaluation was made from other pairs.
    """
    shown = chart_data.model_map(evaluation, pairs)
    figures = {
        "cosine_distributions": _cosine_distributions([evaluation]),
        "umap_by_label": _maps([shown], pairs),
        "umap_by_category": _category_maps(shown, pairs),
        "clusters": _clusters(shown, pairs),
        "roc": _roc([evaluation], position),
        "margins_by_category": _group_margins(evaluation.by_category),
        "margins_by_pair_type": _group_margins(evaluation.by_pair_type),
        "false_positives_by_pair_type": _false_positives([evaluation], position),
    }
    return _themed(figures)


def comparison_figures(result: ComparisonResult, pairs: PairSet) -> dict[str, go.Figure]:
    """The eight charts of all models together, by the same names as the static ones.

    Args:
        result: The comparison, with any number of models.
        pairs: The eval pairs that it was made from; their texts are the hover text of the maps.

    Raises:
        ArtifactError: A model was evaluated on other pairs.
    """
    evaluations = [model.evaluation for model in result.models]
    maps = [chart_data.model_map(one, pairs) for one in evaluations]
    figures = {
        "cosine_distributions": _cosine_distributions(evaluations),
        "umap": _maps(maps, pairs),
        "purity": _purity(evaluations),
        "roc": _roc(evaluations),
        "margin_heatmap": _margin_heatmap(chart_data.margin_heatmap(evaluations)),
        "cohens_d": _cohens_d(evaluations, chart_data.target_of(result, "cohens_d")),
        "training_curves": _training_curves(result),
        "false_positives_by_pair_type": _false_positives(evaluations),
    }
    return _themed(figures)


def _themed(figures: dict[str, go.Figure]) -> dict[str, go.Figure]:
    for figure in figures.values():
        figure.layout.template = plotly_theme()
    return figures


# --- helpers --------------------------------------------------------------------------------------------


def _panels(rows: int, columns: int, titles: Sequence[str] = (), **options: Any) -> go.Figure:  # noqa: ANN401 - plotly's
    """A grid of equal panels, row by row, each with its title above it."""
    escaped = [_lines(title) for title in titles]
    figure = make_subplots(rows, columns, subplot_titles=escaped or None, **options)
    figure.update_annotations(font_size=13)
    return figure


def _sized(figure: go.Figure, height: int, *, titled: bool = False) -> go.Figure:
    """Set the height, and put the legend above the panels' titles, a fixed distance away."""
    return figure.update_layout(height=height, legend_y=1 + (32 if titled else 8) / (height - 60))


def _places(count: int, columns: int) -> list[dict[str, int]]:
    return [{"row": i // columns + 1, "col": i % columns + 1} for i in range(count)]


def _note(figure: go.Figure, text: str, **place: int) -> None:
    """Say in an empty panel why it is empty."""
    words = {"text": formats.plotly_text(text), "showarrow": False}
    figure.add_annotation(x=0.5, y=0.5, xref="x domain", yref="y domain", **words, **place)


def _not_available(reason: str) -> go.Figure:
    figure = _panels(1, 1)
    _note(figure, reason, row=1, col=1)
    figure.update_xaxes(visible=False).update_yaxes(visible=False)
    return figure.update_layout(height=160)


def _rounded(values: Sequence[float] | NDArray[np.float64], digits: int = 3) -> list[float]:
    """Numbers no longer than a screen can show, which keeps the page small."""
    rounded: list[float] = np.round(np.asarray(values, dtype=np.float64), digits).tolist()
    return rounded


def _rows_axis(figure: go.Figure, labels: Sequence[str], **place: int) -> None:
    """Name rows by their number, so that equal or number-like names stay apart."""
    texts = [_lines(label) for label in labels]
    span = [len(labels) - 0.5, -0.5]
    figure.update_yaxes(
        tickvals=list(range(len(labels))), ticktext=texts, range=span, zeroline=False, showgrid=False, **place
    )


def _lines(text: str) -> str:
    return formats.plotly_text(text).replace("\n", "<br>")


def _name(evaluation: Evaluation) -> str:
    return formats.plotly_text(chart_data.model_label(evaluation))


# --- distributions and ROC ------------------------------------------------------------------------------


def _cosine_distributions(evaluations: Sequence[Evaluation]) -> go.Figure:
    distributions = [chart_data.distribution(evaluation) for evaluation in evaluations]
    count = len(distributions)
    titles = [shown.title for shown in distributions] if count > 1 else []
    figure = _panels(count, 1, titles, shared_xaxes=True, vertical_spacing=min(0.12, 0.3 / count))
    for shown, place in zip(distributions, _places(count, 1), strict=True):
        _distribution(figure, shown, place)
    figure.update_xaxes(range=list(chart_data.common_span(distributions)))
    figure.update_xaxes(title_text="cosine of the two texts", row=count)
    figure.update_yaxes(title_text="share of label", rangemode="tozero")
    figure.update_layout(barmode="overlay", bargap=0)
    return _sized(figure, 130 + max(150 * count, 230), titled=count > 1)


def _distribution(figure: go.Figure, shown: Distribution, place: dict[str, int]) -> None:
    edges = np.asarray(shown.edges)
    for label, style in LABEL_STYLES.items():
        used = np.flatnonzero(shown.counts[label])
        figure.add_bar(
            x=_rounded((edges[:-1] + edges[1:])[used] / 2, 4),
            y=_rounded(np.asarray(shown.shares[label])[used], 4),
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
    figure = _panels(1, 1)
    figure.add_shape(type="line", x0=0, y0=0, x1=1, y1=1, line={"color": NEUTRAL, "dash": "dot", "width": 1})
    for position, evaluation in enumerate(evaluations, first):
        style = model_style(position)
        curve = evaluation.roc
        figure.add_scatter(
            x=[] if curve is None else _rounded(curve.false_positive_rate, 4),
            y=[] if curve is None else _rounded(curve.true_positive_rate, 4),
            mode="lines",
            name=formats.plotly_text(chart_data.roc_label(evaluation)),
            line={"color": style.colour, "dash": style.plotly_dash, "width": 2.5},
            hovertemplate="false positive rate %{x:.3f}<br>true positive rate %{y:.3f}<extra></extra>",
        )
        _roc_points(figure, evaluation, style, named=len(evaluations) == 1)
    figure.update_xaxes(title_text="false positive rate", range=[-0.02, 1.02], constrain="domain")
    figure.update_yaxes(title_text="true positive rate (recall)", range=[-0.02, 1.02], scaleanchor="x")
    return _sized(figure, 470)


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
            hovertext=[f"{_name(evaluation)}: {words}"],
            hoverinfo="text",
        )


# --- maps -----------------------------------------------------------------------------------------------


def _maps(maps: Sequence[ModelMap], pairs: PairSet) -> go.Figure:
    columns = min(len(maps), 2)
    rows = math.ceil(len(maps) / columns)
    figure = _panels(
        rows, columns, [shown.heading for shown in maps], horizontal_spacing=0.03, vertical_spacing=0.2 / (rows + 1)
    )
    for shown, place in zip(maps, _places(len(maps), columns), strict=True):
        if shown.points is None:
            _note(figure, shown.reason, **place)
        else:
            _label_points(figure, shown.points, pairs, None, **place)
    _bare(figure)
    return _sized(figure, 80 + rows * (430 if columns == 1 else 320), titled=True)


def _bare(figure: go.Figure) -> None:
    """A map's coordinates have no meaning, so they get no numbers."""
    figure.update_xaxes(showticklabels=False, showgrid=False, zeroline=False, showline=True, mirror=True)
    figure.update_yaxes(showticklabels=False, showgrid=False, zeroline=False, showline=True, mirror=True)


def _label_points(
    figure: go.Figure, points: MapPoints, pairs: PairSet, within: NDArray[np.bool_] | None, **place: int
) -> None:
    for label, labelled in chart_data.label_members(points).items():
        style = LABEL_STYLES[label]
        members = labelled if within is None else labelled & within
        if not members.any():
            continue
        figure.add_scatter(
            x=_rounded(points.x[members]),
            y=_rounded(points.y[members]),
            mode="markers",
            name=style.name,
            legendgroup=style.name,
            showlegend=not any(trace.name == style.name for trace in figure.data),
            marker={"color": style.colour, "symbol": style.symbol, "size": 7, "opacity": 0.85},
            hovertext=chart_data.hover_texts(pairs, points.rows[members].tolist()),
            hoverinfo="text",
            **place,
        )


def _category_maps(shown: ModelMap, pairs: PairSet) -> go.Figure:
    points = shown.points
    if points is None:
        return _not_available(shown.reason)
    members = chart_data.category_members(points)
    columns = min(len(members), 3)
    rows = math.ceil(len(members) / columns)
    titles = [f"{formats.short_name(name, 24)}\nn={within.sum()}" for name, within in members.items()]
    spacing = {"horizontal_spacing": 0.02, "vertical_spacing": 0.2 / (rows + 1)}
    figure = _panels(rows, columns, titles, shared_xaxes="all", shared_yaxes="all", **spacing)
    for within, place in zip(members.values(), _places(len(members), columns), strict=True):
        _background(figure, points, place)
        _label_points(figure, points, pairs, within, **place)
    _bare(figure)
    figure.update_annotations(font_size=11)
    return _sized(figure, 100 + 210 * rows, titled=True)


def _background(figure: go.Figure, points: MapPoints, place: dict[str, int]) -> None:
    """Every point in grey, or evenly spaced ones of many: they only show where the map is."""
    step = math.ceil(len(points) / BACKGROUND_POINTS)
    figure.add_scatter(
        x=_rounded(points.x[::step], 1),
        y=_rounded(points.y[::step], 1),
        mode="markers",
        marker={"color": BACKGROUND_POINT, "size": 3, "opacity": 0.6},
        hoverinfo="skip",
        showlegend=False,
        **place,
    )


def _clusters(shown: ModelMap, pairs: PairSet) -> go.Figure:
    points = shown.points
    if points is None or not points.clusters.size:
        return _not_available(shown.reason)
    figure = _panels(1, 1)
    for outline in chart_data.outlines(points):
        _outline(figure, outline)
    noise = points.clusters == chart_data.NOISE
    _label_points(figure, points, pairs, ~noise)
    figure.add_scatter(
        x=_rounded(points.x[noise]),
        y=_rounded(points.y[noise]),
        mode="markers",
        name="noise",
        marker={"color": NEUTRAL, "symbol": "x-thin", "size": 6, "line": {"color": NEUTRAL, "width": 1}},
        hovertext=chart_data.hover_texts(pairs, points.rows[noise].tolist()),
        hoverinfo="text",
    )
    _bare(figure)
    return _sized(figure, 510)


def _outline(figure: go.Figure, outline: chart_data.Outline) -> None:
    figure.add_scatter(
        x=_rounded(outline.x),
        y=_rounded(outline.y),
        mode="lines",
        fill="toself",
        fillcolor="rgba(128,128,128,0.12)",
        line={"color": NEUTRAL, "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )
    figure.add_annotation(
        x=outline.group.centre_x,
        y=outline.group.centre_y,
        text=str(outline.cluster),
        showarrow=False,
        bgcolor="rgba(255,255,255,0.85)",
        font={"color": INK, "size": 14, "weight": 700},
    )


# --- groups ---------------------------------------------------------------------------------------------


def _group_margins(groups: Sequence[GroupMetrics]) -> go.Figure:
    """Two panels that share the groups: margin, and accuracy, which one-label groups have as well."""
    if not groups:
        return _not_available("n/a: there are no groups")
    figure = _panels(1, 2, shared_yaxes=True, horizontal_spacing=0.04)
    _group_bars(figure, groups, "compatibility_margin", {"row": 1, "col": 1})
    _group_bars(figure, groups, "accuracy", {"row": 1, "col": 2})
    _rows_axis(figure, [chart_data.group_label(group) for group in groups])
    figure.update_xaxes(title_text="margin", range=chart_data.span_with_text(groups), nticks=4, row=1, col=1)
    figure.update_xaxes(title_text="accuracy", range=[0, 1.3], tickvals=[0, 0.5, 1], row=1, col=2)
    return figure.update_layout(height=110 + _ROW * len(groups), showlegend=False)


def _group_bars(figure: go.Figure, groups: Sequence[GroupMetrics], metric: str, place: dict[str, int]) -> None:
    values = [getattr(group, metric) for group in groups]
    signed = metric == "compatibility_margin"
    below = [signed and value is not None and value < 0 for value in values]
    colours = [LABEL_STYLES[0 if low else 1].colour if signed else NEUTRAL for low in below]
    figure.add_bar(
        x=[0 if value is None else round(value, 4) for value in values],
        y=list(range(len(groups))),
        orientation="h",
        text=[formats.signed(value, 2) if signed else formats.number(value, 2) for value in values],
        textposition="outside",
        cliponaxis=False,
        marker={"color": colours, "pattern": {"shape": ["/" if low else "" for low in below], "size": 6}},
        hovertext=[_group_hover(group, value) for group, value in zip(groups, values, strict=True)],
        hoverinfo="text",
        **place,
    )


def _group_hover(group: GroupMetrics, value: float | None) -> str:
    why = f"<br>{formats.plotly_text(group.reason)}" if value is None and group.reason else ""
    label = formats.plotly_text(chart_data.group_label(group))
    return f"{label}, {group.n_compatible} compatible<br>{formats.number(value)}{why}"


def _false_positives(evaluations: Sequence[Evaluation], first: int = 0) -> go.Figure:
    groups = chart_data.false_positive_groups(evaluations)
    if not groups:
        return _not_available("n/a: there are no pair types")
    figure = _panels(1, 1)
    for order, evaluation in enumerate(evaluations):
        shift = 0.7 * ((order + 0.5) / len(evaluations) - 0.5)
        _false_positive_dots(figure, evaluation, model_style(first + order), [group.name for group in groups], shift)
    for row, group in enumerate(groups):
        if not chart_data.n_incompatible(group):
            text = f"{formats.NOT_AVAILABLE}: no incompatible pairs"
            figure.add_annotation(x=0, y=row, text=text, showarrow=False, xanchor="left")
    _rows_axis(figure, [chart_data.false_positive_label(group) for group in groups])
    figure.update_xaxes(title_text="false positive rate", range=[-0.04, 1.15], tickvals=[0, 0.5, 1])
    return _sized(figure, 120 + len(groups) * (24 + 13 * len(evaluations)))


def _false_positive_dots(
    figure: go.Figure, evaluation: Evaluation, style: ModelStyle, names: Sequence[str], shift: float
) -> None:
    found = [(row, chart_data.group_of(evaluation, "by_pair_type", name)) for row, name in enumerate(names)]
    shown = [(row, group) for row, group in found if group is not None and group.false_positive_rate is not None]
    rates = _rounded([group.false_positive_rate or 0.0 for _, group in shown], 4)
    figure.add_scatter(
        x=rates,
        y=[round(row + shift, 3) for row, _ in shown],
        mode="markers+text",
        name=_name(evaluation),
        text=[f"{formats.count(group.false_positives)}/{chart_data.n_incompatible(group)}" for _, group in shown],
        textposition="middle right",
        textfont={"size": 10},
        cliponaxis=False,
        marker={"color": style.colour, "symbol": style.symbol, "size": 9},
        error_x={"type": "data", "symmetric": False, "array": [0] * len(rates), "arrayminus": rates, "width": 0},
        hovertext=[
            f"{_name(evaluation)}, {formats.plotly_text(formats.short_name(group.name))}: "
            f"{formats.percent(group.false_positive_rate)}"
            for _, group in shown
        ],
        hoverinfo="text",
    )


def _margin_heatmap(shown: Heatmap) -> go.Figure:
    if not shown.categories:
        return _not_available("n/a: there are no categories")
    low, middle, high = DIVERGING
    figure = _panels(1, 1)
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
    _rows_axis(figure, shown.categories)
    names = [formats.plotly_text(name) for name in shown.models]
    span = [-0.5, len(names) - 0.5]
    figure.update_xaxes(tickvals=list(range(len(names))), ticktext=names, range=span, showgrid=False, zeroline=False)
    figure.update_xaxes(autotickangles=[0, -30, -60])
    return figure.update_layout(height=90 + 46 * len(shown.categories))


def _cell_texts(figure: go.Figure, shown: Heatmap) -> None:
    """Write the numbers as points of their own: a heatmap's text has one colour, and strong cells need white."""
    known = [(int(row), int(column)) for row, column in np.argwhere(~np.isnan(shown.margins))]
    strong = [abs(shown.margins[cell]) > STRONG * shown.limit for cell in known]
    figure.add_scatter(
        x=[column for _, column in known],
        y=[row for row, _ in known],
        mode="text",
        text=[_lines(shown.texts[row][column]) for row, column in known],
        textfont={"color": ["#FFFFFF" if white else INK for white in strong]},
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
        text = _lines(shown.texts[row][column])
        figure.add_annotation(
            x=column, y=row, text=text, showarrow=False, bgcolor="rgba(255,255,255,0.85)", font={"color": INK}
        )


# --- one value a model ----------------------------------------------------------------------------------


def _purity(evaluations: Sequence[Evaluation]) -> go.Figure:
    figure = _panels(1, 1)
    for row, evaluation in enumerate(evaluations):
        _purity_row(figure, row, evaluation)
    _rows_axis(figure, [chart_data.purity_label(evaluation) for evaluation in evaluations])
    figure.update_xaxes(title_text="purity", range=[0.4, 1.05])
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
        x=_rounded(list(shown.values()), 4),
        y=[row] * len(shown),
        mode="lines+markers+text",
        name=_name(evaluation),
        line={"color": style.colour, "width": 2},
        marker={
            "color": style.colour,
            "size": 11,
            "symbol": [style.symbol if name == "purity" else f"{style.symbol}-open" for name in shown],
        },
        text=[formats.number(value) for value in shown.values()],
        textposition="top center",
        hovertext=[f"{_name(evaluation)}, {name}: {formats.number(value)}" for name, value in shown.items()],
        hoverinfo="text",
    )


def _cohens_d(evaluations: Sequence[Evaluation], target: float | None) -> go.Figure:
    figure = _panels(1, 1)
    for row, evaluation in enumerate(evaluations):
        _effect_row(figure, row, evaluation)
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    if target is not None:
        words = {"annotation_text": f"target {formats.number(target, 1)}", "annotation_position": "top"}
        figure.add_vline(x=target, line={"color": NEUTRAL, "dash": "dot", "width": 1.5}, **words)
    _rows_axis(figure, [chart_data.effect_label(evaluation) for evaluation in evaluations])
    figure.update_xaxes(title_text="Cohen's d, with 95 % interval")
    return figure.update_layout(height=110 + 56 * len(evaluations), showlegend=False)


def _effect_row(figure: go.Figure, row: int, evaluation: Evaluation) -> None:
    style, effect = model_style(row), chart_data.estimate(evaluation, "cohens_d")
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
        name=_name(evaluation),
        marker={"color": style.colour, "symbol": style.symbol, "size": 12},
        error_x={"type": "data", "symmetric": False, "array": above, "arrayminus": below, "thickness": 2.5},
        hovertext=[_lines(chart_data.effect_label(evaluation))],
        hoverinfo="text",
    )


# --- training -------------------------------------------------------------------------------------------


def _training_curves(result: ComparisonResult) -> go.Figure:
    trained = chart_data.trainings(result)
    if not trained:
        return _not_available("n/a: no model of this comparison was trained here")
    figure = _panels(2, 1, shared_xaxes=True, vertical_spacing=0.06)
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
    return _sized(figure, 520)


def _training_line(figure: go.Figure, curve: TrainingCurve, style: ModelStyle, name: str, row: int) -> None:
    figure.add_scatter(
        x=list(curve.steps),
        y=_rounded(curve.values, 5),
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
