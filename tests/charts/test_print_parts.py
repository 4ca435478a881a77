from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from src.charts.palette import LABEL_STYLES, model_style
from src.models import ClusterSummary
from tests.support.chart_figures import BASELINE_NAMES, COMPARISON_NAMES, baseline_prints, comparison_prints
from tests.support.factories import HOSTILE, TRAINED, make_comparison, make_evaluation, make_pairs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

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
def baseline() -> dict[str, Figure]:
    return baseline_prints(make_evaluation(), make_pairs())


@pytest.fixture(scope="module")
def comparison() -> dict[str, Figure]:
    return comparison_prints(make_comparison(), make_pairs())


def png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=40)
    return buffer.getvalue()


def words(figure: Figure) -> str:
    """Everything that is written in a figure."""
    legends = [text for legend in figure.legends for text in legend.get_texts()]
    axes = [text for ax in figure.axes for text in (*ax.texts, ax.title, *ax.get_xticklabels(), *ax.get_yticklabels())]
    left = [ax.get_title(loc="left") for ax in figure.axes]
    return "\n".join([figure.get_suptitle(), *left, *(text.get_text() for text in (*legends, *axes))])


class TestAll:
    def test_there_are_eight_of_each_with_the_names_of_their_words(
        self, baseline: dict[str, Figure], comparison: dict[str, Figure]
    ) -> None:
        assert list(baseline) == BASELINE_NAMES
        assert list(comparison) == COMPARISON_NAMES

    def test_each_says_what_it_is_and_of_how_many_pairs(self, comparison: dict[str, Figure]) -> None:
        for figure in comparison.values():
            title, _, _ = figure.get_suptitle().partition("\n")
            assert title
            assert "N = 120 pairs: 60 compatible, 60 incompatible" in figure.get_suptitle()

    def test_at_half_a_pages_width_no_type_is_below_six_points(
        self, baseline: dict[str, Figure], comparison: dict[str, Figure]
    ) -> None:
        for figure in (*baseline.values(), *comparison.values()):
            texts = [text for text in figure.findobj(Text) if text.get_text().strip()]

            assert min(text.get_fontsize() for text in texts) * 3.2 / figure.get_figwidth() >= 6

    def test_no_figure_is_left_with_pyplot(self, baseline: dict[str, Figure]) -> None:
        assert baseline
        assert plt.get_fignums() == []

    def test_each_can_be_written_without_a_window_system(
        self, baseline: dict[str, Figure], comparison: dict[str, Figure]
    ) -> None:
        for figure in (*baseline.values(), *comparison.values()):
            assert png(figure).startswith(b"\x89PNG")

    def test_text_from_the_data_is_drawn_as_it_is(self) -> None:
        pairs = make_pairs(
            40,
            category=[HOSTILE[i % len(HOSTILE)] for i in range(40)],
            pair_type=[HOSTILE[i % len(HOSTILE)] for i in range(40)],
        )
        result = make_comparison(("baseline", *HOSTILE), pairs)
        figures = [
            *comparison_prints(result, pairs).values(),
            *baseline_prints(result.models[1].evaluation, pairs).values(),
        ]

        assert all(png(figure) for figure in figures)
        assert all(name[:20] in words(comparison_prints(result, pairs)["margin_heatmap"]) for name in HOSTILE)


class TestBaseline:
    def test_distributions_show_means_and_threshold(self, baseline: dict[str, Figure]) -> None:
        [axes] = baseline["cosine_distributions"].axes
        evaluation = make_evaluation()
        lines = [line.get_xdata()[0] for line in axes.lines]

        assert lines == pytest.approx(
            [
                evaluation.compatible_mean_cosine,
                evaluation.incompatible_mean_cosine,
                evaluation.operating_point.threshold,
            ]
        )
        assert axes.get_xlabel() == "cosine of the two texts"

    def test_the_map_has_one_point_a_pair_in_its_label_s_colour(self, baseline: dict[str, Figure]) -> None:
        [axes] = baseline["umap_by_label"].axes
        compatible, incompatible = axes.collections

        assert len(compatible.get_offsets()) + len(incompatible.get_offsets()) == 120
        assert to_hex(compatible.get_facecolor()[0]).upper() == LABEL_STYLES[1].colour
        assert to_hex(incompatible.get_facecolor()[0]).upper() == LABEL_STYLES[0].colour

    def test_the_category_map_has_a_panel_a_category(self, baseline: dict[str, Figure]) -> None:
        titles = [axes.get_title(loc="left") for axes in baseline["umap_by_category"].axes]

        assert "rare_topic\nn=1" in titles
        assert len(titles) == 6

    def test_clusters_are_numbered_and_stand_beside_chance(self, baseline: dict[str, Figure]) -> None:
        assert {"0", "1", "2"} <= set(words(baseline["clusters"]).split("\n"))
        assert "purity 0.710 (shuffled 0.580)" in words(baseline["clusters"])

    def test_the_roc_curve_is_the_evaluation_s_with_both_thresholds(self, baseline: dict[str, Figure]) -> None:
        evaluation = make_evaluation()
        [axes] = baseline["roc"].axes

        [band] = axes.collections
        assert axes.lines[1].get_xdata() == pytest.approx(evaluation.roc.false_positive_rate)
        assert evaluation.roc_band.low[5] in band.get_paths()[0].vertices[:, 1]
        assert axes.lines[2].get_ydata() == pytest.approx([evaluation.operating_point.recall])
        assert "operating threshold 0.500" in words(baseline["roc"])
        assert "oracle threshold 0.450" in words(baseline["roc"])

    def test_a_group_without_margin_is_n_a_and_no_bar(self, baseline: dict[str, Figure]) -> None:
        margins, accuracies = baseline["margins_by_category"].axes

        assert len(margins.patches) == 5
        # an interval each, and the line at 0
        assert len(margins.lines) == 6
        assert len(accuracies.patches) == 6
        assert [text.get_text().strip() for text in margins.texts].count("n/a") == 1

    def test_a_pair_type_without_incompatible_pairs_is_n_a(self, baseline: dict[str, Figure]) -> None:
        text = words(baseline["false_positives_by_pair_type"])

        assert "n/a: no incompatible pairs" in text
        assert "compatible\n(n=0)" in text


class TestComparison:
    def test_distributions_have_a_panel_a_model(self, comparison: dict[str, Figure]) -> None:
        titles = [axes.get_title(loc="left").split(":")[0] for axes in comparison["cosine_distributions"].axes]

        assert titles == ["Baseline", "Standard", "LoRA", "LoRA tuned"]

    def test_every_model_has_its_colour_on_the_roc_chart(self, comparison: dict[str, Figure]) -> None:
        [axes] = comparison["roc"].axes
        curves = [line for line in axes.lines if "AUC" in str(line.get_label())]

        assert [curve.get_color() for curve in curves] == [model_style(i).colour for i in range(4)]

    def test_every_model_has_its_band_on_the_roc_chart(self, comparison: dict[str, Figure]) -> None:
        [axes] = comparison["roc"].axes
        colours = [to_hex(band.get_facecolor()[0]).upper() for band in axes.collections]

        assert colours == [model_style(i).colour for i in range(4)]

    def test_a_margin_stands_with_its_interval_above_its_distribution(self, comparison: dict[str, Figure]) -> None:
        assert re.search(r"Baseline: margin -\d\.\d{3} \[-", words(comparison["cosine_distributions"]))

    def test_the_heatmap_hatches_cells_without_margin(self, comparison: dict[str, Figure]) -> None:
        axes = comparison["margin_heatmap"].axes[0]
        hatched = [patch for patch in axes.patches if patch.get_hatch()]

        assert len(hatched) == 4
        assert words(comparison["margin_heatmap"]).count("n/a\nn=1") == 4

    def test_effects_are_drawn_with_their_interval(self, comparison: dict[str, Figure]) -> None:
        [axes] = comparison["cohens_d"].axes
        effect = make_evaluation().cohens_d
        interval, point = axes.lines[0], axes.lines[1]

        assert interval.get_xdata() == pytest.approx([effect - 0.04, effect + 0.04])
        assert point.get_xdata() == pytest.approx([effect])
        assert "target 0.8" in words(comparison["cohens_d"])

    def test_training_curves_have_a_line_a_training_and_the_kept_step(self, comparison: dict[str, Figure]) -> None:
        upper, lower = comparison["training_curves"].axes
        stars = [line for line in upper.lines if line.get_marker() == "*"]

        assert [star.get_xdata() for star in stars] == [[225]] * len(TRAINED)
        assert len(lower.lines) == len(TRAINED)
        assert (upper.get_ylabel(), lower.get_ylabel()) == ("Spearman (eval)", "training loss")
        assert "ceiling 0.866" in words(comparison["training_curves"])

    def test_false_positives_are_counted_at_each_point(self, comparison: dict[str, Figure]) -> None:
        group = next(g for g in make_evaluation().by_pair_type if g.name == "incompatible")

        assert f"{group.false_positives}/{group.n}" in words(comparison["false_positives_by_pair_type"])

    def test_purity_stands_beside_chance(self, comparison: dict[str, Figure]) -> None:
        [axes] = comparison["purity"].axes

        assert axes.lines[0].get_xdata() == pytest.approx([0.58, 0.71])
        assert {"0.580", "0.710"} <= set(words(comparison["purity"]).split("\n"))


class TestManyAndMissing:
    def test_five_models_need_no_new_code(self) -> None:
        names = ("baseline", *TRAINED, "lora-wide")
        figures = comparison_prints(make_comparison(names), make_pairs())

        assert len(figures["cosine_distributions"].axes) == 5
        assert all("lora-wide" in words(figure) for figure in figures.values())
        assert all(png(figure) for figure in figures.values())

    def test_without_map_and_clusters_the_reason_is_written(self) -> None:
        evaluation = make_evaluation(projection=None, clusters=NO_CLUSTERS)
        figures = baseline_prints(evaluation, make_pairs())

        for stem in ("umap_by_label", "umap_by_category", "clusters"):
            assert "n/a: fewer than 16 pairs" in words(figures[stem])

    def test_one_model_without_map_leaves_its_panel_empty(self) -> None:
        result = make_comparison()
        blind = make_evaluation("lora", projection=None, clusters=NO_CLUSTERS)
        models = (result.models[0], result.models[1].model_copy(update={"evaluation": blind}))
        figures = comparison_prints(result.model_copy(update={"models": models}), make_pairs())

        assert "n/a: fewer than 16 pairs" in words(figures["umap"])
        assert "n/a: fewer than 16 pairs" in words(figures["purity"])

    def test_numbers_that_are_none_are_n_a(self) -> None:
        evaluation = make_evaluation(
            compatible_mean_cosine=None, compatibility_margin=None, cohens_d=None, auc_roc=None, roc=None, estimates=(),
            operating_point=None,
            optimistic_point=None, by_category=(), by_pair_type=(), spearman_ceiling=None,
            roc_band=None,
        )  # fmt: skip
        figures = baseline_prints(evaluation, make_pairs())

        assert "margin n/a" in words(figures["cosine_distributions"])
        assert "AUC n/a" in words(figures["roc"])
        assert "n/a: there are no groups" in words(figures["margins_by_category"])
        assert "n/a: there are no pair types" in words(figures["false_positives_by_pair_type"])

    def test_a_comparison_of_nothing_but_the_baseline_says_so(self) -> None:
        evaluation = make_evaluation(
            cohens_d=None, estimates=(), by_category=(), by_pair_type=(), spearman_ceiling=None
        )
        result = make_comparison(("baseline",))
        alone = (result.models[0].model_copy(update={"evaluation": evaluation}),)
        figures = comparison_prints(result.model_copy(update={"models": alone}), make_pairs())

        assert "n/a: no model of this comparison was trained here" in words(figures["training_curves"])
        assert "n/a" in words(figures["cohens_d"])
        assert "n/a: there are no categories" in words(figures["margin_heatmap"])
        assert all(png(figure) for figure in figures.values())

    def test_many_points_are_drawn_as_given(self) -> None:
        pairs = make_pairs(600)
        [axes] = baseline_prints(make_evaluation(pairs=pairs), pairs)["umap_by_label"].axes

        assert np.sum([len(points.get_offsets()) for points in axes.collections]) == 600
