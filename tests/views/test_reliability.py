from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from src.models import Calibration, FittedOn
from src.views.reliability import BINS, Reliability, reliability


def calibration(**changes: float | None) -> Calibration:
    values = {"intercept": -1.0, "slope": 4.0, "slope_low": 1.0, "slope_high": 9.0}
    return Calibration(fitted_on=FittedOn.TRAIN, n=400, n_compatible=200, **values | changes)


def drawn(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    scores = rng.uniform(-0.5, 1.0, n)
    return scores, (rng.uniform(size=n) < expit(4 * scores - 1)).astype(np.int8)


def test_bins_and_brier_score_are_those_of_scikit_learn() -> None:
    scores, labels = drawn()
    found = reliability(calibration(), scores, labels)
    probabilities = expit(4 * scores - 1)
    observed, predicted = calibration_curve(labels, probabilities, n_bins=BINS, strategy="quantile")

    assert [one.predicted for one in found.bins] == pytest.approx(predicted.tolist(), abs=0.02)
    assert [one.observed for one in found.bins] == pytest.approx(observed.tolist(), abs=0.03)
    assert found.brier == pytest.approx(brier_score_loss(labels, probabilities))
    assert sum(one.n for one in found.bins) == 400


def test_probabilities_that_hold_lie_within_the_intervals_and_beat_the_constant_share() -> None:
    scores, labels = drawn(4_000)
    found = reliability(calibration(), scores, labels)
    held = [one.low <= one.predicted <= one.high for one in found.bins]

    assert sum(held) >= BINS - 2
    assert found.brier < found.constant == pytest.approx(labels.mean() * (1 - labels.mean()))


def test_equal_cosines_are_one_bin() -> None:
    labels = np.array([0, 1] * 20, dtype=np.int8)
    [only] = reliability(calibration(), np.full(40, 0.5), labels).bins

    assert (only.n, only.observed, only.predicted) == (40, 0.5, pytest.approx(expit(1.0)))


@pytest.mark.parametrize("none", [None, calibration(slope=None, intercept=None)])
def test_without_a_finite_slope_there_is_no_probability(none: Calibration | None) -> None:
    assert reliability(none, *drawn()) == Reliability()


def test_a_handful_of_pairs_has_no_bins() -> None:
    assert reliability(calibration(), *drawn(19)) == Reliability()
