"""What holds for every chart; what a chart shows is tested in `tests/charts/`."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import pytest
from matplotlib.text import Text

from src.models import DATING_WORDS, Split
from src.tables.shown_pairs import shown_pairs
from src.visualizations import baseline_charts, comparison_charts
from tests.support.chart_figures import (
    BASELINE_NAMES,
    COMPARISON_NAMES,
    all_pairs,
    four_models,
    notes,
    png,
    printed,
    without_numbers,
    words,
)
from tests.support.contrast import SCHEMES, contrast, page_colours
from tests.support.factories import HOSTILE, TRAINED, make_comparison, make_evaluation, make_pairs
from tests.support.report_pages import made_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    import plotly.graph_objects as go
    from matplotlib.figure import Figure
    from plotly.basedatatypes import BaseTraceType

    from src.charts.chart import Chart
    from src.models import ComparisonResult, PairSet
    from src.views.on_splits import SplitView

EVERY_CHART = pytest.mark.parametrize(
    ("page", "name"),
    [*(("baseline", name) for name in BASELINE_NAMES), *(("comparison", name) for name in COMPARISON_NAMES)],
)
COMPARISON_CHART = pytest.mark.parametrize("name", COMPARISON_NAMES)

Charts = dict[tuple[str, str], "Chart"]


@pytest.fixture(scope="module")
def charts() -> Charts:
    views = made_views(four_models())
    return by_page(
        baseline_charts(four_models()[0], all_pairs()), comparison_charts(make_comparison(), all_pairs(), views)
    )


@pytest.fixture(scope="module")
def prints(charts: Charts) -> dict[tuple[str, str], Figure]:
    return {key: printed(chart) for key, chart in charts.items()}


@pytest.fixture(scope="module")
def of_five_models() -> dict[str, Chart]:
    result = make_comparison(("baseline", *TRAINED, "lora-wide"))
    return {chart.name: chart for chart in comparison_charts(result, all_pairs(), views_of(result))}


@pytest.fixture(scope="module")
def without_anything() -> Charts:
    """Charts of a model without numbers, and of a comparison of nothing but two of these."""
    bare = {name: without_numbers().model_copy(update={"model": name}) for name in ("baseline", "lora")}
    result = make_comparison(tuple(bare))
    models = tuple(model.model_copy(update={"evaluation": bare[model.name]}) for model in result.models)
    result = result.model_copy(update={"models": models})
    return by_page(
        baseline_charts(without_numbers(), all_pairs()), comparison_charts(result, all_pairs(), views_of(result))
    )


@pytest.fixture(scope="module")
def hostile() -> Charts:
    """Charts of data in which every text, name and model tries to be more than text."""
    some = [HOSTILE[i % len(HOSTILE)] for i in range(40)]
    pairs = make_pairs(
        40,
        text_1=[f"boy: {text}" for text in some],
        text_2=[f"girl: {text}" for text in some],
        category=some,
        pair_type=some,
    )
    result = make_comparison(("baseline", *HOSTILE), pairs)
    shown = shown_pairs([result.models[0].evaluation], pairs)
    return by_page(
        baseline_charts(result.models[1].evaluation, shown), comparison_charts(result, shown, views_of(result, pairs))
    )


def views_of(result: ComparisonResult, pairs: PairSet | None = None) -> tuple[SplitView, ...]:
    return made_views([model.evaluation for model in result.models], pairs)


def by_page(baseline: tuple[Chart, ...], comparison: tuple[Chart, ...]) -> Charts:
    pages = {"baseline": baseline, "comparison": comparison}
    return {(page, chart.name): chart for page, charts in pages.items() for chart in charts}


def strings(value: object) -> Iterator[str]:
    """Every string anywhere in a figure's JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from strings(part)


def names(figure: go.Figure) -> list[str]:
    """What is written in the legend, on the axes and above the panels of a figure."""
    axes = (figure.layout.xaxis.ticktext or (), figure.layout.yaxis.ticktext or ())
    return [*(trace.name or "" for trace in figure.data), *notes(figure), *itertools.chain(*axes)]


def test_every_chart_of_a_page_has_a_name_of_its_own(charts: Charts) -> None:
    assert [chart.name for chart in baseline_charts(make_evaluation(), all_pairs())] == BASELINE_NAMES
    assert [name for page, name in charts if page == "comparison"] == COMPARISON_NAMES
    for names in (BASELINE_NAMES, COMPARISON_NAMES):
        assert len(set(names)) == len(names)


def test_cosines_and_curves_are_there_for_every_split_and_maps_for_test_alone(charts: Charts) -> None:
    on_splits = {name: list(chart.on_splits()) for (page, name), chart in charts.items() if page == "comparison"}

    assert {name for name, splits in on_splits.items() if splits} == {"roc", "cosine_distributions"}
    assert on_splits["roc"] == [Split.TRAIN, Split.CHALLENGE]


def test_a_page_without_other_splits_has_no_slopes_and_no_switch() -> None:
    shown = {chart.name: chart for chart in comparison_charts(make_comparison(), all_pairs())}

    assert "slopes" not in shown
    assert shown["roc"].on_splits() == {}


@EVERY_CHART
def test_a_chart_says_what_it_shows_where_it_stands_and_how_to_read_it(charts: Charts, page: str, name: str) -> None:
    chart = charts[page, name]

    assert chart.title
    assert chart.group
    assert chart.reading.endswith(".")


@pytest.mark.parametrize("scheme", SCHEMES)
@EVERY_CHART
def test_every_mark_of_a_chart_can_be_told_from_the_page(charts: Charts, page: str, name: str, scheme: str) -> None:
    """At 3:1 or better (WCAG 1.4.11); faint areas and cells with numbers say nothing that no line or text says."""
    card = page_colours(scheme)["card"]
    figure = charts[page, name].figure()
    faint = {
        f"{trace.type} {trace.name}: {colours}"
        for trace in figure.data
        if (colours := mark_colours(trace)) and min(max(contrast(c, card, o) for c, o in mark) for mark in colours) < 3
    }
    lines = {shape.line.color for shape in figure.layout.shapes if shape.line.width}

    assert not faint
    assert not {colour for colour in lines if contrast(colour, card) < 3}


@EVERY_CHART
def test_a_chart_knows_its_height(charts: Charts, page: str, name: str) -> None:
    assert charts[page, name].figure().layout.height > 0


@EVERY_CHART
def test_tags_in_the_data_stay_text(hostile: Charts, page: str, name: str) -> None:
    shown = list(strings(hostile[page, name].figure().to_plotly_json()))

    assert not any(tag in text for text in shown for tag in ("<b>", "<script", "</script", "<img", "$\\frac"))


def test_hostile_names_are_shown_as_they_are(hostile: Charts) -> None:
    figure = hostile["comparison", "umap"].figure()

    assert any("&lt;b&gt;x&lt;/b&gt;" in text for text in strings(figure.to_plotly_json()))
    # %{...} is read only in templates, and no template holds data
    assert not any("%{x}" in (trace.hovertemplate or "") for trace in figure.data)


@EVERY_CHART
def test_a_print_figure_says_what_it_is_and_of_how_many_pairs(
    prints: dict[tuple[str, str], Figure], charts: Charts, page: str, name: str
) -> None:
    title, population = prints[page, name].get_suptitle().split("\n")

    assert title == DATING_WORDS.fill(charts[page, name].title)
    assert population == "N = 120 pairs: 60 compatible, 60 incompatible"


@EVERY_CHART
def test_at_half_a_pages_width_no_type_is_below_six_points(
    prints: dict[tuple[str, str], Figure], page: str, name: str
) -> None:
    figure = prints[page, name]
    texts = [text for text in figure.findobj(Text) if text.get_text().strip()]

    assert min(text.get_fontsize() for text in texts) * 3.2 / figure.get_figwidth() >= 6


@EVERY_CHART
def test_a_print_figure_can_be_written_without_a_window_system(
    prints: dict[tuple[str, str], Figure], page: str, name: str
) -> None:
    assert png(prints[page, name]).startswith(b"\x89PNG")


def test_no_print_figure_is_left_with_pyplot(prints: dict[tuple[str, str], Figure]) -> None:
    assert prints
    assert plt.get_fignums() == []


@EVERY_CHART
def test_a_print_figure_of_hostile_data_can_be_written(hostile: Charts, page: str, name: str) -> None:
    assert png(printed(hostile[page, name]))


def test_hostile_names_are_printed_as_they_are(hostile: Charts) -> None:
    printed_words = words(printed(hostile["comparison", "margin_heatmap"]))

    assert all(name[:20] in printed_words for name in HOSTILE)


@COMPARISON_CHART
def test_a_fifth_model_needs_no_new_code(of_five_models: dict[str, Chart], name: str) -> None:
    assert any("lora-wide" in text for text in names(of_five_models[name].figure()))


@COMPARISON_CHART
def test_a_fifth_model_is_printed_too(of_five_models: dict[str, Chart], name: str) -> None:
    figure = printed(of_five_models[name])

    assert "lora-wide" in words(figure)
    assert png(figure)


@EVERY_CHART
def test_a_chart_of_undefined_numbers_is_drawn_printed_and_tabulated(
    without_anything: Charts, page: str, name: str
) -> None:
    chart = without_anything[page, name]

    assert chart.figure().layout.height > 0
    assert png(printed(chart))
    assert chart.tables()


def mark_colours(trace: BaseTraceType) -> list[list[tuple[str, float]]]:
    """Of each mark of a trace the colours that it is drawn in, with their opacity."""
    opacity = 1.0 if trace.opacity is None else trace.opacity
    if trace.type not in ("scatter", "bar") or (trace.type == "scatter" and trace.fill):
        return []
    if trace.type == "scatter" and "markers" not in (trace.mode or ""):
        return [[(trace.line.color, opacity)]] if trace.line.color and trace.line.width else []
    marker = trace.marker
    fills = [marker.color] if isinstance(marker.color, str) else list(marker.color or ())
    own = opacity * (1.0 if marker.opacity is None else marker.opacity)
    outline = [(marker.line.color, own)] if marker.line.width and isinstance(marker.line.color, str) else []
    pattern = marker.pattern.fgcolor if trace.type == "bar" else None
    hatched = [(pattern, own)] if isinstance(pattern, str) else []
    return [[(fill, own), *outline, *hatched] for fill in fills]
