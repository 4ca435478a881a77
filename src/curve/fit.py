"""Curves through the points of a learning curve, and what they say beyond them.

The metric, on the scale of its intervals, is a - b n^-c of the train pairs n: the power law with a floor that learning
curves usually follow. c lies between 0, a straight line in log n that never flattens, and 1. A few points hardly tell
one c from another, so each c that they do not reject counts: an interval reaches from the lowest of the lower ends of
these curves to the highest of the upper ends.

For one c the fit is linear, and points are weighted by their squared standard errors. The variance of all that follows
from it is the sum of two: that of the measured pairs, which all points share, from the influence of each pair on the
curve; and that of the trainings, from the distances of the points to the curve.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial, reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..evaluation.confidence import Interval
from ..evaluation.estimates import influence_of, why_no_interval
from ..models import CurveFit, CurveForecast, PairsNeeded
from ..wording import learning_curve as wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from ..evaluation.metric_registry import Metric, Scored

    Floats = NDArray[np.float64]

FEWEST_SIZES, FEWEST_DEGREES = 3, 2
MOST_TIMES = 4  # of the train pairs: as far as the line is followed
GAIN = 0.01
POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)  # c of the curves
_STEPS = 120  # numbers of pairs that are looked at for the ends of an interval
_DRAWN = 25
_FAR = 40.0  # on a scale: its back transformation is at the end of the range there


@dataclass(frozen=True, eq=False)
class Point:
    """One training: how many pairs it had, and the scores of the measured pairs by its model."""

    pairs: int
    scored: Scored


class _Coordinates(NamedTuple):
    """The points on the scale of the metric."""

    sizes: NDArray[np.int64]  # (M,) train pairs
    values: Floats  # (M,)
    influence: Floats  # (M, N) of the measured pairs on them


class CannotTellError(Exception):
    """There is no line; the message says why."""


def fit(metric: Metric, points: Sequence[Point], targets: Sequence[float] = ()) -> CurveFit:
    """The curves through the points, what they say of more pairs, and how many the targets need.

    Args:
        metric: What models are compared by.
        points: M trainings, measured on the same N pairs.
        targets: Values of the metric; how many pairs gain 0.01 is told without asking.

    Raises:
        CannotTellError: The points are too few, or rise ever faster.
    """
    found = _Curves(metric, points)
    return CurveFit(
        doubling=found.gain(2 * found.whole),
        forecasts=tuple(found.level(times * found.whole) for times in (2, MOST_TIMES)),
        needed=(
            _needed(found, GAIN, is_gain=True),
            *(_needed(found, target, is_gain=False) for target in targets),
        ),
        line=tuple(map(found.level, np.geomspace(found.smallest, MOST_TIMES * found.whole, _DRAWN).tolist())),
    )


def _coordinates(metric: Metric, points: Sequence[Point]) -> _Coordinates:
    sizes = np.array([point.pairs for point in points], dtype=np.int64)
    n_sizes = np.unique(sizes).size
    if n_sizes < FEWEST_SIZES or len(points) - 2 < FEWEST_DEGREES:
        raise CannotTellError(wording.too_few_points(n_sizes, len(points)))
    if reason := why_no_interval(points[0].scored.sample, of_grades=metric.of_grades):
        raise CannotTellError(reason)
    scale = metric.scale.value
    values, influence = [], []
    for point in points:
        value, own = metric.compute(point.scored) if metric.compute else None, influence_of(metric, point.scored)
        if value is None or own is None or not scale.inside[0] < value < scale.inside[1]:
            raise CannotTellError(wording.AT_THE_END)
        values.append(scale.forward(value))
        influence.append(scale.slope(value) * own)
    return _Coordinates(sizes, np.array(values), np.array(influence))


class _Linear:
    """Weighted least squares of the points on some functions of the pairs."""

    def __init__(
        self, metric: Metric, points: Sequence[Point], found: _Coordinates, row_of: Callable[[Floats], Floats]
    ) -> None:
        self._scale, self._by_label = metric.scale.value, not metric.of_grades
        self._sample, self._row_of = points[0].scored.sample, row_of
        design = row_of(found.sizes.astype(np.float64))
        spreads = [self._sample.spread(own, by_label=self._by_label).variance for own in found.influence]
        weights = 1 / np.maximum(spreads, np.finfo(np.float64).tiny)
        weighted = design.T * weights
        self._solve = np.linalg.pinv(weighted @ design) @ weighted
        self.coefficients = self._solve @ found.values
        self._influence = self._solve @ found.influence
        self._degrees = found.sizes.size - design.shape[1]
        residual = found.values - design @ self.coefficients
        self.squares = float(weights @ residual**2)
        # trainings on few pairs may be further apart: their variance is the same for all, or goes as 1 / pairs
        alike = np.ones(found.sizes.size), found.sizes.max() / found.sizes
        self._noise = [of * float(np.sum(residual**2 / of)) / max(1, self._degrees) for of in alike]

    def coefficient_interval(self, place: int) -> Interval:
        """Of the function with this number."""
        chosen = np.eye(len(self.coefficients))[place]
        return self._interval(float(self.coefficients[place]), chosen)

    def level(self, pairs: float) -> tuple[float, Interval]:
        """The metric of a training on so many pairs."""
        row = self._row(pairs)
        middle = float(row @ self.coefficients)
        low, high = self._interval(middle, row)
        return self._scale.back(middle), Interval(*map(self._back, (low, high)))

    def gain(self, pairs: float, whole: float) -> tuple[float, Interval]:
        """The metric of a training on so many pairs minus that of one on all."""
        rows = [self._row(one) for one in (pairs, whole)]
        value, of_all = (self._scale.back(float(row @ self.coefficients)) for row in rows)
        chosen = rows[0] / self._scale.slope(value) - rows[1] / self._scale.slope(of_all)
        return value - of_all, self._interval(value - of_all, chosen)

    def _row(self, pairs: float) -> Floats:
        row: Floats = self._row_of(np.array([pairs]))[0]
        return row

    def _back(self, value: float) -> float:
        """A value from the scale, one far out as the end of the range."""
        return self._scale.back(max(-_FAR, min(_FAR, value)))

    def _interval(self, value: float, chosen: Floats) -> Interval:
        """Student's interval of a linear function of the coefficients."""
        if self._degrees <= 0:
            return Interval(-math.inf, math.inf)
        from scipy.stats import t  # noqa: PLC0415 - slow to import

        of_pairs = self._sample.spread(chosen @ self._influence, by_label=self._by_label)
        of_trainings = max(float(np.square(chosen @ self._solve) @ noise) for noise in self._noise)
        variance = of_pairs.variance + of_trainings
        below = of_pairs.variance**2 / of_pairs.degrees + of_trainings**2 / self._degrees
        degrees = variance**2 / below if below else math.inf
        half = float(t.ppf(0.975, degrees)) * math.sqrt(variance)
        return Interval(value - half, value + half)


class _Curves:
    """The curves that the points do not reject; the closest one comes first."""

    def __init__(self, metric: Metric, points: Sequence[Point]) -> None:
        found = _coordinates(metric, points)
        self.smallest, self.whole = int(found.sizes.min()), int(found.sizes.max())

        def made(row_of: Callable[[Floats], Floats]) -> _Linear:
            return _Linear(metric, points, found, row_of)

        bend = made(lambda sizes: np.vander(np.log2(sizes / self.whole), 3, increasing=True)).coefficient_interval(2)
        if bend.low > 0:
            raise CannotTellError(wording.EVER_FASTER)
        every = [made(partial(_power, whole=self.whole, power=power)) for power in POWERS]
        self._kept = _not_rejected(every, len(points) - 3)

    @property
    def slope(self) -> Interval:
        """Of a doubling at all train pairs, on the scale of the metric."""
        return _union(curve.coefficient_interval(1) for curve in self._kept)

    def level(self, pairs: float) -> CurveForecast:
        """The metric of a training on so many pairs."""
        return _forecast(pairs, [curve.level(pairs) for curve in self._kept])

    def gain(self, pairs: float) -> CurveForecast:
        """The metric of a training on so many pairs minus that of one on all train pairs."""
        return _forecast(pairs, [curve.gain(pairs, self.whole) for curve in self._kept])


def _power(sizes: Floats, *, whole: int, power: float) -> Floats:
    """(M, 2) a one, and a function of the pairs that is 0 at all of them and rises there by 1 a doubling."""
    doublings = np.log2(sizes / whole)
    curved = -np.expm1(-power * math.log(2) * doublings) / (power * math.log(2)) if power else doublings
    return np.stack([np.ones(len(sizes)), curved], axis=1)


def _not_rejected(curves: list[_Linear], degrees: int) -> list[_Linear]:
    """The curve with the least squares, and those that an F test does not tell from it."""
    from scipy.stats import f  # noqa: PLC0415 - slow to import

    curves = sorted(curves, key=lambda curve: curve.squares)
    most = curves[0].squares * (1 + float(f.ppf(0.95, 1, degrees)) / degrees)
    return [curve for curve in curves if curve.squares <= most]


def _union(intervals: Iterable[Interval]) -> Interval:
    return reduce(Interval.wider, intervals)


def _forecast(pairs: float, found: Sequence[tuple[float, Interval]]) -> CurveForecast:
    low, high = _union(interval for _, interval in found)
    return CurveForecast(pairs=round(pairs), value=found[0][0], low=low, high=high)


def _needed(curves: _Curves, target: float, *, is_gain: bool) -> PairsNeeded:
    """The pairs whose interval holds the target: the estimate, and both ends as far as they are known."""
    none = PairsNeeded(target=target, is_gain=is_gain)
    if curves.slope.low <= 0:
        return none.model_copy(update={"reason": wording.FALLING if curves.slope.high < 0 else wording.FLAT})
    start, most = curves.whole if is_gain else curves.smallest, MOST_TIMES * curves.whole
    look = curves.gain if is_gain else curves.level
    found = [look(number) for number in np.geomspace(start, most, _STEPS).tolist()]
    low, estimate, high = (
        next((one.pairs for one in found if getattr(one, end) >= target), None) for end in ("high", "value", "low")
    )
    if estimate is None:
        return none.model_copy(update={"low": low, "reason": wording.beyond(most, MOST_TIMES)})
    return none.model_copy(update={"pairs": estimate, "low": low, "high": high})
