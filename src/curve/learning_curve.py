"""Command `curve`: the recipe on nested parts of train, measured on test and challenge, and extrapolated."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..charts.learning_curve import CurveChart
from ..charts.png import save_charts
from ..core.formatting import count
from ..evaluation.estimates import estimate, ranking_metric, scored
from ..evaluation.over_seeds import over_seeds
from ..evaluation.variance import Sample
from ..models import CurveCosines, CurvePoint, LearningCurve, OverSeeds, Split, SplitCurve
from ..storage.files import fingerprint, write_json
from ..tables.learning_curve import population
from .fit import CannotTellError, Point, fit
from .nested import nested_parts
from .points import base_cosines, curve_folder, measured_splits, point_cosines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..evaluation.metric_registry import Metric, Scored
    from ..models import PairSet, TrainConfig
    from ..workflow.context import RunContext

RESULT = "learning_curve.json"


def learning_curve(
    context: RunContext,
    recipe: TrainConfig,
    shares: Sequence[float],
    seeds: Sequence[int],
    targets: Sequence[float] = (),
) -> LearningCurve:
    """Train the recipe on nested parts of train, measure each model, extrapolate, and write result and picture.

    Args:
        context: The run.
        recipe: How to train, with the first seed.
        shares: Of the train pairs, in percent, the smallest first.
        seeds: Each draws parts of its own and trains on them.
        targets: Values of the metric; how many pairs they need is told.

    Raises:
        DataFileError: A share cannot be drawn.
        PipelineError: A training failed; those before it are kept.
    """
    started = time.monotonic()
    train = context.pair_sets[Split.TRAIN]
    drawn = {seed: nested_parts(train, shares, seed) for seed in seeds}
    with context.writing():
        measured = _measured(context, recipe, shares, drawn)
        base = base_cosines(context)
        scores = {split: _scores(context.pair_sets[split], split, measured, base) for split in measured_splits(context)}
        sizes = {share: tuple(len(drawn[seed][place]) for seed in seeds) for place, share in enumerate(shares)}
        of_all = (*(one.fingerprint for one in measured.values()), base.fingerprint)
        found = LearningCurve(
            metric=ranking_metric(Sample.of(context.pair_sets[Split.TEST])).name,
            recipe=recipe,
            seeds=tuple(seeds),
            train_pairs=len(train),
            words=train.words,
            curves=tuple(split_curve(split, scores[split], sizes, targets) for split in scores),
            provenance=context.provenance(
                fingerprint({str(place): one for place, one in enumerate(of_all)}), started, device=context.device
            ),
        )
        folder = curve_folder(context)
        write_json(folder / RESULT, found)
        save_charts(folder, [CurveChart(found)], population(found), found.words)
    return found


def _measured(
    context: RunContext, recipe: TrainConfig, shares: Sequence[float], drawn: Mapping[int, Sequence[PairSet]]
) -> dict[tuple[float, int], CurveCosines]:
    """The cosines of every training by share and seed; the smallest shares first, so that a fault shows early."""
    found, number = dict[tuple[float, int], CurveCosines](), len(shares) * len(drawn)
    for place, share in enumerate(shares):
        for seed, parts in drawn.items():
            part = parts[place]
            what = f"{share:g} % of train, {count(len(part))} pairs, seed {seed}"
            context.reporter.say(f"Training {len(found) + 1} of {number}: {what}")
            found[share, seed] = point_cosines(context, recipe.model_copy(update={"seed": seed}), part)
    return found


@dataclass(frozen=True, eq=False)
class SplitScores:
    """The scores of the pairs of one split by the base model, and by the training of each share and seed."""

    base: Scored
    trained: Mapping[tuple[float, int], Scored]

    def of_share(self, share: float) -> list[Scored]:
        """In the order of the seeds."""
        return [one for (of, _), one in self.trained.items() if of == share]


def _scores(
    pairs: PairSet, split: Split, measured: Mapping[tuple[float, int], CurveCosines], base: CurveCosines
) -> SplitScores:
    sample = Sample.of(pairs)
    trained = {key: scored(one.cosines[split], sample) for key, one in measured.items()}
    return SplitScores(scored(base.cosines[split], sample), trained)


def split_curve(
    split: Split, scores: SplitScores, sizes: Mapping[float, tuple[int, ...]], targets: Sequence[float]
) -> SplitCurve:
    """The curve on one split.

    Args:
        split: Which.
        scores: Of its pairs.
        sizes: By share the train pairs of each seed.
        targets: As `learning_curve` takes them.
    """
    metric = ranking_metric(scores.base.sample)
    points = [
        Point(size, one)
        for share, of_seeds in sizes.items()
        for size, one in zip(of_seeds, scores.of_share(share), strict=True)
    ]
    found, reason = None, ""
    try:
        found = fit(metric, points, targets)
    except CannotTellError as error:
        reason = str(error)
    return SplitCurve(
        split=split,
        n=scores.base.sample.labels.size,
        base=estimate(metric, scores.base),
        points=tuple(
            CurvePoint(share=share, pairs=of_seeds, over_seeds=_mean(metric, scores.of_share(share)))
            for share, of_seeds in sizes.items()
        ),
        fit=found,
        reason=reason,
    )


def _mean(metric: Metric, of: Sequence[Scored]) -> OverSeeds:
    """The mean over seeds; of one seed the value with the interval of its trained file."""
    if len(of) > 1:
        return over_seeds(metric, of)
    one = estimate(metric, of[0])
    known = {"mean": one.value, "low": one.low, "high": one.high, "method": one.method, "reason": one.reason}
    return OverSeeds(metric=metric.name, values=(one.value,), **known)
