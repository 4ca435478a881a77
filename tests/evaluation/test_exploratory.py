from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from src.evaluation.exploratory import explored, shrunken
from src.models import PairedDifference, SliceDifference


def on(name: str, value: float | None, half: float = 0.1) -> SliceDifference:
    known = value is not None
    return SliceDifference(
        slice=name,
        n=64,
        n_compatible=32,
        auc_roc=0.7,
        other_auc_roc=0.7,
        difference=PairedDifference(
            model="lora",
            metric="auc_roc",
            value=value,
            low=value - half if known else None,
            high=value + half if known else None,
            outcome="not distinguishable" if known else "not estimable",
        ),
    )


def test_a_p_value_is_below_one_in_twenty_exactly_where_the_interval_is_without_0() -> None:
    found = explored({"category": [on("a", 0.1001), on("b", -0.0999), on("c", 0.0)]}, 3).slices

    assert [one.p_value < 0.05 for one in found] == [True, False, False]
    assert found[2].p_value == 1


def test_among_many_slices_without_a_difference_few_survive_and_one_large_difference_does() -> None:
    rng = np.random.default_rng(0)
    nothing = [on(f"{i}", value) for i, value in enumerate(rng.normal(0, 0.051, 200))]

    found = explored({"category": [*nothing, on("real", 0.3)]}, 201).slices

    assert sum(one.p_value < 0.05 for one in found) > 5
    assert [one.slice for one in found if one.survives] == ["real"]
    assert all(one.q_value >= one.p_value for one in found)


def test_the_rate_is_over_the_slices_of_all_columns_together() -> None:
    apart = [explored({column: [on("x", 0.12)]}, 1).slices[0] for column in ("category", "pair_type")]
    more = [on(f"{i}", 0.0) for i in range(5)]

    together = explored({"category": [on("x", 0.12)], "pair_type": more}, 6).slices

    assert all(one.survives for one in apart)
    assert not together[0].survives


def test_slices_without_an_interval_are_looked_at_and_not_tested() -> None:
    found = explored({"category": [on("a", None), on("b", 0.2)]}, 7)

    assert (found.looked_at, [one.slice for one in found.slices]) == (7, ["b"])
    assert explored({"category": []}, 2).slices == ()


class TestShrunken:
    def test_differences_that_vary_as_chance_does_become_their_mean(self) -> None:
        assert shrunken(np.array([0.1, 0.12, 0.08]), np.full(3, 0.05)) == pytest.approx(np.full(3, 0.1))

    def test_the_less_certain_difference_is_drawn_further(self) -> None:
        sure, unsure, low = shrunken(np.array([0.4, 0.4, -0.2]), np.array([0.02, 0.2, 0.02]))

        assert 0.35 < sure < 0.4
        assert unsure < sure
        assert -0.2 < low < -0.15

    def test_on_average_it_is_nearer_to_the_truth_than_the_estimates_and_the_largest_is_not_too_large(self) -> None:
        rng = np.random.default_rng(0)
        truth = rng.normal(0.1, 0.05, (300, 12))
        values = truth + rng.normal(0, 0.08, truth.shape)
        drawn = np.array([shrunken(row, np.full(12, 0.08)) for row in values])
        largest = (np.arange(300), values.argmax(axis=1))

        assert np.square(drawn - truth).mean() < 0.6 * np.square(values - truth).mean()
        assert (values - truth)[largest].mean() > 0.08
        assert abs((drawn - truth)[largest].mean()) < 0.02

    def test_only_a_column_of_three_slices_or_more_is_drawn_to_its_mean(self) -> None:
        columns = {"category": [on(f"{i}", i / 10) for i in range(3)], "pair_type": [on("a", 0.1), on("b", 0.2)]}

        found = explored(columns, 5).slices

        assert [one.shrunk is None for one in found] == [False, False, False, True, True]


def test_the_standard_error_is_that_of_the_side_where_0_lies() -> None:
    lopsided = on("a", 0.1).difference.model_copy(update={"low": -0.096, "high": 0.9})

    [found] = explored({"category": [on("a", 0.1).model_copy(update={"difference": lopsided})]}, 1).slices

    assert found.p_value == pytest.approx(2 * norm.sf(0.1 / (0.196 / 1.959963984540054)))
