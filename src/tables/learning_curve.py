"""The points of a learning curve, and what it says of more pairs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..core import formatting as formats
from ..evaluation.metric_registry import metric_label
from ..models import SelectOn, Split
from ..wording import learning_curve as wording
from ..wording.seeds import deviation
from .table import Cell, Table, cell, table

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..models import (
        CurveFit,
        CurveForecast,
        CurvePoint,
        Estimate,
        LearningCurve,
        OverSeeds,
        PairsNeeded,
        SplitCurve,
    )

_DIGITS = 2  # of a number of pairs that is an estimate
_CANNOT_BE_TOLD = "cannot be told"


def curve_tables(found: LearningCurve) -> tuple[Table, ...]:
    """The points, and what follows from them."""
    return (points_table(found), forecast_table(found))


def points_table(found: LearningCurve) -> Table:
    """Base model and shares of train x splits."""
    columns = ("Train pairs", *(f"{split_name(curve)}: {metric_label(found.metric)}" for curve in found.curves))
    base = [cell(formats.number(of.value), of.reason, formats.interval(of.low, of.high)) for of in _bases(found)]
    rows: list[list[Cell | str]] = [["0, base model", *base]]
    for place, point in enumerate(found.curves[0].points):
        rows.append(
            [f"{pairs_of(point)}, {point.share:g} %", *(_mean(one.points[place].over_seeds) for one in found.curves)]
        )
    seeds = ", ".join(map(str, found.seeds))
    return table(f"Learning curve: {found.recipe.mode}, seeds {seeds}", columns, rows, _note(found))


def forecast_table(found: LearningCurve) -> Table:
    """What more pairs would give, and how many are needed, x splits."""
    known = next((curve.fit for curve in found.curves if curve.fit), None)
    asked: list[tuple[str, Callable[[CurveFit], Cell]]]
    if known is not None:
        asked = [
            (f"{formats.count(one.pairs)} pairs give", _forecast(place)) for place, one in enumerate(known.forecasts)
        ]
        asked.append(("Twice the pairs gain", lambda fit: _gain(fit.doubling)))
        asked += [(_question(one), _needed(place)) for place, one in enumerate(known.needed)]
    else:
        asked = [("More pairs", lambda _: Cell(""))]
    rows: list[list[Cell | str]] = [
        [name, *(_told(curve, look, first=place == 0) for curve in found.curves)]
        for place, (name, look) in enumerate(asked)
    ]
    note = wording.MODEL if known else ""
    return table("What more pairs would give", ("", *map(split_name, found.curves)), rows, note)


def population(found: LearningCurve) -> str:
    """How many pairs the curves were measured on."""
    return ", ".join(f"{formats.count(curve.n)} pairs of {split_name(curve).lower()}" for curve in found.curves)


def split_name(curve: SplitCurve) -> str:
    """The split as a reader knows it."""
    return {Split.TEST: "Test", Split.CHALLENGE: "Challenge set"}[curve.split]


def pairs_of(point: CurvePoint) -> str:
    """The train pairs of a point, of its seeds from the fewest to the most."""
    fewest, most = min(point.pairs), max(point.pairs)
    return formats.count(fewest) if fewest == most else f"{formats.count(fewest)} to {formats.count(most)}"


def _note(found: LearningCurve) -> str:
    chosen = found.recipe.select_on is SelectOn.TEST
    parts = (
        wording.SAME_RECIPE,
        wording.CHOSEN_ON_TEST if chosen else "",
        wording.ONE_SEED if len(found.seeds) == 1 else "",
    )
    return " ".join(filter(None, parts))


def _bases(found: LearningCurve) -> list[Estimate]:
    return [curve.base for curve in found.curves]


def _mean(found: OverSeeds) -> Cell:
    spread = "" if found.deviation is None else deviation(formats.number(found.deviation))
    limits = formats.interval(found.low, found.high)
    return cell(formats.number(found.mean), found.reason, ", ".join(filter(None, (limits, spread))))


def _told(curve: SplitCurve, look: Callable[[CurveFit], Cell], *, first: bool) -> Cell:
    """What a row asks of a curve; where there is no fit the first row says why."""
    return Cell(_CANNOT_BE_TOLD, note=curve.reason if first else "") if curve.fit is None else look(curve.fit)


def _forecast(place: int) -> Callable[[CurveFit], Cell]:
    def look(fit: CurveFit) -> Cell:
        one = fit.forecasts[place]
        return cell(formats.number(one.value), note=formats.interval(one.low, one.high))

    return look


def _gain(one: CurveForecast) -> Cell:
    return cell(formats.signed(one.value), note=formats.signed_interval(one.low, one.high))


def _needed(place: int) -> Callable[[CurveFit], Cell]:
    return lambda fit: _pairs(fit.needed[place])


def _pairs(found: PairsNeeded) -> Cell:
    if found.pairs is None:
        least = "" if found.low is None else f"at least {about(found.low)}; "
        return Cell(_CANNOT_BE_TOLD, note=f"{least}{found.reason}")
    low, high = found.low or found.pairs, found.high
    return cell(about(found.pairs), note=f"[{about(low)}, {'not known' if high is None else about(high)}]")


def _question(one: PairsNeeded) -> str:
    return f"Pairs for {formats.signed(one.target, 2) if one.is_gain else formats.number(one.target)}"


def about(pairs: int) -> str:
    """A number of pairs with no more digits than an estimate has."""
    digits = _DIGITS - 1 - math.floor(math.log10(max(1, pairs)))
    return formats.count(round(pairs, min(0, digits)))
