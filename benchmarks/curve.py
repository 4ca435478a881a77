"""How often the intervals of an extrapolated learning curve hold the true number, by simulation.

In each run trainings on 10, 25, 50 and 100 % of 1,200 pairs are drawn around a true curve, and measured on the same
pairs, of which each has an effect that all models share. The points are fitted as `curve` fits them. The true curves
are: a line in the logarithm of the pairs; an error that falls as a power of the pairs to a floor; a line that flattens
after the last point; and one that does not rise. Trainings differ more on few pairs than on many.

    python -m benchmarks.curve [--runs 1000]

Prints a Markdown table: the share of runs in which a curve was fitted; the shares of these in which the intervals at
twice and four times the pairs, and that of the gain of a doubling, hold the true number; and the share in which the
number of pairs that gain 0.01 was told, and of those in which its interval holds the true one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import click
import numpy as np
from rich.console import Console
from rich.progress import track
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import norm

from src.curve.fit import GAIN, MOST_TIMES, CannotTellError, Point, fit
from src.evaluation.estimates import scored
from src.evaluation.metric_registry import AUC
from src.evaluation.variance import Sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.models import CurveFit, CurveForecast

    Curve = Callable[[float], float]

WHOLE = 1200
SIZES = (120, 300, 600, WHOLE)
SHARED = 0.8  # correlation of the scores of one pair by two models
console = Console()

CURVES: dict[str, Curve] = {
    "line": lambda n: float(expit(1.2 + 0.25 * math.log2(n / WHOLE))),
    "steep line": lambda n: float(expit(2.0 + 0.5 * math.log2(n / WHOLE))),
    "power law to a floor of 0.10": lambda n: 0.9 - 0.15 * (n / WHOLE) ** -0.4,
    "power law to a floor of 0.18": lambda n: 0.82 - 0.06 * (n / WHOLE) ** -0.6,
    "line, flat after the last point": lambda n: float(expit(1.2 + 0.25 * math.log2(min(n, WHOLE) / WHOLE))),
    "flat": lambda _: 0.75,
}


@dataclass(frozen=True)
class Cell:
    """One situation: a true curve, how many seeds, how many measured pairs, and how far trainings are apart."""

    curve: str
    seeds: int
    measured: int
    deviation: float  # of trainings on all pairs, on the logit scale; on a quarter of them twice as large

    @property
    def name(self) -> str:
        """As in the table."""
        return f"{self.curve}, {self.seeds} seed{'s' * (self.seeds > 1)}, {self.measured} pairs, {self.deviation:g}"

    def draw(self, rng: np.random.Generator) -> list[Point]:
        """The trainings of one run."""
        labels = rng.random(self.measured) < 0.5  # noqa: PLR2004 - a coin
        shared, sample = rng.standard_normal(self.measured), Sample(labels)
        points = []
        for size in SIZES * self.seeds:
            noise = self.deviation * math.sqrt(WHOLE / size) * rng.standard_normal()
            auc = float(expit(logit(CURVES[self.curve](size)) + noise))
            own = rng.standard_normal(self.measured)
            apart = float(norm.ppf(auc)) * math.sqrt(2)
            scores = math.sqrt(SHARED) * shared + math.sqrt(1 - SHARED) * own + apart * labels
            points.append(Point(size, scored(scores, sample)))
        return points


class Held(NamedTuple):
    """What became of one run; None where nothing was told."""

    twice: bool
    most: bool
    doubling: bool
    needed: bool | None


def hold(found: CurveFit, true: Curve) -> Held:
    """Which intervals hold the true numbers."""
    twice, most = found.forecasts
    [needed] = found.needed
    told = None
    if needed.pairs is not None and needed.low is not None:
        at = pairs_for_gain(true)
        told = needed.low <= at * 1.02 and (needed.high is None or at <= needed.high * 1.02)
    return Held(
        _holds(twice, true(2 * WHOLE)),
        _holds(most, true(MOST_TIMES * WHOLE)),
        _holds(found.doubling, true(2 * WHOLE) - true(WHOLE)),
        told,
    )


def pairs_for_gain(true: Curve) -> float:
    """How many pairs really gain 0.01; infinite where none do."""

    def lacking(doublings: float) -> float:
        return true(WHOLE * 2**doublings) - true(WHOLE) - GAIN

    return math.inf if lacking(30) < 0 else float(WHOLE * 2 ** brentq(lacking, 0, 30))


def _holds(found: CurveForecast, true: float) -> bool:
    return found.low <= true <= found.high


@click.command()
@click.option("--runs", type=click.IntRange(1), default=1000, show_default=True)
def main(runs: int) -> None:
    """Simulate, and print the table."""
    cells = [
        *(Cell(curve, seeds, 300, 0.05) for curve in CURVES for seeds in (1, 3)),
        *(Cell("line", 3, measured, deviation) for measured, deviation in ((300, 0.15), (2000, 0.05), (2000, 0.15))),
    ]
    lines = [
        "| true curve, seeds, measured pairs, deviation | fitted | at 2 x | at 4 x | doubling | told | of these hold |",
        "|---|" + "---:|" * 6,
    ]
    lines += [_row(cell, runs) for cell in track(cells, console=Console(stderr=True), transient=True)]
    console.print("\n".join(lines), soft_wrap=True, markup=False, highlight=False)


def _row(cell: Cell, runs: int) -> str:
    rng, found = np.random.default_rng(0), list[Held]()
    for _ in range(runs):
        try:
            found.append(hold(fit(AUC, cell.draw(rng)), CURVES[cell.curve]))
        except CannotTellError:
            continue
    told = [one.needed for one in found if one.needed is not None]
    shares = [np.mean([one[place] for one in found]) if found else math.nan for place in range(3)]
    of_told = f"{np.mean(told):.3f}" if told else "-"
    cells = [f"{len(found) / runs:.2f}", *(f"{share:.3f}" for share in shares), f"{len(told) / runs:.2f}", of_told]
    return f"| {cell.name} | " + " | ".join(cells) + " |"


if __name__ == "__main__":
    main()
