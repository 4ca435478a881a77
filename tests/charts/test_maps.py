from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING

import numpy as np
import pytest

from src.charts.category_maps import category_figure
from src.charts.clusters import cluster_figure
from src.charts.map_parts import category_members, map_points, shown_map
from src.charts.maps import label_maps
from src.charts.palette import LABEL_STYLES
from src.core.errors import ArtifactError
from src.tables.shown_pairs import ShownPairs, shown_pairs
from tests.support.factories import make_evaluation, make_pairs

if TYPE_CHECKING:
    import plotly.graph_objects as go


@pytest.fixture(scope="module")
def drawn() -> ShownPairs:
    return shown_pairs([make_evaluation()], make_pairs())


def of_pairs(figure: go.Figure) -> list[go.Scatter]:
    """The traces that hold pairs."""
    return [trace for trace in figure.data if trace.meta]


def places(figure: go.Figure) -> list[int]:
    return sorted(itertools.chain(*(trace.customdata for trace in of_pairs(figure))))


def notes(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def test_a_point_lies_where_the_projection_puts_its_pair(drawn: ShownPairs) -> None:
    evaluation = make_evaluation()
    compatible, incompatible = of_pairs(label_maps([shown_map(evaluation, drawn)], drawn))

    assert compatible.name == LABEL_STYLES[1].name
    assert list(compatible.x) == pytest.approx([evaluation.projection.x[p] for p in compatible.customdata], abs=1e-3)
    assert list(incompatible.y) == pytest.approx(
        [evaluation.projection.y[p] for p in incompatible.customdata], abs=1e-3
    )
    assert compatible.hoverinfo == "text"


def test_one_long_category_takes_no_room_in_every_row_of_a_map() -> None:
    evaluation = make_evaluation()
    names = ["c" * 100_000, *make_pairs().category[1:]]

    points = map_points(evaluation, dataclasses.replace(make_pairs(), category=names))

    assert points is not None
    assert points.categories.nbytes <= 8 * len(names)
    assert names[0] in category_members(points)


def test_each_panel_names_its_model_by_position(drawn: ShownPairs) -> None:
    shown = [shown_map(make_evaluation(name), drawn) for name in ("baseline", "lora")]

    assert [trace.meta["map"] for trace in of_pairs(label_maps(shown, drawn))] == [0, 0, 1, 1]
    assert [trace.meta["map"] for trace in of_pairs(category_figure(shown[1], drawn, 2))][:1] == [2]


def test_only_the_drawn_pairs_are_on_it_and_the_heading_says_how_many() -> None:
    pairs = make_pairs()
    some = ShownPairs(pairs, np.array([0, 5, 9, 77]), ())
    figure = label_maps([shown_map(make_evaluation(), some)], some)

    assert places(figure) == [0, 1, 2, 3]
    assert notes(figure) == ["Baseline: 4 of 120 pairs drawn"]


def test_pairs_of_another_file_are_refused() -> None:
    with pytest.raises(ArtifactError, match="another eval file"):
        shown_map(make_evaluation(), shown_pairs([make_evaluation()], make_pairs(seed=1)))


class TestCategories:
    def test_every_pair_has_its_panel(self, drawn: ShownPairs) -> None:
        figure = category_figure(shown_map(make_evaluation(), drawn), drawn, 0)

        assert places(figure) == list(range(120))
        assert "rare_topic<br>n=1" in notes(figure)

    def test_each_label_is_once_in_the_legend(self, drawn: ShownPairs) -> None:
        figure = category_figure(shown_map(make_evaluation(), drawn), drawn, 0)

        assert sorted(trace.name for trace in figure.data if trace.showlegend) == ["compatible", "incompatible"]


class TestClusters:
    def test_noise_is_apart_and_clusters_are_numbered(self, drawn: ShownPairs) -> None:
        evaluation = make_evaluation()
        figure = cluster_figure(evaluation, shown_map(evaluation, drawn), drawn, 0)
        [noise] = [trace for trace in figure.data if trace.name == "noise"]

        assert len(noise.x) == evaluation.projection.clusters.count(-1)
        assert {"0", "1", "2"} <= set(notes(figure))
        assert places(figure) == list(range(120))

    def test_the_purity_stands_beside_what_it_is_under_shuffled_labels(self, drawn: ShownPairs) -> None:
        evaluation = make_evaluation()
        figure = cluster_figure(evaluation, shown_map(evaluation, drawn), drawn, 0)

        assert "3 clusters, noise 10.0 %, purity 0.710 (shuffled 0.580)" in notes(figure)

    def test_without_noise_there_is_no_entry_for_it(self, drawn: ShownPairs) -> None:
        evaluation = make_evaluation()
        projection = evaluation.projection.model_copy(update={"clusters": (0,) * 120})
        evaluation = evaluation.model_copy(update={"projection": projection})
        figure = cluster_figure(evaluation, shown_map(evaluation, drawn), drawn, 0)

        assert not any(trace.name == "noise" for trace in figure.data)


def test_without_map_the_reason_is_written(drawn: ShownPairs) -> None:
    evaluation = make_evaluation(projection=None)
    shown = shown_map(evaluation, drawn)
    figures = [
        label_maps([shown], drawn),
        category_figure(shown, drawn, 0),
        cluster_figure(evaluation, shown, drawn, 0),
    ]

    assert all(notes(figure)[-1] == "n/a: no map was made of these pairs" for figure in figures)
