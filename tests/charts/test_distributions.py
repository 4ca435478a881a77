from __future__ import annotations

import re

import numpy as np
import pytest

from src.charts.distributions import MAX_BINS, CosineDistributions, distribution
from src.charts.palette import label_styles
from src.models import DATING_WORDS, Histogram
from tests.support.chart_figures import MODELS, four_models, notes, printed, traces, without_numbers, words
from tests.support.factories import make_evaluation
from tests.support.table_reading import column


def histogram_of(bins: int) -> Histogram:
    counts = (1, *[0] * (bins - 2), 3)
    return Histogram(edges=tuple(np.linspace(-1, 1, bins + 1).tolist()), compatible=counts, incompatible=counts)


class TestData:
    def test_shares_of_a_label_sum_to_one(self) -> None:
        shown = distribution(four_models()[0])

        assert all(sum(shown.shares[label]) == pytest.approx(1) for label in (0, 1))

    @pytest.mark.parametrize("bins", [2, 40, 60, 100, 200, 97])
    def test_many_bins_are_joined_and_no_pair_is_lost(self, bins: int) -> None:
        shown = distribution(make_evaluation(histogram=histogram_of(bins)))

        assert len(shown.counts[1]) <= MAX_BINS
        assert len(shown.edges) == len(shown.counts[1]) + 1
        assert sum(shown.counts[1]) == 4
        assert (shown.edges[0], shown.edges[-1]) == (-1, 1)

    def test_a_label_without_pairs_has_shares_of_zero(self) -> None:
        empty = Histogram(edges=(-1.0, 0.0, 1.0), compatible=(0, 0), incompatible=(0, 2))
        shown = distribution(make_evaluation(histogram=empty))

        assert shown.shares[1] == (0, 0)

    def test_its_span_holds_the_pairs_and_the_threshold(self) -> None:
        some = Histogram(edges=(-1.0, -0.5, 0.0, 0.5, 1.0), compatible=(0, 0, 1, 0), incompatible=(0, 0, 2, 0))
        point = make_evaluation().operating_point.model_copy(update={"threshold": -0.25})

        assert distribution(make_evaluation(histogram=some, operating_point=None)).span == (0, 0.5)
        assert distribution(make_evaluation(histogram=some, operating_point=point)).span == (-0.75, 0.5)

    def test_no_pair_at_all_spans_everything(self) -> None:
        empty = Histogram(edges=(-1.0, 0.0, 1.0), compatible=(0, 0), incompatible=(0, 0))

        assert distribution(make_evaluation(histogram=empty)).span == (-1, 1)


class TestFigure:
    def test_bars_are_the_shares_of_a_label(self) -> None:
        figure = CosineDistributions(four_models()[:1]).figure()

        for style in label_styles(DATING_WORDS).values():
            [bars] = traces(figure, name=style.name)
            assert sum(bars.y) == pytest.approx(1, abs=0.005)
            assert bars.marker.line.color == style.colour
            assert "<br>" in bars.hovertext[0]

    def test_a_model_has_a_panel_headed_by_its_margin_and_interval(self) -> None:
        found = notes(CosineDistributions(four_models()).figure())[:4]

        assert [heading.split(":")[0] for heading in found] == MODELS
        assert all(re.fullmatch(r".*: margin [+-]\d\.\d{3} \[.*\]", heading) for heading in found)

    def test_the_line_that_the_slider_moves_is_the_threshold_and_no_mean(self) -> None:
        models = four_models()
        lines = [shape for shape in CosineDistributions(models).figure().layout.shapes if shape.name == "threshold"]

        assert [line.x0 for line in lines] == [one.operating_point.threshold for one in models]
        assert [line.xref for line in lines] == ["x", "x2", "x3", "x4"]


class TestPrintFigure:
    def test_it_shows_the_means_and_the_threshold(self) -> None:
        evaluation = four_models()[0]
        [axes] = printed(CosineDistributions([evaluation])).axes

        assert [line.get_xdata()[0] for line in axes.lines] == pytest.approx(
            [
                evaluation.compatible_mean_cosine,
                evaluation.incompatible_mean_cosine,
                evaluation.operating_point.threshold,
            ]
        )
        assert axes.get_xlabel() == "cosine of the two texts"

    def test_a_model_has_a_panel_headed_by_its_margin_and_interval(self) -> None:
        figure = printed(CosineDistributions(four_models()))

        assert [axes.get_title(loc="left").split(":")[0] for axes in figure.axes] == MODELS
        assert re.search(r"baseline: margin -\d\.\d{3} \[-", words(figure))

    def test_a_fifth_model_has_a_panel_too(self) -> None:
        assert len(printed(CosineDistributions([*four_models(), make_evaluation("lora-wide")])).axes) == 5

    def test_a_margin_that_is_undefined_is_n_a(self) -> None:
        assert "margin n/a" in words(printed(CosineDistributions([without_numbers()])))


def test_the_table_holds_every_pair() -> None:
    [table] = CosineDistributions([make_evaluation(), make_evaluation("lora")]).tables()

    assert sum(int(cell.text) for cell in column(table, "lora, compatible")) == 60
