from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from benchmarks.curve import CURVES, Cell, hold, pairs_for_gain
from src.curve.fit import MOST_TIMES, CannotTellError, Point, fit
from src.evaluation.estimates import scored
from src.evaluation.metric_registry import AUC
from src.evaluation.variance import Sample

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (100, 200, 400, 800)


def exact(curve: Callable[[float], float], sizes: tuple[int, ...] = SIZES, n: int = 400) -> list[Point]:
    """Trainings whose AUC lies on a curve, but for the steps of a rank: no chance anywhere."""
    quantiles = norm.ppf((np.arange(n // 2) + 0.5) / (n // 2))
    sample = Sample(np.arange(n) >= n // 2)
    apart = [norm.ppf(curve(size)) * np.sqrt(2) for size in sizes]
    return [
        Point(size, scored(np.concatenate([quantiles, quantiles + shift]), sample))
        for size, shift in zip(sizes, apart, strict=True)
    ]


def line(pairs: float) -> float:
    return float(expit(1 + 0.3 * np.log2(pairs / 800)))


def test_points_on_a_line_are_followed_on_it() -> None:
    found = fit(AUC, exact(line, SIZES * 2), (0.78,))
    twice, most = found.forecasts
    gain, target = found.needed

    assert (twice.pairs, most.pairs) == (1600, 3200)
    assert (twice.value, most.value) == pytest.approx((line(1600), line(3200)), abs=0.004)
    assert found.doubling.value == pytest.approx(line(1600) - line(800), abs=0.003)
    assert found.doubling.low > 0
    assert gain.pairs == pytest.approx(800 * 2 ** (0.01 / (0.3 * line(800) * (1 - line(800)))), rel=0.1)
    assert line(target.pairs) == pytest.approx(0.78, abs=0.005)
    assert target.low < target.pairs
    assert (found.line[0].pairs, found.line[-1].pairs) == (100, MOST_TIMES * 800)


def test_a_curve_that_flattens_is_not_followed_as_a_line() -> None:
    def flattening(pairs: float) -> float:
        return 0.8 - 0.1 * 100 / pairs

    found = fit(AUC, exact(flattening, SIZES * 3))

    assert found.forecasts[1].value == pytest.approx(flattening(3200), abs=0.01)
    assert found.needed[0].reason.startswith("not within 3,200 pairs")


def test_intervals_hold_for_drawn_trainings() -> None:
    name, rng = "power law to a floor of 0.10", np.random.default_rng(5)

    held = [hold(fit(AUC, Cell(name, 3, 150, 0.05).draw(rng)), CURVES[name]) for _ in range(6)]

    assert pairs_for_gain(CURVES[name]) > 1200
    for place in range(3):
        assert sum(bool(one[place]) for one in held) >= 5


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ((100, 800) * 3, "2 different numbers of pairs and 6 trainings are too few"),
        ((100, 200, 800), "3 different numbers of pairs and 3 trainings are too few"),
    ],
)
def test_too_few_points_tell_nothing(sizes: tuple[int, ...], told: str) -> None:
    with pytest.raises(CannotTellError, match=told):
        fit(AUC, exact(line, sizes))


def test_too_few_measured_pairs_tell_nothing() -> None:
    with pytest.raises(CannotTellError, match="fewer than 5 pairs of a label"):
        fit(AUC, exact(line, n=8))


def test_a_point_at_the_end_of_the_range_tells_nothing() -> None:
    with pytest.raises(CannotTellError, match="at the end of the range"):
        fit(AUC, exact(lambda _: 1 - 1e-12))


def test_a_curve_that_rises_ever_faster_tells_nothing() -> None:
    with pytest.raises(CannotTellError, match="each doubling brought more"):
        fit(AUC, exact(lambda pairs: 0.5 + 0.3 * (pairs / 800) ** 2, SIZES * 3))


@pytest.mark.parametrize(
    ("curve", "told"),
    [
        (lambda _: 0.7, "more pairs were not shown to help"),
        (lambda pairs: line(80000 / pairs), "more pairs made it worse"),
    ],
)
def test_a_curve_that_does_not_rise_needs_no_number_of_pairs(curve: Callable[[float], float], told: str) -> None:
    [needed] = fit(AUC, exact(curve, SIZES * 2)).needed

    assert needed.pairs is None
    assert needed.reason.startswith(told)


def test_a_target_too_far_away_has_a_least_number_alone() -> None:
    _, far = fit(AUC, exact(line, SIZES * 2), (0.86,)).needed
    _, impossible = fit(AUC, exact(line, SIZES * 2), (1.0,)).needed

    assert (far.pairs, far.high) == (None, None)
    assert far.low is not None
    assert (
        far.reason
        == impossible.reason
        == "not within 3,200 pairs, 4 times those that there are; beyond that the curve says nothing"
    )
    assert impossible.low is None
