from __future__ import annotations

import pytest

from src.charts.category_maps import CategoryMaps
from tests.support.chart_figures import all_pairs, four_models, notes, places, printed, without_map, words


class TestFigure:
    def test_every_pair_has_its_panel(self) -> None:
        figure = CategoryMaps(four_models()[0], all_pairs()).figure()

        assert places(figure) == list(range(120))
        assert "rare_topic<br>n=1" in notes(figure)

    def test_each_label_is_once_in_the_legend(self) -> None:
        figure = CategoryMaps(four_models()[0], all_pairs()).figure()

        assert sorted(trace.name for trace in figure.data if trace.showlegend) == ["compatible", "incompatible"]

    def test_each_panel_names_its_model_by_position(self) -> None:
        figure = CategoryMaps(four_models()[2], all_pairs(), position=2).figure()

        assert {trace.meta["map"] for trace in figure.data if trace.meta} == {2}

    @pytest.mark.parametrize(("reason", "told"), [("fewer than 16 pairs",) * 2, ("", "no map was made of these pairs")])
    def test_without_map_the_reason_is_written(self, reason: str, told: str) -> None:
        assert notes(CategoryMaps(without_map(reason=reason), all_pairs()).figure())[-1] == f"n/a: {told}"


class TestPrintFigure:
    def test_a_category_has_a_panel(self) -> None:
        titles = [axes.get_title(loc="left") for axes in printed(CategoryMaps(four_models()[0], all_pairs())).axes]

        assert "rare_topic\nn=1" in titles
        assert len(titles) == 6

    def test_without_map_the_reason_is_written(self) -> None:
        assert "n/a: fewer than 16 pairs" in words(printed(CategoryMaps(without_map(), all_pairs())))


def test_the_table_counts_the_categories() -> None:
    [table] = CategoryMaps(four_models()[0], all_pairs()).tables()

    assert table.caption == "The map by category"
