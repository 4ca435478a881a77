from __future__ import annotations

import math

import numpy as np
import pytest

from src.evaluation.cost_threshold import HIGHEST, LOWEST, cost_threshold, cost_thresholds
from src.models import Calibration, Costs, FittedOn

LINE = Calibration(
    fitted_on=FittedOn.TRAIN, n=100, n_compatible=50, intercept=-2.0, slope=5.0, slope_low=4.0, slope_high=6.0
)


def line(**changes: object) -> Calibration:
    return LINE.model_copy(update=changes)


def test_equal_costs_cut_where_both_labels_are_equally_likely() -> None:
    assert cost_threshold(LINE, Costs()) == pytest.approx(0.4)


@pytest.mark.parametrize(("costs", "wanted"), [((9, 1), 0.9), ((1, 4), 0.2)])
def test_the_cut_is_where_the_probability_is_the_share_of_the_false_positives_cost(
    costs: tuple[float, float], wanted: float
) -> None:
    found = cost_threshold(LINE, Costs(false_positive=costs[0], false_negative=costs[1]))

    assert found is not None
    assert 1 / (1 + math.exp(-(-2 + 5 * found))) == pytest.approx(wanted)


@pytest.mark.parametrize(("costs", "wanted"), [((1e9, 1e-9), HIGHEST), ((1e-9, 1e9), LOWEST)])
def test_costs_that_no_cosine_reaches_accept_all_or_none(costs: tuple[float, float], wanted: float) -> None:
    assert cost_threshold(LINE, Costs(false_positive=costs[0], false_negative=costs[1])) == wanted


@pytest.mark.parametrize(
    ("calibration", "reason"),
    [
        (line(slope=1.0, slope_low=-0.5), "the slope is not shown to differ from 0: slope [-0.500, 6.000]"),
        (
            line(slope=-3.0, slope_low=-4.0, slope_high=-2.0),
            "a higher cosine makes label 1 less likely: slope [-4.000, -2.000]",
        ),
        (
            line(slope=None, intercept=None, slope_low=None, slope_high=-2.0),
            "a higher cosine makes label 1 less likely",
        ),
        (
            line(slope=None, intercept=None, slope_low=None, slope_high=None),
            "the pairs have one label or one cosine only",
        ),
    ],
)
def test_without_a_slope_above_0_there_is_no_threshold_and_the_reason_is_given(
    calibration: Calibration, reason: str
) -> None:
    found = cost_thresholds({"m": calibration}, {"m": np.array([0.1, 0.9])}, np.array([0, 1]), Costs())

    assert (found.models[0].threshold, found.models[0].cost) == (None, None)
    assert found.models[0].reason == reason


def test_labels_whose_cosines_do_not_overlap_are_cut_in_the_middle_at_any_costs() -> None:
    apart = line(slope=None, intercept=None, slope_low=3.0, slope_high=None, separated_at=0.25)

    assert cost_threshold(apart, Costs(false_positive=50)) == 0.25


def test_the_cost_a_pair_stands_beside_that_of_accepting_and_of_rejecting_all() -> None:
    cosines, labels = np.array([0.1, 0.5, 0.6, 0.2, 0.9]), np.array([0, 0, 1, 1, 1])

    found = cost_thresholds({"m": LINE, "old": None}, {"m": cosines, "old": cosines}, labels, Costs(false_negative=4))

    # the threshold is 0.4 - log(4) / 5 = 0.12: one false positive of two, no false negative
    [model] = found.models
    assert (model.false_positive_rate, model.recall, model.cost) == (0.5, 1.0, pytest.approx(1 / 5))
    assert (found.accept_all, found.reject_all) == (pytest.approx(2 / 5), pytest.approx(12 / 5))


@pytest.mark.parametrize(("base_rate", "wanted"), [(0.5, 0.5), (0.2, 0.8), (0.1, 0.9)])
def test_a_base_rate_cuts_where_the_probability_in_use_is_a_half(base_rate: float, wanted: float) -> None:
    """Half of the pairs that were fitted are positive, so Bayes' rule turns a share of P into a cut at 1 - P."""
    found = cost_threshold(LINE, Costs(base_rate=base_rate))

    assert 1 / (1 + math.exp(-(-2.0 + 5.0 * found))) == pytest.approx(wanted)


def test_the_share_of_the_pairs_that_were_fitted_as_base_rate_changes_no_threshold() -> None:
    calibration = line(n_compatible=30)

    assert cost_threshold(calibration, Costs(base_rate=0.3)) == pytest.approx(cost_threshold(calibration, Costs()))


def test_a_base_rate_weighs_the_rates_of_both_mistakes() -> None:
    cosines, labels = np.array([0.1, 0.9, 0.6, 0.2, 0.95]), np.array([0, 0, 1, 1, 1])
    costs = Costs(false_positive=2, false_negative=4, base_rate=0.25)

    found = cost_thresholds({"m": LINE}, {"m": cosines}, labels, costs)

    # the threshold is 0.4 + (log(2 / 4) + log(3)) / 5 = 0.48: one false positive of two, one false negative of three
    [model] = found.models
    assert model.threshold == pytest.approx(0.4 + math.log(1.5) / 5)
    assert model.cost == pytest.approx(0.25 * 4 / 3 + 0.75 * 2 / 2)
    assert (found.accept_all, found.reject_all) == (pytest.approx(0.75 * 2), pytest.approx(0.25 * 4))


def test_the_share_of_the_data_as_base_rate_changes_no_cost() -> None:
    cosines, labels = np.array([0.1, 0.5, 0.6, 0.2, 0.9]), np.array([0, 0, 1, 1, 1])
    plain, given = (
        cost_thresholds({"m": line(n=5, n_compatible=3)}, {"m": cosines}, labels, Costs(base_rate=rate))
        for rate in (None, 0.6)
    )

    assert given.models[0].cost == pytest.approx(plain.models[0].cost)
    assert (given.accept_all, given.reject_all) == pytest.approx((plain.accept_all, plain.reject_all))


def test_a_base_rate_stands_in_a_file_only_where_it_was_given() -> None:
    assert Costs().model_dump() == {"false_positive": 1.0, "false_negative": 1.0}
    assert Costs(base_rate=0.05).model_dump()["base_rate"] == 0.05
