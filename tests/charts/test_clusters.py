from __future__ import annotations

import pytest

from src.charts.clusters import ClusterMap
from tests.support.chart_figures import all_pairs, four_models, notes, places, printed, traces, without_map, words
from tests.support.factories import make_evaluation
from tests.support.table_reading import column


class TestFigure:
    def test_noise_is_apart_and_clusters_are_numbered(self) -> None:
        figure = ClusterMap(four_models()[0], all_pairs()).figure()
        [noise] = traces(figure, name="noise")

        assert len(noise.x) == four_models()[0].projection.clusters.count(-1)
        assert {"0", "1", "2"} <= set(notes(figure))
        assert places(figure) == list(range(120))

    def test_the_purity_stands_beside_what_it_is_under_shuffled_labels(self) -> None:
        figure = ClusterMap(four_models()[0], all_pairs()).figure()

        assert "3 clusters, noise 10.0 %, purity 0.710 (shuffled 0.580)" in notes(figure)

    def test_without_noise_there_is_no_entry_for_it(self) -> None:
        projection = four_models()[0].projection.model_copy(update={"clusters": (0,) * 120})
        figure = ClusterMap(make_evaluation(projection=projection), all_pairs()).figure()

        assert traces(figure, name="noise") == []

    @pytest.mark.parametrize(("reason", "told"), [("fewer than 16 pairs",) * 2, ("", "no map was made of these pairs")])
    def test_without_map_the_reason_is_written(self, reason: str, told: str) -> None:
        assert notes(ClusterMap(without_map(reason=reason), all_pairs()).figure())[-1] == f"n/a: {told}"


class TestPrintFigure:
    def test_clusters_are_numbered_and_stand_beside_chance(self) -> None:
        figure = printed(ClusterMap(four_models()[0], all_pairs()))

        assert {"0", "1", "2"} <= set(words(figure).split("\n"))
        assert "purity 0.710 (shuffled 0.580)" in words(figure)

    def test_without_map_the_reason_is_written(self) -> None:
        assert "n/a: fewer than 16 pairs" in words(printed(ClusterMap(without_map(), all_pairs())))


class TestTables:
    def test_clusters_that_were_not_made_say_why(self) -> None:
        purity, _ = ClusterMap(without_map(), all_pairs()).tables()
        [cell] = column(purity, "Purity")

        assert (cell.text, cell.title) == ("n/a", "fewer than 16 pairs")

    def test_each_cluster_is_counted(self) -> None:
        _, clusters = ClusterMap(four_models()[0], all_pairs()).tables()

        assert [cell.text for cell in column(clusters, "Cluster")] == ["cluster 0", "cluster 1", "cluster 2"]
