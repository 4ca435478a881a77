from __future__ import annotations

import numpy as np
import pytest

from src.evaluation.cost_threshold import cost_thresholds
from src.models import Calibration, Costs, FittedOn
from src.views.expected_cost import cost_curves

SCORES, LABELS = np.array([0.10, 0.30, 0.20, 0.40]), np.array([0, 0, 1, 1], dtype=np.int8)
COSTS = Costs(false_positive=1, false_negative=3)
CALIBRATION = Calibration(
    fitted_on=FittedOn.TRAIN, n=4, n_compatible=2, intercept=-2.5, slope=10.0, slope_low=1.0, slope_high=20.0
)


def test_the_cost_of_a_threshold_is_that_of_its_mistakes_a_pair() -> None:
    found = cost_thresholds({"baseline": CALIBRATION}, {"baseline": SCORES}, LABELS, COSTS)
    [curve] = cost_curves(found, {"baseline": SCORES}, LABELS)
    at = dict(zip(curve.thresholds.round(2).tolist(), curve.cost.tolist(), strict=True))

    assert at[0.09] == found.accept_all == 0.5  # two false positives of four pairs
    assert at[0.15] == 0.25
    assert at[0.25] == 1.0  # one false positive and one false negative
    assert at[0.35] == 0.75
    assert at[0.41] == found.reject_all == 1.5
    assert at[0.14] == curve.chosen.cost  # log(1 / 3) is at 0.140


def test_all_curves_have_the_same_thresholds_and_know_the_place_of_their_model() -> None:
    scores = {"baseline": SCORES, "bare": SCORES, "lora": SCORES / 2}
    found = cost_thresholds({"baseline": CALIBRATION, "bare": None, "lora": CALIBRATION}, scores, LABELS, COSTS)
    curves = cost_curves(found, scores, LABELS)

    assert [curve.position for curve in curves] == [0, 2]
    assert [curve.thresholds[[0, -1]].tolist() for curve in curves] == [pytest.approx([0.04, 0.41])] * 2


def test_a_curve_with_a_base_rate_ends_at_both_rules() -> None:
    costs = Costs(false_positive=1, false_negative=3, base_rate=0.1)
    found = cost_thresholds({"baseline": CALIBRATION}, {"baseline": SCORES}, LABELS, costs)
    [curve] = cost_curves(found, {"baseline": SCORES}, LABELS)

    assert curve.cost[[0, -1]] == pytest.approx([found.accept_all, found.reject_all])
    assert (found.accept_all, found.reject_all) == (pytest.approx(0.9), pytest.approx(0.3))
