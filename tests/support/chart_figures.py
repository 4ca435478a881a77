"""The figures of all charts, by name, as the page and the PNG files have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from src.charts.palette import matplotlib_theme, plotly_theme
from src.charts.png import titled_print_figure
from src.tables.selection import population
from src.tables.shown_pairs import shown_pairs
from src.visualizations import baseline_charts, comparison_charts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import plotly.graph_objects as go
    from matplotlib.figure import Figure

    from src.charts.chart import Chart
    from src.models import ComparisonResult, Evaluation, PairSet
    from src.tables.shown_pairs import ShownPairs

BASELINE_NAMES = [
    "cosine_distributions",
    "roc",
    "umap_by_label",
    "clusters",
    "umap_by_category",
    "margins_by_category",
    "margins_by_pair_type",
    "false_positives_by_pair_type",
]
COMPARISON_NAMES = [
    "roc",
    "cohens_d",
    "purity",
    "cosine_distributions",
    "false_positives_by_pair_type",
    "margin_heatmap",
    "umap",
    "training_curves",
]


def baseline_figures(evaluation: Evaluation, shown: ShownPairs, position: int = 0) -> dict[str, go.Figure]:
    return _figures(baseline_charts(evaluation, shown, position))


def comparison_figures(result: ComparisonResult, shown: ShownPairs) -> dict[str, go.Figure]:
    return _figures(comparison_charts(result, shown))


def _figures(charts: Iterable[Chart]) -> dict[str, go.Figure]:
    figures = {chart.name: chart.figure() for chart in charts}
    for figure in figures.values():
        figure.layout.template = plotly_theme()
    return figures


def baseline_prints(evaluation: Evaluation, pairs: PairSet) -> dict[str, Figure]:
    return _prints(baseline_charts(evaluation, shown_pairs([evaluation], pairs)), population(evaluation))


def comparison_prints(result: ComparisonResult, pairs: PairSet) -> dict[str, Figure]:
    evaluations = [model.evaluation for model in result.models]
    return _prints(comparison_charts(result, shown_pairs(evaluations, pairs)), population(evaluations[0]))


def _prints(charts: Iterable[Chart], population: str) -> dict[str, Figure]:
    with matplotlib_theme():
        return {chart.name: titled_print_figure(chart, population) for chart in charts}
