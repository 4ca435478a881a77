"""A recipe over several seeds: an interval that holds for other seeds and for other pairs of the same source.

The interval of one model is about its file: other pairs would give another number. A recipe gives another file with
each seed. The mean over S seeds has the variance of its mean influence on the pairs plus s^2 / S, with s the standard
deviation of the seeds, and degrees of freedom by Satterthwaite (1946).
"""

from __future__ import annotations

import math
import statistics
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..models import OverSeeds, RecipeDifference, RecipeSeeds
from ..wording import intervals as methods
from ..wording import reasons
from .confidence import Scale
from .estimates import ROUNDING, influence_of, outcome, ranking_metric, why_no_interval
from .metric_registry import metrics_of
from .variance import Spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from .confidence import Interval
    from .metric_registry import Metric, Scored

    Floats = NDArray[np.float64]

FEWEST_SEEDS = 3


class SeedScores(NamedTuple):
    """Scores of one recipe, or of a model that has no seeds and scores alone."""

    seeds: Sequence[int]
    test: Sequence[Scored]
    """One of each seed."""
    challenge: Sequence[Scored]
    """The same of the challenge set; empty where there is none."""

    def of(self, seeds: Sequence[int]) -> SeedScores:
        """Those of some of the seeds, in that order."""
        rows = [self.seeds.index(seed) for seed in seeds]
        test, challenge = ([scores[row] for row in rows if scores] for scores in (self.test, self.challenge))
        return SeedScores(seeds, test, challenge)

    @property
    def first(self) -> SeedScores:
        """Those of the model that the comparison shows."""
        return SeedScores(self.seeds[:1], self.test[:1], self.challenge[:1])


def recipe_seeds(name: str, ours: SeedScores, *, against: SeedScores | None) -> RecipeSeeds:
    """What the seeds of one recipe say.

    Args:
        name: Artifact name of the first seed's model.
        ours: Its scores.
        against: Those of the reference; None for the reference itself. Differences are over the seeds that both have.
            Where these are fewer than two, every seed is compared with the reference's first model.
    """
    sample = ours.test[0].sample
    shown = [one for one in metrics_of(graded=sample.grades is not None, labelled=sample.has_labels) if one.influence]
    ranking = ranking_metric(ours.challenge[0].sample) if ours.challenge else None
    found = RecipeSeeds(
        model=name,
        seeds=tuple(ours.seeds),
        estimates=tuple(over_seeds(one, ours.test) for one in shown),
        challenge=over_seeds(ranking, ours.challenge) if ranking else None,
    )
    if against is None:
        return found
    common = [seed for seed in ours.seeds if seed in against.seeds]
    one, other = (ours.of(common), against.of(common)) if len(common) > 1 else (ours, against.first)
    update: dict[str, object] = {
        "differences": tuple(difference_over_seeds(metric, one.test, other.test) for metric in shown)
    }
    if ranking:
        update["challenge_difference"] = difference_over_seeds(ranking, one.challenge, other.challenge)
    return found.model_copy(update=update)


def recipe_differences(scores: Mapping[str, Mapping[int, Scored]]) -> Iterator[RecipeDifference]:
    """What models are compared by, of each two recipes over the seeds that both have.

    Args:
        scores: By artifact name of the recipe, then by seed.
    """
    for other, name in combinations(scores, 2):
        seeds = tuple(seed for seed in scores[name] if seed in scores[other])
        if len(seeds) > 1:
            ours, theirs = ([scores[recipe][seed] for seed in seeds] for recipe in (name, other))
            found = difference_over_seeds(ranking_metric(ours[0].sample), ours, theirs)
            yield RecipeDifference(model=name, against=other, seeds=seeds, difference=found)


def over_seeds(metric: Metric, of: Sequence[Scored]) -> OverSeeds:
    """The mean of a metric over the seeds of one recipe.

    Args:
        metric: Which.
        of: Scores of the same N pairs, one of each seed.
    """
    found, interval = _found(metric, [_value(metric, one) for one in of], of, (), metric.scale)
    return found if interval is None else found.model_copy(update=interval._asdict())


def difference_over_seeds(metric: Metric, ours: Sequence[Scored], theirs: Sequence[Scored]) -> OverSeeds:
    """The mean over seeds of one recipe's metric minus another's.

    Args:
        metric: Which.
        ours: Scores of the same N pairs, one of each seed.
        theirs: One of each of the same seeds, in the same order, or one alone: the base model has no seed.

    Raises:
        ValueError: The numbers of seeds do not fit.
    """
    if len(theirs) not in (1, len(ours)):
        raise ValueError(f"{len(ours)} seeds cannot be compared with {len(theirs)}")
    others = [_value(metric, one) for one in theirs] * (len(ours) // len(theirs))
    values = [_minus(_value(metric, one), other) for one, other in zip(ours, others, strict=True)]
    found, interval = _found(metric, values, ours, theirs, Scale.IDENTITY)
    if interval is None:
        return found
    low, high = interval
    says = outcome(low, high) if metric.higher_is_better else outcome(-high, -low)
    return found.model_copy(update={"low": low, "high": high, "outcome": says})


def _value(metric: Metric, of: Scored) -> float | None:
    return metric.compute(of) if metric.compute else None


def _minus(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return None
    return 0.0 if abs(one - other) <= ROUNDING else one - other


def _found(
    metric: Metric,
    values: Sequence[float | None],
    ours: Sequence[Scored],
    theirs: Sequence[Scored],
    scale: Scale,
) -> tuple[OverSeeds, Interval | None]:
    """What is known of these values of the seeds, with the reason or the method, and their interval."""
    found = OverSeeds(metric=metric.name, values=tuple(values))
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return found.model_copy(update={"reason": reasons.UNDEFINED}), None
    mean, deviation = statistics.mean(known), statistics.stdev(known) if len(known) > 1 else None
    found = found.model_copy(update={"mean": mean, "deviation": deviation})
    if reason := _why_none(metric, [*ours, *theirs], len(known)):
        return found.model_copy(update={"reason": reason}), None
    spread = _spread(metric, ours, theirs, known)
    interval = scale.interval(mean, spread) if spread else None
    if interval is None:
        return found.model_copy(update={"reason": reasons.NO_SPREAD}), None
    return found.model_copy(update={"method": methods.over_seeds(len(known))}), interval


def _why_none(metric: Metric, of: Sequence[Scored], seeds: int) -> str:
    """Why there is no interval; empty where there is one."""
    if seeds < FEWEST_SEEDS:
        return reasons.too_few_seeds(FEWEST_SEEDS, seeds)
    reason = why_no_interval(of[0].sample, of_grades=metric.of_grades)
    return reason or next(filter(None, map(metric.why_none, of)), "") if metric.why_none else reason


def _spread(metric: Metric, ours: Sequence[Scored], theirs: Sequence[Scored], values: Sequence[float]) -> Spread | None:
    """The variance of the mean over pairs and seeds; None where a metric has no influence values."""
    influence, other = _mean_influence(metric, ours), _mean_influence(metric, theirs)
    if influence is None or other is None:
        return None
    pairs = ours[0].sample.spread(influence - other, by_label=not metric.of_grades)
    of_seeds, degrees = statistics.variance(values) / len(values), len(values) - 1
    variance = pairs.variance + of_seeds
    below = pairs.variance**2 / pairs.degrees + of_seeds**2 / degrees
    return Spread(variance, pairs.design_effect, variance**2 / below if below else math.inf)


def _mean_influence(metric: Metric, of: Sequence[Scored]) -> Floats | None:
    """(N,) mean influence of several sets of scores; zeros of none."""
    if not of:
        return np.zeros(1)
    found = [influence_of(metric, one) for one in of]
    known = [one for one in found if one is not None]
    return np.mean(known, axis=0) if len(known) == len(found) else None
