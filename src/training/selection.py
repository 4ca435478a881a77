"""How validation pairs choose the checkpoint: those of a file, or train pairs that are set aside.

With a file, a training has one phase, on all train pairs. Without one it has several: one for each part that is set
aside, and the refit on all train pairs, which ends at the chosen epoch.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import DataFileError, PipelineError
from ..data.components import FOLDS, component_folds, component_sample, largest_component, strata
from ..data.text_table import text_table
from ..data_loader import data_file
from ..metrics import best_threshold, calibration, has_both_labels
from ..models import FittedOn, MeasuredPoint, SetAside, TrainingPoint, ValidationChoice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from ..models import PairSet, TrainConfig

SHARE = 0.15
PAIRS_PER_LABEL = 100  # wanted, if it is not more than the largest share of them
LARGEST_SHARE = 0.4
LEAST_PER_LABEL, LEAST_IN_FOLD = 10, 2
LARGEST_PART = 0.5
FOLDS_BELOW = 500  # train pairs
MAX_COSINES = 2000
MAX_LINES = 1000


@dataclass(frozen=True, eq=False)
class Phase:
    """What one phase of a training trains on and is measured on.

    Attributes:
        train: Pairs to train on.
        measured: Pairs that each evaluation scores; None where nothing is measured.
        part: Number of the part that is set aside, from 1; 0 where none is.
        name: What the phase is called in the progress line.
        last_step: Optimizer step that it ends with; None for that of the last epoch.
        later_steps: Steps of the phases after this one, at most.
    """

    train: PairSet
    measured: PairSet | None
    part: int = 0
    name: str = ""
    last_step: int | None = None
    later_steps: int = 0

    def fingerprint(self, training: str) -> str:
        """Hash that checkpoints of this phase carry.

        Args:
            training: That of the whole training.
        """
        return f"{training}/{self.part}" if self.part else training

    def n_steps(self, config: TrainConfig) -> int:
        """Optimizer steps of the phase."""
        return config.steps(len(self.train)) if self.last_step is None else self.last_step

    @property
    def sampled(self) -> NDArray[np.intp]:
        """Places of the measured pairs whose cosines are kept: all, or 2,000 drawn ones."""
        n = 0 if self.measured is None else len(self.measured)
        return np.sort(np.random.default_rng(0).permutation(n)[:MAX_COSINES])


@dataclass(frozen=True, eq=False)
class Chosen:
    """What validation chose."""

    history: tuple[TrainingPoint, ...]
    best_step: int  # of the refit
    choice: ValidationChoice


def refuse_small_file(pairs: PairSet) -> None:
    """Refuse a validation file that is too small to choose a checkpoint.

    Args:
        pairs: The validation pairs.

    Raises:
        DataFileError: Fewer than 10 pairs of a label; or fewer than 20 graded pairs, or all of one grade.
    """
    if pairs.grades is None:
        n, ones = len(pairs), int(np.count_nonzero(pairs.labels))
        enough = min(ones, n - ones) >= LEAST_PER_LABEL
        counted = f"{ones:,} {pairs.words.positive} and {n - ones:,} {pairs.words.negative} pairs"
        needed = f"{LEAST_PER_LABEL} of each"
    else:
        n, grades = len(pairs), len(np.unique(pairs.grades))
        enough = n >= 2 * LEAST_PER_LABEL and grades > 1
        counted = f"{n:,} pairs with {grades:,} different grade{'s' if grades > 1 else ''}"
        needed = f"{2 * LEAST_PER_LABEL} pairs with 2"
    if not enough:
        raise DataFileError(
            f"{pairs.path}: {counted}, too few to choose a checkpoint, which needs at least {needed}; add pairs, leave "
            "the file out, or use --select-on test"
        )


def chosen_on_file(pairs: PairSet, epoch: float, cosines: NDArray[np.float64]) -> ValidationChoice:
    """How the pairs of a validation file chose, and the thresholds that they ask for.

    Args:
        pairs: The N validation pairs.
        epoch: The chosen point.
        cosines: Those of the pairs by the model at that point, (N,).
    """
    labels = pairs.labels if pairs.has_labels else None
    return ValidationChoice(
        file=data_file(pairs),
        epoch=epoch,
        calibration=None if labels is None else calibration(cosines, labels, FittedOn.VALIDATION),
        threshold=None if labels is None else best_threshold(cosines, labels),
    )


def validation_phases(pairs: PairSet, config: TrainConfig) -> list[Phase]:
    """The phases that choose: one for each part of the train pairs that is set aside in its turn.

    Args:
        pairs: All train pairs.
        config: The recipe; its seed draws the parts.

    Raises:
        DataFileError: No parts have both labels and share no text with the others.
    """
    parts = _parts(pairs, config.seed)
    phases: list[Phase] = []
    later_steps = config.steps(len(pairs))
    for number, part in reversed(list(enumerate(parts, 1))):
        name = f", fold {number} of {len(parts)}" if len(parts) > 1 else ", without validation pairs"
        train, measured = (pairs.take(np.flatnonzero(rows)) for rows in (~part, part))
        phases.insert(0, Phase(train, measured, number, name, later_steps=later_steps))
        later_steps += phases[0].n_steps(config)
    return phases


def _parts(pairs: PairSet, seed: int) -> list[NDArray[np.bool_]]:
    """Whether each pair is in a part, (N,): five parts that hold all pairs where there are few, else one."""
    table, labels = text_table(pairs), strata(pairs)
    if len(pairs) < FOLDS_BELOW:
        folds = component_folds(table, labels, seed)
        parts = [folds == fold for fold in range(FOLDS)]
    else:
        zeros, ones = (_wanted(int(np.count_nonzero(labels == label))) for label in (0, 1))
        parts = [component_sample(table, labels, (zeros, ones), seed)]
    least = LEAST_PER_LABEL if len(parts) == 1 else LEAST_IN_FOLD
    for part in parts:
        fewest = min(int(np.count_nonzero(labels[part] == label)) for label in (0, 1))
        if fewest < least or part.mean() > LARGEST_PART or not has_both_labels(labels[~part] == 1):
            shared = "texts and groups" if pairs.groups else "texts"
            raise DataFileError(
                f"{pairs.path}: no pairs of both labels can be set aside, because shared {shared} join "
                f"{largest_component(table):,} of {len(pairs):,} pairs, or a label is rare; use --select-on test"
            )
    return parts


def _wanted(n: int) -> int:
    """How many of the n pairs of a label are set aside."""
    return max(round(SHARE * n), min(PAIRS_PER_LABEL, round(LARGEST_SHARE * n)))


def refit(pairs: PairSet, chosen: Chosen) -> Phase:
    """The last phase: all train pairs, until the chosen epoch; no pairs are measured."""
    return Phase(pairs, None, name=", all train pairs", last_step=chosen.best_step)


def choose(
    pairs: PairSet, config: TrainConfig, phases: Sequence[Phase], measured: Sequence[Sequence[MeasuredPoint]]
) -> Chosen:
    """The point with the best Spearman, as the mean over the parts; the first one of equals.

    Where the parts are of unlike size, a point of one belongs to the nearest epoch of another.

    Args:
        pairs: All train pairs.
        config: The recipe.
        phases: The parts.
        measured: The points of each part, in the order of their steps.

    Raises:
        PipelineError: No point has a Spearman correlation.
    """
    steps = config.epoch_steps(len(pairs))
    rows = [[_nearest(part, first.point.epoch) for part in measured] for first in measured[0]]
    history = [_mean([found.point for found in row], steps) for row in rows]
    spearman = [-math.inf if point.spearman is None else point.spearman for point in history]
    place = int(np.argmax(spearman))
    if history[place].spearman is None:
        raise PipelineError("no evaluation of this training gave a Spearman correlation; both labels are needed")
    kept = [phase.measured.take(phase.sampled) for phase in phases if phase.measured is not None]
    choice = ValidationChoice(
        parts=tuple(_set_aside(phase.measured) for phase in phases if phase.measured is not None),
        epoch=history[place].epoch,
        calibration=calibration(
            np.concatenate([found.cosines for found in rows[place]]),
            np.concatenate([part.labels for part in kept]),
            FittedOn.VALIDATION,
        )
        if pairs.has_labels
        else None,
    )
    return Chosen(tuple(history), history[place].step, choice)


def _nearest(points: Sequence[MeasuredPoint], epoch: float) -> MeasuredPoint:
    return min(points, key=lambda found: abs(found.point.epoch - epoch))


def _mean(points: Sequence[TrainingPoint], steps: int) -> TrainingPoint:
    """The mean of one point over the parts; its step is that of the refit at this epoch."""

    def mean(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return sum(known) / len(known) if len(known) == len(values) else None

    epoch = points[0].epoch
    return TrainingPoint(
        step=round(epoch * steps),
        epoch=epoch,
        train_loss=mean([point.train_loss for point in points]),
        spearman=mean([point.spearman for point in points]),
        auc_roc=mean([point.auc_roc for point in points]),
        learning_rate=mean([point.learning_rate for point in points]),
    )


def _set_aside(pairs: PairSet) -> SetAside:
    lines = pairs.lines.tolist()
    return SetAside(
        n=len(pairs),
        n_compatible=int(np.count_nonzero(pairs.labels)),
        lines=tuple(lines) if len(lines) <= MAX_LINES else (),
        sha256=hashlib.sha256(",".join(map(str, lines)).encode()).hexdigest(),
    )
