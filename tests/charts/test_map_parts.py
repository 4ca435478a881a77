from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.charts.map_parts import (
    MAX_PANELS,
    OTHER,
    MapPoints,
    _convex_hull,
    _turn,
    category_members,
    map_points,
    map_table,
    model_map,
    shown_map,
)
from src.core.errors import ArtifactError
from src.models import PairSet, Projection
from src.tables.shown_pairs import shown_pairs
from tests.support.chart_figures import four_models
from tests.support.factories import make_evaluation, make_pairs


def points_of(pairs: PairSet) -> MapPoints:
    """The points of the baseline's map of some pairs."""
    points = map_points(make_evaluation(pairs=pairs), pairs)
    assert points is not None
    return points


class TestPoints:
    def test_they_carry_the_label_and_category_of_their_row(self) -> None:
        pairs = make_pairs(40)
        some = Projection(
            indices=(3, 4, 20), x=(0.0, 1.0, 2.0), y=(0.0, 1.0, 2.0), clusters=(), n_neighbors=15, sampled_from=40
        )
        points = map_points(make_evaluation(pairs=pairs, projection=some), pairs)

        assert points is not None
        assert points.labels.tolist() == pairs.labels[[3, 4, 20]].tolist()
        assert points.categories.tolist() == [pairs.category[row] for row in (3, 4, 20)]
        assert points.sample == "3 of 40 pairs shown"

    def test_one_long_category_takes_no_room_in_every_row(self) -> None:
        names = ["c" * 100_000, *make_pairs().category[1:]]
        points = points_of(dataclasses.replace(make_pairs(), category=names))

        assert points.categories.nbytes <= 8 * len(names)
        assert names[0] in category_members(points)

    def test_without_projection_there_are_none(self) -> None:
        assert map_points(make_evaluation(projection=None), make_pairs()) is None

    def test_pairs_of_another_file_are_refused(self) -> None:
        other = make_pairs(seed=1)

        with pytest.raises(ArtifactError, match="another eval file"):
            map_points(make_evaluation(), other)
        with pytest.raises(ArtifactError, match="another eval file"):
            shown_map(make_evaluation(), shown_pairs([make_evaluation()], other))

    def test_each_is_in_one_category_panel(self) -> None:
        members = category_members(points_of(make_pairs(100, category=[f"category {i % 30}" for i in range(100)])))

        assert len(members) == MAX_PANELS
        assert OTHER in members
        assert (np.sum(list(members.values()), axis=0) == 1).all()

    def test_some_of_them_keep_everything_that_is_theirs(self) -> None:
        points = points_of(make_pairs())
        some = points.at(points.labels == 1)

        assert len(some) == 60
        assert some.x.tolist() == points.x[points.labels == 1].tolist()
        assert len(some.clusters) == len(some.categories) == 60
        assert some.sample == "60 of 120 pairs shown"

    def test_they_are_frozen(self) -> None:
        points = points_of(make_pairs())

        with pytest.raises(dataclasses.FrozenInstanceError):
            points.title = "other"  # type: ignore[misc]

    def test_a_panel_without_map_stays_so(self) -> None:
        shown = model_map(make_evaluation(projection=None), make_pairs())

        assert shown.at(np.ones(0, dtype=bool)) is shown


class TestHull:
    @given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=1, max_size=40))
    def test_no_point_lies_outside(self, corners: list[tuple[int, int]]) -> None:
        x, y = (np.asarray(column, dtype=float) for column in zip(*corners, strict=True))
        hull = _convex_hull(x, y)

        assert hull[0].tolist() == hull[-1].tolist()
        for a, b in itertools.pairwise(hull):
            assert all(_turn(a, b, np.asarray(point)) >= 0 for point in corners)

    def test_a_square_keeps_its_four_corners(self) -> None:
        hull = _convex_hull(np.array([0, 1, 1, 0, 0.5]), np.array([0, 0, 1, 1, 0.5]))

        assert hull.tolist() == [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]


class TestTable:
    @pytest.mark.parametrize(("by", "groups"), [("label", 2), ("category", 6), ("cluster", 3)])
    def test_it_counts_its_groups(self, by: str, groups: int) -> None:
        table = map_table([map_points(four_models()[0], make_pairs())], by)

        assert len(table.rows) == groups
        assert "the map by" in table.caption.lower()

    def test_without_map_it_says_so(self) -> None:
        assert map_table([None]).note == "There is no map of these pairs."
