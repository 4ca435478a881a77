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
