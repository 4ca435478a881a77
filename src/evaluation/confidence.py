"""Formulas of 95 % intervals: on the scale of a metric, near the ends of its range, and of a difference."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from .variance import Spread

_Z = 1.959963984540054
_TAIL = 0.975


class Interval(NamedTuple):
    """Both ends of a 95 % interval, in the unit of its metric."""

    low: float
    high: float

    def wider(self, other: Interval) -> Interval:
        """From the lower of both low ends to the higher of both high ends."""
        return Interval(min(self.low, other.low), max(self.high, other.high))


@dataclass(frozen=True)
class _Transform:
    forward: Callable[[float], float]
    back: Callable[[float], float]
    slope: Callable[[float], float]
    inside: tuple[float, float]  # where it is defined, ends left out


class Scale(Enum):
    """The scale on which a metric gets its interval."""

    IDENTITY = _Transform(lambda x: x, lambda x: x, lambda _: 1.0, (-math.inf, math.inf))
    LOGIT = _Transform(
        lambda x: math.log(x / (1 - x)), lambda x: 1 / (1 + math.exp(-x)), lambda x: 1 / (x * (1 - x)), (0.0, 1.0)
    )
    FISHER = _Transform(math.atanh, math.tanh, lambda x: 1 / (1 - x * x), (-1.0, 1.0))

    def interval(self, value: float, spread: Spread) -> Interval | None:
        """Student's interval on this scale; None at the end of the range or without any spread."""
        low, high = self.value.inside
        if not low < value < high or not spread.variance > 0:
            return None
        from scipy.stats import t  # noqa: PLC0415 - slow to import; not for --help

        half = float(t.ppf(_TAIL, spread.degrees)) * math.sqrt(spread.variance) * self.value.slope(value)
        middle = self.value.forward(value)
        return Interval(self.value.back(middle - half), self.value.back(middle + half))


def newcombe_interval(auc: float, n_positive: float, n_negative: float) -> Interval:
    """Interval of an AUC that is right at 0 and 1 too (Newcombe 2006, Statistics in Medicine 25, method 5).

    Its ends are the areas from which the measured one is 1.96 standard errors away, with the standard error that
    Hanley & McNeil (1982) give for that area, each label counting half of all pairs in it.

    Args:
        auc: 0 to 1.
        n_positive: Pairs of label 1; effective ones, need not be whole.
        n_negative: Pairs of label 0.
    """
    from scipy.optimize import brentq  # noqa: PLC0415 - slow to import; not for --help

    def excess(theta: float) -> float:
        return (auc - theta) ** 2 - _Z**2 * _auc_variance(theta, n_positive, n_negative)

    tiny = 1e-12
    low = float(brentq(excess, tiny, min(auc, 1 - tiny))) if auc > tiny else 0.0
    high = float(brentq(excess, max(auc, tiny), 1 - tiny)) if auc < 1 - tiny else 1.0
    return Interval(low, high)


def _auc_variance(auc: float, n_positive: float, n_negative: float) -> float:
    half = (n_positive + n_negative) / 2 - 1
    ratio = 1 + half * ((1 - auc) / (2 - auc) + auc / (1 + auc))
    return auc * (1 - auc) * ratio / (n_positive * n_negative)


def auc_standard_error(auc: float, n_positive: int, n_negative: int) -> float:
    """Standard error of an AUC of independent pairs from nothing but their numbers: see `newcombe_interval`.

    Args:
        auc: 0 to 1.
        n_positive: Pairs of label 1, at least 1.
        n_negative: Pairs of label 0, at least 1.
    """
    return math.sqrt(_auc_variance(auc, n_positive, n_negative))


def wilson_interval(share: float, n: float) -> Interval:
    """Interval of a share that is right at 0 and 1 too (Wilson 1927).

    Args:
        share: 0 to 1.
        n: Of how many; effective ones, need not be whole, more than 0.
    """
    weight = _Z**2 / n
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(weight * share * (1 - share) + weight**2 / 4) / (1 + weight)
    # rounding must not leave the share outside
    return Interval(max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))


def mover_interval(value: float, interval: Interval, other: float, other_interval: Interval, rho: float) -> Interval:
    """Interval of a difference from the intervals of both sides (MOVER, Zou & Donner 2008).

    Errors that both sides share go the same way, so that the lower end of one belongs to the lower end of the other.
    The published formula joins it with the upper end; for intervals that are not symmetric it gives a width even to the
    difference of a model to itself. For symmetric ones, and where rho is not above 0, both are the same.

    Args:
        value: The one side.
        interval: Its interval.
        other: The other side, which is subtracted.
        other_interval: Its interval.
        rho: Correlation of the two errors, -1 to 1.
    """
    below, above = value - interval.low, interval.high - value
    other_below, other_above = other - other_interval.low, other_interval.high - other
    alike = ((below - other_below) ** 2 + (above - other_above) ** 2) / 2
    difference = value - other
    return Interval(
        difference - _joint(below, other_above, alike, rho), difference + _joint(above, other_below, alike, rho)
    )


def _joint(one: float, opposite: float, alike: float, rho: float) -> float:
    """Width from errors that each side has of its own, and from those that they share."""
    shared = alike if rho > 0 else (one + opposite) ** 2
    return math.sqrt((1 - abs(rho)) * (one**2 + opposite**2) + abs(rho) * shared)
