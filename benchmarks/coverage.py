"""How often the 95 % intervals hold the true number, by simulation.

A cell is a situation: so many pairs, so many of the rarer label, a true AUC, the shape of the scores, and whether pairs
share texts or belong to clusters. In each run pairs are drawn anew and measured as the program measures them. The true
numbers come from one large draw. A second model beside the first gives the differences.

    python -m benchmarks.coverage [--runs 2000] [--only TEXT]

Prints a Markdown table for two labels and one for graded labels: the share of runs whose interval holds the true
number, and in brackets the share of runs that have an interval, where that is not all of them.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal, NamedTuple

import click
import numpy as np
from rich.console import Console
from rich.progress import track
from scipy.special import expit, logit
from scipy.stats import norm

from src.evaluation.estimates import MIN_PER_LABEL, differences, estimates, scored
from src.evaluation.metric_registry import METRICS, OF_GRADES
from src.evaluation.variance import Sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from src.evaluation.metric_registry import Metric

    Floats = NDArray[np.float64]

LARGE = 1_000_000
SHAPES: dict[str, float | None] = {"normal": None, "heavy tails": 3, "ties": None}
TOLERANCE = 1e-9
_UNIT = 0.05  # keeps thresholds among cosines
console = Console()


class Drawn(NamedTuple):
    """Pairs of one run."""

    scores: Floats  # (N,)
    others: Floats  # (N,) of the second model
    labels: NDArray[np.int8]  # (N,)
    texts: NDArray[np.int64] | None  # (N, 2)
    clusters: NDArray[np.int64] | None = None  # (N,)
    grades: Floats | None = None  # (N,) of graded labels


@dataclass(frozen=True)
class Cell:
    """One situation.

    Attributes:
        n: Pairs.
        share: Of label 1, before chance.
        auc: True AUC of the first model; the second one's margin is 0.8 of it.
        shape: Of the scores: normal, t with 3 degrees of freedom, or rounded to about ten values.
        uses: How many pairs hold the same first text; 1 for independent pairs.
        correlation: Of the scores of two pairs with one text in common, or of one cluster, at equal labels.
        clusters: How many clusters the pairs belong to, some ten times as large as others, each with its own share of
            label 1, its own mean score and its own margin; 0 for none.
    """

    n: int
    share: float
    auc: float
    shape: Literal["normal", "heavy tails", "ties"] = "normal"
    uses: int = 1
    correlation: float = 0.4
    clusters: int = 0

    @property
    def name(self) -> str:
        """As in the table."""
        shared = f", {self.uses} pairs a text" if self.uses > 1 else ""
        clustered = f", {self.clusters} clusters" if self.clusters else ""
        return f"{self.n:,} pairs, {self.share:.0%}, AUC {self.auc:g}, {self.shape}{shared}{clustered}"

    @property
    def threshold(self) -> float:
        """Halfway between both labels."""
        return _UNIT * self._apart / 2

    @property
    def _apart(self) -> float:
        return float(norm.ppf(self.auc)) * math.sqrt(2)

    def draw(self, rng: np.random.Generator, n: int | None = None) -> Drawn:
        """Pairs with two models that agree in part."""
        n = n or self.n
        if self.clusters:
            return self._clustered(rng, n)
        labels = (rng.random(n) < self.share).astype(np.int8)
        groups = rng.permutation(n) // self.uses
        noise = self._noise(rng, n)
        scores = self._scores(rng, noise, labels, groups, self._apart)
        others = self._scores(rng, 0.6 * noise + 0.8 * self._noise(rng, n), labels, groups, 0.8 * self._apart)
        texts = None if self.uses == 1 else np.stack([groups, groups.max() + 1 + np.arange(n)], axis=1)
        return Drawn(scores, others, labels, texts)

    @property
    def large(self) -> int:
        """Pairs that the true numbers come from."""
        return LARGE

    @property
    def metrics(self) -> list[Metric]:
        """What has an interval."""
        return [metric for metric in METRICS if metric.influence]

    def _clustered(self, rng: np.random.Generator, n: int) -> Drawn:
        """Pairs in clusters of unequal size; a larger draw has as many more clusters."""
        known = round(self.clusters * n / self.n)
        sizes = np.exp(norm.ppf((np.arange(known) + 0.5) / known))
        members = rng.choice(known, n, p=sizes / sizes.sum())
        labels = (rng.random(n) < expit(logit(self.share) + 0.8 * rng.standard_normal(known))[members]).astype(np.int8)
        effects = [rng.standard_normal((2, known)) for _ in range(2)]
        noise, own = rng.standard_normal((2, n))
        scores = self._in_clusters(noise, effects[0], labels, members, self._apart)
        alike = 0.6 * effects[0] + 0.8 * effects[1]
        others = self._in_clusters(0.6 * noise + 0.8 * own, alike, labels, members, 0.8 * self._apart)
        return Drawn(scores, others, labels, None, members)

    def _in_clusters(
        self, noise: Floats, effects: Floats, labels: NDArray[np.int8], members: NDArray[np.int64], apart: float
    ) -> Floats:
        """Scores to which each cluster adds a mean and a margin, (2, G)."""
        mean, margin = effects[:, members]
        of_cluster = math.sqrt(self.correlation / 2) * (mean + margin * np.where(labels == 1, 1.0, -1.0))
        scores: Floats = _UNIT * (of_cluster + math.sqrt(1 - self.correlation) * noise + apart * labels)
        return scores

    def _noise(self, rng: np.random.Generator, n: int) -> Floats:
        degrees = SHAPES[self.shape]
        return rng.standard_normal(n) if degrees is None else rng.standard_t(degrees, n)

    def _scores(
        self, rng: np.random.Generator, noise: Floats, labels: NDArray[np.int8], groups: NDArray[np.int64], apart: float
    ) -> Floats:
        if self.uses > 1:
            of_text = rng.standard_normal(int(groups.max()) + 1)[groups]
            noise = math.sqrt(self.correlation) * of_text + math.sqrt(1 - self.correlation) * noise
        scores = noise + apart * labels
        return _UNIT * (np.round(2 * scores) / 2 if self.shape == "ties" else scores)


@dataclass(frozen=True)
class GradedCell(Cell):
    """A situation with graded labels; `auc` is the true correlation of score and grade, before rounding.

    Attributes:
        levels: How many grades there are; 0 for any number.
    """

    levels: int = 0

    @property
    def name(self) -> str:
        """As in the table."""
        shared = f", {self.uses} pairs a text" if self.uses > 1 else ""
        return f"{self.n:,} pairs, {f'{self.levels} grades' if self.levels else 'any grade'}, r {self.auc:g}{shared}"

    @property
    def large(self) -> int:
        """Pairs that the true numbers come from; the concordance of any grades is slow."""
        return LARGE // 5

    @property
    def metrics(self) -> list[Metric]:
        """What has an interval."""
        return [metric for metric in OF_GRADES if metric.influence]

    def draw(self, rng: np.random.Generator, n: int | None = None) -> Drawn:
        """Pairs with two models that agree in part."""
        n = n or self.n
        latent = rng.standard_normal(n)
        grades = np.clip(np.floor(latent + self.levels / 2), 0, self.levels - 1) if self.levels else latent
        groups = rng.permutation(n) // self.uses
        noise = rng.standard_normal(n)
        of_model = []
        for own, slope in ((noise, self.auc), (0.6 * noise + 0.8 * rng.standard_normal(n), 0.8 * self.auc)):
            values = self._scores(rng, own, np.zeros(n, dtype=np.int8), groups, 0.0)
            of_model.append(_UNIT * slope * latent + math.sqrt(1 - slope**2) * values)
        texts = None if self.uses == 1 else np.stack([groups, groups.max() + 1 + np.arange(n)], axis=1)
        return Drawn(of_model[0], of_model[1], (latent > 0).astype(np.int8), texts, grades=grades)


def graded_cells() -> list[Cell]:
    """All situations with graded labels."""
    plain = [(100, 1), (1_400, 1), (300, 3)]
    return [
        GradedCell(n, 0.5, r, uses=uses, levels=levels) for n, uses in plain for levels in (0, 5) for r in (0.5, 0.85)
    ]


def cells() -> list[Cell]:
    """All situations with two labels."""
    plain = [Cell(n, p, auc) for n in (30, 100, 295, 2000) for p in (0.5, 0.1, 0.05) for auc in (0.5, 0.8, 0.99)]
    shaped = [
        Cell(n, p, auc, shape)
        for shape in ("heavy tails", "ties")
        for n in (100, 295, 2000)
        for p in (0.5, 0.1)
        for auc in (0.8, 0.99)
    ]
    shared = [
        Cell(n, p, auc, uses=uses)
        for n, uses in ((100, 2), (300, 3), (300, 10), (300, 20), (2000, 5), (2000, 40))
        for p in (0.5, 0.1)
        for auc in (0.5, 0.8, 0.99)
    ]
    clustered = [
        Cell(n, p, auc, clusters=clusters, correlation=0.2)
        for n, clusters in ((300, 25), (300, 75), (2000, 50))
        for p in (0.5, 0.1)
        for auc in (0.5, 0.8, 0.99)
    ]
    # of the rarer label there must be enough for an interval in most runs
    return [cell for cell in (*plain, *shaped, *shared, *clustered) if cell.n * cell.share >= 2 * MIN_PER_LABEL]


def coverage(cell: Cell, runs: int, seed: int = 0, large: int | None = None) -> dict[str, tuple[float, float]]:
    """For each number the share of its intervals that hold the true one, and the share of runs that have one.

    Args:
        cell: The situation.
        runs: How many draws.
        seed: Of the draws.
        large: Pairs of the draw that the true numbers come from.
    """
    truth = _truth(cell, large or cell.large)
    held, had = Counter[str](), Counter[str]()
    rng = np.random.default_rng(seed)
    for _ in range(runs):
        for name, (low, high) in _intervals(cell, cell.draw(rng)).items():
            had[name] += 1
            held[name] += low - TOLERANCE <= truth[name] <= high + TOLERANCE
    return {name: (held[name] / had[name] if had[name] else math.nan, had[name] / runs) for name in truth}


def _truth(cell: Cell, large: int) -> dict[str, float]:
    drawn = cell.draw(np.random.default_rng(1), large)
    sides = [scored(scores, _sample(drawn), cell.threshold) for scores in (drawn.scores, drawn.others)]
    found, other = ({one.name: (one.compute and one.compute(side)) or 0.0 for one in cell.metrics} for side in sides)
    return found | {_difference(name): found[name] - other[name] for name in found}


def _sample(drawn: Drawn) -> Sample:
    return Sample(drawn.labels == 1, drawn.texts, drawn.clusters, drawn.grades, has_labels=drawn.grades is None)


def _intervals(cell: Cell, drawn: Drawn) -> dict[str, tuple[float, float]]:
    sample = _sample(drawn)
    ours, theirs = (scored(scores, sample, cell.threshold) for scores in (drawn.scores, drawn.others))
    found = {one.name: (one.low, one.high) for one in estimates(ours)}
    found |= {_difference(one.metric): (one.low, one.high) for one in differences(ours, theirs, "a", "b")}
    return {name: (low, high) for name, (low, high) in found.items() if low is not None and high is not None}


def _difference(name: str) -> str:
    return f"difference of {name}"


@click.command()
@click.option("--runs", type=int, default=2000, show_default=True, help="Draws of each situation.")
@click.option("--only", default="", help="Only situations whose name holds this.")
def main(runs: int, only: str) -> None:
    """Simulate, and print the table."""
    write = partial(console.print, soft_wrap=True, markup=False, highlight=False)
    for wanted in ([cell for cell in kind if only in cell.name] for kind in (cells(), graded_cells())):
        if not wanted:
            continue
        own = [metric.name for metric in wanted[0].metrics]
        names = [*own, *map(_difference, own)]
        write(f"| situation | {' | '.join(names)} |")
        write("|---" * (len(names) + 1) + "|")
        for cell in track(wanted, console=Console(stderr=True), description="situations"):
            found = coverage(cell, runs)
            write(f"| {cell.name} | {' | '.join(_shares(*found[name]) for name in names)} |")


def _shares(held: float, had: float) -> str:
    return "-" if math.isnan(held) else f"{held:.3f}" if had == 1 else f"{held:.3f} ({had:.2f})"


if __name__ == "__main__":
    main()
