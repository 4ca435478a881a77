from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from src.charts.palette import LABEL_STYLES, model_style
from src.models import ClusterSummary
from src.tables.shown_pairs import shown_pairs
from tests.support.chart_figures import BASELINE_NAMES, COMPARISON_NAMES, baseline_figures, comparison_figures
from tests.support.factories import HOSTILE, TRAINED, make_comparison, make_evaluation, make_pairs

if TYPE_CHECKING:
    from collections.abc import Iterator

    import plotly.graph_objects as go

    from src.tables.shown_pairs import ShownPairs

NO_CLUSTERS = ClusterSummary(
    cluster_purity=None,
    shuffled_purity=None,
    n_clusters=None,
    noise_ratio=None,
    min_cluster_size=10,
    min_samples=5,
    n=0,
    reason="fewer than 16 pairs",
)


@pytest.fixture(scope="module")
def baseline() -> dict[str, go.Figure]:
    return baseline_figures(make_evaluation(), everything())


@pytest.fixture(scope="module")
def comparison() -> dict[str, go.Figure]:
    return comparison_figures(make_comparison(), everything())


def everything() -> ShownPairs:
    return shown_pairs([make_evaluation()], make_pairs())


def traces(figure: go.Figure, **wanted: object) -> list[Any]:
    """The traces of a figure with the wanted properties."""
    return [trace for trace in figure.data if all(getattr(trace, key) == value for key, value in wanted.items())]


def notes(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


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


class TestAll:
    def test_they_have_the_names_of_the_static_charts(
        self, baseline: dict[str, go.Figure], comparison: dict[str, go.Figure]
    ) -> None:
        assert list(baseline) == BASELINE_NAMES
        assert list(comparison) == COMPARISON_NAMES

    def test_each_knows_its_height_and_carries_no_big_template(self, comparison: dict[str, go.Figure]) -> None:
        for figure in comparison.values():
            assert figure.layout.height > 0
            assert len(figure.layout.template.to_plotly_json().get("data", {})) == 0

    def test_tags_in_the_data_stay_text(self) -> None:
        pairs = make_pairs(
            40,
            text_1=[f"boy: {HOSTILE[i % len(HOSTILE)]}" for i in range(40)],
            text_2=[f"girl: {HOSTILE[i % len(HOSTILE)]}" for i in range(40)],
            category=[HOSTILE[i % len(HOSTILE)] for i in range(40)],
            pair_type=[HOSTILE[i % len(HOSTILE)] for i in range(40)],
        )
        result = make_comparison(("baseline", *HOSTILE), pairs)
        drawn = shown_pairs([result.models[0].evaluation], pairs)
        figures = {**baseline_figures(result.models[1].evaluation, drawn), **comparison_figures(result, drawn)}
        shown = [text for figure in figures.values() for text in strings(figure.to_plotly_json())]

        assert any("&lt;b&gt;x&lt;/b&gt;" in text for text in shown)
        assert not any(tag in text for text in shown for tag in ("<b>", "<script", "</script", "<img", "$\\frac"))
        # %{...} is read only in templates, and no template holds data
        assert not any("%{x}" in (trace.hovertemplate or "") for trace in figures["umap"].data)


class TestBaseline:
    def test_bars_are_the_shares_of_a_label(self, baseline: dict[str, go.Figure]) -> None:
        figure = baseline["cosine_distributions"]

        for style in LABEL_STYLES.values():
            [bars] = traces(figure, name=style.name)
            assert sum(bars.y) == pytest.approx(1, abs=0.005)
            assert bars.marker.color == style.colour
            assert "<br>" in bars.hovertext[0]

    def test_the_roc_curve_names_its_area_and_both_thresholds(self, baseline: dict[str, go.Figure]) -> None:
        names = [trace.name for trace in baseline["roc"].data if trace.name]

        assert names[0].startswith("Baseline: AUC 0.")
        assert names[1:] == ["operating threshold 0.500", "oracle threshold 0.450"]

    def test_a_model_keeps_its_colour_in_its_own_tab(self) -> None:
        figures = baseline_figures(make_evaluation("lora"), everything(), position=2)

        [curve] = [trace for trace in figures["roc"].data if "AUC" in (trace.name or "")]
        assert curve.line.color == model_style(2).colour
        assert figures["false_positives_by_pair_type"].data[0].marker.color == model_style(2).colour

    def test_a_missing_margin_says_n_a_and_why(self, baseline: dict[str, go.Figure]) -> None:
        margins, margin_texts, _, accuracy_texts = baseline["margins_by_category"].data
        row = [group.name for group in make_evaluation().by_category].index("rare_topic")

        assert margin_texts.text[row].strip() == "n/a"
        assert "fewer than 5 pairs" in margins.hovertext[row]
        assert accuracy_texts.text[row].strip() != "n/a"

    def test_a_margin_has_its_interval(self, baseline: dict[str, go.Figure]) -> None:
        margins = baseline["margins_by_category"].data[0]
        row = [group.name for group in make_evaluation().by_category].index("values")

        assert (margins.error_x.array[row], margins.error_x.arrayminus[row]) == pytest.approx((0.1, 0.1))

    def test_false_positives_are_counted_and_impossible_ones_are_n_a(self, baseline: dict[str, go.Figure]) -> None:
        figure = baseline["false_positives_by_pair_type"]
        group = next(g for g in make_evaluation().by_pair_type if g.name == "incompatible")

        points, counts = figure.data
        place = counts.text.index(f"{group.false_positives}/{group.n}")
        assert points.x[place] == pytest.approx(group.false_positive_rate, abs=1e-4)
        assert points.error_x.array[place] == pytest.approx(
            group.false_positive_high - group.false_positive_rate, abs=1e-4
        )
        assert "n/a: no incompatible pairs" in notes(figure)


class TestComparison:
    def test_distributions_and_maps_have_a_panel_a_model(self, comparison: dict[str, go.Figure]) -> None:
        names = ["Baseline", "Standard", "LoRA", "LoRA tuned"]

        found = notes(comparison["cosine_distributions"])[:4]
        assert [heading.split(":")[0] for heading in found] == names
        assert all(re.fullmatch(r".*: margin [+-]\d\.\d{3} \[.*\]", heading) for heading in found)
        assert notes(comparison["umap"]) == [f"{name}: 120 pairs" for name in names]

    def test_the_roc_overlay_has_a_line_a_model(self, comparison: dict[str, go.Figure]) -> None:
        lines = [trace for trace in comparison["roc"].data if "AUC" in (trace.name or "")]

        assert [line.line.color for line in lines] == [model_style(i).colour for i in range(4)]
        assert len({line.line.dash for line in lines}) == 4

    def test_every_curve_has_its_band_and_leaves_the_chart_with_it(self, comparison: dict[str, go.Figure]) -> None:
        bands = traces(comparison["roc"], fill="toself")
        band = make_evaluation().roc_band

        assert [band.legendgroup for band in bands] == ["Baseline", "Standard", "LoRA", "LoRA tuned"]
        assert list(bands[0].y) == pytest.approx([*band.low, *reversed(band.high)], abs=1e-3)
        assert all(trace.fillcolor == model_style(i).band for i, trace in enumerate(bands))

    def test_the_heatmap_writes_margin_and_n_and_hatches_the_rest(self, comparison: dict[str, go.Figure]) -> None:
        heat, texts, hatched = comparison["margin_heatmap"].data

        assert sum(value is None for row in heat.z for value in row) == len(hatched.x) == 4
        assert len(texts.x) == 20
        assert all("<br>n=" in text for text in texts.text)
        assert "n/a<br>n=1" in notes(comparison["margin_heatmap"])

    def test_effects_have_their_interval(self, comparison: dict[str, go.Figure]) -> None:
        figure = comparison["cohens_d"]

        assert [trace.name for trace in figure.data] == ["Baseline", "Standard", "LoRA", "LoRA tuned"]
        assert figure.data[0].error_x.array == pytest.approx([0.04])
        assert "target 0.8" in notes(figure)

    def test_purity_stands_beside_chance(self, comparison: dict[str, go.Figure]) -> None:
        row = comparison["purity"].data[0]

        assert list(row.x) == [0.58, 0.71]
        assert list(row.textposition) == ["middle left", "middle right"]

    def test_training_curves_have_spearman_loss_and_the_kept_step(self, comparison: dict[str, go.Figure]) -> None:
        figure = comparison["training_curves"]

        assert len(traces(figure, mode="lines+markers")) == 2 * len(TRAINED)
        assert [star.x for star in traces(figure, mode="markers")] == [(225,)] * len(TRAINED)
        assert figure.data[0].name == "Standard (lr 2e-5)"
        assert "ceiling 0.866" in notes(figure)

    def test_false_positives_have_a_row_a_pair_type(self, comparison: dict[str, go.Figure]) -> None:
        figure = comparison["false_positives_by_pair_type"]

        assert [trace.name for trace in figure.data if trace.name] == ["Baseline", "Standard", "LoRA", "LoRA tuned"]
        assert len(figure.layout.yaxis.ticktext) == len(make_evaluation().by_pair_type)


class TestManyAndMissing:
    def test_five_models_need_no_new_code(self) -> None:
        names = ("baseline", *TRAINED, "lora-wide")
        figures = comparison_figures(make_comparison(names), everything())

        for stem in ("roc", "cohens_d", "purity", "false_positives_by_pair_type", "training_curves"):
            assert any("lora-wide" in (trace.name or "") for trace in figures[stem].data)
        assert "lora-wide: 120 pairs" in notes(figures["umap"])
        assert "lora-wide" in figures["margin_heatmap"].layout.xaxis.ticktext

    def test_without_map_the_reason_is_written(self) -> None:
        evaluation = make_evaluation(projection=None, clusters=NO_CLUSTERS)
        figures = baseline_figures(evaluation, everything())

        for stem in ("umap_by_label", "umap_by_category", "clusters"):
            assert notes(figures[stem])[-1] == "n/a: fewer than 16 pairs"

    def test_one_model_without_map_leaves_its_panel_empty(self) -> None:
        result = make_comparison()
        blind = make_evaluation("lora", projection=None, clusters=NO_CLUSTERS)
        models = (result.models[0], result.models[1].model_copy(update={"evaluation": blind}))
        figures = comparison_figures(result.model_copy(update={"models": models}), everything())
        note = figures["umap"].layout.annotations[-1]

        assert (note.text, note.xref) == ("n/a: fewer than 16 pairs", "x2 domain")
        assert "n/a: fewer than 16 pairs" in notes(figures["purity"])

    def test_numbers_that_are_none_are_n_a(self) -> None:
        evaluation = make_evaluation(
            compatible_mean_cosine=None, compatibility_margin=None, auc_roc=None, roc=None, estimates=(),
            operating_point=None,
            optimistic_point=None, by_category=(), by_pair_type=(), roc_band=None,
        )  # fmt: skip
        figures = baseline_figures(evaluation, everything())

        assert figures["roc"].data[0].name == "Baseline: AUC n/a"
        assert len(figures["roc"].data) == 1
        assert notes(figures["margins_by_category"]) == ["n/a: there are no groups"]
        assert notes(figures["false_positives_by_pair_type"]) == ["n/a: there are no pair types"]

    def test_a_comparison_of_nothing_but_the_baseline_says_so(self) -> None:
        evaluation = make_evaluation(cohens_d=None, estimates=(), by_category=(), by_pair_type=())
        result = make_comparison(("baseline",))
        alone = (result.models[0].model_copy(update={"evaluation": evaluation}),)
        figures = comparison_figures(result.model_copy(update={"models": alone}), everything())

        assert notes(figures["training_curves"]) == ["n/a: no model of this comparison was trained here"]
        assert notes(figures["margin_heatmap"]) == ["n/a: there are no categories"]
        assert "n/a" in notes(figures["cohens_d"])
