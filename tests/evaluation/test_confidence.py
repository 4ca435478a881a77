from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import binomtest, t

from src.evaluation.confidence import Interval, Scale, mover_interval, newcombe_interval, wilson_interval
from src.evaluation.variance import Spread

FREE = Spread(variance=0.04, design_effect=1.0, degrees=12.0)


def test_on_its_own_scale_a_metric_has_the_interval_of_student() -> None:
    half = t.ppf(0.975, 12) * 0.2

    assert Scale.IDENTITY.interval(3.0, FREE) == pytest.approx((3 - half, 3 + half))


@pytest.mark.parametrize(("scale", "there"), [(Scale.LOGIT, logit), (Scale.FISHER, math.atanh)])
def test_on_another_scale_the_ends_lie_as_far_from_the_value_there(scale: Scale, there) -> None:
    interval = scale.interval(0.8, FREE)

    assert interval is not None
    low, value, high = map(there, (interval.low, 0.8, interval.high))
    assert value - low == pytest.approx(high - value)


@pytest.mark.parametrize(
    ("scale", "value"), [(Scale.LOGIT, 0.0), (Scale.LOGIT, 1.0), (Scale.FISHER, 1.0), (Scale.FISHER, -1.0)]
)
def test_the_end_of_the_range_has_no_interval_on_its_scale(scale: Scale, value: float) -> None:
    assert scale.interval(value, FREE) is None


def test_a_metric_that_does_not_vary_has_no_interval() -> None:
    assert Scale.IDENTITY.interval(1.0, Spread(variance=0.0, design_effect=1.0, degrees=9.0)) is None


@pytest.mark.parametrize(
    ("auc", "positive", "negative", "expected"),
    # 1 with 5 and 95 pairs is the value that the notes on statistics of this project were checked with
    [(1.0, 5, 95, (0.80, 1.0)), (0.0, 95, 5, (0.0, 0.20))],
)
def test_newcombes_interval_has_a_width_at_the_end_of_the_range(
    auc: float, positive: int, negative: int, expected: tuple[float, float]
) -> None:
    assert newcombe_interval(auc, positive, negative) == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("auc", [0.02, 0.5, 0.83, 0.999])
def test_each_end_of_newcombes_interval_lies_1_96_of_its_own_standard_errors_away(auc: float) -> None:
    positive, negative = 30, 70
    for end in newcombe_interval(auc, positive, negative):
        above, below = (1 - end) / (2 - end), end / (1 + end)  # Hanley & McNeil's, each with half of all pairs
        variance = end * (1 - end) * (1 + (50 - 1) * (above + below)) / (positive * negative)
        assert abs(auc - end) / math.sqrt(variance) == pytest.approx(1.959964, rel=1e-5)


@pytest.mark.parametrize(("successes", "n"), [(0, 3), (3, 3), (12, 45), (1, 1), (200, 100_000)])
def test_the_interval_of_a_share_is_that_of_scipy(successes: int, n: int) -> None:
    expected = binomtest(successes, n).proportion_ci(method="wilson")

    assert wilson_interval(successes / n, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_fewer_effective_trials_make_the_interval_of_a_share_wider() -> None:
    one, other = wilson_interval(0.2, 100), wilson_interval(0.2, 33.3)

    assert other.low < one.low < one.high < other.high


def test_uncorrelated_sides_have_the_difference_that_pythagoras_gives() -> None:
    interval = mover_interval(0.8, Interval(0.7, 0.85), 0.5, Interval(0.4, 0.7), 0.0)

    assert interval == pytest.approx((0.3 - math.hypot(0.1, 0.2), 0.3 + math.hypot(0.05, 0.1)))


def test_sides_that_err_alike_have_a_difference_that_is_known() -> None:
    side = Interval(0.7, 0.9)

    assert mover_interval(0.8, side, 0.8, side, 1.0) == pytest.approx((0.0, 0.0))


def test_swapping_the_sides_turns_the_interval_of_the_difference_round() -> None:
    one, other = (0.8, Interval(0.7, 0.85)), (0.5, Interval(0.4, 0.7))
    forth, back = mover_interval(*one, *other, 0.3), mover_interval(*other, *one, 0.3)

    assert np.allclose(forth, (-back.high, -back.low))
