from __future__ import annotations

import pytest

from src.charts.purity import ClusterPurity
from tests.support.chart_figures import MODELS, four_models, notes, printed, without_map, words
from tests.support.table_reading import column


class TestFigure:
    def test_purity_stands_beside_chance(self) -> None:
        row = ClusterPurity(four_models()).figure().data[0]

        assert list(row.x) == [0.58, 0.71]
        assert list(row.textposition) == ["middle left", "middle right"]
        assert list(row.error_x.arrayminus) == pytest.approx([0, 0.07])
        assert list(row.error_x.array) == pytest.approx([0, 0.08])

    def test_a_purity_of_one_map_has_no_bar(self) -> None:
        clusters = four_models()[0].clusters.model_copy(update={"over_seeds": None})
        one_map = four_models()[0].model_copy(update={"clusters": clusters})

        assert not ClusterPurity([one_map]).figure().data[0].error_x.visible

    def test_a_model_without_clusters_says_why(self) -> None:
        figure = ClusterPurity([four_models()[0], without_map("lora")]).figure()

        assert "n/a: fewer than 16 pairs" in notes(figure)


class TestPrintFigure:
    def test_purity_stands_beside_chance(self) -> None:
        figure = printed(ClusterPurity(four_models()))

        assert figure.axes[0].lines[0].get_xdata() == pytest.approx([0.58, 0.71])
        assert {"0.580", "0.710"} <= set(words(figure).split("\n"))

    def test_a_model_without_clusters_says_why(self) -> None:
        figure = printed(ClusterPurity([four_models()[0], without_map("lora")]))

        assert "n/a: fewer than 16 pairs" in words(figure)


def test_the_table_has_a_row_a_model() -> None:
    [table] = ClusterPurity(four_models()).tables()

    assert [cell.text for cell in column(table, "Model")] == MODELS
