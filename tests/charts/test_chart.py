from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.charts.distributions import MAX_BINS, distribution
from src.charts.false_positives import false_positive_groups
from src.charts.group_margins import margin_span
from src.charts.map_parts import MAX_PANELS, OTHER, _convex_hull, _turn, category_members, map_points, model_map
from src.charts.margin_heatmap import margin_heatmap
from src.charts.training_curves import training_curve
from src.core.errors import ArtifactError
from src.models import Evaluation, GroupMetrics, Histogram, Projection
from src.tables.selection import largest, largest_note, target_of, trainings
from src.tables.shown_pairs import shown_pairs
from src.visualizations import baseline_charts, comparison_charts
from tests.support.factories import make_comparison, make_evaluation, make_pairs, make_training


@pytest.fixture
def evaluation() -> Evaluation:
    return make_evaluation()


def histogram_of(bins: int) -> Histogram:
    counts = (1, *[0] * (bins - 2), 3)
    return Histogram(edges=tuple(np.linspace(-1, 1, bins + 1).tolist()), compatible=counts, incompatible=counts)


class TestDistribution:
    def test_shares_of_a_label_sum_to_one(self, evaluation: Evaluation) -> None:
        shown = distribution(evaluation)

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


class TestMap:
    def test_points_carry_the_label_and_category_of_their_row(self) -> None:
        pairs = make_pairs(40)
        some = Projection(
            indices=(3, 4, 20), x=(0.0, 1.0, 2.0), y=(0.0, 1.0, 2.0), clusters=(), n_neighbors=15, sampled_from=40
        )
        points = map_points(make_evaluation(pairs=pairs, projection=some), pairs)

        assert points is not None
        assert points.labels.tolist() == pairs.labels[[3, 4, 20]].tolist()
        assert points.categories.tolist() == [pairs.category[row] for row in (3, 4, 20)]
        assert points.sample == "3 of 40 pairs shown"

    def test_without_projection_there_are_none(self) -> None:
        assert map_points(make_evaluation(projection=None), make_pairs()) is None

    def test_pairs_of_another_file_are_refused(self) -> None:
        with pytest.raises(ArtifactError, match="another eval file"):
            map_points(make_evaluation(), make_pairs(seed=1))

    def test_every_point_is_in_one_category_panel(self) -> None:
        pairs = make_pairs(100, category=[f"category {i % 30}" for i in range(100)])
        points = map_points(make_evaluation(pairs=pairs), pairs)
        assert points is not None
        members = category_members(points)

        assert len(members) == MAX_PANELS
        assert OTHER in members
        assert (np.sum(list(members.values()), axis=0) == 1).all()

    def test_some_of_the_points_keep_everything_that_is_theirs(self) -> None:
        points = map_points(make_evaluation(), make_pairs())
        assert points is not None
        some = points.at(points.labels == 1)

        assert len(some) == 60
        assert some.x.tolist() == points.x[points.labels == 1].tolist()
        assert len(some.clusters) == len(some.categories) == 60
        assert some.sample == "60 of 120 pairs shown"

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


class TestGroups:
    def test_a_model_without_a_category_gets_an_empty_cell(self) -> None:
        full, partial = make_evaluation(), make_evaluation("lora", by_category=make_evaluation("lora").by_category[:1])
        shown = margin_heatmap([full, partial])

        assert shown.margins.shape == (len(full.by_category), 2)
        assert np.isnan(shown.margins[1, 1])
        assert shown.texts[1][1] == "n/a"

    def test_an_undefined_margin_shows_its_n(self) -> None:
        shown = margin_heatmap([make_evaluation()])
        row = shown.categories.index("rare_topic")

        assert shown.texts[row][0] == "n/a\nn=1"

    def test_the_colour_scale_is_finite_without_margins(self) -> None:
        assert margin_heatmap([make_evaluation(by_category=())]).limit == 1

    def test_each_pair_type_stands_once(self) -> None:
        names = [g.name for g in false_positive_groups([make_evaluation(), make_evaluation("lora")])]

        assert sorted(set(names)) == sorted(names)

    def test_of_many_groups_the_largest_stay_in_their_order(self) -> None:
        sizes = [5, 1, 9, *[3] * 50, 2]
        groups = [GroupMetrics(name=str(i), n=n, n_compatible=0) for i, n in enumerate(sizes)]
        kept = largest(groups)

        assert [group.name for group in kept] == ["0", "2", *map(str, range(3, 41))]
        assert largest_note(groups) == "The 40 largest of 54."
        assert largest(kept) == kept
        assert largest_note(kept) == ""

    def test_limits_of_margins_hold_zero_every_interval_and_a_column_for_the_numbers(self) -> None:
        group = GroupMetrics(name="x", n=9, n_compatible=4, compatibility_margin=0.2, margin_low=-0.1, margin_high=0.5)
        low, high = margin_span([group])

        assert low < -0.1
        assert high > 0.8
        bare = group.model_copy(update={"compatibility_margin": None, "margin_low": None, "margin_high": None})
        assert margin_span([bare])[0] < 0 < margin_span([bare])[1]


class TestTraining:
    def test_a_step_without_loss_is_left_out(self) -> None:
        training = make_training()

        assert training_curve(training, "train_loss").steps == (75, 150, 225, 300)
        assert training_curve(training, "spearman").steps == (0, 75, 150, 225, 300)

    def test_the_baseline_is_no_training_but_counts_as_a_position(self) -> None:
        positions = [position for position, _, _ in trainings(make_comparison())]

        assert positions == [1, 2, 3]

    def test_a_target_is_drawn_only_when_models_share_it(self) -> None:
        result = make_comparison()
        first, *rest = result.hypotheses
        split = result.model_copy(update={"hypotheses": (first.model_copy(update={"target": 0.5}), *rest)})

        assert target_of(result, "cohens_d") == 0.8
        assert target_of(split, "cohens_d") is None
        assert target_of(result, "auc_roc") is None


def test_points_are_frozen() -> None:
    points = map_points(make_evaluation(), make_pairs())
    assert points is not None

    with pytest.raises(dataclasses.FrozenInstanceError):
        points.title = "other"  # type: ignore[misc]


def test_every_chart_has_words_and_a_name_of_its_own() -> None:
    result, shown = make_comparison(), shown_pairs([make_evaluation()], make_pairs())
    for charts in (baseline_charts(make_evaluation(), shown), comparison_charts(result, shown)):
        assert len({chart.name for chart in charts}) == len(charts) == 8
        assert all(chart.title and chart.group and chart.reading.endswith(".") for chart in charts)
