from __future__ import annotations

import numpy as np

from src.charts.margin_heatmap import MarginHeatmap, margin_heatmap
from tests.support.chart_figures import (
    all_pairs,
    all_pairs_of_four,
    four_models,
    notes,
    printed,
    without_numbers,
    words,
)
from tests.support.factories import make_evaluation
from tests.support.table_reading import row


class TestData:
    def test_a_model_without_a_category_gets_an_empty_cell(self) -> None:
        full, partial = make_evaluation(), make_evaluation("lora", by_category=make_evaluation("lora").by_category[:1])
        shown = margin_heatmap([full, partial])

        assert shown.margins.shape == (len(full.by_category), 2)
        assert np.isnan(shown.margins[1, 1])
        assert shown.texts[1][1] == "n/a"

    def test_an_undefined_margin_shows_its_n(self) -> None:
        shown = margin_heatmap(four_models()[:1])

        assert shown.texts[shown.categories.index("rare_topic")][0] == "n/a\nn=1"

    def test_the_colour_scale_is_finite_without_margins(self) -> None:
        assert margin_heatmap([make_evaluation(by_category=())]).limit == 1


class TestFigure:
    def test_it_writes_margin_and_n_and_hatches_the_rest(self) -> None:
        figure = MarginHeatmap(four_models(), all_pairs_of_four()).figure()
        heat, texts, hatched = figure.data

        assert sum(value is None for row in heat.z for value in row) == len(hatched.x) == 4
        assert len(texts.x) == 20
        assert all("<br>n=" in text for text in texts.text)
        assert "n/a<br>n=1" in notes(figure)

    def test_without_categories_it_says_so(self) -> None:
        assert notes(MarginHeatmap([without_numbers()], all_pairs()).figure()) == ["n/a: there are no categories"]


class TestPrintFigure:
    def test_it_hatches_cells_without_margin(self) -> None:
        figure = printed(MarginHeatmap(four_models(), all_pairs_of_four()))
        hatched = [patch for patch in figure.axes[0].patches if patch.get_hatch()]

        assert len(hatched) == 4
        assert words(figure).count("n/a\nn=1") == 4

    def test_without_categories_it_says_so(self) -> None:
        assert "n/a: there are no categories" in words(printed(MarginHeatmap([without_numbers()], all_pairs())))


def test_margins_of_a_category_stand_side_by_side_with_n() -> None:
    [table] = MarginHeatmap([four_models()[0], make_evaluation("lora", by_category=())], all_pairs()).tables()
    cells = row(table, "rare_topic")

    assert (cells[1].text, cells[1].note) == ("n/a", "n=1")
    assert cells[2].title == "this model was not evaluated on it"
